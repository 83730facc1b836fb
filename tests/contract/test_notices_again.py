"""Notices that are done lie in history, are found by facts, and come back whole (R11.3, R11.4)."""

from __future__ import annotations

from datetime import UTC, date, datetime

from chalicelib.core.account import Account, WentTo, digest_of
from chalicelib.core.facts import Fact, NoticeCancelled, NoticeCounted, NoticeMoved
from chalicelib.core.facts_letters import LetterReported, Saying

from tests.contract.store import Store, book, issued, live_of, run

FEB_15 = date(2024, 2, 15)
AT = datetime(2024, 2, 15, 9, tzinfo=UTC)
NOTICE = "A1:USD:2024-02-15"
ANN = digest_of("ann@customer.example")


def reported(saying: Saying) -> LetterReported:
    return LetterReported(FEB_15, NOTICE, 1, saying, AT, (ANN,), "message-1")


def sent(store: Store) -> None:
    """An account whose reminder was sent to Ann."""
    book(store.accounts, "A1", issued("I1"))
    run(store.accounts, "A1", FEB_15)
    went_to = (WentTo(1, "ann", ANN),)
    book(store.accounts, "A1", NoticeMoved(FEB_15, NOTICE, "sending", AT, 1, AT, went_to=went_to))


def found(store: Store, fact: Fact) -> Account:
    return store.another().load("A1", [fact]).account


def test_a_notice_that_counts_is_only_found_by_a_fact_about_it(store: Store) -> None:
    sent(store)
    book(store.accounts, "A1", reported("delivered"))

    assert store.another().load("A1").account.past_notices == {}
    account = found(store, reported("bounced"))
    assert account.notices == {}
    there = account.past_notices[NOTICE]
    assert (there.state, there.message_id) == ("counted", "message-1")
    assert there.went_to == (WentTo(1, "ann", ANN, said=(("delivered", FEB_15),)),)


def test_a_notice_that_came_back_lives_again_and_is_in_history_no_more(store: Store) -> None:
    sent(store)
    book(store.accounts, "A1", reported("delivered"))

    after = book(store.accounts, "A1", reported("bounced")).account

    account = found(store, reported("bounced"))
    assert account.past_notices == {}
    assert account == live_of(after)
    assert (account.notices[NOTICE].state, account.notices[NOTICE].returns) == ("pending", 1)
    assert account.invoices["I1"].announcements[0].sent_on is None
    book(store.accounts, "A1", NoticeCounted(FEB_15, NOTICE))
    assert found(store, reported("bounced")).past_notices[NOTICE].returns == 1


def test_a_cancelled_notice_is_kept_as_such(store: Store) -> None:
    sent(store)
    book(store.accounts, "A1", NoticeCancelled(FEB_15, NOTICE))

    account = found(store, NoticeCounted(FEB_15, NOTICE))
    assert account.past_notices[NOTICE].state == "cancelled"
    assert "counted" not in account.notice_counts["reminder"]
