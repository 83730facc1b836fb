"""How collecting goes in a period: DSO, CEI, days delinquent, promises, charges (R3.4).

Every figure is the difference of two snapshots' running totals, or what stood open in one of them,
so that what is booked later changes none.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from chalicelib.core.aging import (
    average_days_delinquent,
    collection_effectiveness,
    days_sales_outstanding,
)
from chalicelib.core.errors import Fault, InvalidInputError
from chalicelib.core.money import EXACT
from chalicelib.flows.report_money import decimal_text, money
from chalicelib.flows.snapshots import Snapshots, Summary

FIGURE_DIGITS = 2
RATE_DIGITS = 4
Row = dict[str, Any]


class PeriodError(InvalidInputError):
    """A period is none."""

    code = "invalid_period"


@dataclass(frozen=True, slots=True)
class CollectionsReport:
    """Answers the collection figures of a period, per currency. Currencies never add up (R3.3)."""

    snapshots: Snapshots

    def collections(self, first: date, last: date, currency: str = "") -> Row:
        """Return the figures of the period from one day's snapshot to another's.

        Of a day without a snapshot the nearest earlier one is taken; which were used is in the
        answer. The period is the days between the two. Reads one query for the last runs and at
        most 8 files for each end.

        Raises:
            PeriodError: the last day is not after the first, or both have the same snapshot.
            NotFoundError: there is no snapshot of the first day, nor of the runs before it.
        """
        if last <= first:
            raise _not_after(f"must be after {first}")
        opening = self.snapshots.at_or_before(first)
        closing = self.snapshots.at_or_before(last)
        opened, closed = (date.fromisoformat(one["run_on"]) for one in (opening, closing))
        if closed <= opened:
            raise _not_after(f"has the same snapshot as {first}: that of {opened}")
        days = (closed - opened).days
        codes = sorted(opening["ledger"].keys() | closing["ledger"].keys())
        return {
            "from_on": first.isoformat(),
            "to_on": last.isoformat(),
            "opening_snapshot_on": opened.isoformat(),
            "closing_snapshot_on": closed.isoformat(),
            "days": days,
            "data": [
                _figures(code, _Period(opening, closing, code), days)
                for code in codes
                if not currency or code == currency
            ],
        }


@dataclass(frozen=True, slots=True)
class _Period:
    """One currency in two snapshots."""

    opening: Summary
    closing: Summary
    currency: str

    def at_open(self, name: str) -> int:
        return _of(self.opening, self.currency, name)

    def at_close(self, name: str) -> int:
        return _of(self.closing, self.currency, name)

    def grown(self, name: str) -> int:
        return self.at_close(name) - self.at_open(name)

    def booked(self, kind: str) -> int:
        """Return what entries of a kind came to in the period."""
        now, then = (
            one["ledger"].get(self.currency, {}).get("entries", {}).get(kind, 0)
            for one in (self.closing, self.opening)
        )
        return int(now - then)


def _of(summary: Summary, currency: str, name: str) -> int:
    return int(summary["ledger"].get(currency, {}).get(name, 0))


def _figures(currency: str, period: _Period, days: int) -> Row:
    sales = period.booked("invoice")
    closing, current = period.at_close("principal_minor"), period.at_close("current_minor")
    dso = days_sales_outstanding(closing, sales, days)
    best = days_sales_outstanding(current, sales, days)
    late = average_days_delinquent(dso, best)
    cei = collection_effectiveness(period.at_open("principal_minor"), sales, closing, current)
    kept = period.grown("promises_kept")
    ended = kept + period.grown("promises_broken")
    return {
        "currency": currency,
        "opening_receivables": money(period.at_open("principal_minor"), currency),
        "sales": money(sales, currency),
        "closing_receivables": money(closing, currency),
        "closing_current": money(current, currency),
        "days_sales_outstanding": decimal_text(dso, FIGURE_DIGITS),
        "best_possible_days_sales_outstanding": decimal_text(best, FIGURE_DIGITS),
        "average_days_delinquent": decimal_text(late, FIGURE_DIGITS),
        "collection_effectiveness_percent": decimal_text(cei, FIGURE_DIGITS),
        "promises_ended": ended,
        "promises_kept": kept,
        "promise_kept_rate": decimal_text(_rate(kept, ended), RATE_DIGITS),
        "charges": _charges(currency, period),
    }


def _charges(currency: str, period: _Period) -> Row:
    """Return what became of charges: all that was billed and is gone was collected (R4, R7.5)."""
    billed, waived = period.booked("charge"), period.booked("waiver")
    taken_back = period.booked("charge_reversal")
    voided, still_open = period.grown("voided_charges_minor"), period.grown("charges_minor")
    return {
        "billed": money(billed, currency),
        "collected": money(billed - taken_back - waived - voided - still_open, currency),
        "waived": money(waived, currency),
        "reversed": money(taken_back, currency),
        "voided": money(voided, currency),
        "closing_open": money(period.at_close("charges_minor"), currency),
    }


def _rate(part: int, whole: int) -> Decimal | None:
    return EXACT.divide(Decimal(part), Decimal(whole)) if whole > 0 else None


def _not_after(detail: str) -> PeriodError:
    return PeriodError("the period cannot be reported", [Fault("to", "not_after", detail)])
