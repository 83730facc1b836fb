"""What every store of accounts does: versions, closed invoices, money, and "once, ever"."""

from dataclasses import replace
from datetime import date

import pytest
from chalicelib.core.account import AccountDetails
from chalicelib.core.errors import ConflictError, StaleVersionError
from chalicelib.core.facts import (
    ChargeWaived,
    CreditNote,
    DisputeOpened,
    DisputeResolved,
    InvoiceVoided,
    NoticeCancelled,
    NoticeCounted,
    PaymentReversed,
    PromiseMade,
)
from chalicelib.flows.ports import Change

from tests.contract.store import NOON, Store, book, booked, decided, issued, live_of, paid, run

FEB_1, FEB_15, MAR_1, MAR_15 = (
    date(2024, 2, 1),
    date(2024, 2, 15),
    date(2024, 3, 1),
    date(2024, 3, 15),
)


def test_an_account_that_is_not_there_is_empty_and_has_version_0(store: Store) -> None:
    loaded = store.accounts.load("A1")
    assert (loaded.account.id, loaded.version, loaded.wake_on) == ("A1", 0, None)
    assert not loaded.account.invoices


def test_what_was_committed_is_what_is_loaded(store: Store) -> None:
    committed = book(store.accounts, "A1", issued("I1"), issued("I2"), wake_on=FEB_1)
    assert store.another().load("A1") == committed


def test_each_commit_makes_the_next_version(store: Store) -> None:
    versions = [book(store.accounts, "A1", issued(f"I{n}")).version for n in range(3)]
    assert versions == [1, 2, 3]


def test_a_change_that_says_nothing_new_writes_nothing(store: Store) -> None:
    book(store.accounts, "A1", issued("I1"))
    again = book(store.accounts, "A1", issued("I1"))
    assert (again.version, store.accounts.load("A1").version) == (1, 1)


def test_a_stale_version_loses_and_leaves_nothing(store: Store) -> None:
    book(store.accounts, "A1", issued("I1"))
    stale = store.another().load("A1")
    book(store.accounts, "A1", issued("I2"))
    before = store.accounts.load("A1"), store.log("A1")
    with pytest.raises(StaleVersionError):
        store.accounts.commit(booked(stale, [issued("I3")]))
    assert (store.accounts.load("A1"), store.log("A1")) == before


def test_of_two_writers_of_the_very_same_change_one_wins(store: Store) -> None:
    mine, theirs = store.accounts.load("A1"), store.another().load("A1")
    store.accounts.commit(booked(mine, [issued("I1")]))
    with pytest.raises(StaleVersionError):
        store.another().commit(booked(theirs, [issued("I1")]))


def test_details_notices_holds_tasks_and_charges_are_kept(store: Store) -> None:
    loaded = book(store.accounts, "A1", issued("I1"), issued("I2", 50_00))
    details = AccountDetails("Müller", "standard", "a@b.example", "sam", "kim", "de", "rapid")
    after = replace(loaded.account, details=details)
    store.accounts.commit(Change(loaded, after, FEB_1))
    run(store.accounts, "A1", FEB_15)
    book(store.accounts, "A1", NoticeCounted(FEB_15, "A1:USD:2024-02-15"))
    committed = run(store.accounts, "A1", MAR_1, date(2024, 4, 1))
    account = committed.account
    assert account.notices
    assert account.holds
    assert account.tasks
    assert any(invoice.charges for invoice in account.invoices.values())
    assert store.another().load("A1").account == account


def test_a_paid_invoice_leaves_the_live_state_with_its_charges(store: Store) -> None:
    charged_account(store)
    book(store.accounts, "A1", paid("P1", 1_000_00, "I1"))
    account = store.accounts.load("A1").account
    assert (account.invoices, account.closed) == ({}, {})
    assert account.unapplied["USD"] > 0


def charged_account(store: Store) -> None:
    """An account with one invoice that has a charge."""
    book(store.accounts, "A1", issued("I1"))
    run(store.accounts, "A1", FEB_15)
    book(store.accounts, "A1", NoticeCounted(FEB_15, "A1:USD:2024-02-15"))
    account = run(store.accounts, "A1", MAR_1).account
    assert account.invoices["I1"].charges


