"""Money between agency and seller: payments, remittances to the cent, reconciliation (R10.6)."""

from __future__ import annotations

import csv
import io
from dataclasses import replace
from typing import Any

import pytest
from chalicelib.flows.ports_agency import Agency, PaymentRow
from tests.api.agency_calls import AgencyApi, usd, with_offer, with_work
from tests.api.client import Api
from tests.flows.machine import TODAY

EUR = {"amount_minor": 50_000, "currency": "EUR"}


def with_money(kind: str = "gross") -> tuple[AgencyApi, str]:
    """An agency that took 500.00 and 250.00, and earns 75.00 and 37.50 by them."""
    agency, placement_id = with_work()
    agency.machine.agencies.put(Agency("default", "North", agency.machine.clock.now(), remit=kind))  # type: ignore[arg-type] # of a Literal
    shelf = agency.machine.agencies.shelf("default")
    rows = [("P-1", 50_000, 7_500), ("P-2", 25_000, 3_750)]
    shelf.put_payments(
        [
            PaymentRow(name, placement_id, TODAY, "USD", amount, commission, "agency")
            for name, amount, commission in rows
        ]
    )
    return agency, placement_id


def line(placement_id: str, payment_id: str, amount: int, commission: int) -> dict[str, Any]:
    return {
        "placement_id": placement_id,
        "payment_id": payment_id,
        "amount": usd(amount),
        "commission": usd(commission),
    }


def remittance(placement_id: str, kind: str = "gross", **changes: Any) -> dict[str, Any]:
    paid = 75_000 if kind == "gross" else 63_750
    return {
        "id": "R-1",
        "kind": kind,
        "period_from": "2024-03-01",
        "period_until": "2024-03-31",
        "currency": "USD",
        "lines": [line(placement_id, "P-1", 50_000, 7_500), line(placement_id, "P-2", 25_000, 3_750)],
        "totals": {
            "count": 2, "collected": usd(75_000), "commission": usd(11_250), "paid": usd(paid),
        },
    } | changes  # fmt: skip


@pytest.mark.parametrize("kind", ["gross", "net"])
def test_a_remittance_that_adds_up_is_taken_and_can_be_read(kind: str) -> None:
    agency, placement_id = with_money(kind)

    answer = agency.post("/remittances", remittance(placement_id, kind))
    agency.work()

    assert (answer.status, answer.body["kind"]) == (202, "remittance")
    found = agency.get("/remittances/R-1").body
    assert (found["status"], found["count"], found["kind"]) == ("received", 2, kind)
    assert found["paid"] == usd(75_000 if kind == "gross" else 63_750)
    assert [one["payment_id"] for one in found["lines"]] == ["P-1", "P-2"]
    (listed,) = agency.get("/remittances").body["data"]
    assert listed == {name: value for name, value in found.items() if name != "lines"}
    held = {one["remittance_id"] for one in agency.get("/payments").body["data"]}
    assert held == {"R-1"}


def test_a_payment_is_remitted_once() -> None:
    agency, placement_id = with_money()
    agency.post("/remittances", remittance(placement_id))
    agency.work()

    answer = agency.post("/remittances", remittance(placement_id, id="R-2"))

    assert answer.status == 422
    assert [(one["pointer"], one["code"]) for one in answer.body["errors"]] == [
        ("/lines/0/payment_id", "remitted_before"),
        ("/lines/1/payment_id", "remitted_before"),
    ]


def test_a_remittance_of_what_was_not_applied_yet_names_the_line() -> None:
    agency, placement_id = with_money()
    paid = {"id": "P-3", "received_on": "2024-03-15", "amount": usd(100)}
    agency.post(f"/placements/{placement_id}/payments", paid)
    lines = [line(placement_id, "P-3", 100, 0)]
    totals = {"count": 1, "collected": usd(100), "commission": usd(0), "paid": usd(100)}

    answer = agency.post("/remittances", remittance(placement_id, lines=lines, totals=totals))

    assert answer.body["errors"][0]["code"] == "unknown_payment"
    assert answer.pointers == ["/lines/0/payment_id"]


def changed(number: int, **changes: Any) -> Any:
    def change(body: dict[str, Any]) -> None:
        body["lines"][number] = body["lines"][number] | changes

    return change


def total(**changes: Any) -> Any:
    def change(body: dict[str, Any]) -> None:
        body["totals"] = body["totals"] | changes

    return change


FAULTS: list[tuple[Any, list[tuple[str, str]]]] = [
    (changed(1, payment_id="P-9"), [("/lines/1/payment_id", "unknown_payment")]),
    (changed(0, placement_id="plc_x"), [("/lines/0/placement_id", "other_placement")]),
    (
        changed(0, amount=usd(50_001)),
        [("/lines/0/amount", "amount_differs"), ("/totals/collected", "total_differs"),
         ("/totals/paid", "total_differs")],
    ),
    (
        changed(1, commission=usd(0)),
        [("/lines/1/commission", "commission_differs"), ("/totals/commission", "total_differs")],
    ),
    (
        changed(0, amount=EUR),
        [("/lines/0/amount/currency", "other_currency"), ("/lines/0/amount/currency", "other_currency")],
    ),
    (
        changed(1, payment_id="P-1", amount=usd(25_000), commission=usd(3_750)),
        [("/lines/1/amount", "amount_differs"), ("/lines/1/commission", "commission_differs"),
         ("/lines/1/payment_id", "named_twice")],
    ),
    (total(count=3), [("/totals/count", "total_differs")]),
    (total(paid=usd(63_750)), [("/totals/paid", "total_differs")]),
    (total(commission=usd(1)), [("/totals/commission", "total_differs")]),
    (total(collected=EUR), [("/totals/collected/currency", "other_currency")]),
    (lambda body: body.update(period_until="2024-02-01"), [("/period_until", "out_of_range")]),
    (
        lambda body: body.update(kind="net"),
        [("/kind", "not_agreed"), ("/totals/paid", "total_differs")],
    ),
]  # fmt: skip


