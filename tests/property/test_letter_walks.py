"""Sends, refusals, events and time in any mixture: no second letter, none lost (R11.3, R11.4)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from chalicelib.core.account import ContactPerson, digest_of
from chalicelib.core.facts_details import ContactSaved
from chalicelib.flows.mail_events import LetterNews
from chalicelib.flows.ports_mail import Accepted, Refused, SendOutcome, Unknown
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


class Watched(FakeMailer):
    """Accepts what it is not told to refuse, each letter with an id of its own."""

    def send(self, message: object) -> SendOutcome:
        outcome = super().send(message)  # type: ignore[arg-type]  # a letter, as the port says
        return Accepted(f"m{len(self.tried)}") if isinstance(outcome, Accepted) else outcome


def begun(answers: Sequence[SendOutcome]) -> Machine:
    machine = Machine(mailer=Watched(answers))
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
            machine.mail_events.book(
                LetterNews(
                    notice_id=NOTICE, attempt=attempt, kind=kind, at=machine.clock.now(),
                    recipients=(address,),
                )
            )  # fmt: skip


def come_to_rest(machine: Machine) -> None:
    """Let everything that waits be handed over, and time settle what nobody reports."""
    for _ in range(30):
        machine.clock.pass_by(hours=13)
        now = machine.clock.now()
        machine.reconcile.reconcile(now)
        for account_id, row in list(machine.accounts.outbox_before(now + timedelta(days=9))):
            machine.deliver.deliver(account_id, row.subject)


@settings(max_examples=40, deadline=None)
@given(answers=outcomes, story=steps)
def test_no_address_gets_a_notice_twice_unless_it_came_back_and_no_notice_is_lost(
    answers: list[SendOutcome], story: list[Step]
) -> None:
    machine = begun(answers)
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
