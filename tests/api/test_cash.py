"""Unapplied cash, applied by a person (R7.2, R5.8)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from chalicelib.core.facts import CreditNote, Payment
from tests.api.client import Api, calling
from tests.flows.machine import FRIDAY, TODAY, Machine, invoice

APPLY = "/v1/accounts/A1/apply_cash"


@pytest.fixture
def api() -> Iterator[Api]:
    """I1 owes 1,000.00 and I2 500.00 USD, J1 1,000.00 EUR; 600.00 and 50.00 USD lie unapplied."""
    machine = Machine()
    machine.take_in(
        "A1",
        invoice("I1", 15),
        invoice("I2", 5, 50_000),
        invoice("I0", 40, 100),
        invoice("J1", 5, currency="EUR"),
        Payment(TODAY, "P0", FRIDAY, "USD", 100, ("I0",)),
        Payment(TODAY, "P1", FRIDAY, "USD", 60_000, ("GHOST",)),
        CreditNote(TODAY, "C1", "USD", 5_000),
    )
    with calling(machine) as api:
        yield api


def dollars(minor: int) -> dict[str, Any]:
    return {"amount_minor": minor, "currency": "USD"}


def open_of(api: Api) -> dict[str, int]:
    invoices = api.machine.account("A1").invoices.values()
    return {i.id: i.open_minor for i in invoices if i.currency == "USD"}


@pytest.mark.parametrize(
    ("body", "left", "cash"),
    [
        ({}, {"I1": 35_000, "I2": 50_000}, 0),
        ({"currency": "USD"}, {"I1": 35_000, "I2": 50_000}, 0),
        ({"invoice_ids": ["I2"]}, {"I1": 100_000}, 15_000),
        ({"invoice_ids": ["I2", "I1"]}, {"I1": 85_000}, 0),
        ({"payment_id": "P1"}, {"I1": 40_000, "I2": 50_000}, 5_000),
        ({"credit_note_id": "C1", "invoice_ids": ["I2"]}, {"I1": 100_000, "I2": 45_000}, 60_000),
    ],
)
def test_cash_is_applied_where_a_person_says(
    api: Api, body: dict[str, Any], left: dict[str, int], cash: int
) -> None:
    answer = api.post(APPLY, body)

    assert (answer.status, open_of(api)) == (200, left)
    assert answer.body["applied"] == [dollars(65_000 - cash)]
    assert answer.body["unapplied"] == ([dollars(cash)] if cash else [])
    assert answer.body["allocation"] == "done"


def test_the_timeline_says_who_applied_how_much(api: Api) -> None:
    api.as_("collector", "carla").post(APPLY, {"invoice_ids": ["I2"]})

    (event,) = api.machine.accounts.timeline("A1", "", 1).rows[0].events
    assert (event.kind, event.actor, event.subject) == ("cash_applied", "carla", "")
    assert event.figures == {"amount_minor": "50000", "currency": "USD", "invoices_named": "1"}


def test_the_task_to_apply_cash_closes_by_itself(api: Api) -> None:
    task = "A1:review_account:cash_covers:USD"
    api.machine.take_in("A1", Payment(TODAY, "P2", FRIDAY, "USD", 90_000, ("GHOST",)))
    api.machine.decide("A1")
    assert task in api.machine.tasks("A1")

    api.post(APPLY, {})
    api.machine.decide("A1")

    assert task not in api.machine.tasks("A1")


@pytest.mark.parametrize(
    ("body", "codes"),
    [
        ({"currency": "EUR"}, ["nothing_unapplied"]),
        ({"currency": "EUR", "payment_id": "P1"}, ["nothing_unapplied"]),
        ({"payment_id": "P0"}, ["nothing_unapplied"]),
        ({"invoice_ids": ["I9", "J1", "I0", "I1"]},
         ["invoice_not_there", "other_currency", "invoice_settled"]),
    ],
)  # fmt: skip
def test_what_cannot_be_applied_is_refused_with_every_reason(
    api: Api, body: dict[str, Any], codes: list[str]
) -> None:
    before = api.machine.account("A1")

    answer = api.post(APPLY, body)

    assert (answer.status, answer.code) == (422, "blocked")
    assert [blocker["code"] for blocker in answer.body["blockers"]] == codes
    assert api.machine.account("A1") == before


def test_cash_with_nothing_open_stays(api: Api) -> None:
    api.machine.take_in("A3", Payment(TODAY, "P1", FRIDAY, "USD", 5))

    answer = api.post("/v1/accounts/A3/apply_cash", {})

    assert [blocker["code"] for blocker in answer.body["blockers"]] == ["nothing_open"]


@pytest.mark.parametrize(
    ("body", "pointers"),
    [
        ({"payment_id": "P1", "credit_note_id": "C1"}, ["/credit_note_id"]),
        ({"currency": "QQQ", "invoice_ids": ["I1", "I1"]}, ["/currency", "/invoice_ids/1"]),
        ({"amount": 5, "invoice_ids": "I1"}, ["/amount", "/invoice_ids"]),
    ],
)
def test_a_malformed_request_is_refused_with_every_fault(
    api: Api, body: dict[str, Any], pointers: list[str]
) -> None:
    answer = api.post(APPLY, body)

    assert (answer.status, sorted(answer.pointers)) == (400, sorted(pointers))


@pytest.mark.parametrize("path", ["/v1/accounts/A9/apply_cash", f"{APPLY}?payment_id=P1", APPLY])
def test_what_is_not_there_is_not_found(api: Api, path: str) -> None:
    expected = 400 if "?" in path else 404

    assert api.post(path, {"payment_id": "P9"}).status == expected


@pytest.mark.parametrize(
    ("roles", "status"),
    [("collector", 200), ("approver", 200), ("admin", 200), ("service", 403), ("viewer", 403),
     ("agency", 403), ("", 401)],
)  # fmt: skip
def test_who_may_apply_cash(api: Api, roles: str, status: int) -> None:
    assert api.as_(roles).post(APPLY, {}).status == status


def test_cash_is_applied_once_for_a_key(api: Api) -> None:
    missing = api.post(APPLY, {}, Idempotency_Key="")
    first = api.post(APPLY, {"payment_id": "P1"}, Idempotency_Key="k1")
    again = api.post(APPLY, {"payment_id": "P1"}, Idempotency_Key="k1")
    other = api.post(APPLY, {"credit_note_id": "C1"}, Idempotency_Key="k1")

    assert (missing.status, first.status, again.status, other.status) == (400, 200, 200, 422)
    assert (again.body, again.headers["Idempotent-Replayed"]) == (first.body, "true")
    assert open_of(api)["I1"] == 40_000
