"""Who acts: the collector of an account (R6.1)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from chalicelib.core.policy import PeopleRules


@dataclass(frozen=True, slots=True)
class Choice:
    """Who collects. `nobody_in`: everyone on the list is away, and the last of it got the account."""

    person: str
    nobody_in: bool = False


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


def choose_collector(
    people: PeopleRules,
    past_due: Mapping[str, int],
    *,
    named: str = "",
    today: date | None = None,
) -> Choice:
    """Return who collects from an account on a day: the named collector, else the tier's (R6.1).

    `past_due` is the past-due total per currency (R3.2), minor units. Who is away on the day passes
    the account down their own stand-ins, then the policy's fallbacks; with nobody in, the last of
    the list gets it, which raises a warning. Without `today` nobody is away. The person is empty
    when the policy names nobody.
    """
    first = named
    if not first and people.tiers:
        first = people.tiers[tier_of(people, past_due)].collector
    line = [first, *people.staff.stand_ins.get(first, ()), *people.fallbacks]
    line = [person for person in line if person]
    for person in line:
        if today is None or not people.staff.is_away(person, today):
            return Choice(person)
    return Choice(line[-1], nobody_in=True) if line else Choice("")


def collector_of(
    people: PeopleRules,
    past_due: Mapping[str, int],
    *,
    named: str = "",
    today: date | None = None,
) -> str:
    """Return the person of `choose_collector`."""
    return choose_collector(people, past_due, named=named, today=today).person
