"""Payments as a caller sends them (R7.1-R7.4)."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from tests.api.client import WHY, Answered, Api, calling
from tests.flows.machine import TODAY, Machine, invoice

PAYMENTS = "/v1/accounts/A1/payments"


@pytest.fixture
def api() -> Iterator[Api]:
    machine = Machine()
    machine.take_in("A1", invoice("I1", 15), invoice("I2", 5, 50_000))
    machine.take_in("A2", invoice("J1", 15))
    with calling(machine) as api:
        yield api


def body(payment_id: str = "P1", minor: int = 100_000, **changes: Any) -> dict[str, Any]:
    plain = {
        "payment_id": payment_id,
        "received_on": "2024-03-15",
        "amount": {"amount_minor": minor, "currency": "USD"},
    }
    return plain | changes


def rows(answered: Answered, name: str = "allocations") -> list[tuple[str, int]]:
    found = answered.body[name]["first"]
    assert answered.body[name]["count"] == len(found)
    return [(row["invoice_id"], row["amount"]["amount_minor"]) for row in found]


def test_a_payment_is_booked_today_and_goes_to_what_it_names(api: Api) -> None:
    answer = api.post(PAYMENTS, body(invoice_ids=["I2", "I1"], reference="March"))

    assert (answer.status, answer.headers["Location"]) == (201, f"{PAYMENTS}/P1")
    assert rows(answer) == [("I2", 50_000), ("I1", 50_000)]
    said = answer.body
    assert (said["booked_on"], said["received_on"]) == ("2024-03-18", "2024-03-15")
    assert (said["allocation"], said["state"], said["reference"]) == ("done", "booked", "March")
    assert said["unapplied"] == {"amount_minor": 0, "currency": "USD"}
    assert api.get(f"{PAYMENTS}/P1").body == said


def test_the_timeline_says_who_booked_it(api: Api) -> None:
    api.as_("service", "erp").post(PAYMENTS, body())

    (event,) = api.machine.accounts.timeline("A1", "", 1).rows[0].events
    assert (event.kind, event.actor, event.subject) == ("payment_booked", "erp", "P1")
    assert event.figures == {
        "amount_minor": "100000", "currency": "USD", "received_on": "2024-03-15",
    }  # fmt: skip


def test_the_same_payment_again_is_answered_with_what_is_there(api: Api) -> None:
    first = api.post(PAYMENTS, body())

    again = api.post(PAYMENTS, body())

    assert (again.status, again.body) == (200, first.body)
    assert "Idempotent-Replayed" not in again.headers
    assert api.machine.account("A1").totals["USD"]["payment"] == 100_000


@pytest.mark.parametrize(
    "changed",
    [
        {"amount": {"amount_minor": 99_999, "currency": "USD"}},
        {"amount": {"amount_minor": 100_000, "currency": "EUR"}},
        {"received_on": "2024-03-14"},
        {"invoice_ids": ["I1"]},
        {"reference": "other"},
    ],
)
def test_the_same_id_with_other_content_is_a_conflict(api: Api, changed: dict[str, Any]) -> None:
    api.post(PAYMENTS, body())

    answer = api.post(PAYMENTS, body() | changed)

    assert (answer.status, answer.code) == (409, "conflict")
    assert api.machine.account("A1").totals["USD"]["payment"] == 100_000


def test_the_same_key_replays_the_first_answer(api: Api) -> None:
    first = api.post(PAYMENTS, body(), Idempotency_Key="k1")
    api.post(f"{PAYMENTS}/P1/reverse", WHY)

    again = api.post(PAYMENTS, body(), Idempotency_Key="k1")

    assert (again.status, again.body) == (201, first.body)
    assert again.headers["Idempotent-Replayed"] == "true"


def test_the_same_key_with_another_body_is_refused(api: Api) -> None:
    api.post(PAYMENTS, body(), Idempotency_Key="k1")

    answer = api.post(PAYMENTS, body("P2"), Idempotency_Key="k1")

    assert (answer.status, answer.code) == (422, "idempotency_key_reused")
    assert "payment:P2" not in api.machine.account("A1").money


def test_the_ids_of_agencies_payments_are_kept_for_them(api: Api) -> None:
    answer = api.post(PAYMENTS, body("agy_default_7"))

    assert (answer.status, answer.pointers) == (400, ["/payment_id"])


def test_a_payment_needs_a_key(api: Api) -> None:
    answer = api.post(PAYMENTS, body(), Idempotency_Key="")

    assert (answer.status, answer.pointers) == (400, ["Idempotency-Key"])


@pytest.mark.parametrize(
    ("changes", "pointers"),
    [
        ({"amount": {"amount_minor": 10.5, "currency": "USD"}}, ["/amount/amount_minor"]),
        ({"amount": {"amount_minor": 10.0, "currency": "USD"}}, ["/amount/amount_minor"]),
        ({"amount": {"amount_minor": 10**15, "currency": "USD"}}, ["/amount/amount_minor"]),
        ({"amount": {"amount_minor": 0, "currency": "USD"}}, ["/amount/amount_minor"]),
        ({"amount": {"amount_minor": -1, "currency": "usd"}},
         ["/amount/amount_minor", "/amount/currency"]),
        ({"amount": 1000}, ["/amount"]),
        ({"amount": {"amount_minor": 1, "currency": "QQQ"}}, ["/amount/currency"]),
        ({"amount": {"amount_minor": 1, "currency": "XAU"}}, ["/amount/currency"]),
        ({"received_on": "2024-03-19"}, ["/received_on"]),
        ({"received_on": "0001-01-01"}, ["/received_on"]),
        ({"received_on": "2024-W11-5"}, ["/received_on"]),
        ({"invoice_ids": ["I1", "I2", "I1"]}, ["/invoice_ids/2"]),
        ({"invoice_ids": ["I 1"]}, ["/invoice_ids/0"]),
        ({"invoice_ids": ["I1"] * 3_001}, ["/invoice_ids"]),
        ({"payment_id": "a/b", "currency": "USD"}, ["/payment_id", "/currency"]),
        ({"payment_id": ".."}, ["/payment_id"]),  # no path could name it, to reverse it
        ({"reference": "a\nb"}, ["/reference"]),
    ],
)  # fmt: skip
def test_a_malformed_payment_is_refused_with_every_fault(
    api: Api, changes: dict[str, Any], pointers: list[str]
) -> None:
    before = api.machine.account("A1")

    answer = api.post(PAYMENTS, body() | changes)

    assert (answer.status, sorted(answer.pointers)) == (400, sorted(pointers))
    assert api.machine.account("A1") == before


def test_money_of_another_currency_stays_unapplied(api: Api) -> None:
    answer = api.post(
        PAYMENTS,
        body(amount={"amount_minor": 700, "currency": "EUR"}, invoice_ids=["I1"]),
    )

    assert (answer.status, rows(answer)) == (201, [])
    assert answer.body["unapplied"] == {"amount_minor": 700, "currency": "EUR"}


def test_a_payment_waits_for_an_invoice_that_is_not_there(api: Api) -> None:
    answer = api.post(PAYMENTS, body(invoice_ids=["I9"]))

    assert answer.body["waits_for"] == {"count": 1, "first": ["I9"]}
    assert answer.body["unapplied"]["amount_minor"] == 100_000


@pytest.mark.parametrize(
    ("roles", "status"),
    [("service", 201), ("admin", 201), ("approver", 201), ("collector", 403), ("viewer", 403),
     ("agency", 403), ("", 401)],
)  # fmt: skip
def test_who_may_book_a_payment(api: Api, roles: str, status: int) -> None:
    assert api.as_(roles).post(PAYMENTS, body()).status == status


@pytest.mark.parametrize(
    ("roles", "status"),
    [("service", 200), ("admin", 200), ("approver", 200), ("collector", 403), ("viewer", 403),
     ("agency", 403), ("", 401)],
)  # fmt: skip
def test_who_may_reverse_a_payment(api: Api, roles: str, status: int) -> None:
    api.post(PAYMENTS, body())

    assert api.as_(roles).post(f"{PAYMENTS}/P1/reverse", WHY).status == status


@pytest.mark.parametrize(
    ("roles", "status"), [("viewer", 200), ("collector", 200), ("agency", 403), ("", 401)]
)
@pytest.mark.parametrize("path", ["", "/P1", "/P1/allocations"])
def test_who_may_read_payments(api: Api, roles: str, status: int, path: str) -> None:
    api.post(PAYMENTS, body())

    assert api.as_(roles).get(PAYMENTS + path).status == status


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/v1/accounts/A9/payments"),
        ("GET", "/v1/accounts/A9/payments"),
        ("GET", "/v1/accounts/A1/payments/P9"),
        ("GET", "/v1/accounts/A1/payments/P9/allocations"),
        ("POST", "/v1/accounts/A1/payments/P9/reverse"),
        ("POST", "/v1/accounts/A9/payments/P9/reverse"),
    ],
)
def test_what_is_not_there_is_not_found(api: Api, method: str, path: str) -> None:
    sent = None if method == "GET" else WHY if path.endswith("reverse") else body()

    answer = api.call(method, path, sent)

    assert (answer.status, answer.code) == (404, "not_found")


def test_a_reversal_re_opens_what_the_payment_closed(api: Api) -> None:
    api.post(PAYMENTS, body(minor=150_000))
    assert api.machine.account("A1").invoices == {}

    answer = api.post(f"{PAYMENTS}/P1/reverse", WHY)

    assert (answer.status, answer.body["state"]) == (200, "reversed")
    assert answer.body["allocations"] == {"count": 0, "first": []}
    account = api.machine.account("A1")
    assert {i.id: i.open_minor for i in account.invoices.values()} == {"I1": 100_000, "I2": 50_000}
    (event,) = api.machine.accounts.timeline("A1", "", 1).rows[0].events
    assert (event.kind, event.reason_code, event.note) == (
        "payment_reversed", WHY["reason_code"], WHY["note"],
    )  # fmt: skip


def test_a_payment_is_reversed_once(api: Api) -> None:
    api.post(PAYMENTS, body())
    api.post(f"{PAYMENTS}/P1/reverse", WHY, Idempotency_Key="k1")

    replayed = api.post(f"{PAYMENTS}/P1/reverse", WHY, Idempotency_Key="k1")
    again = api.post(f"{PAYMENTS}/P1/reverse", WHY)

    assert (replayed.status, replayed.headers["Idempotent-Replayed"]) == (200, "true")
    assert (again.status, again.code) == (409, "conflict")
    assert api.machine.account("A1").totals["USD"]["payment_reversal"] == 100_000


def test_a_reversed_payment_sent_again_stays_reversed(api: Api) -> None:
    api.post(PAYMENTS, body())
    api.post(f"{PAYMENTS}/P1/reverse", WHY)

    answer = api.post(PAYMENTS, body())

    assert (answer.status, answer.body["state"]) == (200, "reversed")


def test_a_reversal_of_another_state_than_the_one_read_is_refused(api: Api) -> None:
    api.post(PAYMENTS, body(invoice_ids=["I9"]))
    read = api.get(f"{PAYMENTS}/P1")
    api.machine.take_in("A1", invoice("I9", 3))

    answer = api.post(f"{PAYMENTS}/P1/reverse", WHY, If_Match=read.headers["ETag"])

    assert (answer.status, answer.code) == (412, "precondition_failed")


@pytest.mark.parametrize(
    ("why", "pointers"),
    [({}, ["/reason_code", "/note"]), (WHY | {"note": ""}, ["/note"]),
     (WHY | {"by": "x"}, ["/by"])],
)  # fmt: skip
def test_a_reversal_says_why(api: Api, why: dict[str, str], pointers: list[str]) -> None:
    api.post(PAYMENTS, body())

    answer = api.post(f"{PAYMENTS}/P1/reverse", why)

    assert (answer.status, sorted(answer.pointers)) == (400, sorted(pointers))


def test_payments_are_listed_by_id_in_parts(api: Api) -> None:
    for number in (3, 1, 2):
        api.post(PAYMENTS, body(f"P{number}", 60_000))
    api.post("/v1/accounts/A1/credit_notes", {
        "credit_note_id": "P0", "amount": {"amount_minor": 1, "currency": "USD"}, "reason": "x",
    })  # fmt: skip

    first = api.get(f"{PAYMENTS}?limit=2").body
    rest = api.get(f"{PAYMENTS}?limit=2&cursor={first['next_cursor']}").body

    assert [row["payment_id"] for row in first["data"]] == ["P1", "P2"]
    assert ([row["payment_id"] for row in rest["data"]], rest["next_cursor"]) == (["P3"], None)
    strange = api.get(f"/v1/accounts/A2/payments?limit=2&cursor={first['next_cursor']}")
    assert (strange.status, strange.pointers) == (400, ["cursor"])


def test_where_a_payment_went_is_listed_in_parts(api: Api) -> None:
    api.post(PAYMENTS, body(minor=150_000))
    path = f"{PAYMENTS}/P1/allocations"

    first = api.get(f"{path}?limit=1").body
    rest = api.get(f"{path}?limit=1&cursor={first['next_cursor']}").body

    assert [row["invoice_id"] for row in (*first["data"], *rest["data"])] == ["I1", "I2"]
    assert rest["next_cursor"] is None


def test_late_money_tells_what_it_took_back_and_wrote_off(api: Api) -> None:
    """R4.9: the fee of the 15th day fell after the money had come."""
    machine = api.machine
    machine.registry.put_policy("standard", FEES)
    machine.decide("A1")
    machine.clock.at += timedelta(days=2)

    answer = api.post(PAYMENTS, body(minor=99_950, received_on="2024-03-16", invoice_ids=["I1"]))

    assert rows(answer) == [("I1", 99_950)]
    assert rows(answer, "written_off") == [("I1", 50)]
    assert rows(answer, "reversed_charges") == [("I1", 500)]


FEES = b"""
id = "standard"
currencies = ["USD"]
[cash]
reverse_on_value_date = true
short_payment_tolerance = { USD = "1.00" }
write_off_short_payments = true
[[stages]]
id = "fee"
days = 10
charges = [ { kind = "flat", amount = { USD = "5.00" } } ]
"""


def test_the_decision_after_a_payment_is_due_today(api: Api) -> None:
    api.machine.take_in("A1", wake_on=TODAY + timedelta(days=9))

    api.post(PAYMENTS, body())

    assert api.machine.accounts.kept["A1"].wake_on == TODAY


def test_a_payment_may_name_3000_invoices_of_64_characters(api: Api) -> None:
    names = [f"{number:064}" for number in range(3_000)]
    api.machine.take_in("BIG", *(invoice(name, 15, 100) for name in names))
    path = "/v1/accounts/BIG/payments"
    pretty = json.dumps(body(minor=300_000, invoice_ids=names), indent=8).encode()

    answer = api.post(path, pretty, Content_Type="application/json")

    assert (answer.status, answer.body["allocation"]) == (201, "pending")
    assert "allocations" not in answer.body
    assert "unapplied" not in answer.body
    assert answer.body["named"]["count"] == 3_000
    read = api.get(f"{path}/P1").body
    assert (read["allocation"], read["allocations"]["count"]) == ("done", 3_000)
    assert len(read["allocations"]["first"]) == 100
    assert api.machine.account("BIG").invoices == {}


def test_a_payment_beyond_the_size_of_a_body_is_refused(api: Api) -> None:
    answer = api.post(PAYMENTS, b" " * 600_000, Content_Type="application/json")

    assert (answer.status, answer.code) == (413, "too_large")
