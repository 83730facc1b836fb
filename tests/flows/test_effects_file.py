"""The rows of `effects.jsonl`: every kind in the order of its fields, and one order of all."""

from __future__ import annotations

import itertools
import json
from datetime import date

import pytest
from chalicelib.core.effects import (
    CaseClosed,
    CaseOpened,
    ChargePosted,
    ChargeStopped,
    Effect,
    InstalmentMissed,
    PlanMoved,
    PromiseEnded,
    TaskEnded,
    TaskMade,
)
from chalicelib.core.effects_placements import (
    PlacedInvoiceEnded,
    PlacementBalance,
    PlacementMoved,
)
from chalicelib.flows.effects_file import (
    as_line,
    charge_sums,
    effect_counts,
    stopped_counts,
    task_counts,
)
from chalicelib.flows.simulate import effect_order

DAY, LATER = date(2024, 3, 18), date(2024, 3, 19)
HEAD = '{"on": "2024-03-18", "account_id": "A1", '


@pytest.mark.parametrize(
    ("effect", "rest"),
    [
        (
            TaskMade(DAY, "A1", "A1:call", "call", LATER, "ann", "am"),
            '"kind": "task", "id": "A1:call", "task": "call", "due_on": "2024-03-19", '
            '"assignee": "ann", "part": "am"}',
        ),
        (
            TaskEnded(DAY, "A1", "A1:call", "call", "no_answer"),
            '"kind": "task_closed", "id": "A1:call", "task": "call", "because": "no_answer"}',
        ),
        (
            PromiseEnded(DAY, "A1", "ptp_1", "broken", 100, 40, "USD"),
            '"kind": "promise", "id": "ptp_1", "outcome": "broken", "amount_minor": 100, '
            '"received_minor": 40, "currency": "USD"}',
        ),
        (CaseOpened(DAY, "A1", "A1-C1"), '"kind": "case_opened", "id": "A1-C1"}'),
        (CaseClosed(DAY, "A1", "A1-C1"), '"kind": "case_closed", "id": "A1-C1"}'),
        (
            PlanMoved(DAY, "A1", "plan_1", "active", 900, "USD"),
            '"kind": "plan", "id": "plan_1", "state": "active", "amount_minor": 900, '
            '"currency": "USD"}',
        ),
        (
            InstalmentMissed(DAY, "A1", "plan_1", 2, DAY, 300, "USD"),
            '"kind": "instalment_missed", "id": "plan_1", "number": 2, "due_on": "2024-03-18", '
            '"amount_minor": 300, "currency": "USD"}',
        ),
        (
            PlacementMoved(
                DAY,
                "A1",
                "plc_1",
                "north",
                "recall",
                "recall_pending",
                900,
                "USD",
                "",
                "paid",
                LATER,
            ),
            '"kind": "placement", "id": "plc_1", "agency": "north", "move": "recall", "state": '
            '"recall_pending", "amount_minor": 900, "currency": "USD", "outcome": "", "reason": '
            '"paid", "effective_on": "2024-03-19"}',
        ),
        (
            PlacementBalance(
                DAY, "A1", "plc_1", "north", "payment_agency", "P1", -300, 600, "USD", 60
            ),
            '"kind": "placement_balance", "id": "plc_1", "agency": "north", "because": '
            '"payment_agency", "ref": "P1", "amount_minor": -300, "balance_minor": 600, '
            '"currency": "USD", "commission_minor": 60}',
        ),
        (
            PlacedInvoiceEnded(DAY, "A1", "plc_1", "north", "I1"),
            '"kind": "placement_invoice", "id": "plc_1", "agency": "north", "invoice_id": "I1"}',
        ),
        (
            ChargeStopped(DAY, "A1", "I1:s:interest", "I1", "s", "interest", "rate_unknown", "why"),
            '"kind": "charge_stopped", "id": "I1:s:interest", "invoice_id": "I1", "stage": "s", '
            '"charge": "interest", "because": "rate_unknown", "detail": "why"}',
        ),
    ],
    ids=lambda value: value.kind if hasattr(value, "kind") else "",
)
def test_a_row_has_the_fields_of_its_kind_in_order(effect: Effect, rest: str) -> None:
    line = as_line(effect)

    assert line == HEAD + rest + "\n"
    assert json.loads(line)["kind"] == effect.kind


