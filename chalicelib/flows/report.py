"""The snapshot of a run: its exact figures, a row per account, every open item (R3, R13.3)."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

from chalicelib.core.account import AccountDetails
from chalicelib.core.errors import ConflictError, NotFoundError
from chalicelib.core.policy import Policy
from chalicelib.flows.counts import Counts
from chalicelib.flows.policy_shelf import PolicyShelf
from chalicelib.flows.ports import Accounts, Archive, Registry
from chalicelib.flows.reporting_rates import RatesError, rates_of
from chalicelib.flows.run_figures import run_figures
from chalicelib.flows.snapshot_files import (
    ACCOUNT_ROWS_MAX,
    FORMAT,
    OPEN_ITEMS_MAX,
    PartsWriter,
    summary_key,
)
from chalicelib.flows.snapshot_rows import AccountView
from chalicelib.flows.snapshot_sums import Sums, in_reporting_currency

FAULT_CHARS_MAX = 2_000


@dataclass(frozen=True, slots=True)
class Report:
    """Writes run snapshots. Written again on its day, one replaces the other.

    Accounts are read one at a time, and what is kept of them is what fits in one part of rows and
    in the sums; besides, the list of account ids. The summary is written last: without it there is
    no snapshot.
    """

    accounts: Accounts
    registry: Registry
    archive: Archive
    policies: PolicyShelf
    today: Callable[[], date]

    def write(self, run_on: date) -> Counts:
        """Write the snapshot of a day's run from its rows and the accounts as they now stand.

        Raises:
            ConflictError: the day is over. What was booked since would be in its snapshot, and a
                report of a past day must not change with money that is received later (R3).
            UnavailableError: the store or the archive does not answer now.
        """
        if run_on < self.today():
            raise ConflictError(
                f"the snapshot of {run_on} can be written on that day only: accounts have moved on"
            )
        rules = self.policies.default(run_on).aging
        rows = PartsWriter(self.archive, run_on, "accounts", ACCOUNT_ROWS_MAX)
        items = PartsWriter(self.archive, run_on, "open_items", OPEN_ITEMS_MAX)
        sums = Sums(rules.edges)
        accounts = open_items = 0
        for account_id in sorted(self.accounts.account_ids()):
            account = self.accounts.load(account_id).account
            view = AccountView(
                account, self._policy_of(account.details, run_on), rules.edges, run_on
            )
            rows.add(account_id, view.row())
            for item in view.open_items():
                items.add(account_id, item)
                open_items += 1
            sums.add(view)
            accounts += 1
        rows.close()
        items.close()
        figures = self._figures(run_on)
        summary = {
            "format": FORMAT,
            "run_on": run_on.isoformat(),
            **figures,
            "accounts": accounts,
            "account_parts": rows.parts,
            "open_items": open_items,
            "open_item_parts": items.parts,
            "base": rules.base,
            **sums.values(),
            "reporting": self._in_reporting_currency(sums, run_on),
        }
        content = json.dumps(summary, ensure_ascii=False, indent=1).encode()
        self.archive.put(summary_key(run_on), content, "application/json")
        counts = {name: figures[name] for name in ("done", "failed", "left")}
        unusable = int("fault" in (summary["reporting"] or {}))
        return counts | {
            "open_items": open_items,
            "unbalanced_accounts": sums.unbalanced,
            "unusable_rates": unusable,
        }

    def _in_reporting_currency(self, sums: Sums, run_on: date) -> dict[str, Any] | None:
        """Return the totals in the reporting currency; None without rates.

        Rates that cannot be used cost the report these totals, not the whole of it.
        """
        try:
            rates = rates_of(self.archive, run_on)
        except RatesError as error:
            return {"fault": str(error)[:FAULT_CHARS_MAX]}
        return None if rates is None else in_reporting_currency(sums, rates)

    def _policy_of(self, details: AccountDetails, on: date) -> Policy | None:
        """Return an account's policy; None when it names one that is not in force.

        Such an account fails alone in the run (R13.1); its money still counts in the report.
        """
        try:
            return self.policies.of(details, on)
        except NotFoundError:
            return None

    def _figures(self, run_on: date) -> dict[str, Any]:
        """Return a run's exact figures: accounts done, skips by block, failed, left."""
        figures = run_figures(self.accounts, run_on, most=None)
        del figures["is_complete"]  # a report always is
        state = self.registry.run_state(run_on)
        return {
            "state": state.state if state else "not_started",
            "reason": state.reason if state else "",
            "accounts_due": state.accounts_due if state else 0,
            **figures,
        }
