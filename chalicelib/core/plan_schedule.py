"""The schedule of a payment plan: instalments that add up exactly, and their dates (R9.1)."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterator
from datetime import date, timedelta

from chalicelib.core.agreements import Instalment, PlanTerms
from chalicelib.core.calendar import Calendar
from chalicelib.core.errors import Fault
from chalicelib.core.money import split

INSTALMENTS_MAX = 366  # of one plan, the down payment not counted
FIRST_DAYS_MAX = 366  # from the day on which a plan is made to its first instalment
MONTHS = 12
DAYS_BETWEEN = {"weekly": 7, "two_weeks": 14}


def schedule_of(
    terms: PlanTerms, covered_minor: int, calendar: Calendar, made_on: date
) -> tuple[Instalment, ...]:
    """Return the instalments of a plan in their order; they add up to the covered balance (R9.1).

    A down payment is number 0. A date on a non-business day moves to the next business day. The
    terms must have none of the faults below.
    """
    amounts = planned_amounts(terms, covered_minor)
    first = 0 if terms.down_payment_minor else 1
    days = unmoved_dates(terms, made_on)
    return tuple(
        Instalment(number, calendar.business_day_from(next(days)), amount_minor)
        for number, amount_minor in enumerate(amounts, first)
    )


def planned_amounts(terms: PlanTerms, covered_minor: int) -> tuple[int, ...]:
    """Return the amounts of the instalments in minor units, a down payment first (R9.1).

    By count: the floor share each, the remainder one minor unit each to the first ones. By amount:
    that amount each, the last is the rest.
    """
    rest = covered_minor - terms.down_payment_minor
    down = (terms.down_payment_minor,) if terms.down_payment_minor else ()
    if terms.count is not None:
        return (*down, *split(rest, terms.count))
    each = terms.instalment_minor or rest
    whole = (rest - 1) // each  # so many before the last
    return (*down, *(each for _ in range(whole)), rest - whole * each)


def unmoved_dates(terms: PlanTerms, made_on: date) -> Iterator[date]:
    """Yield the dates of the instalments without end, before business days move them (R9.1).

    Monthly ones count from the first: a day that a month has not is that month's last.
    """
    if terms.down_payment_minor:
        yield terms.down_payment_on or made_on
    number = 0
    while True:
        if terms.frequency == "monthly":
            yield months_after(terms.first_on, number)
        else:
            yield terms.first_on + timedelta(days=DAYS_BETWEEN[terms.frequency] * number)
        number += 1


def last_unmoved_date(terms: PlanTerms, covered_minor: int, made_on: date) -> date:
    """Return the date of the last instalment, before a business day moves it."""
    days = unmoved_dates(terms, made_on)
    return [next(days) for _ in planned_amounts(terms, covered_minor)][-1]


def months_after(day: date, months: int) -> date:
    """Return the same day so many months later, or that month's last day where it has none."""
    years, index = divmod(day.month - 1 + months, MONTHS)
    year, month = day.year + years, index + 1
    return date(year, month, min(day.day, monthrange(year, month)[1]))


def faults_of_terms(terms: PlanTerms, made_on: date) -> Iterator[Fault]:
    """Yield what is wrong with terms whatever they cover, each at its JSON pointer (R9.1)."""
    if (terms.count is None) == (terms.instalment_minor is None):
        said = "say how many instalments, or how much each is: one of the two"
        yield Fault("/count", "one_of_two", said)
    if terms.count is not None and not 1 <= terms.count <= INSTALMENTS_MAX:
        yield Fault("/count", "out_of_range", f"must be from 1 through {INSTALMENTS_MAX}")
    if terms.instalment_minor is not None and terms.instalment_minor < 1:
        yield Fault("/instalment", "out_of_range", "must be more than nothing")
    latest = made_on + timedelta(days=FIRST_DAYS_MAX)
    if not made_on <= terms.first_on <= latest:
        yield Fault("/first_on", "out_of_range", f"must be from {made_on} through {latest}")
    if terms.down_payment_minor < 0:
        yield Fault("/down_payment", "out_of_range", "must not be less than nothing")
    yield from _faults_of_down_payment_day(terms, made_on)


def _faults_of_down_payment_day(terms: PlanTerms, made_on: date) -> Iterator[Fault]:
    day = terms.down_payment_on
    if day is None:
        return
    if terms.down_payment_minor == 0:
        said = "is the day of a down payment, and there is none"
        yield Fault("/down_payment_on", "no_down_payment", said)
    elif not made_on <= day <= max(terms.first_on, made_on):
        said = f"must be from {made_on} through the first instalment's day, {terms.first_on}"
        yield Fault("/down_payment_on", "out_of_range", said)


def faults_of_amounts(terms: PlanTerms, covered_minor: int) -> Iterator[Fault]:
    """Yield what is wrong with terms for what they cover: nothing left, or too little to share."""
    rest = covered_minor - terms.down_payment_minor
    if rest <= 0:
        said = "must be less than the balance that the plan covers"
        yield Fault("/down_payment", "too_much", said)
        return
    if terms.count is not None and terms.count > rest:
        said = f"the balance is too small for {terms.count} instalments"
        yield Fault("/count", "too_many", said)
    each = terms.instalment_minor
    if each is not None and each > 0 and -(-rest // each) > INSTALMENTS_MAX:
        said = f"makes more than {INSTALMENTS_MAX} instalments: ask for more with each"
        yield Fault("/instalment", "too_small", said)
