"""The life of a placement: every state and every move, allowed or refused (R10.4)."""

from __future__ import annotations

import pytest
from chalicelib.core.apply import apply
from chalicelib.core.effects_placements import PlacementMoved
from chalicelib.core.facts_placements import PlacementAct
from chalicelib.core.placement_moves import MOVES, Move, moves_from
from chalicelib.core.placements import STATES, PlacementState
from tests.unit.accounts import days
from tests.unit.placed_accounts import PLACED_ON, in_state, moved, one_of, placing

RULES = placing()
# From each state, where each move leads; what is not named is refused.
LIFE = """
    draft            | submit -> pending_approval, lapse -> closed withdrawn
    pending_approval | approve -> offered, decline -> draft, lapse -> closed withdrawn
    offered          | accept -> active, reject -> closed rejected, expire -> closed expired
    offered          | withdraw -> closed withdrawn
    active           | suspend -> suspended, recall -> recall_pending, return -> closing returned
    active           | paid -> closing paid, settled -> closing settled
    suspended        | resume -> active, recall -> recall_pending
    suspended        | paid -> closing paid, settled -> closing settled
    recall_pending   | object -> recall_pending, move_recall -> recall_pending
    recall_pending   | cancel_recall -> active, recalled -> closing recalled
    recall_pending   | paid -> closing paid, settled -> closing settled
    closing          | close -> closed returned
"""


def read_life() -> dict[tuple[str, str], tuple[str, str]]:
    found: dict[tuple[str, str], tuple[str, str]] = {}
    for row in filter(None, (line.strip() for line in LIFE.splitlines())):
        state, moves = row.split("|")
        for said in moves.split(","):
            move, leads_to = said.split("->")
            to, _, outcome = leads_to.strip().partition(" ")
            found[state.strip(), move.strip()] = (to, outcome)
    return found


ALLOWED = read_life()
ALL = [(state, move) for state in STATES for move in MOVES]


def test_the_table_names_states_and_moves_that_there_are() -> None:
    assert set(ALLOWED) <= set(ALL)
    assert {state for state, _ in ALLOWED} == set(STATES) - {"closed"}
    assert {move for _, move in ALLOWED} == set(MOVES)


@pytest.mark.parametrize(("state", "move"), [pair for pair in ALL if pair in ALLOWED])
def test_a_move_that_is_allowed_leads_where_the_table_says(
    state: PlacementState, move: Move
) -> None:
    before = in_state(state, RULES)
    booking = moved(before, move, RULES)

    after = one_of(booking.account)
    told = [one for one in booking.effects if isinstance(one, PlacementMoved)]
    assert (after.state, after.outcome) == ALLOWED[state, move]
    assert [(one.move, one.state) for one in told] == [(move, after.state)]


@pytest.mark.parametrize(("state", "move"), [pair for pair in ALL if pair not in ALLOWED])
def test_a_move_that_is_refused_changes_nothing_at_all(state: PlacementState, move: Move) -> None:
    before = in_state(state, RULES)
    booking = moved(before, move, RULES)

    assert (booking.account, booking.effects, booking.entries) == (before, (), ())


@pytest.mark.parametrize("state", STATES)
def test_a_state_says_itself_what_it_allows(state: PlacementState) -> None:
    assert set(moves_from(state)) == {move for start, move in ALLOWED if start == state}


@pytest.mark.parametrize("state", STATES)
def test_the_account_is_held_just_while_its_placement_is_with_an_agency(
    state: PlacementState,
) -> None:
    is_held = "placed" in in_state(state, RULES).holds

    assert is_held == (state in {"offered", "active", "suspended", "recall_pending"})


def test_who_proposed_it_does_not_approve_it() -> None:
    before = in_state("pending_approval", RULES)

    own = apply(before, PlacementAct(PLACED_ON, one_of(before).id, "approve", "anna"), RULES)
    anothers = apply(before, PlacementAct(PLACED_ON, one_of(before).id, "approve", "ben"), RULES)

    assert (own.account, own.effects) == (before, ())
    assert one_of(anothers.account).approved_by == "ben"


def test_an_offer_is_accepted_on_its_last_day_and_not_after_it() -> None:
    before = in_state("offered", RULES)
    last = one_of(before).offered_until
    assert last == PLACED_ON + days(7)

    in_time = moved(before, "accept", RULES, last)
    too_late = moved(before, "accept", RULES, last + days(1))

    assert one_of(in_time.account).state == "active"
    assert (too_late.account, too_late.effects) == (before, ())


def test_a_recall_is_taken_back_within_seven_days_only() -> None:
    before = in_state("recall_pending", RULES)

    in_time = moved(before, "cancel_recall", RULES, PLACED_ON + days(7))
    too_late = moved(before, "cancel_recall", RULES, PLACED_ON + days(8))

    assert one_of(in_time.account).recall is None
    assert (too_late.account, too_late.effects) == (before, ())


@pytest.mark.parametrize("reason", ["paid", "insolvency", "legal", "creditor_error"])
def test_a_recall_takes_effect_at_once_where_the_agency_must_not_go_on(reason: str) -> None:
    booking = moved(in_state("active", RULES), "recall", RULES, reason=reason)

    told = [one.move for one in booking.effects if isinstance(one, PlacementMoved)]
    assert told == ["recall", "recalled"]
    assert one_of(booking.account).outcome == "recalled"


def test_another_recall_takes_effect_after_the_days_of_the_policy_or_on_its_own_day() -> None:
    active = in_state("active", RULES)
    as_ruled = moved(active, "recall", RULES, reason="other")
    on_a_day = moved(active, "recall", RULES, reason="other", effective_on=PLACED_ON + days(3))

    effective = [one_of(one.account).recall for one in (as_ruled, on_a_day)]
    assert [one.effective_on for one in effective if one] == [
        PLACED_ON + days(10),
        PLACED_ON + days(3),
    ]


@pytest.mark.parametrize(
    ("state", "move"),
    [("offered", "reject"), ("offered", "expire"), ("active", "return"),
     ("recall_pending", "recalled")],
)  # fmt: skip
def test_the_owner_is_asked_what_comes_after_a_placement_that_came_back(
    state: PlacementState, move: Move
) -> None:
    after = moved(in_state(state, RULES), move, RULES).account

    assert [task for task in after.tasks if ":placement_ended:" in task]


@pytest.mark.parametrize(("move", "state"), [("withdraw", "offered"), ("paid", "active")])
def test_nobody_is_asked_about_what_was_withdrawn_or_paid(
    move: Move, state: PlacementState
) -> None:
    after = moved(in_state(state, RULES), move, RULES).account

    assert not [task for task in after.tasks if ":placement_ended:" in task]
