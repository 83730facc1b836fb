"""Says in plain sentences what happens at each stage, each charge with a worked example (R5.1)."""

from __future__ import annotations

from collections.abc import Iterator

from chalicelib.core.charge_amounts import ChargeBase, ComputedCharge, compute_charge
from chalicelib.core.policy import ChargeRule, Policy, Stage
from chalicelib.flows.policy_words import amounts, days, money, percent

# The worked examples: an everyday invoice, and a large one to show where a limit bites.
EXAMPLES_MAJOR = (10_000, 1_000_000)


def stage_sentences(policy: Policy, stage: Stage) -> Iterator[str]:
    """Yield what happens at one stage, in plain sentences."""
    yield (
        f"An invoice reaches this stage when it is {days(stage.days)} past due and principal is "
        "still open; on a day on which nothing may happen, it waits for the next one."
    )
    if stage.repeat_every_days is not None:
        yield f"It comes again every {days(stage.repeat_every_days)} until the next stage's days."
    yield from _notice(stage)
    if stage.warn_first:
        yield (
            "It waits until an earlier notice has announced charges for this invoice, counts as "
            f"sent, and is at least {days(stage.warn_days)} old; if there is none, that notice is "
            f"sent first. After {days(policy.dunning.warn_give_up_days)} without success the stage "
            "goes on without its charges."
        )
    if not stage.charges:
        yield "It charges nothing."
    for rule in stage.charges:
        yield from _charge(policy, stage, rule)


def _notice(stage: Stage) -> Iterator[str]:
    if stage.notice is None:
        yield "It sends no notice."
        return
    final = "a final demand, " if stage.final else ""
    yield (
        f'A notice becomes owed, {final}with the letter "{stage.notice}"; it lists all that the '
        "account has past due and that nothing blocks."
    )
    if stage.announces:
        yield "Its notice announces the charges of later stages."
    if stage.respond_within_days is not None:
        yield f"It asks for an answer within {days(stage.respond_within_days)} of its date."
    if stage.repeat_notice:
        yield (
            "The same notice comes again on each later day on which notices happen, without a new "
            "charge, while the invoice is past due, nothing blocks it and no later stage is "
            "reached."
        )
    if stage.call:
        each = "each" if stage.repeat_notice else "the"
        yield f"A call to the customer falls due on the next business day after {each} notice."


def _charge(policy: Policy, stage: Stage, rule: ChargeRule) -> Iterator[str]:
    digits = policy.digits
    if rule.kind == "flat":
        yield f"It charges {amounts(rule.amount, digits)} for each invoice."
    else:
        yield f"It charges {percent(rule.rate)} of the invoice's undisputed open principal."
    if rule.min:
        yield f"The charge is raised to at least {amounts(rule.min, digits)}."
    if rule.max:
        yield f"The charge is never more than {amounts(rule.max, digits)}."
    if rule.skip_below:
        least = amounts(rule.skip_below, digits)
        yield f"Nothing is charged while less than {least} of undisputed principal is open."
    yield from charge_examples(policy, stage, rule)


def charge_examples(policy: Policy, stage: Stage, rule: ChargeRule) -> Iterator[str]:
    """Yield worked examples of a charge, computed by the code that charges.

    The example is an invoice on which nothing is paid, so the charges of earlier stages count
    towards the caps. The large one is shown only where another limit lowers its charge.
    """
    currency = policy.currencies[0]
    shown: set[str | None] = set()
    for major in EXAMPLES_MAJOR:
        owed_minor = major * 10 ** policy.digits[currency]
        computed, before_minor = _example(policy, stage, rule, owed_minor)
        capped_by = computed.capped_by if computed else None
        if capped_by in shown:
            continue
        shown.add(capped_by)
        came_to = computed.basis if computed else "nothing is charged"
        before = money(before_minor, currency, policy.digits) if before_minor else "nothing"
        yield (
            f"Example: an invoice of {money(owed_minor, currency, policy.digits)}, all of it open, "
            f"{days(stage.days)} past due, {before} charged before: {came_to}."
        )


def _example(
    policy: Policy, until: Stage, until_rule: ChargeRule, owed_minor: int
) -> tuple[ComputedCharge | None, int]:
    """Return what the charge comes to on an invoice of `owed_minor`, and what came before it."""
    currency = policy.currencies[0]
    charged_minor = 0
    for stage in policy.stages:
        for rule in stage.charges:
            base = ChargeBase(
                currency=currency,
                digits=policy.digits[currency],
                undisputed_minor=owed_minor,
                original_minor=owed_minor,
                charged_minor=charged_minor,
                days_past_due=stage.days,
            )
            computed = compute_charge(rule, policy.caps, base)
            if stage is until and rule is until_rule:
                return computed, charged_minor
            charged_minor += computed.amount_minor if computed else 0
    raise AssertionError("the charge is one of the policy's own")
