"""Completed tasks in the facts file."""

from __future__ import annotations

import json
from datetime import date

import pytest
from chalicelib.core.facts_collections import TaskCompleted
from tests.flows.ledger_files import facts_of, faults_of, read_facts

ON = date(2024, 3, 18)


def line(**values: object) -> str:
    return json.dumps({"on": "2024-03-18", "account_id": "A1", "kind": "task_completed", **values})


@pytest.mark.parametrize(
    ("text", "fact"),
    [
        (line(outcome="no_answer"), TaskCompleted(ON, "A1:call", "no_answer")),
        (line(task="call", outcome="paid"), TaskCompleted(ON, "A1:call", "paid")),
        (
            line(outcome="busy", call_back_on="2024-03-20", call_back_time="14:30"),
            TaskCompleted(ON, "A1:call", "busy", date(2024, 3, 20), "", "14:30"),
        ),
        (
            line(outcome="busy", call_back_on="2024-03-20", call_back_part="pm"),
            TaskCompleted(ON, "A1:call", "busy", date(2024, 3, 20), "pm"),
        ),
        (
            line(task="confirm_payment", outcome="not_received"),
            TaskCompleted(ON, "A1:confirm_payment:paid", "not_received"),
        ),
        (line(task="find_contact", outcome="done"), TaskCompleted(ON, "A1:find_contact", "done")),
    ],
)
def test_a_line_becomes_the_end_of_its_task(text: str, fact: TaskCompleted) -> None:
    ledger = read_facts(text)

    assert faults_of(ledger) == []
    assert fact in facts_of(ledger)


@pytest.mark.parametrize(
    ("text", "column", "code"),
    [
        (line(), "outcome", "missing_value"),
        (line(outcome="shrugged"), "outcome", "unknown_value"),
        (line(task="find_contact", outcome="paid"), "outcome", "unknown_value"),
        (line(task="send_letter", outcome="sent"), "task", "unknown_value"),
        (line(outcome="paid", call_back_on="2024-03-20"), "call_back_on", "not_taken"),
        (line(outcome="busy", call_back_on="2024-03-17"), "call_back_on", "before_fact"),
        (line(outcome="busy", call_back_time="14:30"), "call_back_time", "missing_day"),
        (
            line(outcome="busy", call_back_on="2024-03-20", call_back_time="25:00"),
            "call_back_time",
            "bad_time",
        ),
        (
            line(
                outcome="busy", call_back_on="2024-03-20", call_back_time="9:00",
            ),
            "call_back_time",
            "bad_time",
        ),
        (
            line(
                outcome="busy", call_back_on="2024-03-20", call_back_part="am",
                call_back_time="12:00",
            ),
            "call_back_time",
            "other_half",
        ),
    ],
)  # fmt: skip
def test_a_line_that_cannot_be_is_refused(text: str, column: str, code: str) -> None:
    assert faults_of(read_facts(text)) == [(1, column, code)]
