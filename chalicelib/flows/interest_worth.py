"""What interest and compensation on a sum come to under a policy, no account asked (R4.1-R4.5).

The sum is made an invoice that fell due on the first day, and the core's own functions work it out:
there is no second arithmetic.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

from chalicelib.core.account import Account, AccountDetails
from chalicelib.core.book import Book
from chalicelib.core.charge_amounts import ChargeBase, ComputedCharge, compute_charge
from chalicelib.core.charges import interest_to_post
from chalicelib.core.errors import Fault
from chalicelib.core.invoice import Invoice, Reduction
from chalicelib.core.policy import ChargeRule, Policy, Stage
from chalicelib.core.workings import Working
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


@dataclass(frozen=True, slots=True)
class CompensationWorth:
    """A compensation of a stage: what it comes to each time, and how often the stage was reached.

    `due_on` is the day on which the stage is first reached; before it nothing is due.
    """

    stage: str
    due_on: date
    times: int
    each_minor: int
    line: str

    @property
    def due_minor(self) -> int:
        """What is due of it through the last day."""
        return self.times * self.each_minor


@dataclass(frozen=True, slots=True)
class Worth:
    """What a sum comes to. `accrued` is interest before the caps, `interest_minor` within them.

    `limited_by`: the last cap that lowered it; `skip_below` or `debtor_kind` where the policy charges
    so little, or such a debtor, nothing. `stages`: those that charge interest; with none, no run ever
    posts it.
    """

    accrued: Working
    interest_minor: int
    limited_by: str | None
    stages: tuple[str, ...]
    compensation: tuple[CompensationWorth, ...]

    @property
    def compensation_minor(self) -> int:
        """What is due of all compensation."""
        return sum(one.due_minor for one in self.compensation)

    @property
    def total_minor(self) -> int:
        """Interest and compensation together."""
        return self.interest_minor + self.compensation_minor


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


def worth(asked: Sum, policy: Policy) -> Worth:
    """Return what a sum without faults comes to, through its last day.

    Of the caps (R4.5) those are asked that a debt without other late fees meets. Terms of interest
    that no stage charges are worked out all the same, unless stages charge it to others only.

    Raises:
        RateUnknownError: the policy's table of rates does not reach a day that is needed (R4.4).
    """
    invoice = _invoice(asked)
    details = AccountDetails(debtor_kind=asked.debtor_kind)
    book = Book(Account("none", details, {invoice.id: invoice}))
    working = interest_to_post(book, invoice, policy, asked.through)
    rule = interest_rule(policy, asked.debtor_kind, asked.days)
    if rule is None and not charges_interest(policy):
        rule = ChargeRule("interest")
    amount_minor, limited_by = postable(rule, invoice, policy, working, asked.through)
    return Worth(
        working,
        amount_minor,
        limited_by,
        tuple(stage.id for stage, _ in rules_of("interest", policy, asked.debtor_kind)),
        tuple(_compensation(asked, invoice, policy)),
    )


def interest_rule(policy: Policy, debtor_kind: str, days_past_due: int) -> ChargeRule | None:
    """Return the rule by which interest is charged at so many days past due.

    That of the last stage reached that charges interest, else of the first one to come; None when no
    stage charges it.
    """
    found: ChargeRule | None = None
    for stage, rule in rules_of("interest", policy, debtor_kind):
        if found is None or stage.days <= days_past_due:
            found = rule
    return found


def charges_interest(policy: Policy) -> bool:
    """Return whether a stage of a policy charges interest, to whomever."""
    return any(rule.kind == "interest" for stage in policy.stages for rule in stage.charges)


def postable(
    rule: ChargeRule | None, invoice: Invoice, policy: Policy, working: Working, day: date
) -> tuple[int, str | None]:
    """Return what a posting of interest would come to on a day, in minor units, and what limits it.

    What limits it: the last cap that lowered it; `skip_below`, where nothing is charged on so little;
    or, without a rule, `debtor_kind` where the policy charges interest to others.
    """
    if working.running_minor <= working.posted_before_minor:
        return 0, None
    if rule is None:
        return 0, "debtor_kind" if charges_interest(policy) else None
    posting = posting_of(rule, invoice, policy, working, day)
    if posting is None:
        return 0, "skip_below"
    return posting.amount_minor, posting.capped_by


def posting_of(
    rule: ChargeRule, invoice: Invoice, policy: Policy, working: Working | None, day: date
) -> ComputedCharge | None:
    """Return what a charge of an invoice would come to on a day within all bounds (R4.1, R4.5).

    None: nothing is charged. The invoice's currency is one of the policy's.
    """
    base = ChargeBase(
        currency=invoice.currency,
        digits=policy.digits[invoice.currency],
        undisputed_minor=invoice.undisputed_minor,
        original_minor=invoice.amount_minor,
        charged_minor=sum(charge.counts_for_caps_minor for charge in invoice.charges),
        days_past_due=invoice.days_past_due(day),
        interest=working,
    )
    return compute_charge(rule, policy.caps, base)


def rules_of(kind: str, policy: Policy, debtor_kind: str) -> Iterable[tuple[Stage, ChargeRule]]:
    """Yield the charges of a kind that debtors of a kind are charged, by stage."""
    for stage in policy.stages:
        for rule in stage.charges:
            if rule.kind == kind and rule.debtor_kind in ("", debtor_kind):
                yield stage, rule


def _invoice(asked: Sum) -> Invoice:
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


def _compensation(asked: Sum, invoice: Invoice, policy: Policy) -> Iterator[CompensationWorth]:
    """Yield the fixed sums of the ladder, those of stages to come too (R4.1, R4.6)."""
    reached = _times(policy, asked.days)
    for stage, rule in rules_of("compensation", policy, asked.debtor_kind):
        computed = posting_of(rule, invoice, policy, None, asked.through)
        if computed is not None:
            due_on = asked.due_on + timedelta(days=stage.days)
            times = reached.get(stage.id, 0)
            amount, line = computed.amount_minor, computed.basis
            yield CompensationWorth(stage.id, due_on, times, amount, line)


def _times(policy: Policy, days_past_due: int) -> Mapping[str, int]:
    """Return how often each stage of the ladder is reached by so many days past due (R4.2)."""
    found: dict[str, int] = {}
    step = policy.step_after(0)
    while step is not None and step.days <= days_past_due:
        found[step.stage.id] = step.period
        step = policy.step_after(step.days)
    return found
