"""Says in plain sentences what a stage charges, each charge with worked examples (R4.1)."""

from __future__ import annotations

from collections.abc import Iterator

from chalicelib.core.policy import Band, ChargeRule, Policy, Stage
from chalicelib.flows.policy_explain_examples import Example, Examples, due_on
from chalicelib.flows.policy_words import DEBTORS, amounts, days, listed, money, percent

# The worked examples: an everyday invoice, and a large one to show where a limit bites.
EVERYDAY_MAJOR, LARGE_MAJOR = 10_000, 1_000_000
BANDS_SHOWN = 6
WHATEVER = "whatever of it is paid or disputed"


def charge_sentences(
    policy: Policy, stage: Stage, rule: ChargeRule, examples: Examples
) -> Iterator[str]:
    """Yield what one charge of a stage comes to, who pays it, its bounds, and worked examples."""
    digits = policy.digits
    yield _what(policy, rule)
    if rule.debtor_kind:
        yield f"Only a customer that is {DEBTORS[rule.debtor_kind]} is charged this."
    if rule.min:
        yield f"The charge is raised to at least {amounts(rule.min, digits)}."
    if rule.max and rule.kind == "interest":
        yield f"All interest of an invoice together is never more than {amounts(rule.max, digits)}."
    elif rule.max:
        yield f"The charge is never more than {amounts(rule.max, digits)}."
    if rule.skip_below:
        least = amounts(rule.skip_below, digits)
        yield f"Nothing is charged while less than {least} of undisputed principal is open."
    yield from charge_examples(policy, stage, rule, examples)


def _what(policy: Policy, rule: ChargeRule) -> str:
    digits = policy.digits
    if rule.kind == "flat":
        return f"It charges {amounts(rule.amount, digits)} for each invoice."
    if rule.kind == "percent":
        return f"It charges {percent(rule.rate)} of the invoice's undisputed open principal."
    if rule.kind == "interest":
        return "It charges the interest that has accrued by then and was not charged before."
    if rule.kind == "tiered":
        by = "by the invoice's undisputed open principal"
    elif len(rule.bands) == 1:
        fixed = amounts(rule.bands[0].amount, digits)
        return f"It charges {fixed} as compensation for each invoice, {WHATEVER}."
    else:
        by = f"a fixed sum as compensation, by the invoice's original amount and {WHATEVER}"
    *bounded, last = rule.bands
    bands = [f"{_worth(policy, b)} below {amounts(b.below, digits)}" for b in bounded]
    rest = f"{_worth(policy, last)} {'from there on' if bounded else 'whatever it is'}"
    return f"It charges {by}: {'; '.join((*bands, rest))}."


def _worth(policy: Policy, band: Band) -> str:
    """Return what a band comes to: USD 5.00 plus 2% of the whole."""
    parts = [amounts(band.amount, policy.digits)] if band.amount else []
    if band.percent:
        parts.append(f"{percent(band.percent)} of the whole")
    return " plus ".join(parts) or "nothing"


def charge_examples(
    policy: Policy, stage: Stage, rule: ChargeRule, examples: Examples
) -> Iterator[str]:
    """Yield worked examples of a charge, computed by the code that charges.

    The example is an invoice on which nothing is paid, so the charges of earlier stages count
    towards the caps. The large one is shown only where another limit lowers its charge; of a
    charge by bands, each band is shown.
    """
    currency, unit = policy.currencies[0], 10 ** policy.digits[policy.currencies[0]]
    shown: set[str | None] = set()
    for owed_minor in _owed(rule, currency, unit):
        example = examples.of(stage, rule.kind, owed_minor, rule.debtor_kind)
        is_large = owed_minor == LARGE_MAJOR * unit
        if example is None or (is_large and example.capped_by in shown):
            continue
        shown.add(example.capped_by)
        yield _said(policy, stage, rule, owed_minor, example)


def _owed(rule: ChargeRule, currency: str, unit: int) -> list[int]:
    """Return the amounts of the example invoices, in minor units, lowest first."""
    bounds = [band.below[currency] for band in rule.bands[:-1]][: BANDS_SHOWN - 1]
    owed = [bounds[0] // 2, *bounds] if bounds else [EVERYDAY_MAJOR * unit]
    if rule.kind != "compensation" and owed[-1] < LARGE_MAJOR * unit:
        owed.append(LARGE_MAJOR * unit)
    return owed


def _said(policy: Policy, stage: Stage, rule: ChargeRule, owed_minor: int, example: Example) -> str:
    currency = policy.currencies[0]
    due = f" due on {due_on(policy)}" if rule.kind == "interest" else ""
    facts = [f"an invoice of {money(owed_minor, currency, policy.digits)}{due}"]
    facts += ["all of it open", f"{days(stage.days)} past due"]
    if rule.kind != "compensation":
        before = example.before_minor
        facts.append(
            f"{money(before, currency, policy.digits) if before else 'nothing'} charged before"
        )
    came_to = example.line or "nothing is charged"
    if example.stopped:
        came_to = f"the charge is stopped, for {example.stopped}"
    where = f" ({listed(example.sources)})" if _by_table(policy, rule) and example.sources else ""
    return f"Example: {', '.join(facts)}: {came_to}{where}."


def _by_table(policy: Policy, rule: ChargeRule) -> bool:
    interest = policy.interest
    return rule.kind == "interest" and interest is not None and interest.rates is not None
