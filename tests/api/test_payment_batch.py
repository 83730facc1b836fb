"""Many payments in one call, each answered on its own (R7.1)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from tests.api.client import Answered, Api, calling
from tests.flows.machine import Machine, invoice

BATCH = "/v1/payments/batch"


@pytest.fixture
def api() -> Iterator[Api]:
    machine = Machine()
    for account_id in ("A1", "A2", "A3"):
        machine.take_in(account_id, invoice("I1", 15))
    with calling(machine) as api:
        yield api


def row(account_id: str, payment_id: str, minor: int = 10_000, **changes: Any) -> dict[str, Any]:
    plain = {
        "account_id": account_id,
        "payment_id": payment_id,
        "received_on": "2024-03-15",
        "amount": {"amount_minor": minor, "currency": "USD"},
    }
    return plain | changes


def send(api: Api, *rows: dict[str, Any]) -> Answered:
    return api.post(BATCH, {"payments": list(rows)}, Idempotency_Key="")


def statuses(answered: Answered) -> list[str]:
    assert answered.status == 200
    rows = answered.body["data"]
    assert [row["index"] for row in rows] == list(range(len(rows)))
    found = [row["status"] for row in rows]
    assert answered.body["counts"] == {name: found.count(name) for name in answered.body["counts"]}
    return found


def open_minor(api: Api, account_id: str) -> int:
    return sum(i.open_minor for i in api.machine.account(account_id).invoices.values())


def test_each_row_is_answered_in_its_place(api: Api) -> None:
    sent = [row("A2", "P1"), row("A1", "P1"), row("A2", "P2", 20_000), row("A3", "P1", 150_000)]

    answer = send(api, *sent)

    assert statuses(answer) == ["created"] * 4
    found = [(r["account_id"], r["payment"]["payment_id"]) for r in answer.body["data"]]
    assert found == [("A2", "P1"), ("A1", "P1"), ("A2", "P2"), ("A3", "P1")]
    assert [open_minor(api, name) for name in ("A1", "A2", "A3")] == [90_000, 70_000, 0]


def test_an_account_is_changed_once_however_many_rows_it_has(api: Api) -> None:
    before = api.machine.accounts.kept["A1"].version

    send(api, *(row("A1", f"P{number}") for number in range(7)))

    assert api.machine.accounts.kept["A1"].version == before + 1
    events = api.machine.accounts.timeline("A1", "", 1).rows[0].events
    assert [event.subject for event in events] == [f"P{number}" for number in range(7)]


def test_a_batch_may_be_sent_again(api: Api) -> None:
    sent = [row("A1", "P1"), row("A2", "P2")]
    first = send(api, *sent)

    again = send(api, *sent, row("A2", "P3"))

    assert statuses(again) == ["unchanged", "unchanged", "created"]
    assert [r["payment"] for r in again.body["data"][:2]] == [
        r["payment"] for r in first.body["data"]
    ]
    assert (open_minor(api, "A1"), open_minor(api, "A2")) == (90_000, 80_000)


def test_a_row_that_is_refused_stops_no_other(api: Api) -> None:
    api.post("/v1/accounts/A1/payments", {k: v for k, v in row("A1", "P0").items()
                                          if k != "account_id"})  # fmt: skip
    sent = [
        row("A1", "P0", 77),  # other content than what is there
        row("A9", "P1"),  # no such account
        row("A1", "P2", received_on="2024-03-19"),
        row("A1", "P3", amount={"amount_minor": 5, "currency": "QQQ"}, invoice_ids=["I1", "I1"]),
        row("A 1", "P5", amount={"amount_minor": 1.5, "currency": "USD"}, note="x"),
        row("A1", "P4"),
    ]

    answer = send(api, *sent)

    assert statuses(answer) == ["conflict", "invalid", "invalid", "invalid", "invalid", "created"]
    errors = [sorted((e["pointer"], e["code"]) for e in r["errors"]) for r in answer.body["data"]]
    assert errors == [
        [("/payments/0/payment_id", "conflict")],
        [("/payments/1/account_id", "unknown_account")],
        [("/payments/2/received_on", "in_the_future")],
        [("/payments/3/amount/currency", "unknown_currency"),
         ("/payments/3/invoice_ids/1", "named_twice")],
        [("/payments/4/account_id", "bad_form"),
         ("/payments/4/amount/amount_minor", "not_a_whole_number"),
         ("/payments/4/note", "unknown_field")],
        [],
    ]  # fmt: skip
    assert [r["payment_id"] for r in answer.body["data"]] == ["P0", "P1", "P2", "P3", "P5", "P4"]
    assert open_minor(api, "A1") == 80_000


@pytest.mark.parametrize(("second", "expected"), [(10_000, "unchanged"), (5, "conflict")])
def test_a_payment_that_is_in_a_batch_twice_is_booked_once(
    api: Api, second: int, expected: str
) -> None:
    answer = send(api, row("A1", "P1"), row("A1", "P1", second))

    assert statuses(answer) == ["created", expected]
    assert open_minor(api, "A1") == 90_000


@pytest.mark.parametrize(
    ("body", "pointers"),
    [
        ({"payments": []}, ["/payments"]),
        ({}, ["/payments"]),
        ({"payments": [row("A1", "P1")] * 501}, ["/payments"]),
        ({"payments": "P1", "update": True}, ["/payments", "/update"]),
    ],
)  # fmt: skip
def test_a_malformed_batch_is_refused_whole(
    api: Api, body: dict[str, Any], pointers: list[str]
) -> None:
    answer = api.post(BATCH, body)

    assert (answer.status, sorted(answer.pointers)) == (400, sorted(pointers))
    assert open_minor(api, "A1") == 100_000


@pytest.mark.parametrize(
    ("roles", "status"),
    [("service", 200), ("admin", 200), ("approver", 200), ("collector", 403), ("viewer", 403),
     ("agency", 403), ("", 401)],
)  # fmt: skip
def test_who_may_send_a_batch(api: Api, roles: str, status: int) -> None:
    assert api.as_(roles).post(BATCH, {"payments": [row("A1", "P1")]}).status == status


def test_500_payments_of_500_accounts_are_booked(api: Api) -> None:
    names = [f"B{number:03}" for number in range(500)]
    for name in names:
        api.machine.take_in(name, invoice("I1", 15))

    answer = send(api, *(row(name, "P1", 100_000) for name in names))

    assert statuses(answer) == ["created"] * 500
    assert sum(open_minor(api, name) for name in names) == 0
