"""A collection fee: its id begins with its placement's, not with its invoice's (R4.2, R4.7)."""

from __future__ import annotations

from typing import Any

import pytest
from chalicelib.core.facts import InvoiceVoided, Payment
from tests.api.client import WHY, Answered, Api
from tests.flows.machine import TODAY, Machine, invoice
from tests.unit.placed import ACCEPT, FEE, PLACED, act, placed

PATH = f"/v1/accounts/A1/charges/{FEE}"


@pytest.fixture
def api() -> Api:
    """Invoices of 1,000.00 that an agency accepted: its fee of 15% is 300.00."""
    machine = Machine()
    machine.take_in("A1", invoice("I1", 40), invoice("I2", 35))
    kept = machine.accounts.kept["A1"]
    kept.account = placed(kept.account)
    machine.take_in("A1", ACCEPT)
    return Api(machine)


def pay(api: Api, amount_minor: int) -> None:
    money = Payment(TODAY, "agy_1", TODAY, "USD", amount_minor, placement_id=PLACED)
    api.machine.take_in("A1", money)


def asked(api: Api, verb: str, charge_id: str = FEE) -> Answered:
    return api.post(f"/v1/accounts/A1/charges/{charge_id}/{verb}", WHY)


def shown(body: dict[str, Any]) -> tuple[str, str, int]:
    return body["invoice_id"], body["kind"], body["open"]["amount_minor"]


def test_it_is_found_where_it_hangs(api: Api) -> None:
    assert shown(api.get(PATH).body) == ("I1", "collection_fee", 300_00)


def test_it_is_listed_with_the_other_charges(api: Api) -> None:
    listed = api.get("/v1/accounts/A1/charges").body["data"]

    assert [shown(one) for one in listed] == [("I1", "collection_fee", 300_00)]


def test_it_is_found_after_it_moved(api: Api) -> None:
    api.machine.take_in("A1", InvoiceVoided(TODAY, "I1"))

    assert shown(api.get(PATH).body) == ("I2", "collection_fee", 300_00)


def test_it_is_found_after_its_invoice_was_closed(api: Api) -> None:
    pay(api, 1_300_00)

    assert "I1" not in api.machine.accounts.load("A1").account.invoices
    assert shown(api.get(PATH).body) == ("I1", "collection_fee", 0)


def test_another_placements_is_not_found(api: Api) -> None:
    assert api.get("/v1/accounts/A1/charges/plc_2:collection_fee:USD").status == 404


def test_it_is_waived_and_reinstated_after_its_invoice_was_closed(api: Api) -> None:
    assert asked(api, "waive").status == 200
    pay(api, 1_000_00)

    answer = asked(api, "reinstate")

    assert answer.status == 201
    assert answer.body["charge_id"] == f"{FEE}:r1"
    assert shown(api.get(f"{PATH}:r1").body) == ("I1", "collection_fee", 300_00)


def test_what_was_paid_of_it_is_found_when_the_placement_was_an_error(api: Api) -> None:
    pay(api, 1_300_00)

    api.machine.take_in("A1", act("recall", reason="creditor_error"))

    tasks = api.machine.accounts.kept["A1"].account.tasks
    assert f"A1:review_account:fee_refund:{PLACED}" in tasks
