"""What the mail service says of a letter: any order, any number of times, one end."""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import permutations

import pytest
from chalicelib.flows.mail_events import LetterNews
from chalicelib.flows.ports_mail import Refused, SendOutcome, Unknown
from tests.fakes_mail import FakeMailer
from tests.flows.machine import NOW, TODAY, Machine, invoice

NOTICE = "A1:USD:2024-03-18"
REVIEW = f"A1:review_notice:{NOTICE}"


def sent(*outcomes: SendOutcome) -> Machine:
    machine = Machine(mailer=FakeMailer(outcomes))
    machine.take_in("A1", invoice("I1", 15))
    machine.decide("A1")
    machine.deliver.deliver("A1", NOTICE)
    return machine


def news(kind: str, attempt: int = 1, at: datetime = NOW, notice_id: str = NOTICE) -> LetterNews:
    return LetterNews(
        notice_id=notice_id, attempt=attempt, kind=kind, at=at, message_id="message-7"
    )


def test_a_delivered_notice_counts_as_sent_from_that_day() -> None:
    machine = sent()
    later = NOW + timedelta(days=2)

    counts = machine.mail_events.book(news("delivery", at=later))

    assert counts == {"mail_event_delivery": 1}
    account = machine.account("A1")
    assert account.notices == {}
    [said] = account.invoices["I1"].announcements
    assert said.sent_on == TODAY + timedelta(days=2)


def test_counting_wakes_the_account_from_the_day_it_counts() -> None:
    machine = sent()

    machine.mail_events.book(news("delivery"))

    assert machine.accounts.kept["A1"].wake_on == TODAY


def test_a_sending_that_was_reported_settles_an_unknown_outcome() -> None:
    machine = sent(Unknown("read_timeout"))

    machine.mail_events.book(news("send"))

    notice = machine.notice(NOTICE)
    assert (notice.state, notice.message_id, notice.state_at) == ("sent", "message-7", NOW)


def test_what_is_merely_known_of_a_send_leaves_the_account_asleep() -> None:
    machine = sent(Unknown("read_timeout"))
    before = machine.accounts.kept["A1"].wake_on

    machine.mail_events.book(news("send"))

    assert machine.accounts.kept["A1"].wake_on == before


@pytest.mark.parametrize("kind", ["bounce_hard", "bounce_soft", "reject", "rendering_failure"])
def test_a_letter_that_came_back_does_not_count_and_is_reviewed(kind: str) -> None:
    machine = sent()

    machine.mail_events.book(news(kind))

    assert machine.notice(NOTICE).state == "failed"
    assert REVIEW in machine.tasks("A1")
    assert machine.account("A1").invoices["I1"].announcements[0].sent_on is None


def test_a_complaint_is_reviewed_and_takes_nothing_back() -> None:
    machine = sent()

    machine.mail_events.book(news("complaint"))

    assert machine.notice(NOTICE).state == "sent"
    assert REVIEW in machine.tasks("A1")


def test_a_bounce_after_the_delivery_is_not_silent() -> None:
    machine = sent()
    machine.mail_events.book(news("delivery"))

    machine.mail_events.book(news("bounce_hard"))

    assert REVIEW in machine.tasks("A1")


def test_the_same_event_again_changes_nothing() -> None:
    machine = sent()
    machine.mail_events.book(news("bounce_hard"))
    before = machine.accounts.kept["A1"].version

    machine.mail_events.book(news("bounce_hard"))

    assert machine.accounts.kept["A1"].version == before


@pytest.mark.parametrize(
    "kinds",
    [
        ("send", "delivery"),
        ("send", "delivery_delay", "delivery"),
        ("send", "bounce_hard"),
        ("send", "delivery_delay", "bounce_soft"),
        ("send", "delivery", "complaint"),
        ("send", "delivery", "bounce_hard"),
    ],
)
def test_events_in_any_order_end_the_same(kinds: tuple[str, ...]) -> None:
    ends = set()
    for order in permutations((*kinds, kinds[-1])):
        machine = sent()
        for kind in order:
            machine.mail_events.book(news(kind))
        states = tuple(notice.state for notice in machine.account("A1").notices.values())
        ends.add((states, REVIEW in machine.tasks("A1")))

    assert len(ends) == 1


def test_a_late_send_does_not_revive_what_bounced() -> None:
    machine = sent()
    machine.mail_events.book(news("bounce_hard"))

    machine.mail_events.book(news("send"))

    assert machine.notice(NOTICE).state == "failed"


def test_a_send_reported_for_a_refused_attempt_keeps_it_from_going_twice() -> None:
    machine = sent(Refused("TooManyRequestsException", retryable=True))

    machine.mail_events.book(news("send"))
    machine.clock.pass_by(minutes=5)

    assert machine.deliver.deliver("A1", NOTICE) == {"mail_nothing_to_do": 1}
    assert len(machine.mailer.tried) == 1


def test_a_failure_of_an_earlier_attempt_says_nothing_of_the_next() -> None:
    machine = sent(Refused("TooManyRequestsException", retryable=True))
    machine.clock.pass_by(minutes=5)
    machine.deliver.deliver("A1", NOTICE)

    machine.mail_events.book(news("reject", attempt=1))

    assert machine.notice(NOTICE).state == "sent"
    assert REVIEW not in machine.tasks("A1")


@pytest.mark.parametrize("notice_id", ["A9:USD:2024-03-18", "no notice at all", ":USD:2024-03-18"])
def test_events_about_no_notice_of_ours_are_only_counted(notice_id: str) -> None:
    machine = sent()

    counts = machine.mail_events.book(news("delivery", notice_id=notice_id))

    assert counts == {"mail_event_unknown_notice": 1}
    assert list(machine.accounts.kept) == ["A1"]


def test_ids_that_look_like_notices_inside_find_their_account() -> None:
    machine = Machine()
    account_id = "B:EUR:2024-01-01:7"
    machine.take_in("B", invoice("I0", 1))
    machine.take_in(account_id, invoice("I1", 15))
    machine.decide(account_id)
    [notice_id] = machine.account(account_id).notices

    machine.mail_events.book(news("delivery", notice_id=notice_id))

    assert machine.account(account_id).notices == {}
