"""The catalogue of events is whole: whatever can happen is told, or a reason says why not."""

from typing import get_args

import pytest
from chalicelib.core.account import Account, AccountDetails
from chalicelib.core.apply import apply_all
from chalicelib.core.bus_events import Changed, events_of
from chalicelib.core.bus_events_fields import FIELDS
from chalicelib.core.bus_events_ledger import OF_CHARGES, OF_INVOICES, OF_MONEY
from chalicelib.core.bus_events_types import CATALOGUE, PLACEMENT_MOVES, UNTOLD_EFFECTS
from chalicelib.core.effects import (
    ENTRY_SIGN,
    CaseClosed,
    CaseOpened,
    ChargeStopped,
    Effect,
    Event,
    InstalmentMissed,
    NoticeCreated,
    PlanMoved,
    PromiseEnded,
    Skipped,
    StageApplied,
    StatementCreated,
    TaskEnded,
    TaskMade,
)
from chalicelib.core.effects_placements import (
    PlacedInvoiceEnded,
    PlacementBalance,
    PlacementMoved,
)
from chalicelib.core.facts import CreditNote
from chalicelib.core.placement_moves import MOVES
from chalicelib.flows.policies import load, shipped_document
from tests.contract.store import NOON
from tests.unit.accounts import DAY

TOLD: dict[Effect, str] = {
    StageApplied(DAY, "A", "I1", "s5"): "stage.applied",
    ChargeStopped(DAY, "A", "c1", "I1", "s5", "interest", "rate_unknown"): "charge.stopped",
    NoticeCreated(DAY, "A", "n1", "reminder", "s5", "USD", ("I1",), 5): "notice.created",
    TaskMade(DAY, "A", "A:call", "call", DAY): "task.opened",
    TaskEnded(DAY, "A", "A:call", "call", "done"): "task.closed",
    PromiseEnded(DAY, "A", "p1", "kept", 5, 5, "USD"): "promise.kept",
    CaseOpened(DAY, "A", "A-1"): "case.opened",
    CaseClosed(DAY, "A", "A-1"): "case.closed",
    PlanMoved(DAY, "A", "pln", "broken", 5, "USD"): "payment_plan.broken",
    InstalmentMissed(DAY, "A", "pln", 1, DAY, 5, "USD"): "payment_plan.instalment_missed",
    StatementCreated(DAY, "A", "s1", "USD", 5, 5): "statement.created",
    PlacementMoved(DAY, "A", "plc", "north", "accept", "active", 5, "USD"): "placement.accepted",
    PlacementBalance(
        DAY, "A", "plc", "north", "fee", "c1", 5, 5, "USD"
    ): "placement.balance_changed",
    PlacedInvoiceEnded(DAY, "A", "plc", "north", "I1"): "placement.invoice_withdrawn",
}


def types_of(changed: Changed) -> list[str]:
    return [event.type for event in events_of(changed, DAY)]


def kinds(union: object) -> set[str]:
    """Every kind of a union of unions of effects."""
    parts = get_args(union)
    return {union.kind} if not parts else set().union(*map(kinds, parts))  # type: ignore[attr-defined]  # each effect has one


def test_every_kind_of_effect_is_told_or_a_reason_says_why_not() -> None:
    told = {effect.kind for effect in TOLD}

    assert told | set(UNTOLD_EFFECTS) == kinds(Effect)
    assert not told & set(UNTOLD_EFFECTS)
    assert all(len(why) > 20 for why in UNTOLD_EFFECTS.values())


@pytest.mark.parametrize("effect", TOLD, ids=lambda effect: str(effect.kind))
def test_an_effect_is_told_as_its_type(effect: Effect) -> None:
    account = Account("A")

    assert types_of(Changed(account, account, 2, effects=(effect,))) == [TOLD[effect]]


@pytest.mark.parametrize("outcome", ["not_approved", "nothing_open"])
def test_a_promise_that_ends_by_itself_lapses(outcome: str) -> None:
    account = Account("A")
    ended = PromiseEnded(DAY, "A", "p1", outcome, 5, 0, "USD")

    (event,) = events_of(Changed(account, account, 2, effects=(ended,)), DAY)

    assert (event.type, event.data["reason_code"]) == ("promise.lapsed", outcome)


def test_a_skip_is_no_event() -> None:
    account = Account("A")
    skip = Skipped(DAY, "A", "I1", "s5", "disputed")

    assert types_of(Changed(account, account, 2, effects=(skip,))) == []


def test_every_kind_of_entry_and_every_move_of_a_placement_has_its_type() -> None:
    entries = OF_CHARGES | OF_INVOICES | OF_MONEY

    assert set(entries) == set(ENTRY_SIGN)
    assert {
        name for table in (OF_CHARGES, OF_INVOICES, OF_MONEY) for name in table.values()
    } <= set(CATALOGUE)
    assert set(MOVES) <= set(PLACEMENT_MOVES)


def test_the_catalogue_names_fields_that_are_described_and_no_field_is_idle() -> None:
    used = {name for one in CATALOGUE.values() for name in (*one.has, *one.may_have)}

    assert used == set(FIELDS)


def test_an_account_that_is_new_is_created_and_later_updated_without_its_values() -> None:
    nobody, known = Account("A"), Account("A", details=AccountDetails(name="Ada Ltd"))

    created = events_of(Changed(nobody, known, 1), DAY)
    (updated,) = events_of(Changed(nobody, known, 2), DAY)

    assert [event.type for event in created] == ["account.created"]
    assert (updated.type, updated.data) == ("account.updated", {"changed": ["name"]})


def test_a_contact_that_was_recorded_is_told_without_its_note() -> None:
    account = Account("A")
    figures = {"channel": "phone", "direction": "out", "outcome": "reached", "on": str(DAY)}
    called = Event(DAY, NOON, "activity", "anna", "c1", note="He was rude.", figures=figures)

    (event,) = events_of(Changed(account, account, 2, events=(called,)), DAY)

    assert event.type == "activity.recorded"
    assert event.data == {
        "channel": "phone",
        "direction": "out",
        "outcome": "reached",
        "effective_on": str(DAY),
        "contact_id": "c1",
    }


def test_what_nobody_said_anything_new_of_is_not_told() -> None:
    account = Account("A")
    note = Event(DAY, NOON, "note", "anna", note="Called.")

    assert types_of(Changed(account, account, 7, events=(note,))) == []


def test_a_credit_notes_reason_is_anybodys_words_and_stays_here() -> None:
    note = CreditNote(DAY, "CN1", "USD", 5, None, "alzheimer")
    done = apply_all(Account("A"), [note], load(shipped_document("standard")))

    (event,) = [
        event
        for event in events_of(Changed(Account("A"), done.account, 2, done.entries), DAY)
        if event.type == "credit_note.booked"
    ]

    assert "alzheimer" not in str(event.data)
