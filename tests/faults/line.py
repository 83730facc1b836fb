"""The whole way of a letter, lived through in settable time, and the law that must then hold.

What a test chooses is what goes wrong, and what the mail service says of what it took; the queue
hands over again what failed, the reconcile comes by, and days pass until nothing is left to wait for.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from itertools import chain
from typing import Protocol

from chalicelib.core.account import Account, Notice
from chalicelib.flows.credit_news import account_of_news
from chalicelib.flows.deliver import Deliver
from chalicelib.flows.mail_events import LetterNews, MailEvents
from chalicelib.flows.notice_state import Bookings
from chalicelib.flows.reconcile import Reconcile
from chalicelib.flows.tell_news import TellNews

from tests.fakes_store import MemoryQueues
from tests.flows.machine import FixedClock

VISIBLE_AFTER = timedelta(minutes=30)  # the queue's own: what failed comes again
RECEIVED_MAX = 5  # then the queue puts it aside, and the outbox row is what is left
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
# When somebody looks: every minute in truth; these are the ones at which something can have changed.
LOOKS = (
    *(MINUTE * n for n in (0, 1, 2, 3, 6, 11, 16, 17, 31, 32, 46, 61, 62, 77, 92, 107, 122)),
    *(HOUR * n for n in (4, 6, 7, 8, 13, 14, 15, 25, 26, 27, 31, 32, 49, 50, 73, 74, 97, 98, 121)),
    *(HOUR * n for n in (122, 145, 146, 169, 193)),
)

FEW_LOOKS = (
    *(MINUTE * n for n in (0, 1, 2, 6, 11, 31, 62)),
    *(HOUR * n for n in (4, 13, 25, 31, 50, 74, 98, 169)),
)


class Killed(BaseException):
    """The process ended here; nothing in it could catch that."""


@dataclass(frozen=True)
class Taken:
    """A letter that the mail service really took, whatever it answered."""

    notice_id: str
    attempt: int
    to: tuple[str, ...]


class Post(Protocol):
    """Who knows what the mail service took. `told` hears of each at once."""

    taken: list[Taken]
    told: Callable[[Taken], None]


class Parts(Protocol):
    """What a letter passes: a `tests.flows.machine.Machine` has it all, and so has `real.Real`."""

    queues: MemoryQueues
    clock: FixedClock
    bookings: Bookings
    deliver: Deliver
    tell_news: TellNews
    mail_events: MailEvents
    reconcile: Reconcile


# What the mail service says of a letter it took: after how long (None: before it answers), what.
Says = tuple[tuple[timedelta | None, str], ...]
DELIVERED: Says = ((MINUTE, "send"), (MINUTE * 2, "delivery"))
STORIES: Mapping[str, Says] = {
    "it says nothing": (),
    "it says delivered": DELIVERED,
    "it says all twice": (*DELIVERED, *DELIVERED),
    "it says delivered before it answers": ((None, "send"), (None, "delivery")),
    "it says delivered after 30 hours": ((HOUR * 30, "delivery"),),
    "it says bounced": ((MINUTE * 5, "bounce_hard"),),
    "it says bounced before it answers": ((None, "bounce_hard"),),
    "it says delivered, then bounced": (*DELIVERED, (HOUR * 3, "bounce_hard")),
    "it says bounced, then delivered": ((MINUTE, "bounce_hard"), (HOUR * 3, "delivery")),
    "it gives up for now": ((MINUTE * 2, "bounce_soft"),),
    "it says that they complained": (*DELIVERED, (HOUR * 2, "complaint")),
    "it says rejected": ((MINUTE, "send"), (MINUTE, "reject")),
}


@dataclass
class Line:
    """One letter's way. `says` is said of the first letter taken; later ones are delivered."""

    parts: Parts
    post: Post
    says: Says = ()
    counts: Counter[str] = field(default_factory=Counter)
    messages: list[tuple[datetime, int, str, str]] = field(default_factory=list)
    events: list[tuple[datetime, LetterNews]] = field(default_factory=list)
    soft: Counter[tuple[str, str]] = field(default_factory=Counter)
    failures: list[str] = field(default_factory=list)
    looks: Sequence[timedelta] = LOOKS

    def __post_init__(self) -> None:
        self.post.told = self.hear
        self.start = self.parts.clock.now()

    def hear(self, taken: Taken) -> None:
        """Let the mail service say of a letter that it took what the story has."""
        now = self.parts.clock.now()
        for after, kind in self.says if len(self.post.taken) == 1 else DELIVERED:
            at = now + (after or timedelta())
            if kind == "bounce_soft":
                self.soft.update((taken.notice_id, address) for address in taken.to)
            news = LetterNews(
                notice_id=taken.notice_id, attempt=taken.attempt, kind=kind, at=at,
                message_id=f"message-{len(self.post.taken)}", recipients=taken.to,
            )  # fmt: skip
            self.events.append((at, news))
            if after is None:
                self.say()

    def say(self) -> None:
        """Book the events whose time has come; one that cannot be booked comes again."""
        now = self.parts.clock.now()
        due = [one for one in self.events if one[0] <= now]
        self.events = [one for one in self.events if one[0] > now]
        for _, news in due:
            if not self.tried(partial(self.parts.mail_events.book, news)):
                self.events.append((now + VISIBLE_AFTER, news))

    def work(self) -> None:
        """Let a worker take the messages that can be seen; one that fails can be seen again later."""
        self.collect()
        now = self.parts.clock.now()
        due = [one for one in self.messages if one[0] <= now]
        self.messages = [one for one in self.messages if one[0] > now]
        for _, received, account_id, mail_id in due:
            is_done = self.tried(partial(self.send, account_id, mail_id))
            if not is_done and received + 1 < RECEIVED_MAX:
                self.messages.append((now + VISIBLE_AFTER, received + 1, account_id, mail_id))

    def send(self, account_id: str, mail_id: str) -> Mapping[str, int]:
        """Do what the mail worker does with one message."""
        if account_of_news(mail_id) is not None:
            return self.parts.tell_news.tell(account_id, mail_id)
        return self.parts.deliver.deliver(account_id, mail_id)

    def reconcile(self) -> None:
        """Let the reconcile come by; what fails in a minute is done in a later one."""
        self.tried(partial(self.parts.reconcile.reconcile, self.parts.clock.now()))

    def tried(self, step: Callable[[], Mapping[str, int]]) -> bool:
        """Do a step as a function does it; return whether it came to its end."""
        try:
            self.counts.update(step())
        except (Exception, Killed) as error:  # whatever it is, the queue hands it over again
            self.failures.append(repr(error))
            return False
        return True

    def collect(self) -> None:
        """Take what was handed over to the queue, each to be seen after its delay."""
        queues, now = self.parts.queues, self.parts.clock.now()
        for (account_id, mail_id), delay_s in zip(queues.mail, queues.delays, strict=True):
            self.messages.append((now + timedelta(seconds=delay_s), 0, account_id, mail_id))
        queues.mail.clear()
        queues.delays.clear()

    def live_on(self, account_id: str) -> None:
        """Let time pass until nothing is left to wait for, or for eight days."""
        begun = self.parts.clock.now() - self.start
        for look in self.looks:
            if look >= begun:
                self.parts.clock.at = self.start + look
                self.say()
                self.work()
                if self.is_reconcile_due():
                    self.reconcile()
                self.collect()
                if self.is_over(account_id):
                    return

    def is_reconcile_due(self) -> bool:
        """Whether the reconcile would find anything to do: mostly it comes by for nothing."""
        accounts, now = self.parts.bookings.accounts, self.parts.clock.now()
        return any(True for _ in chain(accounts.outbox_before(now), accounts.notices_in_doubt(now)))

    def is_over(self, account_id: str) -> bool:
        account = self.parts.bookings.accounts.load(account_id).account
        live = [one.state for one in account.notices.values() if one.state != "failed"]
        return not (self.events or self.messages or live or account.credit_news)


