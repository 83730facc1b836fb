"""What the API reads: one thing or one page, and answers that are kept to be given again."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from chalicelib.core.account import AccountDetails, ContactPerson, PausedSpan
from chalicelib.core.effects import Event
from chalicelib.core.errors import ConflictError
from chalicelib.core.facts import BlockSet, Fact, Pause
from chalicelib.core.facts_details import ContactRemoved, ContactSaved, DetailsChanged
from chalicelib.flows.ports import REPLAYED_FOR, Replay
from chalicelib.store.writes import Limits

from tests.contract.store import NOON, Store, TableStore, book, booked, decided, issued, paid

JO = ContactPerson("jo", "Jo Park", "jo@x.example", "+44", frozenset({"accounts"}), "en", True)
PAT = ContactPerson("a#1", "Pat")


def answer(replay_id: str = "key-1", at: timedelta = timedelta(0)) -> Replay:
    return Replay(replay_id, "digest", 201, '{"id": 1}', "/v1/here", NOON + at + REPLAYED_FOR)


def event(kind: str) -> Event:
    return Event(NOON.date(), NOON, kind, "person:anna", "I1", "goodwill", "they asked", {"n": "1"})


def test_heads_tell_of_the_accounts_that_are_there(store: Store) -> None:
    book(store.accounts, "A1", issued("I1", 250_00))
    book(store.accounts, "A2", issued("I1", 100_00))

    heads = store.accounts.heads(["A1", "A2", "A3"])

    assert {name: head.past_due(NOON.date()) for name, head in heads.items()} == {
        "A1": {"USD": 250_00},
        "A2": {"USD": 100_00},
    }


def test_an_answer_is_kept_with_the_change_that_it_tells_of(store: Store) -> None:
    loaded = store.accounts.load("A1")
    store.accounts.commit(replace(booked(loaded, [issued("I1")]), replay=answer()))

    assert store.accounts.replay("key-1") == answer()
    assert store.accounts.replay("key-2") is None


def test_a_change_whose_answer_was_given_is_refused_whole(store: Store) -> None:
    loaded = store.accounts.load("A1")
    store.accounts.commit(replace(booked(loaded, [issued("I1")]), replay=answer()))
    again = store.accounts.load("A1")

    with pytest.raises(ConflictError):
        store.accounts.commit(replace(booked(again, [issued("I2")]), replay=answer()))

    assert list(store.accounts.load("A1").account.invoices) == ["I1"]


def test_an_answer_that_has_expired_counts_as_not_there(store: Store) -> None:
    loaded = store.accounts.load("A1")
    store.accounts.commit(replace(booked(loaded, [issued("I1")]), replay=answer()))
    later = answer(at=REPLAYED_FOR + timedelta(seconds=1))
    again = store.accounts.load("A1")

    store.accounts.commit(replace(booked(again, [issued("I2")]), replay=later))

    assert store.accounts.replay("key-1") == later


def test_an_invoice_is_found_open_and_closed_with_its_charges(store: Store) -> None:
    book(store.accounts, "A1", issued("I1"), issued("I2"))
    store.accounts.commit(decided(store.accounts.load("A1"), NOON.date() + timedelta(20)))
    book(store.accounts, "A1", paid("P1", 100_00, "I1"))
    whole = store.accounts.load("A1", [paid("P1", 1, "I1")]).account

    assert store.accounts.find_invoice("A1", "I1") == (whole.invoices | whole.closed)["I1"]
    assert store.accounts.find_invoice("A1", "I2") == whole.invoices["I2"]
    assert store.accounts.find_invoice("A1", "I3") is None


def test_money_is_found_live_and_past(store: Store) -> None:
    book(store.accounts, "A1", issued("I1"))
    book(store.accounts, "A1", paid("P1", 100_00, "I1"), paid("P2", 5_00))

    found = [store.accounts.find_money("A1", f"payment:{name}") for name in ("P1", "P2", "P3")]

    assert [money and money.unapplied_minor for money in found] == [0, 5_00, None]


def test_pages_hold_every_open_invoice_once(store: Store) -> None:
    names = [f"I{number:02}" for number in range(11)]
    book(store.accounts, "A1", *(issued(name) for name in names))

    found, mark = [], ""
    while True:
        page = store.accounts.invoices("A1", "live", mark, 4)
        found.append([invoice.id for invoice in page.rows])
        if page.mark is None:
            break
        mark = page.mark

    assert found == [names[:4], names[4:8], names[8:]]


def test_a_page_of_history_holds_what_is_closed(store: Store) -> None:
    book(store.accounts, "A1", issued("I1"), issued("I2"))
    book(store.accounts, "A1", paid("P1", 100_00, "I1"))

    assert [i.id for i in store.accounts.invoices("A1", "history", "", 50).rows] == ["I1"]
    assert [i.id for i in store.accounts.invoices("A1", "live", "", 50).rows] == ["I2"]
    assert [m.id for m in store.accounts.money("A1", "history", "", 50).rows] == ["P1"]
    assert store.accounts.money("A1", "live", "", 50).rows == []


def test_the_timeline_is_newest_first_and_tells_what_people_did(store: Store) -> None:
    for number in range(3):
        loaded = store.accounts.load("A1")
        change = booked(loaded, [issued(f"I{number}")])
        store.accounts.commit(
            replace(change, events=[event(f"act_{number}")], policy="standard@abc")
        )

    first = store.accounts.timeline("A1", "", 2)
    second = store.accounts.timeline("A1", first.mark or "", 2)

    assert [line.events[0] for line in first.rows] == [event("act_2"), event("act_1")]
    assert [line.events[0].kind for line in second.rows] == ["act_0"]
    assert second.mark is None
    assert {line.policy for line in (*first.rows, *second.rows)} == {"standard@abc"}
    assert all(line.entries for line in first.rows)


def test_a_large_change_can_be_certain_before_it_is_written(tables: TableStore) -> None:
    small = TableStore(tables.table, Limits(actions=6))
    invoices = [issued(f"I{number:02}") for number in range(20)]
    loaded = small.accounts.load("A1")
    change = replace(booked(loaded, invoices), replay=answer(), finish_later=True)

    after = small.accounts.commit(change)

    assert not after.is_finished
    assert small.accounts.replay("key-1") == answer()
    found = small.accounts.find_invoice("A1", "I07")  # whoever reads finishes it
    assert found is not None
    assert small.accounts.load("A1").account == change.after


def test_the_contacts_of_an_account_are_read_alone_and_by_id(store: Store) -> None:
    book(
        store.accounts,
        "A1",
        issued("I1"),
        ContactSaved(NOON.date(), JO),
        ContactSaved(NOON.date(), PAT),
    )

    assert store.accounts.contact_people("A1") == [PAT, JO]
    assert store.accounts.load("A1").account.contact_people == {"jo": JO, "a#1": PAT}
    assert store.accounts.contact_people("A2") == []


def test_a_contact_that_was_removed_is_gone(store: Store) -> None:
    book(store.accounts, "A1", issued("I1"), ContactSaved(NOON.date(), JO))
    book(store.accounts, "A1", ContactRemoved(NOON.date(), "jo"))

    assert store.accounts.contact_people("A1") == []
    assert store.another().load("A1").account.contact_people == {}


def test_details_pauses_and_blocks_are_read_as_they_were_booked(store: Store) -> None:
    day = NOON.date()
    details = AccountDetails(
        "Harbor Bakery", "key", "ap@bakery.example", "kim", "senior", "de", "rapid"
    )
    facts: list[Fact] = [
        DetailsChanged(day, details),
        Pause(day, day, "I1", "vacation"),
        BlockSet(day, "legal_stop", reason="lawsuit", reference="7 C 12/24"),
    ]

    book(store.accounts, "A1", issued("I1"), *facts)

    account = store.another().load("A1").account
    assert account.details == details
    assert store.accounts.heads(["A1"])["A1"].details == details
    assert account.pauses == (PausedSpan(day, "I1", day, "vacation"),)
    (mark,) = account.marks
    assert (mark.reason, mark.reference, mark.since) == ("lawsuit", "7 C 12/24", day)
