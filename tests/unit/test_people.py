"""Who collects from an account (R6.1, R3.3)."""

import pytest
from chalicelib.core.people import collector_of, tier_of
from chalicelib.core.policy import PeopleRules, Tier

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


@pytest.mark.parametrize(
    ("away", "collector"),
    [
        (set(), "junior"), ({"junior"}, "deputy"), ({"junior", "deputy"}, "manager"),
        ({"junior", "deputy", "manager"}, "controller"),
        ({"junior", "deputy", "manager", "controller"}, "controller"),
    ],
)  # fmt: skip
def test_who_is_away_passes_the_account_down_the_line(away: set[str], collector: str) -> None:
    stand_ins = {"junior": ("deputy",)}

    assert collector_of(PEOPLE, {"USD": 1}, away=away, stand_ins=stand_ins) == collector


def test_a_named_collector_wins_over_the_tier() -> None:
    assert collector_of(PEOPLE, {"USD": 5_000_000}, named="ann") == "ann"


def test_a_policy_that_names_nobody_has_nobody() -> None:
    assert collector_of(PeopleRules(), {"USD": 1}) == ""
