"""The summary of a snapshot: written last, from the sums of its stretches (R3, R13.3)."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from chalicelib.flows.counts import Counts
from chalicelib.flows.ports import Archive
from chalicelib.flows.reporting_rates import RatesError, rates_of
from chalicelib.flows.snapshot_draft import Draft, Stretch
from chalicelib.flows.snapshot_files import FORMAT, summary_key
from chalicelib.flows.snapshot_sums import Sums, in_reporting_currency

FAULT_CHARS_MAX = 2_000


def write_summary(archive: Archive, draft: Draft, stretches: Iterable[Stretch]) -> Counts:
    """Write a snapshot's summary from its stretches, in order; return what it counts.

    Raises:
        UnavailableError: the archive does not answer now.
    """
    sums = Sums(draft.edges)
    parts: dict[str, list[dict[str, Any]]] = {"account_parts": [], "open_item_parts": []}
    accounts = open_items = 0
    for stretch in stretches:
        sums.take(stretch.sums)
        accounts += stretch.accounts
        open_items += stretch.open_items
        parts["account_parts"] += stretch.account_parts
        parts["open_item_parts"] += stretch.open_item_parts
    reporting = _reporting(archive, draft, sums)
    summary = {
        "format": FORMAT,
        "run_on": draft.run_on.isoformat(),
        **draft.figures,
        "accounts": accounts,
        "account_parts": parts["account_parts"],
        "open_items": open_items,
        "open_item_parts": parts["open_item_parts"],
        "base": draft.base,
        **sums.values(),
        "reporting": reporting,
    }
    content = json.dumps(summary, ensure_ascii=False, indent=1).encode()
    archive.put(summary_key(draft.run_on), content, "application/json")
    return {
        **{name: draft.figures[name] for name in ("done", "failed", "left")},
        "open_items": open_items,
        "unbalanced_accounts": sums.unbalanced,
        "unusable_rates": int("fault" in (reporting or {})),
    }


def _reporting(archive: Archive, draft: Draft, sums: Sums) -> dict[str, Any] | None:
    """Return the totals in the reporting currency; None without rates.

    Rates that cannot be used cost the report these totals, not the whole of it.
    """
    try:
        rates = rates_of(archive, draft.run_on)
    except RatesError as error:
        return {"fault": str(error)[:FAULT_CHARS_MAX]}
    return None if rates is None else in_reporting_currency(sums, rates)
