"""What a policy may say of agencies but probably does not mean (R10)."""

from __future__ import annotations

from collections.abc import Iterator

from chalicelib.core.policy import Policy


def agency_remarks(policy: Policy) -> Iterator[str]:
    """Yield what of `[escalation]` never does anything, or surely surprises."""
    rules = policy.escalation
    if not rules.agencies:
        yield from _without_agencies(policy)
        return
    demands = any(
        stage.final and stage.notice is not None and stage.respond_within_days is not None
        for stage in policy.stages
    )
    if not demands:
        yield (
            "agencies are named, but no final stage has a notice and respond_within_days: nothing is "
            "ever placed."
        )
    if rules.min_channels > max(rules.min_attempts, 1):
        yield (
            f"min_channels is {rules.min_channels} and min_attempts only {rules.min_attempts}: over "
            "so many channels there are at least as many attempts."
        )
    if all(rule.countries for rule in rules.agencies):
        yield (
            "Every rule of agencies has countries: an account of which no country is known is never "
            "placed."
        )
    if rules.commission_on_direct and not rules.commission:
        yield "commission_on_direct has no commission: nothing is earned."
    missing = [
        code
        for code in policy.currencies
        if rules.min_placement and code not in rules.min_placement
    ]
    if missing:
        yield f"min_placement has no bound in {', '.join(missing)}."


def _without_agencies(policy: Policy) -> Iterator[str]:
    rules = policy.escalation
    idle = {
        "collection_fee": rules.collection_fee_percent is not None,
        "commission": bool(rules.commission),
        "settlement_floor": rules.settlement_floor is not None,
        "auto_recall_after_days": rules.auto_recall_after_days is not None,
    }
    for name, is_given in idle.items():
        if is_given:
            yield f"{name} has no agencies: it is not used."