@pytest.mark.parametrize(("change", "expected"), FAULTS)
def test_each_fault_of_a_remittance_is_told_at_its_line(
    change: Any, expected: list[tuple[str, str]]
) -> None:
    agency, placement_id = with_money()
    body = remittance(placement_id)
    change(body)

    answer = agency.post("/remittances", body)

    assert (answer.status, answer.code) == (422, "unfit_input")
    assert [(one["pointer"], one["code"]) for one in answer.body["errors"]] == expected
    assert agency.get("/reports/remittance/R-1").status == 404


def test_a_payment_that_bounced_is_not_remitted() -> None:
    agency, placement_id = with_money()
    shelf = agency.machine.agencies.shelf("default")
    shelf.put_payments([replace(shelf.find_payments(["P-2"])[0], bounced=True)])

    answer = agency.post("/remittances", remittance(placement_id))

    assert [(one["pointer"], one["code"]) for one in answer.body["errors"]] == [
        ("/lines/1/payment_id", "bounced")
    ]


def test_commission_on_direct_money_is_remitted_with_an_amount_of_nothing() -> None:
    agency, placement_id = with_money("net")
    name = f"direct:{placement_id}:pay_7"
    row = PaymentRow(name, placement_id, TODAY, "USD", 0, 150, "direct")
    agency.machine.agencies.shelf("default").put_payments([row])
    lines = [line(placement_id, "P-1", 50_000, 7_500), line(placement_id, name, 0, 150)]
    sums = {"collected": usd(50_000), "commission": usd(7_650), "paid": usd(42_350)}

    body = remittance(placement_id, "net", lines=lines, totals={"count": 2, **sums})

    assert agency.post("/remittances", body).status == 202


def test_a_remittance_has_at_most_500_lines() -> None:
    agency, placement_id = with_money()
    lines = [line(placement_id, f"P-{number}", 1, 0) for number in range(501)]

    answer = agency.post("/remittances", remittance(placement_id, lines=lines))

    assert (answer.status, answer.pointers) == (400, ["/lines"])


def test_payments_in_csv_have_the_same_ids() -> None:
    agency, _ = with_money()

    answer = agency.get("/payments?limit=1", Accept="text/csv")
    rest = agency.get(
        f"/payments?cursor={answer.headers['Next-Cursor']}&limit=1", Accept="text/csv"
    )

    rows = [*csv.DictReader(io.StringIO(answer.text)), *csv.DictReader(io.StringIO(rest.text))]
    assert [row["payment_id"] for row in rows] == ["P-1", "P-2"]
    assert rows[0] == rows[0] | {
        "amount_minor": "50000", "commission_minor": "7500", "currency": "USD",
        "received_by": "agency", "remittance_id": "", "bounced": "false",
    }  # fmt: skip
    assert "Next-Cursor" not in rest.headers


def believed(placement_id: str, status: str, balance: int) -> dict[str, Any]:
    return {"placement_id": placement_id, "status": status, "balance": usd(balance)}


def test_two_that_have_the_same_differ_in_nothing() -> None:
    agency, placement_id = with_offer()

    answer = agency.post(
        "/reconciliations", {"placements": [believed(placement_id, "offered", 200_000)]}
    )

    assert (answer.status, answer.body) == (200, {"compared": 1, "data": []})


def test_what_differs_is_told_with_how_it_is() -> None:
    agency, placement_id = with_offer()
    sent = [believed(placement_id, "active", 1), believed("plc_other", "active", 1)]

    answer = agency.post("/reconciliations", {"placements": sent})

    assert answer.body["data"] == [
        {
            "placement_id": placement_id, "codes": ["status_differs", "balance_differs"],
            "status": "offered", "balance": usd(200_000),
        },
        {
            "placement_id": "plc_other", "codes": ["unknown_placement"],
            "status": None, "balance": None,
        },
    ]  # fmt: skip


def test_what_is_missing_from_a_complete_list_is_told() -> None:
    agency, placement_id = with_offer()

    whole = agency.post("/reconciliations", {"placements": []})
    part = agency.post("/reconciliations", {"placements": [], "is_complete": False})

    (missing,) = whole.body["data"]
    assert (missing["placement_id"], missing["codes"]) == (placement_id, ["not_listed"])
    assert part.body["data"] == []


def test_a_reconciliation_changes_nothing() -> None:
    agency, _ = with_offer()
    before = Api(agency.machine).get("/v1/accounts/A1/timeline").text

    agency.post("/reconciliations", {"placements": []})

    assert Api(agency.machine).get("/v1/accounts/A1/timeline").text == before
    assert agency.machine.agencies.shelf("default").reports_waiting(1) == []
