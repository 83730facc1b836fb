"""Who collects from an account (R6.1, R3.3)."""

from dataclasses import replace
from datetime import date

import pytest
from chalicelib.core.people import Choice, choose_collector, collector_of, tier_of
from chalicelib.core.policy import PeopleRules, Staff, Tier

PEOPLE = PeopleRules(
    tiers=(
        Tier("junior", {"USD": 100_000, "EUR": 90_000}),
        Tier("senior", {"USD": 1_000_000, "EUR": 900_000}),
        Tier("manager"),
    ),
    fallbacks=("manager", "controller"),
)


@pytest.mark.parametrize(
    ("past_due", "collector"),
    [
        ({}, "junior"), ({"USD": 1}, "junior"), ({"USD": 100_000}, "junior"),
        ({"USD": 100_001}, "senior"), ({"USD": 1_000_000}, "senior"),
        ({"USD": 1_000_001}, "manager"),
        ({"USD": 1, "EUR": 90_001}, "senior"),  # the highest tier in any currency counts
        ({"JPY": 1}, "manager"),  # no tier bounds it but the last
    ],
)  # fmt: skip
def test_the_past_due_total_chooses_the_tier(past_due: dict[str, int], collector: str) -> None:
    assert collector_of(PEOPLE, past_due) == collector
    assert PEOPLE.tiers[tier_of(PEOPLE, past_due)].collector == collector


MON = date(2024, 3, 4)


def with_away(away: set[str]) -> PeopleRules:
    """The rules while some people are away from Monday through Friday."""
    spans = {name: ((MON, date(2024, 3, 8)),) for name in away}
    return replace(PEOPLE, staff=Staff(spans, {"junior": ("deputy",)}))


@pytest.mark.parametrize(
    ("away", "collector"),
    [
        (set(), "junior"), ({"junior"}, "deputy"), ({"junior", "deputy"}, "manager"),
        ({"junior", "deputy", "manager"}, "controller"),
        ({"junior", "deputy", "manager", "controller"}, "controller"),
    ],
)  # fmt: skip
def test_who_is_away_passes_the_account_down_the_line(away: set[str], collector: str) -> None:
    choice = choose_collector(with_away(away), {"USD": 1}, today=MON)

    assert choice == Choice(collector, nobody_in=len(away) == 4)


@pytest.mark.parametrize(
    ("today", "collector"),
    [
        (date(2024, 3, 3), "junior"), (MON, "deputy"), (date(2024, 3, 8), "deputy"),
        (date(2024, 3, 9), "junior"), (None, "junior"),
    ],
)  # fmt: skip
def test_an_absence_counts_from_its_first_day_through_its_last(
    today: date | None, collector: str
) -> None:
    assert collector_of(with_away({"junior"}), {"USD": 1}, today=today) == collector


def test_a_named_collector_wins_over_the_tier() -> None:
    assert collector_of(PEOPLE, {"USD": 5_000_000}, named="ann") == "ann"


def test_a_policy_that_names_nobody_has_nobody() -> None:
    assert collector_of(PeopleRules(), {"USD": 1}) == ""