def test_a_fact_that_names_a_closed_invoice_finds_it_with_its_charges(store: Store) -> None:
    charged_account(store)
    closed = book(store.accounts, "A1", paid("P1", 1_000_00, "I1")).account.closed["I1"]
    found = store.accounts.load("A1", [issued("I1")]).account
    assert found.closed == {"I1": closed}
    assert closed.charges


def test_an_invoice_that_was_closed_is_not_taken_in_again(store: Store) -> None:
    book(store.accounts, "A1", issued("I1"))
    book(store.accounts, "A1", paid("P1", 100_00, "I1"))
    book(store.accounts, "A1", issued("I1"))
    assert store.accounts.load("A1").account.invoices == {}


def test_a_dispute_that_is_lost_after_its_invoice_was_paid_counts_as_lost(store: Store) -> None:
    book(store.accounts, "A1", issued("I1"), DisputeOpened(FEB_1, "I1"))
    book(store.accounts, "A1", paid("P1", 100_00, "I1"))
    book(store.accounts, "A1", DisputeResolved(FEB_15, "I1", "lost"))
    assert store.another().load("A1").account.dispute_outcomes == {"lost": 1}


def test_nobody_creates_what_is_there_live_or_closed(store: Store) -> None:
    book(store.accounts, "A1", issued("I1"))
    book(store.accounts, "A1", paid("P1", 100_00, "I1"))
    unaware = store.accounts.load("A1")
    for fact in (issued("I1"), paid("P1", 5_00, on=MAR_1)):
        with pytest.raises(ConflictError) as caught:
            store.accounts.commit(booked(unaware, [fact]))
        assert not isinstance(caught.value, StaleVersionError)
    assert store.accounts.load("A1") == unaware


def test_a_payment_is_recorded_once_also_after_it_left_live_state(store: Store) -> None:
    book(store.accounts, "A1", issued("I1"), issued("I2"))
    book(store.accounts, "A1", paid("P1", 100_00, "I1"))
    book(store.accounts, "A1", paid("P1", 100_00, "I1"))
    assert store.accounts.load("A1").account.invoices["I2"].open_minor == 100_00
    assert len(store.log("A1")[0]) == 3


def test_a_bounced_payment_brings_its_closed_invoice_back_as_it_was(store: Store) -> None:
    charged_account(store)
    before = store.accounts.load("A1").account
    book(store.accounts, "A1", paid("P1", 1_000_00, "I1"))
    book(store.accounts, "A1", PaymentReversed(MAR_15, "P1"))
    after = store.accounts.load("A1").account
    assert after.invoices["I1"] == before.invoices["I1"]
    assert after.money == {}


def test_an_invoice_that_comes_back_brings_its_other_money_back(store: Store) -> None:
    book(store.accounts, "A1", issued("I1"))
    book(store.accounts, "A1", paid("P1", 40_00, "I1"))
    book(store.accounts, "A1", paid("P2", 60_00, "I1"))
    assert store.accounts.load("A1").account.money == {}
    book(store.accounts, "A1", PaymentReversed(MAR_15, "P2"))
    account = store.accounts.load("A1").account
    assert account.invoices["I1"].open_minor == 60_00
    assert list(account.money) == ["payment:P1"]


def test_voiding_a_closed_invoice_returns_what_was_paid_on_it(store: Store) -> None:
    book(store.accounts, "A1", issued("I1"))
    book(store.accounts, "A1", paid("P1", 100_00, "I1"))
    book(store.accounts, "A1", InvoiceVoided(MAR_1, "I1"))
    account = store.accounts.load("A1").account
    assert account.unapplied == {"USD": 100_00}
    assert list(account.money) == ["payment:P1"]


def test_money_that_waits_for_an_invoice_is_applied_when_it_comes_in(store: Store) -> None:
    book(store.accounts, "A1", CreditNote(FEB_1, "C1", "USD", 30_00, "I9"))
    book(store.accounts, "A1", issued("I9"))
    account = store.accounts.load("A1").account
    assert account.invoices["I9"].open_minor == 70_00
    assert account.unapplied == {"USD": 0}


