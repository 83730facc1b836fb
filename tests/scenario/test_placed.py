"""What is with an agency is left out as what was placed elsewhere is: of everything (R5.5, R10.3).

Every test is told twice: with the mark that a ledger says, and with a placement of the account.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from chalicelib.core.account import Account
from chalicelib.core.agreements import PlanTerms
from chalicelib.core.apply import apply_all
from chalicelib.core.block_ends import free_from
from chalicelib.core.blocks import survey
from chalicelib.core.book import Book
from chalicelib.core.decide import Decision, decide
from chalicelib.core.effects import HoldPlaced, Skipped, StageApplied
from chalicelib.core.errors import UnfitInputError
from chalicelib.core.facts import BlockSet
from chalicelib.core.facts_collections import PlanMade
from chalicelib.core.placements import ENDED, STATES, WITH_AGENCY, Placement, PlacementState
from chalicelib.core.plan_draft import draft_plan
from chalicelib.core.policy import Policy
from chalicelib.core.statements import MONTHLY, NEVER, stated, wanted_from, why_nothing
from chalicelib.flows.blocks_view import blocks_of
from tests.unit.accounts import DAY, account, days, invoice, policy

RULES = policy(
    '[statements]\nmonthly = 1\n[holds]\noldest_days_past_due = 15\nonboarding = "place"\n'
    '[people]\ntiers = [ { collector = "carla" } ]',
    """
[[stages]]
id = "reminder"
days = 15
notice = "reminder"
call = true
""",
)
Placing = Callable[[Account, tuple[str, ...]], Account]


def by_mark(there: Account, names: tuple[str, ...]) -> Account:
    return apply_all(there, (BlockSet(DAY, "placed", names),), RULES).account


def by_placement(
    there: Account, names: tuple[str, ...], state: PlacementState = "active"
) -> Account:
    placement = Placement(
        "plc_1", "USD", state, DAY, "anna", frozenset(names),
        agency="acme", offered_on=DAY, offered_until=DAY + days(7), accepted_on=DAY,
        ended_on=DAY if state in ENDED else None, placed_minor=12_000, balance_minor=12_000,
    )  # fmt: skip
    return replace(there, placements={placement.id: placement})


BOTH = pytest.mark.parametrize("place", [by_mark, by_placement])


def two(rules: Policy = RULES) -> Account:
    """An account with two invoices that are past due, none of which was dunned."""
    return account([invoice("I1", 5_000), invoice("I2", 7_000)], rules)


def day_of(there: Account) -> Decision:
    return decide(there, RULES, DAY)


@BOTH
def test_the_blocks_are_the_same(place: Placing) -> None:
    found = survey(Book(place(two(), ("I1",))), RULES, DAY)

    assert found.own == {"I1": ("placed",)}
    assert found.demandable == {"USD": 7_000}


@BOTH
def test_no_stage_applies_to_it_and_it_is_told_why(place: Placing) -> None:
    effects = day_of(place(two(), ("I1",))).effects

    assert [one.invoice_id for one in effects if isinstance(one, StageApplied)] == ["I2"]
    assert [(s.invoice_id, s.block) for s in effects if isinstance(s, Skipped)] == [
        ("I1", "placed")
    ]


@BOTH
def test_a_notice_lists_the_others(place: Placing) -> None:
    (notice,) = day_of(place(two(), ("I1",))).notices

    assert (notice.invoice_ids, notice.past_due_minor) == (("I2",), 7_000)


@BOTH
def test_with_all_of_it_placed_nobody_writes_calls_or_holds(place: Placing) -> None:
    decision = day_of(place(two(), ("I1", "I2")))

    assert decision.notices == ()
    assert "A:call" not in decision.account.tasks
    assert not any(isinstance(one, HoldPlaced) for one in decision.effects)


@BOTH
def test_a_rule_holds_for_what_is_not_placed(place: Placing) -> None:
    decision = day_of(place(two(), ("I1",)))

    (hold,) = decision.account.holds.values()
    assert (hold.reason, hold.invoice_ids) == ("oldest_days_past_due", ("I2",))


@BOTH
def test_a_call_that_was_due_is_off_once_all_is_placed(place: Placing) -> None:
    called = day_of(two()).account
    assert "A:call" in called.tasks

    after = decide(place(called, ("I1", "I2")), RULES, DAY + days(1)).account

    assert "A:call" not in after.tasks


@BOTH
def test_a_statement_leaves_it_out(place: Placing) -> None:
    book = Book(place(two(), ("I1",)))

    assert [one.id for one in stated(book, DAY)] == ["I2"]


@BOTH
def test_no_statement_is_due_while_all_of_it_is_placed(place: Placing) -> None:
    book = Book(place(two(), ("I1", "I2")))

    assert wanted_from(book, MONTHLY) == NEVER
    assert why_nothing(book, DAY, "USD") == "placed"


@BOTH
def test_no_plan_covers_it(place: Placing) -> None:
    terms = PlanTerms("USD", "weekly", DAY + days(7), 2)
    made = apply_all(place(two(), ("I1",)), (PlanMade(DAY, terms),), RULES).account

    (plan,) = made.plans.values()
    assert plan.invoice_ids == frozenset({"I2"})


@BOTH
def test_a_plan_that_names_it_is_refused(place: Placing) -> None:
    terms = PlanTerms("USD", "weekly", DAY + days(7), 2, invoice_ids=("I1",))

    with pytest.raises(UnfitInputError) as refused:
        draft_plan(place(two(), ("I1",)), terms, RULES, DAY)

    assert [(one.where, one.code) for one in refused.value.faults] == [("/invoice_ids/0", "placed")]


@BOTH
def test_no_time_alone_ends_it(place: Placing) -> None:
    book = Book(place(two(), ("I1",)))

    assert free_from(book, RULES, DAY, book.invoices["I1"], "placed") is None


@pytest.mark.parametrize("state", STATES)
def test_it_is_placed_from_the_offer_until_it_has_ended_and_no_other_day(
    state: PlacementState,
) -> None:
    there = by_placement(two(), ("I1", "I2"), state)
    is_placed = state in WITH_AGENCY

    assert bool(survey(Book(there), RULES, DAY).own) is is_placed
    assert bool(stated(Book(there), DAY)) is not is_placed
    assert bool(day_of(there).notices) is not is_placed


def test_what_a_mark_would_end_a_placement_does_not() -> None:
    marked = apply_all(two(), (BlockSet(DAY, "placed", ("I1",), until=DAY),), RULES).account
    book = Book(by_placement(marked, ("I1",)))

    assert free_from(book, RULES, DAY, book.invoices["I1"], "placed") is None


def test_dunning_goes_on_after_the_placement_has_ended() -> None:
    placed = day_of(by_placement(two(), ("I1", "I2"))).account
    ended = by_placement(placed, ("I1", "I2"), "closing")

    (notice,) = decide(ended, RULES, DAY + days(1)).notices

    assert notice.invoice_ids == ("I1", "I2")


def test_people_see_which_placement_it_is() -> None:
    (row,) = blocks_of(by_placement(two(), ("I1",)), RULES, DAY)

    assert (row["code"], row["id"], row["invoice_ids"]) == ("placed", "plc_1", ["I1"])
    assert row["ends_when"] == "The placement is closed or recalled."
