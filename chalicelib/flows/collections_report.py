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
from chalicelib.core.money import EXACT
from chalicelib.flows.report_money import decimal_text, money
from chalicelib.flows.report_period import period_of
from chalicelib.flows.snapshots import Snapshots, Summary

FIGURE_DIGITS = 2
RATE_DIGITS = 4
Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class CollectionsReport:
    """Answers the collection figures of a period, per currency. Currencies never add up (R3.3)."""

    snapshots: Snapshots

    def collections(self, first: date, last: date, currency: str = "") -> Row:
        """Return the figures of the period from one day's snapshot to another's.

        Reads as `period_of` does; which snapshots were used is in the answer.

        Raises:
            PeriodError, NotFoundError: as `period_of`.
        """
        period = period_of(self.snapshots, first, last)
        codes = sorted(period.opening["ledger"].keys() | period.closing["ledger"].keys())
        return {
            **period.about(),
            "data": [
                _figures(code, _OneCurrency(period.opening, period.closing, code), period.days)
                for code in codes
                if not currency or code == currency
            ],
        }


@dataclass(frozen=True, slots=True)
class _OneCurrency:
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


def _figures(currency: str, period: _OneCurrency, days: int) -> Row:
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


def _charges(currency: str, period: _OneCurrency) -> Row:
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
