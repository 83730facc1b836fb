"""Credit notes as a caller sends them (R7.4)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from tests.api.client import Api, calling
from tests.flows.machine import Machine, invoice

NOTES = "/v1/accounts/A1/credit_notes"


@pytest.fixture
def api() -> Iterator[Api]:
    machine = Machine()
    machine.take_in("A1", invoice("I1", 15))
    with calling(machine) as api:
        yield api


def body(minor: int = 30_000, **changes: Any) -> dict[str, Any]:
    plain = {
        "credit_note_id": "C1",
        "issued_on": "2024-03-10",
        "amount": {"amount_minor": minor, "currency": "USD"},
        "invoice_id": "I1",
        "reason": "Two boxes arrived damaged.",
    }
    return plain | changes


def test_a_credit_note_reduces_its_invoice_from_its_own_date(api: Api) -> None:
    answer = api.post(NOTES, body())

    assert (answer.status, answer.headers["Location"]) == (201, f"{NOTES}/C1")
    assert (answer.body["issued_on"], answer.body["booked_on"]) == ("2024-03-10", "2024-03-18")
    (cut,) = api.machine.account("A1").invoices["I1"].reductions
    assert (cut.amount_minor, cut.value_on.isoformat()) == (30_000, "2024-03-10")
    assert api.get(f"{NOTES}/C1").body == answer.body
    assert api.get(NOTES).body["data"] == [answer.body]


def test_what_exceeds_the_invoice_becomes_unapplied_credit(api: Api) -> None:
    answer = api.post(NOTES, body(130_000))

    assert answer.body["unapplied"] == {"amount_minor": 30_000, "currency": "USD"}
    assert answer.body["allocations"]["first"] == [
        {
            "invoice_id": "I1",
            "charge_id": None,
            "amount": {"amount_minor": 100_000, "currency": "USD"},
        }
    ]


def test_a_credit_note_without_an_invoice_is_unapplied_credit(api: Api) -> None:
    plain = body()
    del plain["invoice_id"], plain["issued_on"]

    answer = api.post(NOTES, plain)

    assert (answer.body["invoice_id"], answer.body["issued_on"]) == (None, "2024-03-18")
    assert answer.body["unapplied"]["amount_minor"] == 30_000


def test_a_credit_note_waits_for_an_invoice_that_is_not_there(api: Api) -> None:
    answer = api.post(NOTES, body(invoice_id="I9"))

    assert answer.body["waits_for"] == {"count": 1, "first": ["I9"]}


def test_the_timeline_says_who_booked_it_and_why(api: Api) -> None:
    api.as_("service", "erp").post(NOTES, body())

    (event,) = api.machine.accounts.timeline("A1", "", 1).rows[0].events
    assert (event.kind, event.actor, event.subject) == ("credit_note_booked", "erp", "C1")
    assert event.note == "Two boxes arrived damaged."


def test_the_same_credit_note_again_is_answered_with_what_is_there(api: Api) -> None:
    first = api.post(NOTES, body())
    undated = {name: value for name, value in body().items() if name != "issued_on"}

    assert (api.post(NOTES, body()).status, api.post(NOTES, undated).status) == (200, 200)
    assert api.post(NOTES, body()).body == first.body
    assert api.machine.account("A1").totals["USD"]["credit_note"] == 30_000


@pytest.mark.parametrize(
    "changes", [{"minor": 1}, {"reason": "x"}, {"invoice_id": "I2"}, {"issued_on": "2024-03-11"}]
)
def test_the_same_id_with_other_content_is_a_conflict(api: Api, changes: dict[str, Any]) -> None:
    api.post(NOTES, body())

    answer = api.post(NOTES, body(**changes))

    assert (answer.status, answer.code) == (409, "conflict")


def test_a_credit_note_in_another_currency_than_its_invoice_is_refused(api: Api) -> None:
    answer = api.post(NOTES, body(amount={"amount_minor": 1, "currency": "EUR"}))

    assert (answer.status, answer.code) == (422, "blocked")
    assert [blocker["code"] for blocker in answer.body["blockers"]] == ["other_currency"]


@pytest.mark.parametrize(
    ("changes", "pointers"),
    [
        ({"amount": {"amount_minor": 1.5, "currency": "USD"}}, ["/amount/amount_minor"]),
        ({"amount": {"amount_minor": 10**15, "currency": "USD"}}, ["/amount/amount_minor"]),
        ({"amount": {"amount_minor": 1, "currency": "QQQ"}, "issued_on": "2024-03-19"},
         ["/amount/currency", "/issued_on"]),
        ({"reason": "", "invoice": "I1"}, ["/reason", "/invoice"]),
        ({"invoice_id": "I/1"}, ["/invoice_id"]),
    ],
)  # fmt: skip
def test_a_malformed_credit_note_is_refused_with_every_fault(
    api: Api, changes: dict[str, Any], pointers: list[str]
) -> None:
    answer = api.post(NOTES, body() | changes)

    assert (answer.status, sorted(answer.pointers)) == (400, sorted(pointers))
    assert api.machine.account("A1").totals["USD"].keys() == {"invoice"}


def test_a_credit_note_needs_a_key_and_replays_by_it(api: Api) -> None:
    missing = api.post(NOTES, body(), Idempotency_Key="")
    first = api.post(NOTES, body(), Idempotency_Key="k1")
    again = api.post(NOTES, body(), Idempotency_Key="k1")
    other = api.post(NOTES, body(credit_note_id="C2"), Idempotency_Key="k1")

    assert (missing.status, first.status, again.status, other.status) == (400, 201, 201, 422)
    assert (again.body, again.headers["Idempotent-Replayed"]) == (first.body, "true")


@pytest.mark.parametrize(
    ("roles", "status"),
    [("service", 201), ("admin", 201), ("approver", 201), ("collector", 403), ("viewer", 403),
     ("agency", 403), ("", 401)],
)  # fmt: skip
def test_who_may_book_a_credit_note(api: Api, roles: str, status: int) -> None:
    assert api.as_(roles).post(NOTES, body()).status == status


@pytest.mark.parametrize(
    ("roles", "status"), [("viewer", 200), ("service", 200), ("agency", 403), ("", 401)]
)
@pytest.mark.parametrize("path", ["", "/C1"])
def test_who_may_read_credit_notes(api: Api, roles: str, status: int, path: str) -> None:
    api.post(NOTES, body())

    assert api.as_(roles).get(NOTES + path).status == status


@pytest.mark.parametrize("path", ["/v1/accounts/A9/credit_notes", f"{NOTES}/C9"])
def test_what_is_not_there_is_not_found(api: Api, path: str) -> None:
    assert api.get(path).status == 404
    assert api.post("/v1/accounts/A9/credit_notes", body()).status == 404
