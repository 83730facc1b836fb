"""Lists of an account's invoices: each once, part by part."""

from __future__ import annotations

from typing import Any

import pytest
from chalicelib.core.facts import Payment
from tests.api.client import Api
from tests.flows.machine import TODAY, Machine, invoice


@pytest.fixture
def ledger() -> Api:
    machine = Machine()
    machine.take_in("A1", *(invoice(f"I{n}", n, 1_000) for n in range(1, 6)))
    machine.take_in("A1", Payment(TODAY, "P1", TODAY, "USD", 2_000, ("I2", "I4")))
    return Api(machine)


def ids(api: Api, query: str) -> list[list[str]]:
    """The ids of a list, part by part."""
    found: list[Any] = []
    cursor: str | None = ""
    while cursor is not None:
        answer = api.get(f"/v1/accounts/A1/invoices?{query}&cursor={cursor}")
        found.append([row["invoice_id"] for row in answer.body["data"]])
        cursor = answer.body["next_cursor"]
    return found


@pytest.mark.parametrize(
    ("query", "parts"),
    [
        ("limit=2", [["I1", "I3"], ["I5"]]),
        ("limit=3&status=open", [["I1", "I3", "I5"]]),
        ("limit=1&status=closed", [["I2"], ["I4"]]),
        ("limit=50&status=all", [["I1", "I3", "I5", "I2", "I4"]]),
        ("limit=2&status=all", [["I1", "I3"], ["I5", "I2"], ["I4"]]),
        ("limit=3&status=all", [["I1", "I3", "I5"], ["I2", "I4"]]),
    ],
)
def test_a_list_gives_each_invoice_once(ledger: Api, query: str, parts: list[list[str]]) -> None:
    assert ids(ledger, query) == parts


def test_a_cursor_belongs_to_its_list(ledger: Api) -> None:
    cursor = ledger.get("/v1/accounts/A1/invoices?limit=2").body["next_cursor"]
    other = ledger.get(f"/v1/accounts/A1/invoices?limit=2&status=all&cursor={cursor}")

    assert (other.status, other.pointers) == (400, ["cursor"])


@pytest.mark.parametrize("query", ["limit=0", "limit=201", "status=paid", "sort=due_on"])
def test_a_list_is_asked_for_in_known_words(ledger: Api, query: str) -> None:
    assert ledger.get(f"/v1/accounts/A1/invoices?{query}").status == 400


def test_a_closed_invoice_has_no_age(ledger: Api) -> None:
    body = ledger.get("/v1/accounts/A1/invoices/I2").body

    assert (body["status"], body["days_past_due"], body["bucket"]) == ("closed", None, None)


def test_the_days_past_due_are_those_of_the_day(ledger: Api) -> None:
    before = ledger.get("/v1/accounts/A1/invoices/I1").body["days_past_due"]
    ledger.machine.clock.pass_by(days=2)

    assert ledger.get("/v1/accounts/A1/invoices/I1").body["days_past_due"] == before + 2
