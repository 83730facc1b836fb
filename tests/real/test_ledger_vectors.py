"""Whole ledgers aged on a day, as the vectors have them (ageing.ledger, ledger.ageing)."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from chalicelib.core.account import Account
from chalicelib.core.aging import age_account, bucket_names, past_due_by_currency, total_aging
from chalicelib.core.apply import apply_all
from chalicelib.core.policy import AgingRules
from chalicelib.flows.ledger_map import parse_ledger_map
from chalicelib.flows.ledger_read import read_ledger
from chalicelib.flows.policies import load
from tests.real.vectors import Vector, minor, of_topic

RULES = AgingRules()


def accounts_on(shared: Path, project: Path, mapping: str, data: str, day: date) -> list[Account]:
    """The accounts of a ledger with all that was booked by a day."""
    layout = parse_ledger_map((project / "tests" / "maps" / mapping).read_bytes(), mapping)
    ledger = read_ledger([("invoices", data, (shared / "data" / data).read_bytes())], layout)
    policy = load("standard")
    return [
        apply_all(
            Account(name, known.details), [fact for fact in known.facts if fact.on <= day], policy
        ).account
        for name, known in ledger.accounts.items()
    ]


@of_topic("ageing.ledger")
def test_a_customer_of_the_demo_erp_ages_as_published(
    shared: Path, project: Path, vector: Vector
) -> None:
    inputs, expected = vector["inputs"], vector["expected"]
    as_of, file = date.fromisoformat(inputs["as_of"]), Path(inputs["ledger"]).name
    accounts = accounts_on(shared, project, "d365.toml", file, as_of)
    (account,) = [account for account in accounts if account.id == inputs["customer"]]

    (row,) = age_account(account, RULES, as_of)

    columns = ("current", "d1_30", "d31_60", "d61_90", "d91_plus")
    assert row.buckets == tuple(minor(expected[column]) for column in columns)
    assert row.principal_minor == minor(expected["balance"])


@of_topic("ledger.ageing")
def test_the_open_invoices_of_a_day_age_as_computed_from_the_file(
    shared: Path, project: Path, vector: Vector
) -> None:
    inputs, expected = vector["inputs"], vector["expected"]
    as_of = date.fromisoformat(inputs["as_of"])
    accounts = accounts_on(shared, project, "ibm.toml", inputs["file"], as_of)

    aged = total_aging(row for a in accounts for row in age_account(a, RULES, as_of))["USD"]

    invoices = [i for account in accounts for i in account.invoices.values()]
    found = dict(zip(bucket_names(RULES), aged.buckets, strict=True))
    assert {n: c for n, c in found.items() if c} == {
        name: minor(text) for name, text in expected["buckets"].items()
    }
    assert (len(invoices), aged.principal_minor) == (
        expected["open_invoices"],
        minor(expected["open_total"]),
    )
    assert sum(i.is_past_due(as_of) for i in invoices) == expected["overdue_invoices"]
    past_due = sum(past_due_by_currency(a, as_of).get("USD", 0) for a in accounts)
    assert past_due == minor(expected["buckets"]["1-30"])
