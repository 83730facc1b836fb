"""What the mail service says of a letter: any order, any number of times, one end."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from itertools import permutations

import pytest
from chalicelib.core.account import ContactPerson
from chalicelib.core.facts_details import ContactSaved
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


@pytest.mark.parametrize("kind", ["reject", "rendering_failure"])
def test_a_letter_that_the_mail_service_refused_does_not_count_and_is_reviewed(kind: str) -> None:
    machine = sent()

    machine.mail_events.book(news(kind))

    assert machine.notice(NOTICE).state == "failed"
    assert REVIEW in machine.tasks("A1")
    assert machine.account("A1").invoices["I1"].announcements[0].sent_on is None


def test_a_complaint_proves_that_it_arrived_marks_the_address_and_is_reviewed() -> None:
    machine = sent()

    machine.mail_events.book(news("complaint"))

    account = machine.account("A1")
    assert account.notices == {}
    assert account.past_notices[NOTICE].state == "counted"
    assert (account.details.email_mark, account.details.email_marked_on) == ("complained", TODAY)
    assert REVIEW in machine.tasks("A1")


def with_people(*outcomes: SendOutcome) -> Machine:
    """A reminder was sent to Ann and Bob; Cid is there for all else."""
    machine = Machine(mailer=FakeMailer(outcomes))
    people = [contact("ann", "accounts"), contact("bob", "accounts"), contact("cid", "admin")]
    machine.take_in("A1", invoice("I1", 15), *(ContactSaved(TODAY, one) for one in people))
    machine.decide("A1")
    machine.deliver.deliver("A1", NOTICE)
    return machine


def contact(name: str, *roles: str) -> ContactPerson:
    return ContactPerson(name, email=f"{name}@customer.example", roles=frozenset(roles))


def said(kind: str, *names: str, attempt: int = 1, at: datetime = NOW) -> LetterNews:
    recipients = tuple(f"{name}@Customer.example" for name in names)
    return LetterNews(
        notice_id=NOTICE, attempt=attempt, kind=kind, at=at, recipients=recipients,
        message_id=f"message-{attempt}",
    )  # fmt: skip


def test_a_letter_that_came_back_from_everybody_is_counted_once() -> None:
    machine = with_people()

    counts = [
        machine.mail_events.book(said("bounce_hard", name)) for name in ("ann", "ann", "bob", "bob")
    ]

    assert [one.get("mail_returned", 0) for one in counts] == [0, 0, 1, 0]
    assert sum(one["mail_event_bounce_hard"] for one in counts) == 4


def test_a_bounce_of_one_of_two_marks_that_one_and_waits_for_the_other() -> None:
    machine = with_people()

    machine.mail_events.book(said("bounce_hard", "ann"))

    account = machine.account("A1")
    assert account.contact_people["ann"].mark == "bounced"
    assert account.contact_people["bob"].mark == ""
    assert account.notices[NOTICE].state == "sent"
    assert [one.contact_id for one in account.notices[NOTICE].to] == ["bob"]
    assert machine.tasks("A1") == {"A1:find_contact"}


def test_a_letter_that_bounced_from_all_goes_to_the_next_contact_once_and_then_to_the_post() -> (
    None
):
    machine = with_people()
    machine.mail_events.book(said("bounce_hard", "ann"))
    machine.mail_events.book(said("bounce_suppressed", "bob"))
    assert machine.notice(NOTICE).state == "pending"
    assert list(machine.accounts.outbox["A1"]) == [f"notice+1:{NOTICE}"]

    assert machine.deliver.deliver("A1", NOTICE) == {"mail_sent": 1}
    assert [mail.to for mail in machine.mailer.tried][1:] == [("cid@customer.example",)]
    machine.mail_events.book(said("bounce_hard", "cid", attempt=2))
    assert machine.deliver.deliver("A1", NOTICE) == {"mail_left_to_post": 1}

    assert machine.accounts.outbox["A1"] == {}
    assert machine.notice(NOTICE).state == "failed"
    assert {f"A1:send_letter:{NOTICE}", "A1:find_contact"} <= machine.tasks("A1")
    marks = {one.id: one.mark for one in machine.account("A1").contact_people.values()}
    assert marks == {"ann": "bounced", "bob": "suppressed", "cid": "bounced"}


def test_the_reconcile_hands_over_what_came_back() -> None:
    machine = with_people()
    machine.mail_events.book(said("bounce_hard", "ann", "bob"))
    machine.clock.pass_by(minutes=2)

    machine.reconcile.reconcile(machine.clock.now())

    assert machine.queues.mail[-1] == ("A1", NOTICE)


def test_a_notice_that_counted_and_then_bounced_does_not_count_and_goes_again() -> None:
    machine = sent()
    machine.take_in("A1", ContactSaved(TODAY, contact("cid")))
    machine.mail_events.book(news("delivery"))
    assert machine.account("A1").notices == {}

    machine.mail_events.book(said("bounce_hard", "ap", at=NOW + timedelta(days=1)))

    account = machine.account("A1")
    assert account.past_notices == {}
    assert account.invoices["I1"].announcements[0].sent_on is None
    assert account.notice_counts["reminder"] == {"created": 1}
    assert machine.deliver.deliver("A1", NOTICE) == {"mail_sent": 1}
    assert machine.mailer.tried[-1].to == ("cid@customer.example",)
    assert machine.mailer.tried[-1].attempt == 2


@pytest.mark.parametrize(("kind", "state"), [("bounce_soft", "pending"), ("reject", "failed")])
def test_a_notice_that_counted_without_news_does_not_when_its_failure_is_heard_late(
    kind: str, state: str
) -> None:
    machine = sent()
    machine.clock.pass_by(hours=73)
    assert machine.reconcile.reconcile(machine.clock.now()) == {"counted_without_news": 1}

    machine.mail_events.book(news(kind, at=NOW + timedelta(hours=14)))

    assert machine.notice(NOTICE).state == state
    [said] = machine.account("A1").invoices["I1"].announcements
    assert said.sent_on is None


def test_a_soft_bounce_is_tried_again_after_six_hours_and_then_at_the_next_contact() -> None:
    machine = with_people()
    machine.mail_events.book(said("bounce_soft", "ann", "bob"))

    assert machine.deliver.deliver("A1", NOTICE) == {"mail_not_yet": 1}
    machine.clock.pass_by(hours=6)
    assert machine.deliver.deliver("A1", NOTICE) == {"mail_sent": 1}
    machine.mail_events.book(said("bounce_soft", "ann", "bob", attempt=2, at=machine.clock.now()))
    assert machine.deliver.deliver("A1", NOTICE) == {"mail_sent": 1}

    assert [mail.to for mail in machine.mailer.tried] == [
        ("ann@customer.example", "bob@customer.example"),
        ("ann@customer.example", "bob@customer.example"),
        ("cid@customer.example",),
    ]
    assert not any(one.mark for one in machine.account("A1").contact_people.values())


def test_what_a_person_looks_into_is_not_sent_again_by_itself() -> None:
    machine = with_people(Unknown("read_timeout"))
    machine.clock.pass_by(hours=25)
    machine.reconcile.reconcile(machine.clock.now())
    assert machine.notice(NOTICE).state == "failed"

    machine.mail_events.book(said("bounce_hard", "ann", "bob"))

    assert machine.notice(NOTICE).state == "failed"
    assert machine.accounts.outbox["A1"] == {}
    assert {REVIEW, "A1:find_contact"} <= machine.tasks("A1")


def test_what_was_delivered_after_all_is_not_tried_again() -> None:
    machine = with_people()
    machine.mail_events.book(said("bounce_soft", "ann", "bob"))
    machine.mail_events.book(said("delivery", "ann"))
    machine.clock.pass_by(hours=7)

    assert machine.deliver.deliver("A1", NOTICE) == {"mail_nothing_to_do": 1}
    assert machine.accounts.outbox["A1"] == {}
    assert len(machine.mailer.tried) == 1


def test_a_letter_that_arrived_after_all_is_not_posted_any_more() -> None:
    machine = sent()
    for attempt in (1, 2, 3):
        machine.mail_events.book(news("bounce_soft", attempt, machine.clock.now()))
        machine.clock.pass_by(hours=6)
        machine.deliver.deliver("A1", NOTICE)
    to_post = f"A1:send_letter:{NOTICE}"
    assert to_post in machine.tasks("A1")

    machine.mail_events.book(news("delivery", at=machine.clock.now()))

    assert machine.account("A1").notices == {}
    assert to_post not in machine.tasks("A1")


def test_what_bounces_in_the_sandbox_marks_nobody_and_goes_nowhere_else() -> None:
    machine = with_people()
    bounced = replace(said("bounce_hard"), recipients=("sandbox@us.example",), is_sandbox=True)

    machine.mail_events.book(bounced)
    machine.mail_events.book(bounced)

    account = machine.account("A1")
    assert not any(one.mark for one in account.contact_people.values())
    assert account.notices[NOTICE].state == "failed"
    assert machine.tasks("A1") == {REVIEW}
    assert machine.accounts.outbox["A1"] == {}


def test_a_bounce_whose_letter_is_not_kept_any_more_still_marks_the_address() -> None:
    machine = with_people()
    gone = replace(said("bounce_hard", "ann"), notice_id="A1:USD:2019-01-07")

    machine.mail_events.book(gone)

    assert machine.account("A1").contact_people["ann"].mark == "bounced"
    assert machine.tasks("A1") == {"A1:find_contact"}


def test_a_bounced_copy_to_the_sales_owner_marks_nobody_and_is_looked_into() -> None:
    machine = with_people()

    machine.mail_events.book(said("bounce_hard", "owner"))

    assert machine.notice(NOTICE).state == "sent"
    assert machine.tasks("A1") == {REVIEW}


def test_the_timeline_tells_what_became_of_the_letter_by_ids_only() -> None:
    machine = with_people()
    for event in (said("delivery", "ann"), said("bounce_hard", "bob"), said("delivery", "ann")):
        machine.mail_events.book(event)

    events = [event for lines in machine.accounts.kept["A1"].log for event in lines.events]
    assert [(event.kind, event.figures.get("contact_id", "")) for event in events] == [
        ("notice_sent", ""),
        ("notice_delivered", "ann"),
        ("notice_counted", ""),
        ("notice_returned", "bob"),
        ("address_marked", ""),
    ]
    assert "@" not in repr(events)


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

    assert machine.notice(NOTICE).state == "pending"


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