def test_effects_of_one_day_have_one_order_however_they_came() -> None:
    effects: list[Effect] = [
        InstalmentMissed(DAY, "A1", "plan_1", 2, DAY, 300, "USD"),
        InstalmentMissed(DAY, "A1", "plan_1", 10, DAY, 300, "USD"),
        PlanMoved(DAY, "A1", "plan_1", "active", 900, "USD"),
        PlanMoved(DAY, "A1", "plan_1", "broken", 900, "USD"),
        TaskMade(DAY, "A1", "A1:call", "call", DAY),
        TaskMade(DAY, "A1", "A1:call", "call", LATER),
    ]

    orders = {
        tuple(sorted(found, key=effect_order)) for found in itertools.permutations(effects, 6)
    }

    assert orders == {tuple(effects)}


def test_counts_are_told_by_what_a_person_asks_for() -> None:
    effects: list[Effect] = [
        TaskMade(DAY, "A1", "A1:call", "call", DAY),
        TaskEnded(DAY, "A1", "A1:call", "call", "promised"),
        TaskMade(LATER, "A1", "A1:call", "call", LATER),
        PromiseEnded(DAY, "A1", "ptp_1", "kept", 100, 100, "USD"),
        PlanMoved(DAY, "A1", "plan_1", "active", 900, "USD"),
        InstalmentMissed(DAY, "A1", "plan_1", 2, DAY, 300, "USD"),
    ]

    rows = {(row["kind"], row["by"]): row["count"] for row in effect_counts(effects)}

    assert rows == {
        ("task", "call"): 2,
        ("task_closed", "call"): 1,
        ("promise", "kept"): 1,
        ("plan", "active"): 1,
        ("instalment_missed", ""): 1,
    }
    assert task_counts(effects) == {"call": 2}


def test_charges_are_added_up_by_their_kind_beside_the_stage_they_came_with() -> None:
    """R4.1: one stage may bring compensation and interest."""
    effects: list[Effect] = [
        ChargePosted(DAY, "A1", "1", "I1", "s", "compensation", 4_000, "GBP", None),
        ChargePosted(DAY, "A1", "2", "I1", "s", "interest", 1_747, "GBP", None),
        ChargePosted(LATER, "A1", "3", "I2", "s", "interest", 0, "GBP", "max_total_percent"),
        ChargePosted(LATER, "A1", "4", "I3", "s", "interest", 5, "EUR", None),
    ]

    assert charge_sums(effects) == [
        {"charge": "compensation", "currency": "GBP", "count": 1, "amount_minor": 4_000},
        {"charge": "interest", "currency": "EUR", "count": 1, "amount_minor": 5},
        {"charge": "interest", "currency": "GBP", "count": 2, "amount_minor": 1_747},
    ]


def test_stopped_charges_are_counted_by_the_table_and_the_day_they_wait_for() -> None:
    """R4.4."""
    missing = [("I1", "no rate for 2027-01-01"), ("I2", "no rate for 2026-07-07")]
    effects: list[Effect] = [
        ChargeStopped(DAY, "A1", f"{name}:s:interest", name, "s", "interest", "rate_unknown", why)
        for name, why in (*missing, ("I3", "no rate for 2027-01-01"))
    ]

    assert stopped_counts(effects) == [
        {"because": "rate_unknown", "detail": "no rate for 2026-07-07", "count": 1},
        {"because": "rate_unknown", "detail": "no rate for 2027-01-01", "count": 2},
    ]
    assert [(row["kind"], row["by"], row["count"]) for row in effect_counts(effects)] == [
        ("charge_stopped", "s", 3)
    ]


def test_placements_are_counted_by_move_and_their_balances_by_what_moved_them() -> None:
    effects: list[Effect] = [
        PlacementMoved(
            DAY, "A1", "p1", "north", "approve", "offered", 900, "USD", reason="checked"
        ),
        PlacementMoved(DAY, "A2", "p2", "north", "approve", "offered", 100, "USD"),
        PlacementBalance(DAY, "A1", "p1", "north", "payment_direct", "P1", -300, 600, "USD"),
    ]

    found = [
        (row["kind"], row["by"], row["count"], row["amount_minor"])
        for row in effect_counts(effects)
    ]

    assert found == [
        ("placement", "approve", 2, 1_000), ("placement_balance", "payment_direct", 1, -300),
    ]  # fmt: skip
