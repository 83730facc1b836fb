"""Sends, refusals, events and time in any mixture: no second letter, none lost (R11.3, R11.4)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import timedelta

from chalicelib.core.account import ContactPerson, digest_of
from chalicelib.core.facts_details import ContactSaved
from chalicelib.core.letter_fates import SOFT_MAX
from chalicelib.flows.mail_events import LetterNews
from chalicelib.flows.ports_mail import Accepted, OutgoingMail, Refused, SendOutcome, Unknown
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.fakes_mail import FakeMailer
from tests.flows.machine import NOTICE, TODAY, Machine, invoice

KINDS = (
    "send", "delivery", "delivery_delay", "bounce_hard", "bounce_soft", "bounce_suppressed",
    "complaint", "reject",
)  # fmt: skip
CAME_BACK = {"soft", "bounced", "suppressed"}
PEOPLE = {"ann": {"accounts"}, "bob": {"accounts"}, "cid": {"admin"}}
Step = tuple[str, int, str]  # an event's kind, its attempt from the last, and whom it is about

outcomes = st.lists(
    st.sampled_from(
        [
            Accepted("m"), Unknown("read_timeout"), Refused("Slow", retryable=True),
            Refused("Bad", retryable=False),
        ]
    ),
    max_size=6,
)  # fmt: skip
steps = st.lists(
    st.one_of(
        st.tuples(st.sampled_from(KINDS), st.integers(0, 1), st.sampled_from(sorted(PEOPLE))),
        st.sampled_from(
            [("deliver", 0, ""), ("minutes", 0, ""), ("hours", 0, ""), ("days", 0, "")]
        ),
    ),
    max_size=12,
)

hasties = st.one_of(
    st.lists(st.sampled_from(("", *KINDS)), max_size=4),
    st.sampled_from(KINDS).map(lambda kind: [kind] * 4),
)


class Hasty(FakeMailer):
    """Says of some letters what became of them before it answers; each has an id of its own."""

    machine: Machine
    hasty: list[str]

    def send(self, message: OutgoingMail) -> SendOutcome:
        outcome = super().send(message)
        kind = self.hasty.pop() if self.hasty else ""
        if kind and not isinstance(outcome, Refused):
            for address in message.to:
                book(self.machine, message.attempt, kind, address)
        return Accepted(f"m{len(self.tried)}") if isinstance(outcome, Accepted) else outcome


def book(machine: Machine, attempt: int, kind: str, address: str) -> None:
    at = machine.clock.now()
    machine.mail_events.book(
        LetterNews(notice_id=NOTICE, attempt=attempt, kind=kind, at=at, recipients=(address,))
    )


def begun(answers: Sequence[SendOutcome], hasty: list[str]) -> Machine:
    mailer = Hasty(answers)
    machine = Machine(mailer=mailer)
    mailer.machine, mailer.hasty = machine, list(hasty)
    people = [
        ContactPerson(name, email=f"{name}@customer.example", roles=frozenset(roles))
        for name, roles in PEOPLE.items()
    ]
    machine.take_in("A1", invoice("I1", 15), *(ContactSaved(TODAY, one) for one in people))
    machine.decide("A1")
    return machine


def take(machine: Machine, step: Step) -> None:
    kind, back, name = step
    if kind == "deliver":
        machine.deliver.deliver("A1", NOTICE)
    elif kind in ("minutes", "hours", "days"):
        machine.clock.pass_by(**{kind: {"minutes": 15, "hours": 7, "days": 4}[kind]})
        machine.reconcile.reconcile(machine.clock.now())
    else:
        account = machine.account("A1")
        notice = (account.notices | account.past_notices)[NOTICE]
        attempt = notice.attempt - back
        address = f"{name}@customer.example"
        digest = digest_of(address)
        if any((one.attempt, one.digest) == (attempt, digest) for one in notice.went_to):
            book(machine, attempt, kind, address)


def come_to_rest(machine: Machine) -> None:
    """Let everything that waits be handed over, and time settle what nobody reports."""
    for _ in range(30):
        machine.clock.pass_by(hours=13)
        now = machine.clock.now()
        machine.reconcile.reconcile(now)
        for account_id, row in list(machine.accounts.outbox_before(now + timedelta(days=9))):
            machine.deliver.deliver(account_id, row.subject)


@settings(max_examples=25, deadline=None)
@given(answers=outcomes, hasty=hasties, story=steps)
def test_no_address_gets_a_notice_twice_unless_it_came_back_and_no_notice_is_lost(
    answers: list[SendOutcome], hasty: list[str], story: list[Step]
) -> None:
    machine = begun(answers, hasty)
    refused = [isinstance(one, Refused) for one in answers]

    for step in story:
        take(machine, step)
    come_to_rest(machine)

    account = machine.account("A1")
    notice = (account.notices | account.past_notices)[NOTICE]
    left = [
        mail
        for number, mail in enumerate(machine.mailer.tried)
        if number >= len(refused) or not refused[number]
    ]
    sends = Counter(address for mail in left for address in mail.to)
    assert max(sends.values(), default=0) <= SOFT_MAX
    said = {(one.attempt, one.digest): {what for what, _ in one.said} for one in notice.went_to}
    for number, mail in enumerate(left):
        for later in left[number + 1 :]:
            for address in set(mail.to) & set(later.to):
                assert said[mail.attempt, digest_of(address)] & CAME_BACK, address
    if NOTICE in account.notices:
        assert notice.state == "failed"
        about = {f"A1:send_letter:{NOTICE}", f"A1:review_notice:{NOTICE}"}
        assert about & set(account.tasks)
    assert machine.accounts.outbox.get("A1", {}) == {}
