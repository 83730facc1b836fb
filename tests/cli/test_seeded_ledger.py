"""The seeded ledger brings about everything at least 50 times (issue, item 5)."""

from collections import Counter
from pathlib import Path

import pytest
from chalicelib.core.effects import (
    ChargePosted,
    ChargeReversed,
    HoldEnded,
    HoldPlaced,
    Skipped,
    StageApplied,
)
from chalicelib.flows.ledger_read import read_ledger
from chalicelib.flows.policies import load
from local.seeded_ledger import FIRST_DAY, LAST_DAY, make_ledger
from local.simulation import simulate_accounts

SEED, INVOICES, LEAST = 7, 25_000, 50
STAGES = ("reminder", "late_fee_30", "late_fee_60", "final_demand")
BLOCKS = (
    "disputed", "promised", "paused", "not_delivered", "cash_covers", "below_minimum",
    "currency_not_in_policy", "in_plan", "placed", "reply_waiting", "allocating", "legal_stop",
    "contact_guard",
)  # fmt: skip
CAPS = ("max", "max_total_percent", "max_annual_rate")
HOLDS = ("oldest_days_past_due", "past_due_total", "late_of_last", "unanswered_final_demand")
EVERYTHING = [
    *(("stage", stage) for stage in STAGES),
    *(("skip", block) for block in BLOCKS),
    *(("cap", cap) for cap in CAPS),
    *(("placed", reason) for reason in HOLDS),
    *(("released", reason) for reason in HOLDS),
    ("reversed", "value_date"),
]


@pytest.fixture(scope="module")
def counts(project: Path) -> Counter[tuple[str, str]]:
    """How often each thing happens in the seeded ledger over 2025."""
    files = make_ledger(SEED, INVOICES)
    ledger = read_ledger([(role, role, content) for role, content in files.items()])
    assert ledger.faults == ()
    assert sum(count.taken for count in ledger.counts if count.role == "invoices") == INVOICES
    accounts = {name: (account.details, account.facts) for name, account in ledger.accounts.items()}
    policy = load((project / "bench/seeded.toml").read_bytes())
    result = simulate_accounts(accounts, policy, FIRST_DAY, LAST_DAY, lambda done: None)
    found: Counter[tuple[str, str]] = Counter()
    for effect in result.effects:
        match effect:
            case StageApplied():
                found["stage", effect.stage] += 1
            case Skipped():
                found["skip", effect.block] += 1
            case ChargePosted():
                found["cap", effect.capped_by or "none"] += 1
            case HoldPlaced():
                found["placed", effect.reason] += 1
            case HoldEnded():
                found["released", effect.reason] += 1
            case ChargeReversed():
                found["reversed", effect.because] += 1
    return found


@pytest.mark.slow
@pytest.mark.parametrize(("kind", "by"), EVERYTHING)
def test_it_happens_at_least_50_times(counts: Counter[tuple[str, str]], kind: str, by: str) -> None:
    assert counts[kind, by] >= LEAST


def test_the_same_seed_gives_the_same_bytes_and_another_seed_others() -> None:
    assert make_ledger(3, 120) == make_ledger(3, 120)
    assert make_ledger(3, 120) != make_ledger(4, 120)


def test_several_processes_give_the_effects_of_one(project: Path) -> None:
    ledger = read_ledger([(role, role, content) for role, content in make_ledger(5, 240).items()])
    accounts = {name: (account.details, account.facts) for name, account in ledger.accounts.items()}
    policy = load((project / "bench/seeded.toml").read_bytes())
    one, two = (
        simulate_accounts(accounts, policy, FIRST_DAY, LAST_DAY, lambda done: None, processes)
        for processes in (1, 2)
    )

    assert one.effects == two.effects
    assert one.aging == two.aging
    assert one.decisions == two.decisions
