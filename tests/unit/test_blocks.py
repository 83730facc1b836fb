"""Every reason for not dunning, and what each stops (R5.5, R3.6, R5.8)."""

from __future__ import annotations

from typing import Any

import pytest
from chalicelib.core.decide import Decision
from chalicelib.core.facts import (
    BlockEnded,
    BlockSet,
    CreditNote,
    DisputeOpened,
    DisputeResolved,
    Fact,
    Pause,
    PromiseMade,
)
from tests.unit.accounts import DAY, days, decided, dunning, invoice, paid, policy

HOLD = '[holds]\noldest_days_past_due = 10\nonboarding = "place"'
RULES = policy(HOLD)
LATER = DAY + days(5)


def outcome(*facts: Fact, tables: str = HOLD, **changes: Any) -> tuple[set[str], set[str]]:
    """The blocks on I1, and the kinds of effect that the day had."""
    decision = decided([invoice("I1", 10_000, **changes), *facts], policy(tables))
    return blocks(decision), {effect.kind for effect in dunning(decision.effects)}


def blocks(decision: Decision) -> set[str]:
    return set(dict(decision.blocks).get("I1", ()))


DUNNED = {"stage", "notice", "hold_placed"}


def test_without_a_block_an_invoice_is_dunned_and_holds_its_account() -> None:
    assert outcome() == (set(), DUNNED)


@pytest.mark.parametrize(
    ("block", "fact", "is_held"),
    [
        ("disputed", DisputeOpened(DAY, "I1"), False),
        ("promised", PromiseMade(DAY, "USD", 10_000, LATER), False),
        ("paused", Pause(DAY, LATER, "I1"), False),
        ("paused", Pause(DAY, LATER), False),
        ("in_plan", BlockSet(DAY, "in_plan", ("I1",)), False),
        ("placed", BlockSet(DAY, "placed", ("I1",)), False),
        ("cash_covers", paid(10_000, "GHOST"), False),
        ("cash_covers", CreditNote(DAY, "C1", "USD", 10_000), False),
        ("reply_waiting", BlockSet(DAY, "reply_waiting"), True),
        ("allocating", BlockSet(DAY, "allocating"), True),
        ("legal_stop", BlockSet(DAY, "legal_stop"), True),
    ],
)
def test_a_block_stops_stage_and_notice_and_maybe_the_hold(
    block: str, fact: Fact, is_held: bool
) -> None:
    held = {"hold_placed"} if is_held else set()

    assert outcome(fact) == ({block}, {"skip"} | held)


def test_an_invoice_that_was_never_sent_is_sent_first() -> None:
    decision = decided([invoice("I1", 10_000, delivered_on=None)], RULES)

    assert blocks(decision) == {"not_delivered"}
    assert [task.kind for task in decision.tasks] == ["send_invoice"]


@pytest.mark.parametrize(
    ("minimum", "expected"),
    [("100.00", set()), ("100.01", {"below_minimum"}), ("0.00", set())],
)
def test_an_account_that_owes_less_than_the_minimum_is_left_alone(
    minimum: str, expected: set[str]
) -> None:
    tables = f'[dunning]\nminimum_past_due = {{ USD = "{minimum}" }}'

    assert outcome(tables=tables)[0] == expected


@pytest.mark.parametrize(("cents", "expected"), [(9_999, set()), (10_000, {"cash_covers"})])
def test_cash_covers_from_the_first_cent_that_is_enough(cents: int, expected: set[str]) -> None:
    assert outcome(paid(cents, "GHOST"))[0] == expected


def test_a_currency_that_the_policy_does_not_list_is_blocked() -> None:
    assert outcome(currency="EUR") == ({"currency_not_in_policy"}, {"skip"})


def test_all_blocks_that_apply_are_reported() -> None:
    found, _ = outcome(Pause(DAY, LATER), DisputeOpened(DAY, "I1"), currency="EUR")

    assert found == {"paused", "disputed", "currency_not_in_policy"}


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        ([Pause(DAY - days(5), DAY)], {"paused"}),
        ([Pause(DAY - days(5), DAY - days(1))], set()),
        ([PromiseMade(DAY - days(5), "USD", 1, DAY)], {"promised"}),
        ([PromiseMade(DAY - days(5), "USD", 1, DAY - days(1))], set()),
        ([PromiseMade(DAY - days(5), "USD", 50, LATER), paid(50, "I1")], set()),
        ([PromiseMade(DAY - days(5), "USD", 51, LATER), paid(50, "I1")], {"promised"}),
        ([DisputeOpened(DAY, "I1", 9_999)], set()),
        ([DisputeOpened(DAY, "I1"), DisputeResolved(DAY, "I1", "won")], {"disputed"}),
        ([DisputeOpened(DAY, "I1"), DisputeResolved(DAY, "I1", "lost")], set()),
        ([DisputeOpened(DAY, "I1", 9_000), paid(1_000, "I1")], {"disputed"}),
        ([BlockSet(DAY - days(5), "legal_stop"), BlockEnded(DAY, "legal_stop")], set()),
        ([BlockSet(DAY - days(5), "in_plan", ("I1",), until=DAY)], {"in_plan"}),
        ([BlockSet(DAY - days(5), "in_plan", ("I1",), until=DAY - days(1))], set()),
        ([BlockSet(DAY, "in_plan", ("I2",))], set()),
    ],
)
def test_a_block_lasts_through_its_last_day(facts: list[Fact], expected: set[str]) -> None:
    assert outcome(*facts)[0] == expected
