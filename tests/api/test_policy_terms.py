"""Invoices that come with neither a due date nor terms have those of their account's policy (R3.5)."""

from __future__ import annotations

from typing import Any

import pytest
from chalicelib.flows.policies import shipped_document
from tests.api.client import Api
from tests.flows.machine import Machine

PATH = "/v1/accounts/A1/invoices/I1"
BARE: dict[str, Any] = {
    "amount": {"amount_minor": 123450, "currency": "USD"},
    "issued_on": "2024-02-02",
}
EOM = "eom-twice-weekly"


@pytest.fixture
def api() -> Api:
    machine = Machine()
    machine.registry.put_policy(EOM, shipped_document(EOM))
    machine.take_in("A1", policy_id=EOM)
    machine.take_in("A2")
    return Api(machine)


def test_an_invoice_without_terms_is_due_by_those_of_its_accounts_policy(api: Api) -> None:
    answer = api.put(PATH, BARE)

    assert (answer.status, answer.body["due_on"]) == (201, "2024-03-30")


@pytest.mark.parametrize(
    ("more", "due_on"),
    [({"terms": "net 10"}, "2024-02-12"), ({"due_on": "2024-05-05"}, "2024-05-05")],
)
def test_what_the_invoice_says_itself_wins(api: Api, more: dict[str, str], due_on: str) -> None:
    assert api.put(PATH, BARE | more).body["due_on"] == due_on


def test_under_a_policy_without_terms_one_of_them_is_needed(api: Api) -> None:
    answer = api.put("/v1/accounts/A2/invoices/I1", BARE)

    assert (answer.status, answer.pointers) == (400, ["/due_on"])


def test_the_same_invoice_again_is_unchanged_under_other_terms(api: Api) -> None:
    api.put(PATH, BARE)
    other = shipped_document(EOM).replace(b'terms = "eom+30"', b'terms = "net 5"')
    api.machine.registry.put_policy(EOM, other)

    again = api.put(PATH, BARE)

    assert (again.status, again.body["due_on"]) == (200, "2024-03-30")


def test_each_row_of_a_batch_goes_by_its_accounts_policy(api: Api) -> None:
    rows = [{**BARE, "account_id": account, "invoice_id": "I1"} for account in ("A1", "A2")]
    answer = api.post("/v1/invoices/batch", {"invoices": rows})

    assert [row["status"] for row in answer.body["data"]] == ["created", "invalid"]
    assert api.get(PATH).body["due_on"] == "2024-03-30"
