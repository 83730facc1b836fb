"""Ledger rows with neither a due date nor terms have those of their account's policy (R3.5)."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from chalicelib.core.account import AccountDetails
from chalicelib.core.errors import LedgerFileError
from chalicelib.core.facts import InvoiceIssued
from chalicelib.flows.ledger_map import LedgerMap
from chalicelib.flows.ledger_read import Ledger, read_ledger
from chalicelib.flows.policies import shipped_document
from chalicelib.flows.policy_table import TABLE_KEY, read_table
from chalicelib.flows.policy_terms import PolicyTerms, one_policys
from chalicelib.flows.ports_registry import Put
from tests.fakes_store import MemoryAccounts
from tests.flows.machine import TODAY, Machine
from tests.flows.test_uploads import Bucket

EOM = "eom-twice-weekly"
HEADER = "account_id,account_class,invoice_id,issued_on,due_on,terms,currency,amount\n"
BARE = HEADER + "A1,,I1,2024-02-02,,,USD,10.00\n"


def due(ledger: Ledger) -> dict[str, date]:
    return {
        fact.invoice_id: fact.due_on
        for account in ledger.accounts.values()
        for fact in account.facts
        if isinstance(fact, InvoiceIssued)
    }


def read(text: str, terms: str, mapping: LedgerMap | None = None) -> Ledger:
    found = [("invoices", "i.csv", text.encode())]
    return read_ledger(found, mapping, terms_of=one_policys(terms))  # type: ignore[arg-type]  # a role


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        (",", date(2024, 3, 30)),
        (",net 10", date(2024, 2, 12)),
        ("2024-05-05,", date(2024, 5, 5)),
    ],
)
def test_a_row_says_itself_when_it_is_due_or_the_policy_does(cells: str, expected: date) -> None:
    ledger = read(HEADER + f"A1,,I1,2024-02-02,{cells},USD,10.00\n", "eom+30")

    assert due(ledger) == {"I1": expected}


def test_without_terms_of_a_policy_the_row_is_refused() -> None:
    [fault] = read(BARE, "").faults

    assert (fault.column, fault.code) == ("due_on", "missing_value")


def test_a_file_needs_neither_column_when_the_policy_has_terms() -> None:
    text = "account_id,invoice_id,issued_on,currency,amount\nA1,I1,2024-02-02,USD,10.00\n"

    assert due(read(text, "eom+30")) == {"I1": date(2024, 3, 30)}
    with pytest.raises(LedgerFileError, match="neither a column 'due_on' nor 'terms'"):
        read(text, "")


def test_the_default_of_a_mapping_comes_before_the_policys() -> None:
    mapping = LedgerMap(defaults={"terms": "net 1"})

    assert due(read(BARE, "eom+30", mapping)) == {"I1": date(2024, 2, 3)}


def test_wrong_terms_are_refused_whatever_the_policy_has() -> None:
    [fault] = read(BARE.replace(",,,USD", ",,soon,USD"), "eom+30").faults

    assert (fault.column, fault.code) == ("terms", "bad_terms")


def test_an_account_has_the_terms_of_its_own_policy_its_class_or_the_default() -> None:
    machine = Machine()
    machine.registry.put_policy(EOM, shipped_document(EOM))
    machine.take_in("A1", policy_id=EOM)
    machine.take_in("A2")
    table = read_table(machine.records)
    assigned = replace(table.value, classes={"key": EOM})
    machine.records.write(Put(TABLE_KEY, assigned, table.revision))
    terms = PolicyTerms(machine.accounts, machine.policies, TODAY)

    said = [terms("A1", ""), terms("A2", "key"), terms("A3", "key"), terms("A3", "")]

    assert said == ["eom+30", "", "eom+30", ""]  # A2 is there already, and of another class
    assert machine.policies.of(AccountDetails(account_class="key"), TODAY).id == EOM


def test_an_uploaded_row_without_terms_goes_by_its_accounts_policy() -> None:
    bucket = Bucket(accounts=MemoryAccounts(shard_count=4))
    bucket.machine.registry.put_policy(EOM, shipped_document(EOM))
    bucket.machine.take_in("A1", policy_id=EOM)

    result = bucket.put("invoices.csv", BARE + "A2,,I2,2024-02-02,,,USD,10.00\n")

    assert bucket.machine.account("A1").invoices["I1"].due_on == date(2024, 3, 30)
    assert [fault["column"] for fault in result["refused_rows"]] == ["due_on"]
