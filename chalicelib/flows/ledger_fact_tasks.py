"""Completed tasks in the facts file: how calls came out, and what followed them (R6.2, R6.3)."""

from __future__ import annotations

import re
from collections.abc import Mapping

from chalicelib.core.calls import CALL_AGAIN, half_of
from chalicelib.core.facts_collections import TaskCompleted
from chalicelib.core.task_outcomes import OUTCOMES
from chalicelib.flows.ledger_columns import DAY, NEEDED_TEXT, TEXT, Column
from chalicelib.flows.ledger_fact_line import FactLine
from chalicelib.flows.ledger_faults import shown

# The tasks that a file may complete, by the rest of their ids.
TASKS = {"call": "call", "confirm_payment": "confirm_payment:paid", "find_contact": "find_contact"}
TASK_FIELDS: Mapping[str, Column] = {
    "task": TEXT,
    "outcome": NEEDED_TEXT,
    "call_back_on": DAY,
    "call_back_part": TEXT,
    "call_back_time": TEXT,
}
CALL_BACK = ("call_back_on", "call_back_part", "call_back_time")
_TIME = re.compile(r"([01][0-9]|2[0-3]):[0-5][0-9]")


def read_completed(line: FactLine) -> TaskCompleted | None:
    """Return how a task came out, a call if none is named; None when the line has faults.

    One that is not open on its day changes nothing.
    """
    cells = line.cells
    kind = cells.one_of("task", tuple(TASKS)) if cells.has("task") else "call"
    if kind is None:
        return None
    outcome = cells.one_of("outcome", OUTCOMES[kind])
    back_on = line.not_before("call_back_on", cells.day("call_back_on"))
    part = cells.one_of("call_back_part", ("am", "pm")) if cells.has("call_back_part") else ""
    time = cells.text("call_back_time")
    if time and not _TIME.fullmatch(time):
        cells.refuse("call_back_time", "bad_time", f"{shown(time)} is no time such as 14:30")
    elif time and part and half_of(time) != part:
        cells.refuse("call_back_time", "other_half", f"{time} is not in the {part} that is said")
    for column in CALL_BACK:
        if outcome and cells.has(column) and outcome not in CALL_AGAIN:
            detail = f"goes only with a call that reached nobody, not with {outcome}"
            cells.refuse(column, "not_taken", detail)
        elif cells.has(column) and not cells.has("call_back_on"):
            cells.refuse(column, "missing_day", "needs call_back_on")
    if outcome is None:
        return None
    task_id = f"{line.account_id}:{TASKS[kind]}"
    return TaskCompleted(line.on, task_id, outcome, back_on, part or "", time)
