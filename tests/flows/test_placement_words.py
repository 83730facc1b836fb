"""What placements do in words and by rule, and that nothing that can happen is without them (R13.3)."""

from __future__ import annotations

from datetime import date
from typing import Any, get_args

import pytest
from chalicelib.core.account import Account
from chalicelib.core.decide import Decision
from chalicelib.core.effects import Effect, HoldPlaced, TaskMade
from chalicelib.core.effects_placements import (
    PlacedInvoiceEnded,
    PlacementBalance,
    PlacementMoved,
)
from chalicelib.core.placement_moves import MOVES
from chalicelib.flows.effect_rules import RULES, rules_of
from chalicelib.flows.explain_words import in_words
from chalicelib.flows.work import outcomes_of

DAY, LATER = date(2024, 3, 18), date(2024, 3, 28)
SETTLEMENTS = ("proposed", "agreed", "declined", "lapsed")
ALL_MOVES = ["propose", *MOVES, *(f"settlement_{how}" for how in SETTLEMENTS)]


def moved(move: str, **more: Any) -> PlacementMoved:
    return PlacementMoved(DAY, "A1", "plc_1", "north", move, "active", 90_000, "USD", **more)


def balance(because: str, cents: int, commission: int = 0) -> PlacementBalance:
    return PlacementBalance(
        DAY, "A1", "plc_1", "north", because, "P1", cents, 60_000, "USD", commission
    )


@pytest.mark.parametrize("move", ALL_MOVES)
def test_every_move_has_a_sentence_and_rules_of_r10(move: str) -> None:
    sentence = in_words(moved(move, effective_on=LATER))

    assert sentence.endswith(".")
    assert "{" not in sentence
    assert "plc_1" in sentence
    assert all(rule.startswith("R10.") for rule in rules_of(moved(move)))


@pytest.mark.parametrize(
    ("effect", "sentence"),
    [
        (
            moved("approve", effective_on=LATER),
            "Placement plc_1 of USD 900.00 is offered to agency north until 2024-03-28.",
        ),
        (
            moved("recall", reason="customer_agreed", effective_on=LATER),
            "Placement plc_1 is asked back from agency north, with effect on 2024-03-28 "
            "(customer agreed).",
        ),
        (
            balance("payment_direct", -30_000, 6_000),
            "The balance of placement plc_1 falls by USD 300.00 to USD 600.00: the customer paid; "
            "the agency earns USD 60.00 by it.",
        ),
        (
            balance("payment_reversed", 30_000, -6_000),
            "The balance of placement plc_1 rises by USD 300.00 to USD 600.00: a payment was taken "
            "back; USD 60.00 of commission is taken back.",
        ),
        (
            PlacedInvoiceEnded(DAY, "A1", "plc_1", "north", "I1"),
            "Nothing is open any more of invoice I1: agency north asks for it no more.",
        ),
    ],
    ids=lambda value: getattr(value, "kind", ""),
)
def test_an_effect_reads_as_a_sentence(effect: Effect, sentence: str) -> None:
    assert in_words(effect) == sentence


def test_money_that_an_agency_earns_by_follows_other_rules_than_the_rest() -> None:
    assert rules_of(balance("payment_agency", -1)) == ("R10.5", "R10.6")
    assert rules_of(balance("credit_note", -1)) == ("R10.4", "R10.5")


def test_the_hold_and_the_task_of_placements_name_their_rules() -> None:
    assert rules_of(HoldPlaced(DAY, "A1", "placed", "")) == ("R10.3",)
    asked = TaskMade(DAY, "A1", "A1:consult_owner:USD", "consult_owner", DAY)
    assert rules_of(asked) == ("R10.2",)
    reviewed = TaskMade(DAY, "A1", "A1:review_account:settlement:plc_1", "review_account", DAY)
    assert rules_of(reviewed) == ("R10.7",)


def test_every_kind_of_effect_has_rules_and_is_counted_in_a_run() -> None:
    kinds = {kind.kind for kind in get_args(Effect)}

    assert kinds == set(RULES)
    placements: tuple[Effect, ...] = (
        moved("propose"), balance("fee", 1), PlacedInvoiceEnded(DAY, "A1", "p", "north", "I1"),
    )  # fmt: skip
    assert outcomes_of(Decision(Account("A1"), placements, (), (), (), (), None)) == {
        "accounts_decided": 1, "placed_invoices_ended": 1, "placement_balances": 1,
        "placements_moved": 1,
    }  # fmt: skip
