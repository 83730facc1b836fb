"""What interest and compensation on a sum come to under a policy, no account asked (R4.1-R4.5).

The sum is made an invoice that fell due on the first day, and the core's own functions work it out:
there is no second arithmetic.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from chalicelib.core.account import Account, AccountDetails
from chalicelib.core.book import Book
from chalicelib.core.charge_amounts import ComputedCharge, compute_charge
from chalicelib.core.charges import charge_base, interest_to_post
from chalicelib.core.invoice import Invoice
from chalicelib.core.policy import ChargeRule, Policy, Stage
from chalicelib.core.workings import Working
from chalicelib.flows.interest_sum import Sum, invoice_of


@dataclass(frozen=True, slots=True)
class CompensationWorth:
    """A compensation of a stage: what it comes to each time, and how often the stage was reached.

    `due_on` is the day on which the stage is first reached; before it nothing is due, nor ever if
    the principal was paid by then (R5.2).
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


def worth(asked: Sum, policy: Policy) -> Worth:
    """Return what a sum without faults comes to, through its last day.

    Of the caps (R4.5) those are asked that a debt without other late fees meets. Terms of interest
    that no stage charges are worked out all the same, unless stages charge it to others only.

    Raises:
        RateUnknownError: the policy's table of rates does not reach a day that is needed (R4.4).
    """
    invoice = invoice_of(asked)
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
    base = charge_base(invoice, policy, day, working)
    return compute_charge(rule, policy.caps, base)


def rules_of(kind: str, policy: Policy, debtor_kind: str) -> Iterable[tuple[Stage, ChargeRule]]:
    """Yield the charges of a kind that debtors of a kind are charged, by stage."""
    for stage in policy.stages:
        for rule in stage.charges_for(debtor_kind):
            if rule.kind == kind:
                yield stage, rule


def _compensation(asked: Sum, invoice: Invoice, policy: Policy) -> Iterator[CompensationWorth]:
    """Yield the fixed sums of the ladder, those of stages to come too (R4.1, R4.6)."""
    reached = _times(policy, asked.days_open)
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
