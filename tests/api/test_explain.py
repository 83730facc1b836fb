"""Explanations over HTTP."""

from __future__ import annotations

import pytest
from chalicelib.core.facts import DisputeOpened
from tests.api.client import Api
from tests.flows.machine import TODAY, Machine, invoice


@pytest.fixture
def api() -> Api:
    machine = Machine()
    machine.take_in("A1", invoice("I1", 15), invoice("I2", 70), DisputeOpened(TODAY, "I2"))
    machine.decide("A1")
    return Api(machine, roles="viewer")


def test_an_account_is_explained(api: Api) -> None:
    said = api.get("/v1/accounts/A1/explain")

    assert said.status == 200
    assert said.body["next_on"] > TODAY.isoformat()
    assert [block["code"] for block in said.body["blocks"]] == ["disputed"]
    assert said.body["blocks"][0]["ends_when"]


def test_an_invoice_is_explained_with_its_past(api: Api) -> None:
    said = api.get("/v1/accounts/A1/invoices/I1/explain").body

    assert said["next_stage"]["stage"] == "late_fee_30"
    assert {(step["kind"], *step["rules"]) for step in said["past"]} == {
        ("stage", "R5.2"),
        ("notice", "R5.3"),
    }
    assert said["past"][0]["policy"].startswith("standard@")


@pytest.mark.parametrize(
    ("path", "status", "code"),
    [
        ("/v1/accounts/A9/explain", 404, "not_found"),
        ("/v1/accounts/A1/invoices/I9/explain", 404, "not_found"),
        ("/v1/accounts/A1/explain?on=2024-01-01", 400, "malformed"),
        ("/v1/accounts/A%201/explain", 400, "malformed"),
    ],
)
def test_what_cannot_be_explained_is_a_problem(api: Api, path: str, status: int, code: str) -> None:
    answer = api.get(path)

    assert (answer.status, answer.code) == (status, code)


def test_only_who_may_read_is_told(api: Api) -> None:
    assert api.as_("").get("/v1/accounts/A1/explain").status == 401
    assert api.as_("agency").get("/v1/accounts/A1/explain").code == "forbidden"
