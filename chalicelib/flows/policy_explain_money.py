"""Says in plain sentences what a policy does with charges in total and with money that comes in."""

from __future__ import annotations

from collections.abc import Iterator

from chalicelib.core.addressees import ADMIN_ROLE
from chalicelib.core.policy import WATERFALL, Policy
from chalicelib.flows.policy_explain_interest import charging_stages
from chalicelib.flows.policy_words import WEEKDAY_NAMES, amounts, listed, ordinal, percent

STEP_NAMES = {
    "collection_fee": "collection fees",
    "advanced": "principal that a financier has advanced",
    "principal": "principal",
    "interest": "interest",
    "late_fee": "late fees",
    "compensation": "compensation",
}


def cap_sentences(policy: Policy) -> Iterator[str]:
    """Yield the limits of all charges of an invoice together (R4.5)."""
    caps = policy.caps
    if caps.max_total_percent is None and caps.max_annual_rate is None:
        yield "There is no cap on the sum of an invoice's late fees and interest."
        return
    if caps.max_total_percent is not None:
        yield (
            "All late fees and interest of an invoice together never exceed "
            f"{percent(caps.max_total_percent)} of its original amount."
        )
    if caps.max_annual_rate is not None:
        yield (
            f"The same sum never exceeds {percent(caps.max_annual_rate)} a year of the original "
            "amount for the days past due."
        )
    yield "A cap outranks a charge's minimum; what is left is charged. Limits are rounded down."
    yield "Compensation and collection fees are outside these caps."
    if charging_stages(policy):
        yield "What such a cap cuts off of interest is charged later, should there be room again."


def cash_sentences(policy: Policy) -> Iterator[str]:
    """Yield where a payment goes, and what the order never pays when a step is left out (R7.1)."""
    cash = policy.cash
    order = "; then ".join(STEP_NAMES[step] for step in cash.waterfall)
    yield (
        "A payment goes to the principal of the invoices that it names, then to their own charges. "
        f"The rest, or all of it if it names none, pays in this order: {order}."
    )
    yield "Within each step the oldest due date comes first. What is left stays as unapplied cash."
    yield from _left_out(cash.waterfall)
    if cash.write_off_short_payments and cash.short_payment_tolerance:
        within = amounts(cash.short_payment_tolerance, policy.digits)
        yield f"An invoice that a payment leaves open by at most {within} is written off."
    else:
        yield "What a short payment leaves open stays open, however small."
    if cash.reverse_on_value_date:
        yield (
            "When a payment is booked after the day it was received, charges that would not have "
            "come by then are reversed."
        )
        if charging_stages(policy):
            yield "Of interest, what exceeds the days until the money was received is reversed."
    else:
        yield "A payment booked late changes no charge that was posted before."


def _left_out(waterfall: tuple[str, ...]) -> Iterator[str]:
    missing = [step for step in WATERFALL if step not in waterfall]
    never = [STEP_NAMES[step] for step in missing if step not in ("principal", "advanced")]
    if never:
        yield f"No payment ever pays {listed(never, 'or')}: that step is left out of the order."
    if "principal" in missing:
        what = "principal" if "advanced" in missing else "principal that is not advanced"
        yield f"A payment pays {what} only on invoices that it names."
    elif "advanced" in missing:
        yield "Advanced principal has no rank of its own: it is paid with the other principal."


def statement_sentences(policy: Policy) -> Iterator[str]:
    """Yield when statements go out (R5.1)."""
    rules = policy.statements
    if rules.weekly is not None:
        day = WEEKDAY_NAMES[rules.weekly]
        yield f"Each {day} a statement goes to every account with something past due."
    if rules.monthly:
        day = ordinal(rules.monthly)
        yield f"On the {day} of each month a statement goes to every account with an open balance."
    if rules.weekly is None and not rules.monthly:
        yield "No statements are sent."
    else:
        yield "A day that is no processing day waits for the next one; two on one day are one."
        yield (
            "A statement tells of all that is open, due or not, but of what is with an agency or "
            "was never sent to the customer; under a legal stop none goes. It charges nothing, and "
            "neither the time between notices nor the contact guard counts it."
        )
        others = "" if rules.role == ADMIN_ROLE else f", else with the role {ADMIN_ROLE}"
        yield f"It goes to the contacts with the role {rules.role}{others}, else to any other."
        if rules.attach:
            names = listed([name.upper() for name in rules.attach])
            yield f"The list of what is open goes with it as {names}."
