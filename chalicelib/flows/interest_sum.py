"""A sum of which somebody asks what interest it bears, and what is wrong with the question (R4.3)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Literal

from chalicelib.core.errors import Fault
from chalicelib.core.invoice import Invoice, Reduction
from chalicelib.core.policy import Policy
from chalicelib.flows.currencies import amount_in_words
from chalicelib.flows.ledger_days import YEAR_MAX, YEAR_MIN

SPAN_DAYS_MAX = 18_300  # about 50 years
PAYMENTS_MAX = 100
DebtorKind = Literal["company", "natural_person"]
Field = Literal["principal", "currency", "first", "last", "payments", "policy"]


@dataclass(frozen=True, slots=True)
class Sum:
    """What is asked: a principal that fell due on `due_on`, through a day.

    `payments` took so many minor units off it, each by its value date. `debtor_kind`: charges that
    are for debtors of another kind are left out.
    """

    principal_minor: int
    currency: str
    due_on: date
    through: date
    payments: tuple[tuple[date, int], ...] = ()
    debtor_kind: DebtorKind = "company"

    @property
    def days(self) -> int:
        """The days after the due date through the last one: the days past due."""
        return (self.through - self.due_on).days

    @property
    def paid_on(self) -> date | None:
        """The day on which the last of the principal was paid, None while some of it is open."""
        if sum(amount for _day, amount in self.payments) < self.principal_minor:
            return None
        return max(day for day, _amount in self.payments)

    @property
    def days_open(self) -> int:
        """The days past due of the last day on which principal is open, so that stages come."""
        if self.paid_on is None:
            return self.days
        return (self.paid_on - self.due_on).days - 1


def invoice_of(asked: Sum) -> Invoice:
    """Return the sum as an invoice that fell due on its day, for the core to work it out."""
    paid_minor = sum(amount for _day, amount in asked.payments)
    due_on = asked.due_on
    return Invoice(
        id="sum",
        currency=asked.currency,
        amount_minor=asked.principal_minor,
        opened_minor=asked.principal_minor,
        # Paid in full: what `skip_below` is about was open while the interest accrued.
        open_minor=asked.principal_minor - paid_minor or asked.principal_minor,
        issued_on=due_on,
        due_on=due_on,
        seen_on=due_on,
        effective_due_on=due_on,
        delivered_on=due_on,
        reductions=tuple(Reduction(day, amount, True) for day, amount in asked.payments),
    )


def day_faults(days: Mapping[str, date]) -> Iterator[Fault]:
    """Yield which days are of years that no invoice has; `days` by what the caller calls them."""
    for name, day in days.items():
        if not YEAR_MIN <= day.year <= YEAR_MAX:
            detail = f"{day} is outside the years {YEAR_MIN} to {YEAR_MAX}"
            yield Fault(name, "out_of_range", detail)


def span_faults(first: date, last: date, name: str) -> Iterator[Fault]:
    """Yield why no interest can lie between two days; `name` is what the caller calls the last."""
    if last <= first:
        detail = (
            f"must be after {first}: interest counts from the day after, so that no day lies "
            "between them"
        )
        yield Fault(name, "not_after", detail)
    elif (last - first).days > SPAN_DAYS_MAX:
        detail = f"is {(last - first).days:,} days after {first}; {SPAN_DAYS_MAX:,} at most"
        yield Fault(name, "too_long", detail)


def policy_faults(policy: Policy, currency: str, names: Mapping[Field, str]) -> Iterator[Fault]:
    """Yield why a policy cannot say what a sum comes to; `names`: what the caller calls things."""
    terms = policy.interest
    if terms is None or (terms.annual_rate is None and terms.rates is None):
        detail = f'the policy "{policy.id}" states no terms of interest ([interest] in its file)'
        yield Fault(names["policy"], "no_interest_terms", detail)
    if currency not in policy.currencies:
        listed = ", ".join(policy.currencies)
        detail = f'the policy "{policy.id}" does not list {currency} (it lists {listed})'
        yield Fault(names["currency"], "currency_not_in_policy", detail)


def payment_faults(asked: Sum, name: str) -> Iterator[Fault]:
    """Yield which payments cannot have been made on the sum."""
    if len(asked.payments) > PAYMENTS_MAX:
        yield Fault(name, "too_many", f"{len(asked.payments)} payments; {PAYMENTS_MAX} at most")
    for day, _amount in asked.payments:
        if not asked.due_on <= day <= asked.through:
            detail = f"{day} is not from {asked.due_on} through {asked.through}"
            yield Fault(name, "out_of_range", detail)
    paid_minor = sum(amount for _day, amount in asked.payments)
    if paid_minor > asked.principal_minor:
        paid = amount_in_words(paid_minor, asked.currency)
        detail = f"{paid} in all is more than the principal"
        yield Fault(name, "more_than_owed", detail)
