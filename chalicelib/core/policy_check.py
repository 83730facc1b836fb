"""What must hold between the keys of a policy, beyond each value's kind (R2.1).

Every check looks only at values that were read without a fault, so that one slip is reported once.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import pairwise

from chalicelib.core.policy_check_escalation import check_escalation
from chalicelib.core.policy_check_interest import check_interest
from chalicelib.core.policy_check_stages import check_stages
from chalicelib.core.policy_keys_risk import RISK
from chalicelib.core.policy_reading import Reading, Section


def check_policy(policy: Section, reading: Reading) -> None:
    """Note every fault between the keys of a document that was read."""
    check_stages(policy["stages"] or (), reading)
    check_interest(policy, reading)
    if policy["risk"] is not None:
        _check_risk(policy["risk"], reading)
    if policy["sending"] is not None:
        _check_window(policy["sending"], reading)
    if policy["escalation"] is not None:
        check_escalation(policy["escalation"], reading)
    people = policy["people"]
    if people is not None and people["tiers"]:
        _check_tiers(people["tiers"], reading)


def _check_window(sending: Section, reading: Reading) -> None:
    """Letters leave between two times: both are given, or neither, the first before the second."""
    opens_at, closes_at = sending["from"], sending["until"]
    for name, other in (("from", "until"), ("until", "from")):
        if name not in sending.given and other in sending.given:
            reading.bad(sending.at(name), "missing", f"is needed with {other}")
    if opens_at is not None and closes_at is not None and opens_at >= closes_at:
        reading.bad(sending.at("until"), "not_ascending", "must be later than `from`")


def _check_risk(risk: Section, reading: Reading) -> None:
    """A score needs a weight, and days late need to know what is the worst (R12.1)."""
    weights = [risk[name] for name in RISK.by_name if name != "worst_days_late"]
    if None not in weights and not any(weights):  # None: it was refused, which is said once
        reading.bad(
            "[risk]", "missing", "gives no part a weight above 0; leave it out for no score"
        )
    days_late = any(risk[name] for name in ("average_days_late", "days_late_trend"))
    if days_late and "worst_days_late" not in risk.given:
        reading.bad(
            risk.at("worst_days_late"),
            "missing",
            "is needed when average_days_late or days_late_trend has a weight",
        )


def _check_tiers(tiers: tuple[Section, ...], reading: Reading) -> None:
    """Only the last tier is open, and each goes further than the one before it (R6.1)."""
    for number, tier in enumerate(tiers[:-1], 1):
        if "up_to" not in tier.given or tier["up_to"] == {}:
            reading.bad(
                tier.at("up_to"),
                "missing",
                f"is needed: only the last tier is open, so those after tier {number} get nobody",
            )
    last = tiers[-1]
    if last["up_to"]:
        reading.bad(
            last.at("up_to"),
            "not_open",
            "must be left out: the last tier is open, so that every account has a collector",
        )
    _check_tier_order(tiers[:-1], reading)


def _check_tier_order(bounded: tuple[Section, ...], reading: Reading) -> None:
    for low, high in pairwise(tier for tier in bounded if tier["up_to"]):
        for code in not_above(low["up_to"], high["up_to"]):
            reading.bad(
                f"{high.at('up_to')}.{code}",
                "not_ascending",
                "must be higher than in the tier before it, or no account ever comes here",
            )


def not_above(low: Mapping[str, int], high: Mapping[str, int]) -> Iterator[str]:
    """Yield the currencies in which `high` has a bound that is not above the one of `low`."""
    for code, amount_minor in high.items():
        if code not in low or amount_minor <= low[code]:
            yield code
