"""A ledger taken in: whole accounts, in day order, once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta

import pytest
from chalicelib.core.decide import decide
from chalicelib.core.errors import UnavailableError
from chalicelib.core.facts import BlockSet, Fact
from chalicelib.flows import import_known
from chalicelib.flows.import_ledger import ImportLedger, ImportResult
from chalicelib.flows.ledger_read import Ledger, LedgerAccount, read_ledger
from chalicelib.flows.ports import Change, Loaded
from tests.fakes_store import MemoryAccounts
from tests.flows.machine import FRIDAY, TODAY, Machine, invoice

INVOICES = """account_id,account_name,email,invoice_id,issued_on,due_on,currency,amount
A1,Alder,ap@alder.example,I1,2024-01-10,2024-02-09,USD,1000.00
A1,Alder,ap@alder.example,I2,2024-02-10,2024-03-11,USD,500.00
A2,Birch,ap@birch.example,I3,2024-03-01,2024-03-31,USD,250.00
"""
PAYMENTS = """payment_id,account_id,received_on,currency,amount,invoice_ids
P1,A1,2024-03-01,USD,300.00,I1
"""
CREDITS = """credit_note_id,account_id,issued_on,currency,amount,invoice_id,reason
C1,A1,2024-03-02,USD,100.00,I2,return
"""
FACTS = """{"on": "2024-03-01", "account_id": "A1", "kind": "dispute", "invoice_id": "I2"}
{"on": "2024-03-04", "account_id": "A1", "kind": "dispute_resolved", "invoice_id": "I2", \
"outcome": "won"}
{"on": "2024-03-05", "account_id": "A1", "kind": "pause", "until": "2024-03-20"}
{"on": "2024-03-05", "account_id": "A1", "kind": "promise", "amount": "50.00", \
"currency": "USD", "by": "2024-03-25"}
{"on": "2024-03-06", "account_id": "A1", "kind": "contact", "direction": "out", \
"channel": "call", "outcome": "voicemail"}
{"on": "2024-03-07", "account_id": "A1", "kind": "extension", "invoice_id": "I1", \
"due_on": "2024-02-15"}
{"on": "2024-03-08", "account_id": "A1", "kind": "dispute", "invoice_id": "I2", "amount": "20.00"}
"""


def ledger(
    invoices: str = INVOICES, payments: str = "", credits: str = "", facts: str = ""
) -> Ledger:
    files = (("invoices", "i.csv", invoices), ("payments", "p.csv", payments),
             ("credit_notes", "c.csv", credits), ("facts", "f.jsonl", facts))  # fmt: skip
    found = read_ledger([(role, name, text.encode()) for role, name, text in files if text])  # type: ignore[misc]  # roles are literals above
    assert found.faults == ()
    return found


def whole() -> Ledger:
    return ledger(INVOICES, PAYMENTS, CREDITS, FACTS)


def take_in(
    machine: Machine, some: Ledger, on: date = TODAY, *, dry_run: bool = False
) -> ImportResult:
    flow = ImportLedger(machine.accounts, machine.registry, machine.policies)
    return flow.import_ledger(some, on, dry_run=dry_run)


def test_a_ledger_is_taken_in_with_everything_that_happened() -> None:
    machine = Machine()

    result = take_in(machine, whole())

    assert result.faults == []
    assert (result.accounts_changed, result.accounts_same, result.known) == (2, 0, 0)
    assert result.taken["InvoiceIssued"] == 3
    assert sum(result.taken.values()) == 12
    account = machine.account("A1")
    assert account.details.email == "ap@alder.example"
    assert account.invoices["I1"].open_minor == 70_000
    assert account.invoices["I2"].open_minor == 40_000
    assert account.invoices["I2"].disputed_minor == 2_000


def test_every_account_is_due_on_the_day_and_what_is_late_was_first_seen_then() -> None:
    machine = Machine()

    take_in(machine, whole())

    assert {kept.wake_on for kept in machine.accounts.kept.values()} == {TODAY}
    assert machine.account("A1").invoices["I1"].seen_on == TODAY


def test_the_same_ledger_again_brings_nothing_new() -> None:
    machine = Machine()
    take_in(machine, whole())
    before = {name: (kept.version, kept.account) for name, kept in machine.accounts.kept.items()}

    result = take_in(machine, whole())

    assert (result.accounts_changed, result.accounts_same, result.known) == (0, 2, 12)
    assert result.taken == {}
    assert result.faults == []
    after = {name: (kept.version, kept.account) for name, kept in machine.accounts.kept.items()}
    assert after == before


def test_the_same_ledger_again_after_days_of_work_brings_nothing_new() -> None:
    machine = Machine()
    take_in(machine, whole())
    for days in range(40):
        machine.decide("A1", TODAY + timedelta(days=days))
    before = machine.account("A1")

    result = take_in(machine, whole(), TODAY + timedelta(days=40))

    assert (result.taken, result.faults) == ({}, [])
    assert machine.account("A1") == before


def test_a_ledger_that_grew_brings_only_what_is_new() -> None:
    machine = Machine()
    first_facts = "\n".join(FACTS.splitlines()[:2]) + "\n"
    take_in(machine, ledger(INVOICES, PAYMENTS, "", first_facts))

    result = take_in(machine, whole())

    assert result.taken == {
        "CreditNote": 1, "Pause": 1, "PromiseMade": 1, "Contact": 1, "Extension": 1,
        "DisputeOpened": 1,
    }  # fmt: skip
    once = Machine()
    take_in(once, whole())
    assert machine.account("A1").pauses == once.account("A1").pauses


@pytest.mark.parametrize(
    ("part", "before", "after", "detail"),
    [
        ("invoices", "2024-02-09,USD,1000.00", "2024-02-09,USD,1000.01", "invoice I1"),
        ("invoices", "2024-02-09,USD", "2024-02-10,USD", "another due date"),
        ("payments", "300.00", "300.01", "payment P1"),
        ("payments", "2024-03-01,USD", "2024-03-02,USD", "another date"),
        ("credits", "100.00", "100.01", "credit note C1"),
        ("payments", "2024-03-01,USD", "2024-03-04,USD", "another date and booking date"),
        ("payments", "2024-03-01,USD", "2024-03-04,USD", "Say what changed as a fact"),
    ],
)
def test_the_same_id_with_other_content_is_reported_and_not_overwritten(
    part: str, before: str, after: str, detail: str
) -> None:
    machine = Machine()
    take_in(machine, whole())
    known = machine.account("A1")
    files = {"invoices": INVOICES, "payments": PAYMENTS, "credits": CREDITS, "facts": FACTS}
    files[part] = files[part].replace(before, after, 1)

    result = take_in(machine, ledger(**files))

    assert [fault.code for fault in result.faults] == ["conflict"]
    assert detail in result.faults[0].detail
    assert machine.account("A1") == known


def test_what_has_not_happened_yet_is_refused_with_its_date() -> None:
    machine = Machine()
    late = PAYMENTS + "P2,A1,2024-03-19,USD,1.00,\n"

    result = take_in(machine, ledger(INVOICES, late))

    [fault] = result.faults
    assert (fault.account_id, fault.code) == ("A1", "in_the_future")
    assert "payment P2 is dated 2024-03-19, after 2024-03-18" in fault.detail
    assert "payment:P1" in machine.account("A1").money


class OneBad(MemoryAccounts):
    bad = ""

    def load(self, account_id: str, facts: Sequence[Fact] = ()) -> Loaded:
        if account_id == self.bad:
            raise UnavailableError("the table does not answer")
        return super().load(account_id, facts)


def test_one_account_that_fails_stops_no_other_and_the_ledger_is_not_called_fresh() -> None:
    accounts = OneBad()
    accounts.bad = "A1"
    machine = Machine(accounts=accounts)
    machine.registry.through = None

    result = take_in(machine, whole())

    assert [(fault.account_id, fault.code) for fault in result.faults] == [("A1", "failed")]
    assert list(machine.accounts.kept) == ["A2"]
    assert result.fresh_through is None
    assert machine.registry.fresh_through() is None


def test_an_import_covers_the_day_before_it() -> None:
    machine = Machine()

    result = take_in(machine, whole(), TODAY + timedelta(days=1))

    assert result.fresh_through == TODAY
    assert machine.registry.fresh_through() == TODAY


def test_a_dry_run_counts_and_changes_nothing() -> None:
    machine = Machine()

    result = take_in(machine, whole(), TODAY + timedelta(days=1), dry_run=True)

    assert (result.accounts_changed, sum(result.taken.values())) == (2, 12)
    assert machine.accounts.kept == {}
    assert machine.registry.fresh_through() == FRIDAY


class Contended(MemoryAccounts):
    races = 1

    def commit(self, change: Change) -> Loaded:
        if self.races and change.loaded.version:
            self.races -= 1
            self.kept[change.after.id].version += 1
        return super().commit(change)


def test_an_account_that_changes_meanwhile_is_read_again() -> None:
    machine = Machine(accounts=Contended())
    take_in(machine, ledger())

    result = take_in(machine, whole())

    assert result.faults == []
    assert result.taken["Payment"] == 1
    assert machine.account("A1").invoices["I1"].open_minor == 70_000


def test_an_accounts_collector_and_policy_outlive_an_import() -> None:
    machine = Machine()
    machine.take_in("A1", invoice("I9", 1), collector="mo", policy_id="rapid", name="Old name")

    take_in(machine, whole())

    details = machine.account("A1").details
    assert (details.collector, details.policy_id, details.name) == ("mo", "rapid", "Alder")


def test_what_is_remembered_of_imported_facts_decides_nothing() -> None:
    machine = Machine()
    take_in(machine, whole())
    account = machine.account("A1")
    marks = tuple(mark for mark in account.marks if mark.block != import_known.IMPORTED)
    assert len(marks) == len(account.marks) - 1
    forgetful = replace(account, marks=marks)
    policy = machine.policies.default()

    for days in range(120):
        today = TODAY + timedelta(days=days)
        one, other = decide(account, policy, today), decide(forgetful, policy, today)
        assert (one.effects, one.blocks, one.wake_on) == (
            other.effects,
            other.blocks,
            other.wake_on,
        )
        account, forgetful = one.account, other.account


def test_an_import_changes_the_kind_of_debtor_when_it_says_so_and_the_timeline_tells() -> None:
    """R4.1, R13.3: charges may be for one kind only."""
    machine = Machine()
    machine.take_in("A1", invoice("I9", 1), debtor_kind="natural_person", account_class="key")
    some = ledger()
    silent, said = some.accounts["A1"], frozenset({"debtor_kind"})

    take_in(machine, some)
    kept = machine.account("A1").details.debtor_kind
    take_in(machine, replace(some, accounts={"A1": replace(silent, said=said)}))

    details = machine.account("A1").details
    assert (kept, details.debtor_kind, details.account_class) == (
        "natural_person", "company", "key",
    )  # fmt: skip
    (event,) = machine.accounts.kept["A1"].log[-1].events
    assert (event.kind, event.actor) == ("details_changed", "import")
    assert event.figures == {"changed": "debtor_kind", "debtor_kind": "company"}


def test_more_facts_than_an_account_remembers_are_refused_with_the_account() -> None:
    machine = Machine()
    facts: tuple[Fact, ...] = tuple(
        BlockSet(TODAY, "reply_waiting", until=TODAY + timedelta(days=days))
        for days in range(import_known.REMEMBERED_MAX + 1)
    )
    some = ledger()
    account = some.accounts["A2"]
    too_many = replace(
        some, accounts={**some.accounts, "A2": LedgerAccount(account.details, facts)}
    )

    result = take_in(machine, too_many)

    assert [(fault.account_id, fault.code) for fault in result.faults] == [("A2", "failed")]
    assert "5,000" in result.faults[0].detail
    assert list(machine.accounts.kept) == ["A1"]
