"""The mail service's events in any order, repeated or lost: one end, no second letter (R11.3, R11.4)."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

from chalicelib.core.account import (
    Account,
    AccountDetails,
    ContactPerson,
    Notice,
    WentTo,
    digest_of,
)
from chalicelib.core.addressees import addressees
from chalicelib.core.apply import apply_all
from chalicelib.core.decide import decide
from chalicelib.core.facts import Fact, InvoiceIssued, NoticeCounted, NoticeMoved
from chalicelib.core.facts_details import ContactSaved
from chalicelib.core.facts_letters import LetterReported, Saying
from chalicelib.core.letter_fates import attempt_fate, came_back, fate_of
from chalicelib.core.policy import Policy
from chalicelib.flows.policies import load
from hypothesis import given, settings
from hypothesis import strategies as st

TODAY = date(2024, 3, 18)
NOW = datetime(2024, 3, 18, 9, tzinfo=UTC)
NOTICE = "A1:USD:2024-03-18"
PEOPLE = ("ann", "bob", "cid")
SAYINGS: tuple[Saying, ...] = (
    "sent", "delivered", "delayed", "soft", "bounced", "suppressed", "complained", "rejected"
)  # fmt: skip
POLICY: Policy = load("standard")
Said = tuple[int, str, Saying]  # an attempt, whom it is said of, and what


def address(name: str) -> str:
    return f"{name}@customer.example"


def contact(name: str) -> ContactPerson:
    roles = frozenset({"accounts"}) if name != "cid" else frozenset({"admin"})
    return ContactPerson(name, email=address(name), roles=roles)


def waiting() -> Account:
    """An account with a notice that waits to be sent, to Ann and Bob, and Cid if it comes back."""
    due_on = TODAY - timedelta(days=15)
    bought = due_on - timedelta(days=30)
    facts: list[Fact] = [
        InvoiceIssued(bought, "I1", "USD", 1000_00, 1000_00, bought, due_on, bought, bought),
        *(ContactSaved(TODAY, contact(name)) for name in PEOPLE),
    ]
    account = Account("A1", AccountDetails())
    return decide(apply_all(account, facts, POLICY).account, POLICY, TODAY).account


def claimed(account: Account, attempt: int, names: tuple[str, ...]) -> Account:
    went_to = tuple(WentTo(attempt, name, digest_of(address(name))) for name in names)
    claim = NoticeMoved(TODAY, NOTICE, "sending", NOW, attempt, NOW, went_to=went_to)
    taken = NoticeMoved(TODAY, NOTICE, "sent", NOW, attempt, None, f"message-{attempt}")
    return apply_all(account, (claim, taken), POLICY).account


def told(account: Account, *events: Said) -> Account:
    facts = [
        LetterReported(TODAY, NOTICE, attempt, saying, NOW, (digest_of(address(name)),))
        for attempt, name, saying in events
    ]
    return apply_all(account, facts, POLICY).account


FIRST = claimed(waiting(), 1, ("ann", "bob"))
BACK = told(FIRST, (1, "ann", "bounced"), (1, "bob", "bounced"))
SECOND = claimed(BACK, 2, ("cid",))


def notice_of(account: Account) -> Notice:
    return (account.notices | account.past_notices)[NOTICE]


def end_of(account: Account) -> dict[str, Any]:
    """All that is known in the end, but for when it was known."""
    notice = notice_of(account)
    return {
        "is_live": NOTICE in account.notices,
        "notice": replace(notice, state_at=None, hand_overs=0, message_id=""),
        "announced": [a.sent_on for a in account.invoices["I1"].announcements],
        "tasks": set(account.tasks),
        "people": account.contact_people,
        "counts": account.notice_counts,
    }


def said_of(*attempts: tuple[int, tuple[str, ...]]) -> st.SearchStrategy[list[Said]]:
    one = st.one_of(
        *(
            st.tuples(st.just(attempt), st.sampled_from(names), st.sampled_from(SAYINGS))
            for attempt, names in attempts
        )
    )
    return st.lists(one, min_size=1, max_size=6)


ONE, TWO = said_of((1, ("ann", "bob"))), said_of((1, ("ann", "bob")), (2, ("cid",)))


@settings(max_examples=40)
@given(data=st.data(), events=ONE)
def test_the_events_of_one_attempt_end_the_same_in_any_order(
    data: st.DataObject, events: list[Said]
) -> None:
    order = data.draw(st.permutations([*events, *events[:2]]))
    assert end_of(told(FIRST, *order)) == end_of(told(FIRST, *events))


@settings(max_examples=40)
@given(data=st.data(), events=TWO)
def test_the_events_of_two_attempts_end_the_same_in_any_order(
    data: st.DataObject, events: list[Said]
) -> None:
    order = data.draw(st.permutations([*events, *events[-2:]]))
    assert end_of(told(SECOND, *order)) == end_of(told(SECOND, *events))


@settings(max_examples=40)
@given(events=ONE)
def test_what_became_of_a_letter_is_the_same_if_it_is_heard_after_it_counted_without_news(
    events: list[Said],
) -> None:
    on_time = told(FIRST, *events)
    counted = apply_all(FIRST, (NoticeCounted(TODAY + timedelta(days=3), NOTICE),), POLICY).account
    late = told(counted, *events)
    if attempt_fate(notice_of(on_time), 1):  # else it still counts, as long as nothing is known
        assert end_of(late) == end_of(on_time)


@settings(max_examples=40)
@given(events=TWO)
def test_a_repeated_event_changes_nothing_also_after_its_task_was_closed(
    events: list[Said],
) -> None:
    account = replace(told(SECOND, *events), tasks={})
    assert told(account, *events) == account


@settings(max_examples=30)
@given(events=ONE)
def test_a_notice_counts_or_waits_or_a_person_has_it_and_never_goes_where_it_did_not_come_back(
    events: list[Said],
) -> None:
    account = told(FIRST, *events)
    notice = notice_of(account)
    arrived = any(fate_of(one) == "arrived" for one in notice.went_to)
    assert (NOTICE not in account.notices) == arrived
    if notice.state == "failed":
        assert f"A1:review_notice:{NOTICE}" in account.tasks
    if notice.state == "pending":  # it goes again, and nobody who may have it gets it twice
        people = account.contact_people.values()
        to = addressees(account.details, people, "accounts", came_back(notice))
        again = {digest_of(one.email) for one in to}
        may_have_it = {one.digest for one in notice.went_to if fate_of(one) in ("", "arrived")}
        assert not again & may_have_it
        assert notice.hand_overs > 0


@settings(max_examples=40)
@given(data=st.data(), events=ONE)
def test_what_bounced_for_good_is_marked_whatever_else_was_said(
    data: st.DataObject, events: list[Said]
) -> None:
    account = told(FIRST, *data.draw(st.permutations(events)))
    said = {(name, what) for _, name, what in events}
    for name in ("ann", "bob"):
        marks = {what for who, what in said if who == name}
        gravest = [one for one in ("complained", "bounced", "suppressed") if one in marks]
        assert account.contact_people[name].mark == (gravest[0] if gravest else "")
    has_bounced = any(what in ("bounced", "suppressed") for _, what in said)
    assert has_bounced <= ("A1:find_contact" in account.tasks)
