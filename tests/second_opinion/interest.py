"""Interest, added up day by day (R4.3). Imports no `chalicelib`."""

from __future__ import annotations

from collections import defaultdict
from datetime import date
from fractions import Fraction

from tests.second_opinion.rates import rate_of_day
from tests.second_opinion.reading import ONE_DAY, Invoice
from tests.second_opinion.rules import Customer, Rules

YEAR = {"actual/365": 365, "actual/360": 360, "30/360": 360}


def exact_interest(rules: Rules, customer: Customer, invoice: Invoice, through: date) -> Fraction:
    """The running total from the day after the effective due date through a day, not rounded.

    What was paid within grace, by value date, bears none.
    """
    grace = rules.interest.get("grace_days", 0)
    beyond_grace = False
    day_count = rules.interest.get("day_count", "actual/365")
    starts = invoice.effective + ONE_DAY
    sums: dict[Fraction, int] = defaultdict(int)  # money x days, by rate
    today = starts
    while today <= through:
        base = bears_interest(invoice, today)
        beyond_grace |= base > 0 and invoice.days_past_due(today) > grace
        if base and not rests(rules, customer, invoice, today):
            rate = rate_of_day(rules.interest, starts, today)
            sums[rate] += base * length(today, day_count)
        today += ONE_DAY
    if not beyond_grace:
        return Fraction(0)
    return sum((total * rate for rate, total in sums.items()), Fraction(0)) / YEAR[day_count]


def posted_interest(invoice: Invoice) -> int:
    return sum(charge.net for charge in invoice.charges if charge.kind == "interest")


def bears_interest(invoice: Invoice, day: date) -> int:
    """What was open at the start of a day by value date, without disputed parts."""
    base = invoice.opened - invoice.disputed
    for entry in invoice.entries:
        base -= entry.disputed
        if entry.value_on < day:
            base -= entry.amount - entry.disputed
    return max(0, base)


def length(day: date, day_count: str) -> int:
    """How many days a calendar day counts for; by 30E/360 a 31st is none."""
    if day_count != "30/360":
        return 1
    before = day - ONE_DAY
    months = (day.year - before.year) * 12 + day.month - before.month
    return 30 * months + min(day.day, 30) - min(before.day, 30)


def rests(rules: Rules, customer: Customer, invoice: Invoice, day: date) -> bool:
    """Whether a day is one of a kept plan, a legal stop, or a promise that waives interest."""
    if any(mark.covers(invoice.id, day) for mark in customer.marks):
        return True
    return bool(rules.promises.get("waives_fees", False)) and any(
        made.covers(invoice.id, day) and not made.broken for made in customer.promises
    )
