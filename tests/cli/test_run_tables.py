"""What `pastdue run` shows of its days."""

from __future__ import annotations

from datetime import date
from io import StringIO

from chalicelib.core.effects import (
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
from chalicelib.core.effects_placements import PlacementMoved
from chalicelib.flows.policies import load
from local.day_runs import DayDone
from local.run_report import RunReport
from local.run_tables import run_tables
from rich.console import Console

DAY = date(2024, 3, 18)


def shown(day: DayDone) -> list[str]:
    report = RunReport(
        policy=load("standard"),
        days=[day],
        again=DayDone(DAY),
        before={},
        after={},
        accounts={},
        letters=[],
        dead_letters=(),
        seconds={},
    )
    page = Console(file=StringIO(), width=160)
    for part in run_tables(report, {"letters": "letters/index.html"}):
        page.print(part)
    assert isinstance(page.file, StringIO)
    return page.file.getvalue().splitlines()


def test_the_work_of_a_day_is_counted_by_what_it_is() -> None:
    effects: list[Effect] = [
        TaskMade(DAY, "A1", "A1:call", "call", DAY),
        TaskMade(DAY, "A2", "A2:call", "call", DAY),
        TaskEnded(DAY, "A1", "A1:confirm_payment:ptp", "confirm_payment", "kept"),
        CaseOpened(DAY, "A1", "A1-C1"),
        PromiseEnded(DAY, "A1", "ptp", "kept", 100, 100, "USD"),
        PlanMoved(DAY, "A2", "pln", "broken", 100, "USD"),
        InstalmentMissed(DAY, "A2", "pln", 1, DAY, 100, "USD"),
    ]

    lines = shown(DayDone(DAY, effects=effects))

    at = next(number for number, line in enumerate(lines) if "Collections work" in line)
    row = next(line for line in lines[at:] if "2024-03-18" in line)
    assert row.split()[2:] == ["2", "1", "1", "-", "1", "-", "-", "1", "1"]


def rows_below(lines: list[str], title: str) -> list[str]:
    """The rows of a table, each without the space between its cells."""
    at = next(number for number, line in enumerate(lines) if line.strip() == title)
    body = [" ".join(line.split()) for line in lines[at + 3 :]]
    return body[1 : body.index("", 1)]


def test_charges_are_shown_with_their_arithmetic_and_added_up_by_kind() -> None:
    """R4.1, R4.3."""
    line = "GBP 1,000.00 x 12.75% x 50/365 = 17.47"
    effects: list[Effect] = [
        ChargePosted(DAY, "A1", "1", "I1", "s", "compensation", 7_000, "GBP", None, "fixed sum"),
        ChargePosted(DAY, "A1", "2", "I1", "s", "interest", 1_747, "GBP", None, line),
        ChargePosted(DAY, "A2", "3", "I2", "s", "interest", 253, "GBP", None, "more"),
    ]

    lines = shown(DayDone(DAY, effects=effects))

    assert rows_below(lines, "Charges: 3")[1] == f"2024-03-18 A1 I1 interest {line} GBP 17.47"
    assert rows_below(lines, "Charges by kind") == [
        "compensation 1 GBP 70.00", "interest 2 GBP 20.00",
    ]  # fmt: skip


def test_charges_that_a_missing_rate_stopped_are_shown_by_table_and_day() -> None:
    """R4.4."""
    why = 'the rate table "gb_bank_rate" has no rate for 2026-12-31'
    effects: list[Effect] = [
        ChargeStopped(DAY, "A1", f"{name}:s:interest", name, "s", "interest", "rate_unknown", why)
        for name in ("I1", "I2")
    ]

    assert rows_below(shown(DayDone(DAY, effects=effects)), "Charges stopped: not posted") == [
        f"{why} 2"
    ]


def test_what_became_of_placements_is_shown_where_there_are_any() -> None:
    """R10."""
    effects: list[Effect] = [
        PlacementMoved(
            DAY, "A1", "plc_1", "north", "propose", "draft", 90_000, "USD", reason="rule"
        ),
        PlacementMoved(
            DAY, "A2", "plc_2", "north", "expire", "closed", 50_000, "USD", outcome="expired"
        ),
    ]

    assert rows_below(shown(DayDone(DAY, effects=effects)), "Placements: 2") == [
        "2024-03-18 A1 north propose rule USD 900.00",
        "2024-03-18 A2 north expire expired USD 500.00",
    ]
    assert not any("Placements" in line for line in shown(DayDone(DAY)))
