"""Says in plain sentences how a policy's interest accrues and where its rate is from (R4.3, R4.4)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from chalicelib.core.calendar import ONE_DAY
from chalicelib.core.errors import RateUnknownError
from chalicelib.core.interest import accrue, half_year_start
from chalicelib.core.policy import InterestRules, Policy
from chalicelib.core.rates import RateTable
from chalicelib.flows.policy_explain_examples import due_on, example_invoice
from chalicelib.flows.policy_words import days, listed, percent

NO_DAY = timedelta()
MORE_THAN_HALF_A_YEAR = timedelta(days=190)
MODES = {
    "locked": (
        "locked for each debt: that of the 31 December or 30 June before its first day of interest, "
        "for as long as it is owed"
    ),
    "floating_half_year": (
        "new each half-year: that of 1 January until 30 June, that of 1 July until 31 December"
    ),
}


def interest_sentences(policy: Policy) -> Iterator[str]:
    """Yield the terms of interest, a rate that the table knows, and who charges it (R4.3, R4.4)."""
    interest = policy.interest
    if interest is None:
        yield "No interest terms are stated."
    else:
        yield from _rate(policy, interest)
        if interest.annual_rate_stated:
            yield (
                "What a charge by a rate comes to a year is stated in the contract with the "
                "customer, as Canada asks for."
            )
    charging = charging_stages(policy)
    if interest is None or not charging:
        yield "No stage of this policy charges interest."
        return
    yield f"Interest is charged at {'stage' if len(charging) == 1 else 'stages'} {listed(charging)}."
    yield from _accrual(policy, interest)
    if interest.post_final:
        yield (
            "Interest not yet posted when the principal is paid is posted then, through the day on "
            "which the money was received, if one of these stages had come before; else it lapses."
        )
    else:
        yield "Interest not yet posted when the principal is paid lapses."


def charging_stages(policy: Policy) -> list[str]:
    """Return the ids of the stages that charge interest."""
    return [s.id for s in policy.stages if any(rule.kind == "interest" for rule in s.charges)]


def _rate(policy: Policy, interest: InterestRules) -> Iterator[str]:
    rates = interest.rates
    if interest.annual_rate is not None:
        yield f"The rate is {percent(interest.annual_rate)} a year."
    elif rates is None or interest.margin is None:
        yield "No rate is given."
    else:
        yield (
            f'The rate is that of the table "{rates.id}" ({rates.title}) plus '
            f"{percent(interest.margin)}, {MODES[interest.mode or 'locked']}."
        )
        yield from _example(policy, interest)
        yield from _reach(rates, interest.mode or "locked")


def _example(policy: Policy, interest: InterestRules) -> Iterator[str]:
    """Yield the rate of one day, worked out by the code that charges."""
    due = due_on(policy)
    try:
        working = accrue(example_invoice(policy, 100), interest, (), due + ONE_DAY)
    except RateUnknownError:
        return
    for segment in working.segments:
        yield (
            f"Example: a debt due on {due} first bears {percent(segment.rate)} a year "
            f"({segment.source})."
        )


def _reach(rates: RateTable, mode: str) -> Iterator[str]:
    yield (
        f"That table is from {rates.source}, was last compared on {rates.retrieved_on}, and is "
        f"known from {rates.spans[0].since} through {rates.known_through}."
    )
    locked = mode == "locked"
    half_year = half_year_start(rates.known_through + (ONE_DAY if locked else NO_DAY))
    last = half_year_start(half_year + MORE_THAN_HALF_A_YEAR) - ONE_DAY
    enough = f"debts whose interest starts by {last}" if locked else f"interest through {last}"
    yield (
        f"So it is enough for {enough}: a charge that needs a later rate is stopped with an alarm, "
        "never guessed."
    )


def _accrual(policy: Policy, interest: InterestRules) -> Iterator[str]:
    yield (
        "Interest is simple and on open principal only, day by day from the day after the due date "
        f"through the day of payment; days count as {interest.day_count}, and the sum is rounded "
        "once."
    )
    if interest.grace_days:
        yield (
            f"It is charged when an invoice is more than {days(interest.grace_days)} past due, and "
            "then from the day after the due date."
        )
    kept = ", of a promise to pay that is kept" if policy.promises.waives_fees else ""
    yield (
        f"The days of a payment plan that is kept{kept} and of a legal stop bear none; nor does "
        "what is disputed, unless the customer loses the dispute."
    )