def notice_of(line: Line, account_id: str, notice_id: str) -> tuple[Account, Notice]:
    account = line.parts.bookings.load(account_id, notice_id).account
    return account, (account.notices | account.past_notices)[notice_id]


def broken_laws(line: Line, account_id: str, notice_id: str) -> Iterator[str]:
    """Yield how a letter's end breaks the law: nobody got it twice, and it was not lost (R11.3)."""
    got = Counter((one.notice_id, to) for one in line.post.taken for to in one.to)
    for (name, address), times in got.items():
        if times > 1 + line.soft[name, address]:
            yield f"{address} got {name} {times} times"
    account, notice = notice_of(line, account_id, notice_id)
    tasks = {f"{account_id}:{kind}:{notice_id}" for kind in ("review_notice", "send_letter")}
    has_task = bool(tasks & account.tasks.keys())
    was_taken = any(name == notice_id for name, _ in got)
    if notice.state == "counted":
        if not was_taken:
            yield "it counts, and never left"
    elif notice.state == "cancelled":
        if was_taken:
            yield "it was cancelled, and had left"
    elif notice.state != "failed":
        yield f"it is still {notice.state} after eight days"
    elif not has_task:
        yield "it failed, and nobody was asked to look"
    rows = [row.id for name, row in line.parts.bookings.accounts.outbox_before(FAR)
            if name == account_id]  # fmt: skip
    if rows:
        yield f"there are still outbox rows: {rows}"


FAR = datetime.fromisoformat("2030-01-01T00:00:00+00:00")


def told_in_timeline(line: Line, account_id: str, kind: str) -> int:
    """Return how often an account's timeline tells of something."""
    page = line.parts.bookings.accounts.timeline(account_id, "", 1_000)
    return sum(event.kind == kind for lines in page.rows for event in lines.events)