def test_a_payment_and_a_credit_note_may_carry_the_same_id(store: Store) -> None:
    book(store.accounts, "A1", issued("I1"))
    book(store.accounts, "A1", paid("X", 10_00, "I1"))
    book(store.accounts, "A1", CreditNote(FEB_15, "X", "USD", 20_00, "I1"))
    account = store.accounts.load("A1").account
    assert account.invoices["I1"].open_minor == 70_00
    assert sorted(account.money) == ["credit_note:X", "payment:X"]


def test_a_notice_that_counts_is_remembered_by_an_invoice_closed_meanwhile(store: Store) -> None:
    book(store.accounts, "A1", issued("I1"), issued("I2"))
    run(store.accounts, "A1", FEB_15)
    book(store.accounts, "A1", paid("P1", 100_00, "I1"))
    book(store.accounts, "A1", NoticeCounted(FEB_15, "A1:USD:2024-02-15"))
    closed = store.accounts.load("A1", [issued("I1")]).account.closed["I1"]
    assert [said.sent_on for said in closed.announcements] == [FEB_15]


def test_a_cancelled_notice_is_gone_and_owed_again(store: Store) -> None:
    book(store.accounts, "A1", issued("I1"))
    run(store.accounts, "A1", FEB_15)
    book(store.accounts, "A1", NoticeCancelled(FEB_15, "A1:USD:2024-02-15"))
    account = store.accounts.load("A1").account
    assert account.notices == {}
    assert [owed.stage for owed in account.invoices["I1"].owed]


def test_a_waived_charge_stays_visible_on_a_closed_invoice(store: Store) -> None:
    charged_account(store)
    charge = store.accounts.load("A1").account.invoices["I1"].charges[0]
    book(store.accounts, "A1", paid("P1", 100_00, "I1"))
    book(store.accounts, "A1", ChargeWaived(MAR_15, "I1", charge.id, "goodwill"))
    found = store.accounts.load("A1", [issued("I1")]).account
    assert found.closed["I1"].charges[0].waived_minor == charge.open_minor


def test_promises_keep_their_places(store: Store) -> None:
    facts = [PromiseMade(FEB_1, "USD", n * 100, date(2024, 2, n + 2), ("I1",)) for n in range(12)]
    book(store.accounts, "A1", issued("I1"), *facts)
    kept = store.accounts.load("A1").account.promises
    assert [promise.amount_minor for promise in kept] == [n * 100 for n in range(12)]


def test_every_ledger_entry_and_effect_is_kept_once_in_order(store: Store) -> None:
    charged_account(store)
    entries, effects = store.log("A1")
    assert [entry.kind for entry in entries] == ["invoice", "charge"]
    assert [effect.kind for effect in effects] == [
        "stage", "notice", "case_opened", "stage", "charge", "notice", "statement", "task"
    ]  # fmt: skip


def test_ids_may_hold_any_character(store: Store) -> None:
    name = "#1%23 /:é\N{SNOWMAN}"
    book(store.accounts, name, issued(name), issued(f"{name}#{name}"))
    book(store.accounts, name, paid(name, 100_00, name))
    run(store.accounts, name, FEB_15)
    loaded = store.accounts.load(name, [issued(name)]).account
    assert list(loaded.invoices) == [f"{name}#{name}"]
    assert list(loaded.closed) == [name]
    assert [row.id for _, row in store.accounts.outbox_before(NOON.replace(hour=13))]
    assert list(store.accounts.account_ids()) == [name]


def test_accounts_do_not_touch_each_other(store: Store) -> None:
    book(store.accounts, "A1", issued("I1"))
    other = book(store.accounts, "A10", issued("I1"))
    book(store.accounts, "A1", paid("P1", 100_00, "I1"))
    assert store.accounts.load("A10") == other


def test_the_store_gives_a_decision_the_same_account_as_memory_does(store: Store) -> None:
    book(store.accounts, "A1", issued("I1"), issued("I2"), issued("I3", 7_00))
    for day in (FEB_1, FEB_15, MAR_1, MAR_15):
        loaded = store.accounts.load("A1")
        after = store.accounts.commit(decided(loaded, day)).account
        assert store.another().load("A1").account == live_of(after)
