"""The API's answers, asked as API Gateway asks."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from app import app
from chalice.test import Client
from chalicelib import wiring
from chalicelib.core.errors import UnavailableError
from tests.fakes_store import MemoryRegistry
from tests.flows.machine import TODAY, Machine, invoice
from tests.workers.deployment import FakeDeployment


@pytest.fixture
def machine() -> Iterator[Machine]:
    machine = Machine()
    machine.take_in("A1", invoice("I1", 15))
    with wiring.using(FakeDeployment(machine)):
        yield machine


def get(path: str) -> tuple[int, dict[str, Any], dict[str, str]]:
    headers = {"Authorization": "Bearer test viewer anna"}
    with Client(app) as client:
        answer = client.http.get(path, headers=headers)
    return answer.status_code, json.loads(answer.body), answer.headers


def test_health_says_the_stage_and_whether_letters_go_out(machine: Machine) -> None:
    machine.registry.pause_sending(paused=True)

    status, body, _ = get("/v1/health")

    assert (status, body) == (200, {"status": "ok", "stage": "test", "sending": "paused"})


class DeafRegistry(MemoryRegistry):
    def sending_paused(self) -> bool:
        raise UnavailableError("table pastdue-secret-name does not answer")


def test_health_is_503_when_the_table_does_not_answer_and_tells_no_more() -> None:
    with wiring.using(FakeDeployment(Machine(registry=DeafRegistry()))):
        status, body, headers = get("/v1/health")

    assert (status, body["code"], headers["Retry-After"]) == (503, "unavailable", "5")
    assert "secret" not in json.dumps(body)


def test_a_hold_look_up_answers_from_the_account(machine: Machine) -> None:
    machine.let_run()

    status, body, headers = get("/v1/accounts/A1/hold")

    assert status == 200
    assert (body["may_ship"], body["as_of"]) == (True, TODAY.isoformat())
    assert body["past_due"] == [{"amount_minor": 100_000, "currency": "USD"}]
    assert headers["Cache-Control"] == "no-store"


def test_an_account_that_is_not_there_is_a_problem_with_a_code(machine: Machine) -> None:
    status, body, headers = get("/v1/accounts/A9/hold")

    assert (status, body["status"], body["code"]) == (404, 404, "not_found")
    assert headers["Content-Type"] == "application/problem+json"


def test_an_id_that_no_id_can_be_is_refused_in_words(machine: Machine) -> None:
    status, body, _ = get("/v1/accounts/B%207%2Fx/hold")

    assert (status, body["code"], body["errors"][0]["code"]) == (400, "malformed", "bad_id")


@pytest.mark.parametrize(
    ("path", "status", "code"),
    [
        ("/v1/reports/aging", 404, "not_found"),
        ("/v1/reports/aging?as_of=2024-01-01", 404, "not_found"),
        ("/v1/reports/aging?as_of=2024-02-30", 400, "malformed"),
        ("/v1/reports/aging?asof=2024-02-28", 400, "malformed"),
        ("/v1/accounts/A1/hold?verbose=1", 400, "malformed"),
    ],
)
def test_what_cannot_be_answered_is_a_problem(
    machine: Machine, path: str, status: int, code: str
) -> None:
    answer = get(path)

    assert (answer[0], answer[1]["code"]) == (status, code)


def test_every_fault_of_a_query_is_named(machine: Machine) -> None:
    _, body, _ = get("/v1/reports/aging?b=1&a=2")

    assert {error["pointer"] for error in body["errors"]} == {"a", "b"}
