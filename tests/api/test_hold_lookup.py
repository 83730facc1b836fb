"""May these accounts be shipped to, asked over HTTP (R8.7)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from tests.api.client import Api
from tests.flows.machine import TODAY, Machine, invoice

RULE = "hld_oldest_days_past_due_2024-03-18"
READS = ["/v1/accounts/A1/hold", "/v1/accounts/A1/holds", f"/v1/accounts/A1/holds/{RULE}"]


@pytest.fixture
def machine() -> Machine:
    """A1 is held by the rule of 45 days since today; A2 owes nothing yet."""
    machine = Machine()
    machine.take_in("A1", invoice("I1", 45, 250_000))
    machine.decide("A1", TODAY - timedelta(days=2))
    machine.take_in("A1", wake_on=TODAY)
    machine.decide("A1")
    machine.take_in("A2", invoice("I2", -5))
    return machine


@pytest.fixture
def api(machine: Machine) -> Api:
    return Api(machine)


def test_a_look_up_says_why_with_evidence_and_what_would_release_it(api: Api) -> None:
    answer = api.get("/v1/accounts/A1/hold")

    assert answer.status == 200
    assert (answer.body["may_ship"], answer.body["credit_status"]) == (False, "on_hold")
    [hold] = answer.body["holds"]
    assert (hold["hold_id"], hold["kind"], hold["placed_by"]) == (RULE, "on_hold", "rule")
    assert hold["invoices"] == [
        {
            "invoice_id": "I1",
            "open": {"amount_minor": 250_000, "currency": "USD"},
            "due_on": "2024-02-02",
        }
    ]
    assert "USD 2,500.00" in hold["released_when"]
    assert hold["allowed_actions"] == ["release", "temporary_release"]


def test_many_accounts_are_answered_row_by_row_in_the_order_asked(api: Api) -> None:
    answer = api.post("/v1/holds/lookup", {"account_ids": ["A9", "A2", "A1"]})

    assert answer.status == 200
    rows = answer.body["data"]
    assert [(row["account_id"], row["code"]) for row in rows] == [
        ("A9", "not_found"), ("A2", "ok"), ("A1", "ok"),
    ]  # fmt: skip
    assert rows[0]["hold"] is None
    assert [row["hold"]["may_ship"] for row in rows[1:]] == [True, False]


@pytest.mark.parametrize(
    ("body", "pointers"),
    [
        ({"account_ids": []}, ["/account_ids"]),
        ({"account_ids": ["A1", "A1"]}, ["/account_ids"]),
        ({"account_ids": [f"A{n}" for n in range(201)]}, ["/account_ids"]),
        ({"account_ids": ["A1", "B/7", 3]}, ["/account_ids/1", "/account_ids/2"]),
        ({"accounts": ["A1"]}, ["/account_ids", "/accounts"]),
    ],
)
def test_a_malformed_look_up_names_every_fault(api: Api, body: Any, pointers: list[str]) -> None:
    answer = api.post("/v1/holds/lookup", body)

    assert (answer.status, sorted(answer.pointers)) == (400, pointers)


def test_two_hundred_accounts_are_one_question(api: Api) -> None:
    names = [f"A{n}" for n in range(200)]

    assert len(api.post("/v1/holds/lookup", {"account_ids": names}).body["data"]) == 200


@pytest.mark.parametrize("path", [*READS[:2], "/v1/accounts/A9", "/v1/accounts/A9/timeline"])
def test_what_adds_up_to_more_than_fifteen_digits_is_answered(api: Api, path: str) -> None:
    most = 10**15 - 1  # of one amount
    api.machine.take_in("A9", *(invoice(name, 15, most) for name in ("I1", "I2")))
    api.machine.decide("A9")
    rest = api.post("/v1/holds/lookup", {"account_ids": ["A1", "A9"]})

    answer = api.get(path.replace("A1", "A9"))

    assert (answer.status, rest.status) == (200, 200)
    assert rest.body["data"][1]["hold"]["past_due"][0]["amount_minor"] == 2 * most


@pytest.mark.parametrize("path", READS)
def test_reading_needs_a_token_a_role_and_an_account(api: Api, path: str) -> None:
    answers = [
        api.as_("").get(path),
        api.as_("agency").get(path),
        api.get(path.replace("A1", "A9")),
        api.as_("service").get(path),
    ]

    assert [answer.status for answer in answers] == [401, 403, 404, 200]
