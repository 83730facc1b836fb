"""The figures of a run as far as it has come: done, skipped by code, failed, left (R13.3)."""

from __future__ import annotations

from datetime import date
from itertools import islice
from typing import Any

from chalicelib.flows.counts import add_up
from chalicelib.flows.ports import Accounts

ROWS_MAX = 10_000  # of a run, read for one answer
SKIP = "skip_"  # what codes of skips begin with in a run's rows


def run_figures(accounts: Accounts, run_on: date) -> dict[str, Any]:
    """Return a run's figures from its accounts' rows and the wake list.

    `is_complete` false: more than 10,000 accounts were decided, and all but `left` speaks of these
    only; the report then has the whole. A query for each shard, and one for each page of rows.
    """
    rows = [row.outcomes for _, row in islice(accounts.run_rows(run_on), ROWS_MAX + 1)]
    is_complete = len(rows) <= ROWS_MAX
    rows = rows[:ROWS_MAX]
    failed = sum(1 for row in rows if row.get("failed") and not row.get("accounts_decided"))
    due = sum(accounts.count_due(shard, run_on) for shard in range(accounts.shards()))
    totals = add_up(rows)
    return {
        "done": sum(1 for row in rows if row.get("accounts_decided")),
        "failed": failed,
        "left": max(due - failed, 0),
        "skipped": {n.removeprefix(SKIP): c for n, c in totals.items() if n.startswith(SKIP)},
        "outcomes": {n: c for n, c in totals.items() if not n.startswith(SKIP)},
        "is_complete": is_complete,
    }
