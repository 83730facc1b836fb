"""What `pastdue run` shows of its days."""

from __future__ import annotations

from datetime import date
from io import StringIO

from chalicelib.core.effects import (
    CaseOpened,
    Effect,
    InstalmentMissed,
    PlanMoved,
    PromiseEnded,
    TaskEnded,
    TaskMade,
)
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
