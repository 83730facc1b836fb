"""The snapshot of a run: its exact figures, every open item, the aging (R3, R13.3)."""

from __future__ import annotations

import gzip
import io
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from chalicelib.core.account import Account
from chalicelib.core.aging import (
    AgingRow,
    age_account,
    bucket_names,
    bucket_of,
    past_due_by_currency,
    total_aging,
)
from chalicelib.core.invoice import Invoice
from chalicelib.core.people import collector_of
from chalicelib.core.policy import AgingRules
from chalicelib.flows.counts import Counts, add_up
from chalicelib.flows.policy_shelf import PolicyShelf
from chalicelib.flows.ports import Accounts, Archive, Registry


def summary_key(run_on: date) -> str:
    """Return where a run's summary is kept."""
    return f"runs/{run_on}/summary.json"


def open_items_key(run_on: date) -> str:
    """Return where a run's open items are kept."""
    return f"runs/{run_on}/open_items.jsonl.gz"


@dataclass(frozen=True, slots=True)
class Report:
    """Writes run snapshots. Written again, one replaces the other."""

    accounts: Accounts
    registry: Registry
    archive: Archive
    policies: PolicyShelf

    def write(self, run_on: date) -> Counts:
        """Write the snapshot of a day's run from its rows and the accounts as they now stand.

        Raises:
            UnavailableError: the store or the archive does not answer now.
        """
        rules = self.policies.default().aging
        aging: list[AgingRow] = []
        packed = io.BytesIO()
        items = 0
        # No name and no time in the file's head: the same accounts give the same bytes.
        with gzip.GzipFile(filename="", mode="wb", fileobj=packed, mtime=0) as out:
            for account_id in sorted(self.accounts.account_ids()):
                account = self.accounts.load(account_id).account
                aging.extend(age_account(account, rules, run_on))
                for row in self._open_items(account, rules, run_on):
                    out.write(json.dumps(row, ensure_ascii=False).encode() + b"\n")
                    items += 1
        figures = self._figures(run_on)
        summary = {
            "run_on": run_on.isoformat(),
            **figures,
            "open_items": items,
            "buckets": list(bucket_names(rules)),
            "aging": [aging_values(row) for row in total_aging(aging).values()],
            "aging_by_account": [aging_values(row) for row in aging],
        }
        self.archive.put(open_items_key(run_on), packed.getvalue(), "application/gzip")
        content = json.dumps(summary, ensure_ascii=False, indent=1).encode()
        self.archive.put(summary_key(run_on), content, "application/json")
        return {name: figures[name] for name in ("done", "failed", "left")} | {"open_items": items}

    def _figures(self, run_on: date) -> dict[str, Any]:
        """Return a run's exact figures: accounts done, skips by block, failed, left."""
        rows = [row.outcomes for _, row in self.accounts.run_rows(run_on)]
        totals = add_up(rows)
        done = sum(1 for row in rows if row.get("accounts_decided"))
        failed = sum(1 for row in rows if row.get("failed") and not row.get("accounts_decided"))
        shards = range(self.accounts.shards())
        due = sum(self.accounts.count_due(shard, run_on) for shard in shards)
        state = self.registry.run_state(run_on)
        prefix = "skip_"
        return {
            "state": state.state if state else "not_started",
            "reason": state.reason if state else "",
            "accounts_due": state.accounts_due if state else 0,
            "done": done,
            "failed": failed,
            "left": max(due - failed, 0),  # due and not tried yet, or held back by a gate
            "skipped": {
                name.removeprefix(prefix): count
                for name, count in totals.items()
                if name.startswith(prefix)
            },
            "outcomes": {n: count for n, count in totals.items() if not n.startswith(prefix)},
        }

    def _open_items(
        self, account: Account, rules: AgingRules, run_on: date
    ) -> Iterator[dict[str, Any]]:
        """Yield a row per open invoice and per open charge, oldest due date first, then id."""
        policy = self.policies.of(account.details)
        past_due = past_due_by_currency(account, run_on)
        who = {
            "account_id": account.id,
            "account_class": account.details.account_class,
            "collector": collector_of(policy.people, past_due, named=account.details.collector),
        }
        names = bucket_names(rules)
        for invoice in sorted(account.invoices.values(), key=lambda i: (i.effective_due_on, i.id)):
            where = who | {
                "invoice_id": invoice.id,
                "currency": invoice.currency,
                "due_on": invoice.effective_due_on.isoformat(),
                "days_past_due": invoice.days_past_due(run_on),
                "bucket": names[bucket_of(rules, invoice, run_on)],
            }
            yield from _rows_of(invoice, where)


def _rows_of(invoice: Invoice, where: dict[str, Any]) -> Iterator[dict[str, Any]]:
    if invoice.open_minor:
        yield where | {
            "kind": "invoice",
            "open_minor": invoice.open_minor,
            "disputed_minor": invoice.disputed_minor,
        }
    for charge in invoice.charges:
        if charge.open_minor:
            yield where | {
                "kind": "charge",
                "charge_id": charge.id,
                "charge": charge.kind,
                "open_minor": charge.open_minor,
            }


def aging_values(row: AgingRow) -> dict[str, Any]:
    """Return an aging row as plain values; the account is left out of a total."""
    who = {"account_id": row.account_id} if row.account_id else {}
    return who | {
        "currency": row.currency,
        "buckets_minor": list(row.buckets),
        "principal_minor": row.principal_minor,
        "charges_minor": row.charges_minor,
        "unapplied_minor": row.unapplied_minor,
    }
