"""The aging report, answered from the snapshot of a run (R3.1-R3.3)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

from chalicelib.flows.report_money import money
from chalicelib.flows.snapshots import Place, Snapshots, Summary, read_mark, write_mark

By = Literal["currency", "account", "collector", "class"]
Base = Literal["due_date", "invoice_date"]
NAMES = {"account": "account_id", "collector": "collector", "class": "account_class"}
Row = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class AgingAsked:
    """What is asked.

    `as_of` None: the newest snapshot; `base` None: the default policy's; `currency` "": all.
    """

    by: By = "currency"
    as_of: date | None = None
    base: Base | None = None
    currency: str = ""


@dataclass(frozen=True, slots=True)
class AgingReport:
    """Answers what is open, by age, without reading an account. Currencies never add up (R3.3)."""

    snapshots: Snapshots

    def aging(self, asked: AgingAsked, mark: str, limit: int) -> tuple[Row, list[Row], str | None]:
        """Return what the report is of, at most `limit` rows from a mark on, and the next mark.

        Rows are in order of what they are by, then of currency code. Reads the summary, and by
        account at most 4 parts besides.

        Raises:
            NotFoundError: there is no snapshot of that day; the nearest earlier one is named.
        """
        begun = read_mark(mark)
        summary = self.snapshots.of(begun[0] if begun else asked.as_of)
        base = asked.base or summary["base"]
        after = begun[1] if begun else None
        if asked.by == "account":
            rows, place = self.snapshots.part_of_list(
                summary, after, limit, lambda account: _of_account(account, base, asked.currency)
            )
        else:
            rows, place = _grouped(summary, base, asked, after, limit)
        about = {
            "as_of": summary["run_on"],
            "by": asked.by,
            "base": base,
            "buckets": summary["aging"][base]["buckets"],
        }
        names = about["buckets"]
        if asked.by == "currency":
            about["reporting"] = _reporting(summary, base, names)
        return about, [_row(row, names, asked.by) for row in rows], write_mark(summary, place)


def _grouped(
    summary: Summary, base: str, asked: AgingAsked, after: Place | None, limit: int
) -> tuple[list[Row], Place | None]:
    rows = [
        row
        for row in summary["aging"][base][asked.by]
        if (not asked.currency or row["currency"] == asked.currency)
        and (after is None or (row["key"], row["currency"]) > after)
    ]
    if len(rows) <= limit:
        return rows, None
    return rows[:limit], (rows[limit - 1]["key"], rows[limit - 1]["currency"])


def _of_account(account: Row, base: str, currency: str) -> Iterable[tuple[str, Row]]:
    for code, aged in sorted(account["aging"].items()):
        if not currency or code == currency:
            yield (
                code,
                {
                    "key": account["id"],
                    "currency": code,
                    "buckets_minor": aged[base],
                    "charges_minor": aged["charges_minor"],
                    "unapplied_minor": aged["unapplied_minor"],
                },
            )


def _reporting(summary: Summary, base: str, names: list[str]) -> Row | None:
    """Return the totals in the reporting currency as they are answered; None without rates."""
    kept = summary["reporting"]
    if kept is None:
        return None
    if "fault" in kept:
        return {"currency": None, "rates": [], "missing": [], "total": None, "fault": kept["fault"]}
    total = kept["totals"][base]
    return {
        "currency": kept["currency"],
        "rates": kept["rates"],
        "missing": kept["missing"],
        "total": None if total is None else _row(total, names, "currency"),
        "fault": None,
    }


def _row(row: Row, names: list[str], by: By) -> Row:
    currency = row["currency"]
    group = {NAMES[by]: row["key"]} if by in NAMES else {}
    return group | {
        "currency": currency,
        "buckets": [
            {"bucket": name, **money(minor, currency)}
            for name, minor in zip(names, row["buckets_minor"], strict=True)
        ],
        "principal": money(sum(row["buckets_minor"]), currency),
        "charges": money(row["charges_minor"], currency),
        "unapplied": money(row["unapplied_minor"], currency),
    }
