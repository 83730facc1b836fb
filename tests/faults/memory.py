"""A machine over fakes whose letters pass the real SES adapter, and a process that dies at a line."""

from __future__ import annotations

import sys
from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from types import FrameType
from typing import Any

import chalicelib
from chalicelib.core.account import ContactPerson
from chalicelib.core.facts_details import ContactSaved
from chalicelib.flows.ports_letters import AnyLetter
from chalicelib.flows.ports_mail import (
    Accepted,
    MailAttachment,
    OutgoingMail,
    Refused,
    SendOutcome,
)
from chalicelib.mail.ses import SesMailer
from chalicelib.mail.tags import ATTEMPT_TAG, NOTICE_TAG, decode_tag

from tests.fakes_mail import FakeMailer
from tests.faults.line import Killed, Taken
from tests.flows.machine import TODAY, Machine, with_notice

# What a letter passes between the queue and the mail service, and back.
PROTOCOL = frozenset(
    str(Path(chalicelib.__file__).parent / name)
    for name in (
        "flows/deliver.py", "flows/departures.py", "flows/envelopes.py", "flows/kept_letters.py",
        "flows/mail_events.py", "flows/notice_endings.py", "flows/notice_state.py",
        "flows/reconcile.py", "flows/tell_news.py", "mail/ses.py",
    )
)  # fmt: skip


class MemoryPost(FakeMailer):
    """A mail service that takes every letter, and then answers as told; when told no more, that.

    With `through_ses` the letters pass the real adapter, which answers are then raised to.
    """

    def __init__(self, *answers: SendOutcome | Exception, through_ses: bool = False) -> None:
        super().__init__()
        self.taken: list[Taken] = []
        self.told: Callable[[Taken], None] = lambda taken: None
        self.answers = list(answers)
        self.through_ses = through_ses

    def send(self, message: OutgoingMail) -> SendOutcome:
        self.tried.append(message)
        if self.through_ses:
            return SesMailer(self).send(message)
        answer = self.answers.pop(0) if self.answers else None
        assert not isinstance(answer, Exception)
        if not isinstance(answer, Refused):
            self.take(Taken(message.notice_id, message.attempt, message.to))
        return answer or Accepted(f"message-{len(self.taken)}")

    def send_email(self, **request: Any) -> dict[str, Any]:
        tags = {tag["Name"]: tag["Value"] for tag in request["EmailTags"]}
        to = tuple(request["Destination"]["ToAddresses"])
        self.take(Taken(decode_tag(tags[NOTICE_TAG]), int(tags[ATTEMPT_TAG]), to))
        if self.answers and isinstance(error := self.answers.pop(0), Exception):
            raise error
        return {"MessageId": f"message-{len(self.taken)}"}

    def take(self, taken: Taken) -> None:
        self.taken.append(taken)
        self.told(taken)


def two_people() -> Machine:
    """A reminder waits to be sent to one contact; there is another to turn to when it bounces."""
    machine = Machine(mailer=MemoryPost())
    people = (
        ContactPerson("ann", email="ann@customer.example", roles=frozenset({"accounts"})),
        ContactPerson("cid", email="cid@customer.example", roles=frozenset({"admin"})),
    )
    machine.take_in("A1", *(ContactSaved(TODAY, one) for one in people), email="")
    return with_notice(machine)


@dataclass(frozen=True)
class Plain:
    """A letter of a few words: what it says changes nothing about how it goes."""

    subject: str = "Reminder"
    text: str = "Please pay.\n"
    html: str = "<p>Please pay.</p>"
    attachments: tuple[MailAttachment, ...] = ()
    sha256: str = "0" * 64
    own_text: str = ""
    own_text_failed: str = ""

    def printed(self) -> bytes:
        return b"%PDF"


def plain(letter: AnyLetter, policy_id: str = "") -> Plain:
    del letter, policy_id
    return Plain()


Place = tuple[str, int, Hashable]


@contextmanager
def at_new_line(
    seen: set[Place], stage: Callable[[], Hashable], act: Callable[[], None], only: str = ""
) -> Iterator[list[str]]:
    """Do something once, before the first line of the protocol's code that is not in `seen`.

    The same line counts as another one at another stage. Yields a list of where that was, empty
    while there was none. A debugger or a count of lines that was on before is off meanwhile.
    """
    where = list[str]()

    def in_frame(frame: FrameType, event: str, _: object) -> Any:
        if event == "line" and not where:
            place = (frame.f_code.co_filename, frame.f_lineno, stage())
            if place not in seen:
                seen.add(place)
                where.append(f"{Path(place[0]).name}:{place[1]}")
                act()
        return None if where else in_frame

    def in_call(frame: FrameType, _: str, __: object) -> Any:
        name = frame.f_code.co_filename
        return in_frame if not where and name in PROTOCOL and name.endswith(only) else None

    before = sys.gettrace()
    sys.settrace(in_call)
    try:
        yield where
    finally:
        sys.settrace(before)


def die() -> None:
    """End the process, as a time limit or a lost machine does."""
    raise Killed


def stage_of(machine: Machine, post: MemoryPost) -> Callable[[], Hashable]:
    """What makes the same line another one: what was committed, tried and kept so far."""
    return lambda: (
        machine.accounts.kept["A1"].version, len(post.tried), len(post.taken),
        len(machine.archive.files),
    )  # fmt: skip


class Template:
    """A machine in some state, from which any number of others are made at once."""

    def __init__(self, machine: Machine) -> None:
        self.machine = machine
        self.kept = {name: replace(kept) for name, kept in machine.accounts.kept.items()}
        self.outbox = {name: dict(rows) for name, rows in machine.accounts.outbox.items()}
        self.mail, self.delays = list(machine.queues.mail), list(machine.queues.delays)
        self.at = machine.clock.at

    def fresh(
        self, *answers: SendOutcome | Exception, through_ses: bool = False
    ) -> tuple[Machine, MemoryPost]:
        """Return the machine as it was at first, and what its mail service takes from here on."""
        machine, post = self.machine, MemoryPost(*answers, through_ses=through_ses)
        accounts = machine.accounts
        accounts.kept = {
            name: replace(k, entries=[*k.entries], effects=[*k.effects], log=[*k.log])
            for name, k in self.kept.items()
        }
        accounts.outbox = {name: dict(rows) for name, rows in self.outbox.items()}
        machine.queues.mail, machine.queues.delays = list(self.mail), list(self.delays)
        machine.clock.at = self.at
        machine.archive.files.clear()
        machine.deliver = replace(machine.deliver, mailer=post, renderer=plain)
        machine.tell_news = replace(machine.tell_news, mailer=post)
        return machine, post
