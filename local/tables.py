"""Tables for people, drawn by rich: plain values in, tables out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from rich.box import SIMPLE_HEAD
from rich.table import Table
from rich.text import Text

from chalicelib.core.money import format_amount
from chalicelib.core.policy import Policy
from chalicelib.flows.currencies import CURRENCY_DIGITS
from local.cli_output import printable

KIND_NAMES = {
    "stage": "Stages applied",
    "charge": "Charges",
    "charge_reversed": "Charges reversed",
    "charge_stopped": "Charges stopped",
    "notice": "Notices",
    "statement": "Statements",
    "hold_placed": "Holds placed",
    "hold_released": "Holds released",
    "skip": "Skipped",
    "case_opened": "Cases opened",
    "case_closed": "Cases closed",
    "promise": "Promises ended",
    "plan": "Payment plans",
    "instalment_missed": "Instalments missed",
    "task": "Tasks opened",
    "task_closed": "Tasks closed",
}
CHARGE_NAMES = {  # R4.1
    "flat": "late fee, flat",
    "percent": "late fee, percent",
    "tiered": "late fee, tiered",
    "interest": "interest",
    "compensation": "compensation",
    "collection_fee": "collection fee",
}
Cells = Sequence[str]
Summaries = Mapping[str, Mapping[str, Any]]  # by policy


def table(title: str, columns: Sequence[str], rows: Iterable[Cells], *, right: int = 0) -> Table:
    """Return a table; the last `right` columns hold figures and stand to the right."""
    made = Table(title=title, box=SIMPLE_HEAD, title_justify="left", title_style="bold")
    for index, column in enumerate(columns):
        figures = index >= len(columns) - right
        made.add_column(
            column, justify="right" if figures else "left", no_wrap=figures, overflow="fold"
        )
    for row in rows:
        made.add_row(*(Text(printable(cell)) for cell in row))
    return made


def money(amount_minor: int, currency: str) -> str:
    """Return an amount in major units with its currency's decimals and thousands separated."""
    return format_amount(amount_minor, CURRENCY_DIGITS.get(currency, 2))


def simulation_tables(policies: Sequence[Policy], summaries: Summaries) -> list[Table]:
    """Return what each policy did, side by side, and the aging at the end."""
    ids = [policy.id for policy in policies]
    made = [_effects_table(ids, summaries)]
    if any(summaries[name]["charges"] for name in ids):
        made.append(_charges_table(ids, summaries))
    if any(summaries[name]["charges_stopped"] for name in ids):
        made.append(_stopped_table(ids, summaries))
    return [*made, _aging_table(ids, summaries)]


def _charges_table(ids: Sequence[str], summaries: Summaries) -> Table:
    """Return what the charges came to by kind, a column for each policy."""
    cells: dict[tuple[str, str], dict[str, Mapping[str, Any]]] = {}
    for name in ids:
        for row in summaries[name]["charges"]:
            cells.setdefault((row["charge"], row["currency"]), {})[name] = row
    rows = [
        [charge_name(charge), currency, *(_count(found.get(name), currency) for name in ids)]
        for (charge, currency), found in sorted(cells.items(), key=_charge_place)
    ]
    return table("Charges by kind", ["charge", "", *ids], rows, right=len(ids))


def _charge_place(cell: tuple[tuple[str, str], object]) -> tuple[int, str]:
    charge, currency = cell[0]
    return list(CHARGE_NAMES).index(charge), currency


def charge_name(charge: str) -> str:
    """Return what a kind of charge is called in tables."""
    return CHARGE_NAMES.get(charge, charge)


def _stopped_table(ids: Sequence[str], summaries: Summaries) -> Table:
    """Return which charges were not posted because a rate is missing (R4.4)."""
    cells: dict[str, dict[str, int]] = {}
    for name in ids:
        for row in summaries[name]["charges_stopped"]:
            cells.setdefault(row["detail"], {})[name] = row["count"]
    rows = [
        [why, *(f"{found[name]:,}" if name in found else "-" for name in ids)]
        for why, found in sorted(cells.items())
    ]
    return table("Charges stopped: not posted", ["why", *ids], rows, right=len(ids))


def _effects_table(ids: Sequence[str], summaries: Summaries) -> Table:
    cells: dict[tuple[str, str, str, str], dict[str, Mapping[str, Any]]] = {}
    for policy_id in ids:
        for row in summaries[policy_id]["counts"]:
            key = (row["kind"], row["by"], row["cap"], row["currency"])
            cells.setdefault(key, {})[policy_id] = row
    kinds = list(KIND_NAMES)
    ordered = sorted(cells, key=lambda key: (kinds.index(key[0]), *key[1:]))
    rows = []
    for kind, by, cap, currency in ordered:
        found = cells[kind, by, cap, currency]
        by_words = f"{by}, limited by {cap}" if cap else by
        rows.append(
            [KIND_NAMES[kind], by_words, currency]
            + [_count(found.get(policy_id), currency) for policy_id in ids]
        )
    first = summaries[ids[0]]
    title = f"{first['from']} to {first['to']}, {first['days']:,} days"
    return table(title, ["what", "stage or reason", "", *ids], rows, right=len(ids))


def _count(row: Mapping[str, Any] | None, currency: str) -> str:
    if row is None:
        return "-"
    amount = f" · {money(row['amount_minor'], currency)}" if row["amount_minor"] else ""
    return f"{row['count']:,}{amount}"


def _aging_table(ids: Sequence[str], summaries: Summaries) -> Table:
    buckets = list(
        dict.fromkeys(
            name
            for policy_id in ids
            for totals in summaries[policy_id]["aging"].values()
            for name in totals["buckets"]
        )
    )
    rows = []
    for policy_id in ids:
        for currency, totals in summaries[policy_id]["aging"].items():
            amounts = [totals["buckets"].get(name) for name in buckets]
            amounts += [totals[f"{part}_minor"] for part in ("charges", "unapplied")]
            cells = ["" if amount is None else money(amount, currency) for amount in amounts]
            rows.append([policy_id, currency, *cells])
    columns = ["policy", "", *buckets, "charges", "unapplied"]
    title = f"Open on {summaries[ids[0]]['to']}, by days past due"
    return table(title, columns, rows, right=len(columns) - 2)
