"""Keeps the items that this version writes, for every later version's tests to read.

    python scripts/keep_items.py tests/store/kept/2026-11-22.jsonl.gz

Before the format of items changes, run it and commit the file: a test loads every account of every
kept file, decides it for the days that follow, and compares the effects with those kept here. The
accounts are the shipped sample's and some of the seeded ledger's, run day by day over a table in memory.
"""

from __future__ import annotations

import base64
import gzip
import json
import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import islice
from pathlib import Path
from typing import Any

from moto import mock_aws

from chalicelib.core.account import Account
from chalicelib.core.apply import apply_all
from chalicelib.core.decide import decide
from chalicelib.core.effects import Effect
from chalicelib.core.facts import NoticeCounted
from chalicelib.core.policy import Policy
from chalicelib.flows.effects_file import effect_lines
from chalicelib.flows.import_ledger import ImportLedger
from chalicelib.flows.ledger_read import Ledger, read_ledger
from chalicelib.flows.policies import load, shipped_document
from chalicelib.flows.policy_shelf import PolicyShelf
from chalicelib.flows.policy_terms import one_policys
from chalicelib.flows.ports import Change, OutboxRow
from chalicelib.store.create import create_table
from chalicelib.store.ledger import DynamoAccounts
from chalicelib.store.registry import DynamoRegistry
from chalicelib.store.tables import Table, bind, client_of
from local.day_runs import facts_between
from local.sample import DAYS, FIRST_DAY, sample_files
from local.seeded_ledger import make_ledger

SEED, SEEDED_INVOICES, SEEDED_FIRST, SEEDED_DAYS = 7, 100, date(2025, 1, 1), 240
SAMPLE_ACCOUNTS = 12  # the others are much like them
DAYS_AFTER = 45
ONE_DAY = timedelta(days=1)


def main() -> None:
    """Write the file that the command line names."""
    lines = [json.dumps(line, sort_keys=True) for line in kept()]
    with gzip.GzipFile(sys.argv[1], "wb", mtime=0) as file:
        file.write(("\n".join(lines) + "\n").encode())
    print(f"kept {len(lines)} lines in {Path(sys.argv[1]).name}")


def kept() -> Iterator[dict[str, Any]]:
    """Yield each item as it is stored, then what is to be decided of each account."""
    sample, seeded = load("standard"), load(_seeded_policy())
    stories = (
        ("standard", sample, _sample(), FIRST_DAY, DAYS),
        ("seeded", seeded, _seeded(), SEEDED_FIRST, SEEDED_DAYS),
    )
    for name, policy, ledger, first, days in stories:
        with mock_aws():
            table = bind(name, region="eu-central-1", credentials=("testing", "testing"))
            create_table(table)
            accounts = DynamoAccounts(table, 1)
            _live(table, accounts, policy, ledger, first, days)
            last = first + timedelta(days=days - 1)
            for item in _items(table):
                yield {"item": item, "of": name}
            for account_id in sorted(accounts.account_ids()):
                account = accounts.load(account_id).account
                lines = list(effect_lines(days_after(account, policy, last)))
                yield {"of": name, "account_id": account_id, "last": str(last), "effects": lines}


def days_after(account: Account, policy: Policy, last: date) -> list[Effect]:
    """Return what the days after the last one bring to an account; each notice arrives at once."""
    found: list[Effect] = []
    for number in range(1, DAYS_AFTER + 1):
        day = last + timedelta(days=number)
        decision = decide(account, policy, day)
        found += decision.effects
        arrived = [NoticeCounted(day, notice.id) for notice in decision.notices]
        account = apply_all(decision.account, arrived, policy).account
    return found


def _sample() -> Ledger:
    whole = sample_files().read(one_policys(load("standard").terms))
    return replace(whole, accounts=dict(islice(whole.accounts.items(), SAMPLE_ACCOUNTS)))


def _seeded() -> Ledger:
    files = make_ledger(SEED, SEEDED_INVOICES)
    return read_ledger([(role, str(role), content) for role, content in files.items()])


def _seeded_policy() -> bytes:
    return (Path(__file__).resolve().parent.parent / "bench" / "seeded.toml").read_bytes()


def _live(
    table: Table, accounts: DynamoAccounts, policy: Policy, ledger: Ledger, first: date, days: int
) -> None:
    """Run a span of days: book what the ledger says of each, decide who is due, let letters arrive."""
    registry = DynamoRegistry(table)
    document = shipped_document("standard") if policy.id == "standard" else _seeded_policy()
    registry.put_policy(policy.id, document)
    registry.set_default_policy_id(policy.id)
    importing = ImportLedger(accounts, registry, PolicyShelf(registry))
    through: date | None = None
    for number in range(days):
        day = first + timedelta(days=number)
        facts = facts_between(ledger, through, day)
        through = day
        if facts.accounts:
            importing.import_ledger(facts, day)
        for due in list(accounts.due(0, day)):
            _decide(accounts, policy, due.account_id, day)


def _decide(accounts: DynamoAccounts, policy: Policy, account_id: str, day: date) -> None:
    loaded = accounts.load(account_id)
    decision = decide(loaded.account, policy, day)
    now = datetime(day.year, day.month, day.day, 6, tzinfo=UTC)
    rows = tuple(OutboxRow(f"notice:{n.id}", "notice", n.id, now) for n in decision.notices)
    change = Change(
        loaded, decision.account, decision.wake_on, decision.entries, decision.effects, rows,
        policy=policy.label,
    )  # fmt: skip
    committed = accounts.commit(change)
    if decision.notices:
        arrived = [NoticeCounted(day, notice.id) for notice in decision.notices]
        booked = apply_all(committed.account, arrived, policy)
        accounts.commit(Change(committed, booked.account, committed.wake_on, booked.entries))


def _items(table: Table) -> Iterator[dict[str, Any]]:
    """Yield raw items in order of their keys, bytes as base64."""
    pages = client_of(table).get_paginator("scan").paginate(TableName=table.Meta.table_name)
    items = [item for page in pages for item in page["Items"]]
    for item in sorted(items, key=lambda item: (item["pk"]["S"], item["sk"]["S"])):
        yield {name: _as_json(value) for name, value in sorted(item.items())}


def _as_json(value: Any) -> Any:
    if isinstance(value, dict) and "B" in value:
        return {"B": base64.b64encode(value["B"]).decode()}
    return value


if __name__ == "__main__":
    main()
