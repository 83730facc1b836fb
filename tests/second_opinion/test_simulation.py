"""The product's simulation, held against a second implementation of the rules, byte by byte."""

from __future__ import annotations

import difflib
import json
import re
from functools import cache
from pathlib import Path

import pytest
from chalicelib.core.effects import DUNNING_KINDS
from chalicelib.flows.effects_file import as_line
from chalicelib.flows.ledger_read import ROLES, read_ledger
from chalicelib.flows.policies import load
from chalicelib.flows.simulate import simulate
from tests.second_opinion.random_ledger import RandomCase, random_case
from tests.second_opinion.simulation import second_opinion

FILES = ("invoices.csv", "payments.csv", "credit_notes.csv", "facts.jsonl")
SHOWN_LINES_MAX = 40


@cache
def random_lines(seed: int) -> list[str]:
    return product(random_case(seed))


def product(case: RandomCase) -> list[str]:
    """The product's lines, from the same files by its own reader."""
    contents = zip(ROLES, FILES, strict=True)
    ledger = read_ledger([(role, name, case.files[name].encode()) for role, name in contents])
    assert ledger.faults == ()
    accounts = {name: (known.details, known.facts) for name, known in ledger.accounts.items()}
    result = simulate(accounts, load(case.policy.encode()), case.first, case.last)
    assert result.failed == []
    return [as_line(effect) for effect in result.effects if effect.kind in DUNNING_KINDS]


def assert_same_lines(seed: int) -> None:
    case, lines = random_case(seed), random_lines(seed)
    opinion = second_opinion(case.files, case.policy, case.first, case.last)
    if lines != opinion:
        diff = list(difflib.unified_diff(opinion, lines, "second opinion", "product", n=2))
        pytest.fail("".join(["the effects differ:\n", *diff[:SHOWN_LINES_MAX]]), pytrace=False)


@pytest.mark.parametrize("seed", range(1, 57))
def test_the_simulation_equals_a_second_implementation(seed: int) -> None:
    assert_same_lines(seed)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(1001, 1301))
def test_the_simulation_equals_a_second_implementation_on_many_more_ledgers(seed: int) -> None:
    assert_same_lines(seed)


def test_the_compared_ledgers_bring_about_every_kind_of_effect() -> None:
    """A comparison of ledgers on which nothing happens would prove nothing."""
    seen = set()
    words = r'"(?:kind|block|reason|capped_by|because|charge)": "(\w+)"'
    for seed in range(1, 57):
        for line in random_lines(seed):
            seen.update(re.findall(words, line))
    assert seen == {
        "stage", "charge", "charge_reversed", "value_date", "notice", "skip", "hold_placed",
        "hold_released", "max", "max_total_percent", "max_annual_rate", "disputed", "promised",
        "in_plan", "legal_stop", "paused", "not_delivered", "cash_covers", "below_minimum",
        "currency_not_in_policy", "contact_guard", "oldest_days_past_due", "past_due_total",
        "late_of_last", "unanswered_final_demand", "flat", "percent", "tiered", "interest",
        "compensation",
    }  # fmt: skip


def test_the_compared_ledgers_take_interest_back_in_part_and_post_it_at_the_end() -> None:
    posted: dict[tuple[int, str], int] = {}
    parts, finals, revisions = 0, 0, 0
    for seed in range(1, 57):
        for effect in map(json.loads, random_lines(seed)):
            if effect["kind"] == "charge":
                posted[seed, effect["id"]] = effect["amount_minor"]
                finals += effect["stage"] == "final" and effect["amount_minor"] > 0
                revisions += ":r" in effect["id"]
            elif effect["kind"] == "charge_reversed":
                parts += effect["amount_minor"] < posted[seed, effect["id"]]
    assert (parts >= 10, finals >= 10, revisions >= 3) == (True, True, True)


def test_the_second_implementation_imports_nothing_of_the_product() -> None:
    here = Path(__file__).parent
    sources = [path for path in here.glob("*.py") if path.name != Path(__file__).name]
    assert len(sources) > 10
    for path in sources:
        imported = re.findall(r"^\s*(?:from|import)\s+(\S+)", path.read_text("utf-8"), re.MULTILINE)
        assert not [name for name in imported if name.split(".")[0] in ("chalicelib", "local")]
