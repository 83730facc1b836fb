"""What became of a send: accepted, refused for now or for good, or nobody knows (R11.3)."""

from __future__ import annotations

import pytest
from chalicelib.core.errors import UnavailableError
from chalicelib.flows.deliver import ATTEMPTS_MAX
from chalicelib.flows.mail_events import LetterNews
from chalicelib.flows.ports import Change, Loaded
from chalicelib.flows.ports_mail import MailLimitError, OutgoingMail, Refused, SendOutcome, Unknown
from tests.fakes_mail import FakeMailer
from tests.fakes_store import MemoryAccounts
from tests.flows.machine import NOTICE, NOW, Machine, with_notice

REFUSED = Refused("AccessDenied", retryable=True)


def answering(*outcomes: SendOutcome) -> Machine:
    return with_notice(Machine(mailer=FakeMailer(outcomes)))


class Failing(MemoryAccounts):
    """The store does not answer from the commit after `good` more ones."""

    good = 1_000

    def commit(self, change: Change) -> Loaded:
        self.good -= 1
        if self.good < 0:
            raise UnavailableError("the table does not answer")
        return super().commit(change)


def test_a_letter_that_was_accepted_but_not_recorded_is_never_sent_again() -> None:
    accounts = Failing(shard_count=4)
    machine = with_notice(Machine(accounts=accounts))
    accounts.good = 1  # the claim, and no more
    with pytest.raises(UnavailableError):
        machine.deliver.deliver("A1", NOTICE)
    accounts.good = 1_000

    assert machine.deliver.deliver("A1", NOTICE) == {"mail_sent_elsewhere": 1}
    machine.clock.pass_by(minutes=11)
    counts = machine.reconcile.reconcile(machine.clock.now())
    assert (counts["leases_ended"], counts["mail_unknown"]) == (1, 1)
    assert machine.deliver.deliver("A1", NOTICE) == {"mail_nothing_to_do": 1}
    assert machine.notice(NOTICE).state == "unknown"
    assert len(machine.mailer.tried) == 1

    machine.mail_events.book(
        LetterNews(notice_id=NOTICE, attempt=1, kind="delivery", at=machine.clock.now())
    )
    assert machine.account("A1").notices == {}


def test_a_refusal_for_now_is_tried_again_later_and_only_then() -> None:
    machine = answering(REFUSED)

    assert machine.deliver.deliver("A1", NOTICE) == {"mail_refused_for_now": 1}

    assert (machine.queues.mail[-1], machine.queues.delays[-1]) == (("A1", NOTICE), 60)
    assert machine.notice(NOTICE).state == "pending"
    assert list(machine.accounts.outbox["A1"]) == [f"notice:{NOTICE}"]
    assert machine.deliver.deliver("A1", NOTICE) == {"mail_not_yet": 1}
    machine.clock.pass_by(seconds=60)
    assert machine.deliver.deliver("A1", NOTICE) == {"mail_sent": 1}
    assert [mail.attempt for mail in machine.mailer.tried] == [1, 2]


def test_a_notice_that_is_refused_again_and_again_is_left_to_a_person() -> None:
    machine = answering(*[REFUSED] * 99)

    answers = []
    for _ in range(ATTEMPTS_MAX + 2):
        answers.append(machine.deliver.deliver("A1", NOTICE))
        machine.clock.pass_by(minutes=15)

    assert answers[ATTEMPTS_MAX - 1] == {"mail_failed": 1}
    assert answers[-1] == {"mail_nothing_to_do": 1}
    assert len(machine.mailer.tried) == ATTEMPTS_MAX
    assert machine.notice(NOTICE).state == "failed"
    assert f"A1:review_notice:{NOTICE}" in machine.tasks("A1")
    assert machine.accounts.outbox["A1"] == {}


def test_a_final_refusal_is_left_to_a_person_at_once() -> None:
    machine = answering(Refused("MessageRejected", retryable=False))

    assert machine.deliver.deliver("A1", NOTICE) == {"mail_failed": 1}
    assert machine.notice(NOTICE).state == "failed"
    assert f"A1:review_notice:{NOTICE}" in machine.tasks("A1")


def test_an_unknown_outcome_is_never_sent_again_by_itself() -> None:
    machine = answering(Unknown("read_timeout"))

    assert machine.deliver.deliver("A1", NOTICE) == {"mail_unknown": 1}
    machine.clock.pass_by(days=2)

    assert machine.deliver.deliver("A1", NOTICE) == {"mail_nothing_to_do": 1}
    assert machine.notice(NOTICE).state == "unknown"
    assert len(machine.mailer.tried) == 1


class Picky(FakeMailer):
    """Does not take a letter whose notice's id is too long for the mail service."""

    def send(self, message: OutgoingMail) -> SendOutcome:
        raise MailLimitError("a notice's id may have 192 bytes")


def test_a_letter_that_can_never_be_sent_is_left_to_a_person_at_once() -> None:
    machine = with_notice(Machine(mailer=Picky()))

    assert machine.deliver.deliver("A1", NOTICE) == {"mail_failed": 1}
    assert machine.notice(NOTICE).state == "failed"
    assert f"A1:review_notice:{NOTICE}" in machine.tasks("A1")


class Reporting(FakeMailer):
    """The mail service reports the delivery before its answer reaches us."""

    machine: Machine | None = None

    def send(self, message: OutgoingMail) -> SendOutcome:
        super().send(message)
        assert self.machine is not None
        self.machine.mail_events.book(
            LetterNews(notice_id=NOTICE, attempt=1, kind="delivery", at=NOW)
        )
        return Unknown("read_timeout")


def test_an_event_that_is_faster_than_the_answer_wins() -> None:
    mailer = Reporting()
    machine = with_notice(Machine(mailer=mailer))
    mailer.machine = machine

    machine.deliver.deliver("A1", NOTICE)

    assert machine.account("A1").notices == {}
