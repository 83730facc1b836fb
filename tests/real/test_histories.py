"""Two years of a real ledger, with every count as a short independent script has it."""

from __future__ import annotations

import csv
import io
from collections import Counter
from datetime import date
from functools import cache
from pathlib import Path

import pytest
from chalicelib.core.effects import ChargePosted, Effect, NoticeCreated, StageApplied
from chalicelib.flows.effects_file import as_line
from chalicelib.flows.ledger_map import parse_ledger_map
from chalicelib.flows.ledger_read import read_ledger
from chalicelib.flows.policies import load, shipped_document
from chalicelib.flows.simulate import simulate
from tests.real.histories import RAPID, STANDARD, Ladder, tally
from tests.second_opinion.simulation import second_opinion

pytestmark = pytest.mark.no_cover  # counting lines trebles their time
FIRST, LAST = date(2012, 1, 1), date(2013, 12, 31)
DATA = "ibm_late_payment_histories.csv"


@cache
def effects(shared: Path, project: Path, policy_id: str) -> tuple[Effect, ...]:
    mapping = parse_ledger_map((project / "tests" / "maps" / "ibm.toml").read_bytes(), "ibm.toml")
    ledger = read_ledger([("invoices", DATA, (shared / "data" / DATA).read_bytes())], mapping)
    assert ledger.faults == ()
    accounts = {name: (known.details, known.facts) for name, known in ledger.accounts.items()}
    result = simulate(accounts, load(policy_id), FIRST, LAST)
    assert result.failed == []
    return tuple(result.effects)


@cache
def rows(shared: Path) -> list[dict[str, str]]:
    with (shared / "data" / DATA).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def counts_of(found: tuple[Effect, ...]) -> Counter[str]:
    counts: Counter[str] = Counter()
    for effect in found:
        if isinstance(effect, StageApplied | ChargePosted | NoticeCreated):
            counts[f"{effect.kind} {effect.stage}"] += 1
        if isinstance(effect, ChargePosted):
            counts[f"cents {effect.stage}"] += effect.amount_minor
    return counts


def own_layout(found: list[dict[str, str]]) -> dict[str, str]:
    """The ledger in Pastdue's own columns, for the second opinion, which knows no mappings."""
    invoices, payments = io.StringIO(newline=""), io.StringIO(newline="")
    invoice_file, payment_file = csv.writer(invoices), csv.writer(payments)
    invoice_file.writerow(
        ["account_id", "invoice_id", "issued_on", "due_on", "currency", "amount", "disputed"]
    )
    payment_file.writerow(
        ["payment_id", "account_id", "received_on", "currency", "amount", "invoice_ids"]
    )
    for row in found:
        name, account, amount = row["invoice_number"], row["customer_id"], row["amount"]
        disputed = "yes" if row["disputed"] == "1" else "no"
        dates = [row["invoice_date"], row["due_date"]]
        invoice_file.writerow([account, name, *dates, "USD", amount, disputed])
        payment_file.writerow([name, account, row["settled_date"], "USD", amount, name])
    return {"invoices.csv": invoices.getvalue(), "payments.csv": payments.getvalue()}


@pytest.mark.parametrize(("policy_id", "ladder"), [("standard", STANDARD), ("rapid", RAPID)])
def test_two_years_of_real_histories_count_as_a_short_script_counts_them(
    shared: Path, project: Path, policy_id: str, ladder: Ladder
) -> None:
    counts = counts_of(effects(shared, project, policy_id))

    assert counts == tally(rows(shared), ladder, FIRST, LAST)
    assert counts["stage reminder"] > 0


@pytest.mark.slow
@pytest.mark.parametrize("policy_id", ["standard", "rapid"])
def test_two_years_of_real_histories_equal_the_second_implementation_line_by_line(
    shared: Path, project: Path, policy_id: str
) -> None:
    lines = [as_line(effect) for effect in effects(shared, project, policy_id)]
    document = shipped_document(policy_id).decode()

    assert lines == second_opinion(own_layout(rows(shared)), document, FIRST, LAST)
