"""Notes of people about an account, over the API."""

from __future__ import annotations

from typing import Any

import pytest
from tests.api.client import Api
from tests.flows.machine import Machine, invoice

WHERE = "/v1/accounts/A1/notes"
CLOSED = {"text": "Their office is closed until Easter."}


@pytest.fixture
def api() -> Api:
    machine = Machine()
    machine.take_in("A1", invoice("I1", 20))
    return Api(machine)


def test_a_note_is_in_the_timeline_and_changes_nothing_else(api: Api) -> None:
    before = api.machine.account("A1")

    answer = api.post(WHERE, CLOSED)

    assert answer.status == 201
    assert answer.body == CLOSED | {
        "account_id": "A1", "written_by": "anna", "written_at": "2024-03-18T05:00:00Z",
    }  # fmt: skip
    row = api.get("/v1/accounts/A1/timeline?kind=note").body["data"][0]
    assert (row["source"], row["actor"], row["note"]) == ("action", "anna", CLOSED["text"])
    assert api.machine.account("A1") == before


@pytest.mark.parametrize("body", [{}, {"text": "  "}, {"text": "a\nb"}, {"text": "x" * 2_001}])
def test_a_note_says_something_on_one_line(api: Api, body: dict[str, Any]) -> None:
    answer = api.post(WHERE, body)

    assert (answer.status, answer.pointers) == (400, ["/text"])


def test_a_note_is_about_an_account_that_is_there(api: Api) -> None:
    assert api.post("/v1/accounts/A9/notes", CLOSED).status == 404


def test_who_only_reads_writes_no_notes(api: Api) -> None:
    assert api.as_("viewer,service").post(WHERE, CLOSED).status == 403
    assert api.as_("").post(WHERE, CLOSED).status == 401
    assert api.post(WHERE, CLOSED, Idempotency_Key="").status == 400
