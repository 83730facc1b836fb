"""The figures of a run as far as it has come: done, skipped by code, failed, left (R13.3)."""

from __future__ import annotations

from datetime import date
from itertools import islice
from typing import Any

from chalicelib.flows.ports import Accounts

ROWS_MAX = 10_000  # of a run, read for one answer
SKIP = "skip_"  # what codes of skips begin with in a run's rows


def run_figures(accounts: Accounts, run_on: date, most: int | None = ROWS_MAX) -> dict[str, Any]:
    """Return a run's figures from its accounts' rows and the wake list.

    `is_complete` false: more than `most` accounts were decided (None: no limit), and all but what is
    left speaks of these only; the report then has the whole. Who waits for a statement is told
    apart, and may be among those left (R13.1). Three queries for each shard, and one for each page
    of rows, of which one is held at a time.
    """
    totals: dict[str, int] = {}
    done = failed = seen = 0
    rows = accounts.run_rows(run_on)
    for _, row in rows if most is None else islice(rows, most):
        seen += 1
        decided = bool(row.outcomes.get("accounts_decided"))
        done += decided
        failed += bool(row.outcomes.get("failed")) and not decided
        for name, count in row.outcomes.items():
            totals[name] = totals.get(name, 0) + count
    shards = range(accounts.shards())
    due = sum(accounts.count_due(shard, run_on) for shard in shards)
    named = sorted(totals.items())
    return {
        "done": done,
        "failed": failed,
        "left": max(due - failed, 0),  # due and not tried yet, or held back by a gate
        "statements_left": sum(accounts.count_statements_due(s, run_on) for s in shards),
        "skipped": {n.removeprefix(SKIP): c for n, c in named if n.startswith(SKIP)},
        "outcomes": {n: c for n, c in named if not n.startswith(SKIP)},
        "is_complete": most is None or seen < most or next(rows, None) is None,
    }
