"""Measures requests and capacity units of a day's run, per account acted on, and prints JSON.

    python bench/store.py --open-invoices 10000

A ledger of so many open invoices, ten to an account, lies in the local AWS emulator; 1% of the
accounts is due. Metered is what the run does: the sweep's count, the hand-out of every shard, and
for each due account loading, deciding and committing. Units are worked out from sizes by the
rules of on-demand DynamoDB (`chalicelib.store.meter`); the emulator has no bill of its own. Its
times say nothing about AWS and are not reported.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from collections.abc import Sequence
from datetime import date, timedelta
from pathlib import Path

from chalicelib.core.account import Account, AccountDetails
from chalicelib.core.apply import apply_all
from chalicelib.core.decide import decide
from chalicelib.core.facts import InvoiceIssued
from chalicelib.flows.policies import load
from chalicelib.flows.ports import Change, DueAccount, Loaded
from chalicelib.store.create import create_table
from chalicelib.store.ledger import DynamoAccounts
from chalicelib.store.meter import Usage, metered
from chalicelib.store.registry import DynamoRegistry
from chalicelib.store.tables import bind
from local.cloud.emulator import ACCOUNT_ID, REGION, run_emulator

INVOICES_PER_ACCOUNT = 10
DUE_PERCENT = 1
TODAY = date(2026, 3, 18)  # a Wednesday
REMINDER_DAYS = 15
POLICY = load("standard")


def main() -> None:
    """Read the arguments, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--open-invoices", type=int, default=1_000)
    given = parser.parse_args()
    print(json.dumps(measure(given.open_invoices)))


def measure(open_invoices: int) -> dict[str, object]:
    """Return requests and units of a day's run over a ledger of so many open invoices."""
    count = open_invoices // INVOICES_PER_ACCOUNT
    with tempfile.TemporaryDirectory() as folder, run_emulator(Path(folder)) as emulator:
        table = bind(
            "bench",
            endpoint_url=emulator.url,
            region=REGION,
            credentials=(ACCOUNT_ID, "local"),
        )
        create_table(table)
        accounts = DynamoAccounts(table, DynamoRegistry(table).shards())
        for number in range(count):
            take_in(accounts, number)
        with metered(table) as finding:
            due = find(accounts)
        with metered(table) as acting:
            acted = act(accounts, due)
    return {
        "backend": "the local AWS emulator",
        "open_invoices": open_invoices,
        "accounts": count,
        "accounts_due": len(due),
        "accounts_acted_on": acted,
        "finding_the_due": figures(finding, acted),
        "acting": figures(acting, acted),
    }


def take_in(accounts: DynamoAccounts, number: int) -> None:
    """Put one account with ten open invoices into the table; one in a hundred is due today."""
    is_due = number % (100 // DUE_PERCENT) == 0
    account = Account(
        f"A{number:06d}", AccountDetails(name=f"Customer {number}", email="ap@customer.example")
    )
    facts = [_invoice(number, index, is_due=is_due) for index in range(INVOICES_PER_ACCOUNT)]
    booked = apply_all(account, facts, POLICY)
    yesterday = decide(booked.account, POLICY, TODAY - timedelta(days=1))
    wake_on = TODAY if is_due else TODAY + timedelta(days=20)
    accounts.commit(
        Change(Loaded(Account(account.id), 0), yesterday.account, wake_on, booked.entries)
    )


def _invoice(number: int, index: int, *, is_due: bool) -> InvoiceIssued:
    # The first invoice of an account that is due reaches its reminder today.
    past_due = timedelta(days=REMINDER_DAYS if is_due and index == 0 else -20 - index)
    due_on = TODAY - past_due
    issued_on = due_on - timedelta(days=60)
    amount = 100_000 + number % 977 + index
    return InvoiceIssued(
        issued_on, f"I{number:06d}-{index}", "USD", amount, amount, issued_on, due_on, issued_on,
        issued_on,
    )  # fmt: skip


def find(accounts: DynamoAccounts) -> Sequence[DueAccount]:
    """Find the day's work as the sweep and its shards do."""
    shards = range(accounts.shards())
    for shard in shards:
        accounts.count_due(shard, TODAY)
    return [due for shard in shards for due in accounts.due(shard, TODAY)]


def act(accounts: DynamoAccounts, due: Sequence[DueAccount]) -> int:
    """Load, decide and commit every due account; return how many brought an effect."""
    acted = 0
    for row in due:
        loaded = accounts.load(row.account_id)
        decision = decide(loaded.account, POLICY, TODAY)
        accounts.commit(
            Change(loaded, decision.account, decision.wake_on, decision.entries, decision.effects)
        )
        acted += bool(decision.effects)
    return acted


def figures(usage: Usage, acted: int) -> dict[str, object]:
    """Return a usage in total and per account acted on."""
    requests, read_units, write_units = usage.total
    each = max(acted, 1)
    return {
        "requests": requests,
        "read_units": read_units,
        "write_units": write_units,
        "requests_per_acted": round(requests / each, 2),
        "read_units_per_acted": round(read_units / each, 2),
        "write_units_per_acted": round(write_units / each, 2),
    }


if __name__ == "__main__":
    main()
