"""The open transactions of a demo ERP, aged as the ERP itself aged them."""

from __future__ import annotations

import csv
from datetime import date
from pathlib import Path

from chalicelib.core.account import Account
from chalicelib.core.aging import age_account, bucket_names, past_due_by_currency
from chalicelib.core.apply import apply_all
from chalicelib.core.policy import AgingRules
from chalicelib.flows.ledger_map import parse_ledger_map
from chalicelib.flows.ledger_read import read_ledger
from chalicelib.flows.policies import load

AS_OF = date(2026, 8, 3)
DATA = "d365_demo_transactions.csv"
COLUMNS = ("current", "d1_30", "d31_60", "d61_90", "d91_plus")


def cents(text: str) -> int:
    whole, _, fraction = text.partition(".")
    assert len(fraction) == 2
    return int(whole + fraction)


def accounts(shared: Path, project: Path) -> dict[str, Account]:
    mapping = parse_ledger_map((project / "tests" / "maps" / "d365.toml").read_bytes(), "d365.toml")
    ledger = read_ledger([("invoices", DATA, (shared / "data" / DATA).read_bytes())], mapping)
    assert ledger.faults == ()
    policy = load("standard")
    return {
        name: apply_all(Account(name, known.details), known.facts, policy).account
        for name, known in ledger.accounts.items()
    }


def expected(shared: Path) -> dict[str, dict[str, str]]:
    path = shared / "data" / "d365_demo_aged_balances_expected.csv"
    with path.open(encoding="utf-8", newline="") as file:
        return {row["customer"]: row for row in csv.DictReader(file)}


def test_every_cell_of_the_aged_balances_is_the_erps(shared: Path, project: Path) -> None:
    aged = {
        name: row.buckets
        for name, account in accounts(shared, project).items()
        for row in age_account(account, AgingRules(), AS_OF)
    }

    assert len(aged) == 26
    assert aged == {
        name: tuple(cents(row[column]) for column in COLUMNS)
        for name, row in expected(shared).items()
    }


def test_the_past_due_total_is_the_balance_less_what_is_current(
    shared: Path, project: Path
) -> None:
    totals = {
        name: past_due_by_currency(account, AS_OF).get("USD", 0)
        for name, account in accounts(shared, project).items()
    }

    assert totals == {
        name: cents(row["balance"]) - cents(row["current"])
        for name, row in expected(shared).items()
    }


def test_the_buckets_are_named_after_their_days() -> None:
    assert bucket_names(AgingRules()) == ("current", "1-30", "31-60", "61-90", "91+")
