"""Full imports: a mirror stands where the statement says, and waits where too much would go (R7.6)."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from chalicelib.core.effects import ENTRY_SIGN
from chalicelib.core.facts import Extension, NoticeCounted, PromiseMade
from chalicelib.flows.full_import_run import OlderStatementError
from chalicelib.flows.ledger_kind import OwnLedgerError
from chalicelib.flows.ledger_read import read_ledger
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.flows.machine import FRIDAY, TODAY, Machine, invoice
from tests.flows.statements import HEADER, Mirror, item, statement

FULL, HALF = item("I1", "1000.00"), item("I1", "400.00")
TWO = (item("I1", "1000.00"), item("I2", "1000.00"))
FIVE = tuple(item(f"I{n}", "1000.00") for n in range(5))


@pytest.mark.parametrize(
    ("before", "after", "entries", "opened"),
    [
        ((), (FULL,), [("invoice", 100_000)], {"I1": 100_000}),
        ((), (HALF,), [("opening", 40_000)], {"I1": 40_000}),
        ((), (item("I1", "0.00"),), [], {}),
        ((FULL,), (FULL,), [("invoice", 100_000)], {"I1": 100_000}),
        (
            (FULL,), (HALF,),
            [("invoice", 100_000), ("external_decrease", 60_000)], {"I1": 40_000},
        ),
        ((HALF,), (FULL,), [("opening", 40_000), ("external", 60_000)], {"I1": 100_000}),
        (TWO, (FULL,), [*[("invoice", 100_000)] * 2, ("external_decrease", 100_000)],
         {"I1": 100_000}),
        ((FULL,), (item("I1", "0.00"),),
         [("invoice", 100_000), ("external_decrease", 100_000)], {}),
    ],
    ids=["new", "part-paid at first", "paid at first", "the same", "less", "more", "absent", "nil"],
)  # fmt: skip
def test_a_statement_leaves_open_what_it_lists(
    before: tuple[str, ...],
    after: tuple[str, ...],
    entries: list[tuple[str, int]],
    opened: dict[str, int],
) -> None:
    mirror = Mirror()
    if before:
        mirror.take(*before, approved=10)

    mirror.take(*after, approved=10)

    assert (mirror.kinds(), mirror.opened()) == (entries, opened)


def test_an_account_that_the_statement_does_not_list_at_all_is_settled_too() -> None:
    mirror = Mirror()
    mirror.take(FULL, item("J1", "500.00", account="A2"), approved=10)

    done = mirror.take(FULL, approved=10)

    assert mirror.opened("A2") == {}
    assert done.booked.counts == {"settled": 1, "known": 1}
    assert done.booked.amounts == {"settled": {"USD": 100_000 // 2}}


def test_an_invoice_that_disappears_was_paid_on_that_day_for_the_record_of_late_ones() -> None:
    mirror = Mirror()
    mirror.take(FULL)

    mirror.take(item("I9", "1.00"), approved=1)

    [settlement] = mirror.machine.account("A1").settlements
    assert (settlement.value_on, settlement.late) == (TODAY, True)


def test_an_invoice_that_comes_back_is_open_again_and_was_never_settled() -> None:
    mirror = Mirror()
    mirror.take(FULL)
    mirror.take(item("I9", "1.00"), approved=1)

    mirror.take(FULL, item("I9", "1.00"), on=TODAY + timedelta(days=1))

    account = mirror.machine.account("A1")
    assert account.invoices["I1"].open_minor == 100_000
    assert account.settlements == ()


def test_money_seen_in_a_statement_keeps_a_promise() -> None:
    mirror = Mirror()
    mirror.take(FULL)
    friday = TODAY + timedelta(days=4)
    mirror.machine.take_in("A1", PromiseMade(TODAY, "USD", 60_000, friday, ("I1",)))

    mirror.take(HALF, on=TODAY + timedelta(days=1))

    [promise] = mirror.machine.account("A1").promises
    assert (promise.received_minor, promise.kept_on) == (60_000, TODAY + timedelta(days=1))


def test_what_the_erp_says_anew_of_an_invoice_is_taken_over() -> None:
    mirror = Mirror()
    mirror.take(FULL)

    done = mirror.take(item("I1", "1000.00", due="2024-03-09", po="PO 7", amount="1200.00"))

    there = mirror.machine.account("A1").invoices["I1"]
    assert there.due_on == there.effective_due_on == date(2024, 3, 9)
    assert (there.po_number, there.amount_minor) == ("PO 7", 120_000)
    assert done.booked.counts == {"corrected": 1}


def test_a_statement_may_say_what_kind_of_debtor_an_account_is() -> None:
    """R4.1, R13.3: an account that it does not list keeps what it is."""
    mirror = Mirror()
    rows = [f"{item(f'I{n}', '9.00', account=f'A{n}')},natural_person" for n in (1, 2)]
    header = HEADER.replace("\n", ",debtor_kind\n")
    told = [
        read_ledger([("invoices", "open.csv", (header + "\n".join(some)).encode())])
        for some in (rows, [rows[0].replace("natural_person", "company")])
    ]

    for ledger in told:
        mirror.take(ledger=ledger, approved=1)

    accounts = mirror.machine.accounts.kept
    kinds = {name: kept.account.details.debtor_kind for name, kept in accounts.items()}
    assert kinds == {"A1": "company", "A2": "natural_person"}
    events = [event.figures for line in accounts["A1"].log for event in line.events]
    assert events == [{"changed": "debtor_kind", "debtor_kind": "company"}]


def test_an_agreed_due_date_outlives_a_statement() -> None:
    mirror = Mirror()
    mirror.take(FULL)
    agreed = date(2024, 5, 1)
    mirror.machine.take_in("A1", Extension(TODAY, "I1", agreed))

    mirror.take(item("I1", "1000.00", due="2024-03-09"))

    there = mirror.machine.account("A1").invoices["I1"]
    assert (there.due_on, there.effective_due_on) == (date(2024, 3, 9), agreed)


@pytest.mark.parametrize(("listed", "waits"), [(5, False), (4, False), (3, True), (0, True)])
def test_a_statement_that_would_settle_more_than_a_fifth_waits_and_changes_nothing(
    listed: int, waits: bool
) -> None:
    mirror = Mirror()
    mirror.take(*FIVE)
    before = mirror.machine.account("A1")
    rows = FIVE[:listed] or (item("J1", "1.00", account="A2"),)

    done = mirror.take(*rows, item("N1", "7.00", account="A3"))

    assert (done.phase == "waiting") == waits
    assert done.counted.settled == 5 - listed
    if waits:
        assert mirror.machine.account("A1") == before
        assert "A3" not in mirror.machine.accounts.kept
        assert done.counted.amounts["settled"] == {"USD": (5 - listed) * 100_000}


def test_what_is_approved_is_that_many_and_no_more() -> None:
    mirror = Mirror()
    mirror.take(*FIVE)

    assert mirror.take(*FIVE[:3], approved=1).phase == "waiting"
    assert mirror.take(*FIVE[:3], approved=2).phase == "done"
    assert len(mirror.opened()) == 3


def test_the_same_statement_again_brings_nothing() -> None:
    mirror = Mirror()
    mirror.take(HALF, item("I2", "3.00"))
    before = mirror.machine.accounts.kept["A1"].version

    done = mirror.take(HALF, item("I2", "3.00"))

    assert mirror.machine.accounts.kept["A1"].version == before
    assert (done.booked.counts, done.booked.accounts_changed) == ({"known": 2}, 0)


def test_a_whole_statement_makes_the_ledger_fresh_through_the_day_before() -> None:
    mirror = Mirror()

    done = mirror.take(FULL, on=TODAY + timedelta(days=1))

    assert done.fresh_through == TODAY == mirror.machine.registry.fresh_through()


def test_while_a_row_cannot_be_read_nothing_is_settled_by_its_absence() -> None:
    mirror = Mirror()
    mirror.take(*TWO)
    broken = statement(item("I1", "700.00"), item("I2", "12,5"))
    assert broken.faults

    done = mirror.take(ledger=broken, on=TODAY + timedelta(days=1))

    assert mirror.opened() == {"I1": 70_000, "I2": 100_000}
    assert done.fresh_through is None
    assert mirror.machine.registry.fresh_through() == FRIDAY + timedelta(days=2)


@pytest.mark.parametrize(
    ("row", "code", "detail"),
    [
        (item("I1", "900.00", currency="EUR"), "conflict", "in USD, and is stated in EUR"),
        (item("a/b", "900.00"), "bad_id", "cannot be addressed"),
        (item("I7", "9.00", issued="2024-03-19"), "in_the_future", "dated 2024-03-19"),
    ],
)
def test_a_row_that_cannot_be_is_told_and_the_rest_is_taken(
    row: str, code: str, detail: str
) -> None:
    mirror = Mirror()
    mirror.take(FULL)
    rows = [row] if row.startswith("A1,I1") else [FULL, row]

    done = mirror.take(*rows, item("I2", "5.00"))

    [fault] = done.booked.faults
    assert (fault.account_id, fault.code) == ("A1", code)
    assert detail in fault.detail
    assert mirror.opened() == {"I1": 100_000, "I2": 500}


def test_an_older_statement_would_undo_a_newer_one_and_is_refused() -> None:
    mirror = Mirror()
    older = mirror.stated(statement(FULL))
    mirror.take(HALF)

    with pytest.raises(OlderStatementError, match="would undo"):
        mirror.finish(older)

    assert mirror.opened() == {"I1": 40_000}


def test_a_ledger_of_our_own_takes_no_statement() -> None:
    with pytest.raises(OwnLedgerError, match="would lose what was paid here"):
        Mirror(kind="own").take(FULL)


def test_payments_in_a_statement_are_refused() -> None:
    mirror = Mirror()
    ledger = read_ledger(
        [
            ("invoices", "open.csv", (HEADER + FULL).encode()),
            ("payments", "paid.csv", b"payment_id,account_id,received_on,currency,amount\n"
             b"P1,A1,2024-03-01,USD,5.00\n"),
        ]
    )  # fmt: skip

    done = mirror.take(ledger=ledger)

    assert [fault.code for fault in done.booked.faults] == ["mirror_ledger"]
    assert mirror.opened() == {"I1": 100_000}


def charged() -> Mirror:
    """A mirror whose invoice has a late fee of 15.00, posted by a run."""
    mirror = Mirror(Machine())
    machine = mirror.machine
    machine.take_in("A1", invoice("I1", 60))
    for days in (0, 14, 28, 42, 56):
        machine.clock.pass_by(days=14)
        machine.decide("A1", TODAY + timedelta(days=days))
        notices = machine.account("A1").notices
        for notice_id in notices:
            machine.take_in("A1", NoticeCounted(TODAY + timedelta(days=days), notice_id))
    assert machine.account("A1").invoices["I1"].charges
    return mirror


def test_a_charge_that_the_erp_booked_is_open_as_it_is_stated_and_settled_when_it_is_gone() -> None:
    mirror = charged()
    day = TODAY + timedelta(days=70)
    charge = mirror.machine.account("A1").invoices["I1"].charges[0]
    first, last = item("I1", "1000.00", issued="2023-12-19", due="2024-01-18"), charge.open_minor

    mirror.take(first, on=day)  # the ERP has not booked it yet
    assert mirror.machine.account("A1").invoices["I1"].charges[0].open_minor == last
    mirror.take(first, item(charge.id, "5.00", amount="15.00"), on=day)
    stated = mirror.machine.account("A1").invoices["I1"].charges[0]
    assert (stated.open_minor, stated.stated) == (500, True)
    mirror.take(first, on=day + timedelta(days=1))
    assert mirror.machine.account("A1").invoices["I1"].charges[0].open_minor == 0
    assert_r75(mirror, "A1")


def assert_r75(mirror: Mirror, account_id: str) -> None:
    account = mirror.machine.account(account_id)
    entries = mirror.machine.accounts.kept[account_id].entries
    booked = sum(ENTRY_SIGN[entry.kind] * entry.amount_minor for entry in entries)
    every = (*account.invoices.values(), *account.closed.values())
    opened = sum(i.open_minor + i.open_charges_minor for i in every)
    assert booked == opened - account.unapplied.get("USD", 0)
    for one in every:
        cut = sum(reduction.amount_minor for reduction in one.reductions)
        assert one.opened_minor - cut == one.open_minor


AMOUNTS = st.dictionaries(
    st.sampled_from(["I1", "I2", "I3", "J1"]), st.integers(0, 1_000), max_size=4
)


@settings(max_examples=60, deadline=None)
@given(st.lists(AMOUNTS, min_size=1, max_size=6))
def test_after_any_statements_what_is_open_is_the_last_one_and_the_ledger_adds_up(
    statements: list[dict[str, int]],
) -> None:
    mirror = Mirror()
    for day, said in enumerate(statements):
        rows = [
            item(name, f"{cents / 100:.2f}", account="A1" if name[0] == "I" else "A2")
            for name, cents in said.items()
        ]

        mirror.take(*rows, on=TODAY + timedelta(days=day), approved=10)

        for account_id, first in (("A1", "I"), ("A2", "J")):
            if account_id in mirror.machine.accounts.kept:
                expected = {n: c for n, c in said.items() if c and n[0] == first}
                assert mirror.opened(account_id) == expected
                assert_r75(mirror, account_id)
