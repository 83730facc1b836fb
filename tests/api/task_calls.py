"""Calls about tasks: what is asked of people, and how they say that it came out."""

from __future__ import annotations

from typing import Any

from chalicelib.core.facts import NoticeMoved, TaskOpened
from tests.api.client import Answered, Api
from tests.flows.machine import NOW, TODAY, Machine, invoice

TASKS = "/v1/accounts/A1/tasks"
CALL = "A1:call"
SALES: dict[str, Any] = {"sales_owner": "sam"}
PROMISE: dict[str, Any] = {
    "amount": {"amount_minor": 100_000, "currency": "USD"},
    "by": "2024-03-25",
}
DISPUTE: dict[str, Any] = {"invoice_id": "I1", "reason_code": "pricing"}


def asked(task_id: str, kind: str, *names: str) -> TaskOpened:
    return TaskOpened(TODAY, task_id, kind, TODAY, "Because.", "", names)


def with_a_call() -> Api:
    """An account of which an invoice is past due, so that somebody is to call today."""
    machine = Machine()
    machine.take_in("A1", invoice("I1", 20), asked(CALL, "call", "I1"), **SALES)
    return Api(machine)


def complete(api: Api, task_id: str = CALL, **said: Any) -> Answered:
    return api.post(f"{TASKS}/{task_id}/complete", said)


def next_ones(answer: Answered) -> list[tuple[Any, ...]]:
    keys = ("task_id", "due_on", "part", "assignee")
    return [tuple(task[key] for key in keys) for task in answer.body["next_tasks"]]


def faults(answer: Answered) -> list[tuple[str, str]]:
    assert (answer.status, answer.code) == (422, "unfit_input"), answer.text
    return [(fault["pointer"], fault["code"]) for fault in answer.body["errors"]]


def with_letter() -> Api:
    """A notice that nobody could be written to is to be posted."""
    machine = Machine()
    machine.take_in("A1", invoice("I1", 15))
    machine.decide("A1")
    (notice_id,) = machine.account("A1").notices
    moved = NoticeMoved(TODAY, notice_id, "failed", NOW)
    machine.take_in("A1", moved, asked(f"A1:send_letter:{notice_id}", "send_letter"))
    return Api(machine)
