"""Who acts: the collector of an account (R6.1)."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from chalicelib.core.policy import PeopleRules


def tier_of(people: PeopleRules, past_due: Mapping[str, int]) -> int:
    """Return the index of the tier of an account's past-due totals (R6.1).

    Per currency, the first tier whose upper bound is at least the total; a bound belongs to the
    lower tier. The highest tier reached in any currency counts (R3.3).
    """
    highest = 0
    for currency, total in past_due.items():
        for index, tier in enumerate(people.tiers):
            bound = tier.up_to.get(currency)
            if not tier.up_to or (bound is not None and total <= bound):
                highest = max(highest, index)
                break
    return highest


def collector_of(
    people: PeopleRules,
    past_due: Mapping[str, int],
    *,
    named: str = "",
    away: Collection[str] = (),
    stand_ins: Mapping[str, tuple[str, ...]] | None = None,
) -> str:
    """Return who collects from an account: the named collector, else the tier's (R6.1).

    `past_due` is the past-due total per currency (R3.2), minor units. Who is away passes the account
    down their own stand-ins, then the policy's fallbacks; with nobody in, the last of the list gets
    it. Empty when the policy names nobody.
    """
    first = named
    if not first and people.tiers:
        first = people.tiers[tier_of(people, past_due)].collector
    line = [first, *(stand_ins or {}).get(first, ()), *people.fallbacks]
    line = [person for person in line if person]
    for person in line:
        if person not in away:
            return person
    return line[-1] if line else ""
