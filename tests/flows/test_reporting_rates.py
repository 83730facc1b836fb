"""Totals in the reporting currency, by the rates of the snapshot's own day (R3.3)."""

from __future__ import annotations

import json
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from chalicelib.core.aging import AgingRow
from chalicelib.core.facts import Payment
from chalicelib.flows.aging_report import AgingAsked, AgingReport
from chalicelib.flows.reporting_rates import KEY, Rate, RatesError, ReportingRates, read_rates
from hypothesis import given
from hypothesis import strategies as st
from tests.flows.machine import TODAY, Machine, invoice
from tests.flows.snapshot_days import reported, snapshots

GIVEN: dict[str, Any] = {
    "currency": "EUR",
    "rates": [
        {"on": "2024-03-01", "currency": "USD", "rate": "0.90"},
        {"on": "2024-03-18", "currency": "USD", "rate": "0.92005"},
        {"on": "2024-03-19", "currency": "USD", "rate": "0.50"},
        {"on": "2024-03-18", "currency": "JPY", "rate": "0.00615"},
    ],
}


def a_ledger(rates: Any = None) -> Machine:
    machine = Machine()
    machine.take_in(
        "A1",
        invoice("I1", 15, 10_001),
        invoice("I2", 45, 500, currency="EUR"),
        invoice("I3", 45, 12_345, currency="JPY"),
        Payment(TODAY, "P1", TODAY, "USD", 1),
    )
    if rates is not None:
        machine.archive.put(KEY, json.dumps(rates).encode(), "application/json")
    return machine


def reporting(machine: Machine, **asked: Any) -> Any:
    about, _, _ = AgingReport(snapshots(machine)).aging(AgingAsked(**asked), "", 50)
    return about.get("reporting")


def test_totals_are_told_once_more_in_the_reporting_currency() -> None:
    machine = a_ledger(GIVEN)
    reported(machine)

    told = reporting(machine)

    assert (told["currency"], told["missing"], told["fault"]) == ("EUR", [], None)
    assert told["rates"] == [
        {"currency": "JPY", "on": "2024-03-18", "rate": "0.00615"},
        {"currency": "USD", "on": "2024-03-18", "rate": "0.92005"},
    ]
    # USD 100.00 x 0.92005 is EUR 92.005, half-up 92.01; JPY 12,345 x 0.00615 is EUR 75.92175.
    assert [b["amount_minor"] for b in told["total"]["buckets"]] == [0, 9_201, 500 + 7_592, 0, 0]
    assert told["total"]["principal"] == {"amount_minor": 17_293, "currency": "EUR"}


def test_a_rate_of_a_later_day_changes_no_past_report() -> None:
    machine = a_ledger(GIVEN)
    reported(machine)
    before = reporting(machine, as_of=TODAY)

    machine.archive.put(KEY, json.dumps(GIVEN | {"rates": []}).encode(), "application/json")
    reported(machine, TODAY + timedelta(days=1))

    assert reporting(machine, as_of=TODAY) == before
    assert reporting(machine)["missing"] == ["JPY", "USD"]


def test_without_rates_there_is_no_reporting_currency() -> None:
    machine = a_ledger()
    reported(machine)

    assert reporting(machine) is None
    assert reporting(machine, by="account") is None


def test_a_currency_without_a_rate_is_named_and_leaves_no_total() -> None:
    machine = a_ledger({"currency": "EUR", "rates": GIVEN["rates"][:1]})
    reported(machine)

    told = reporting(machine)

    assert (told["missing"], told["total"]) == (["JPY"], None)


def test_what_is_all_paid_needs_no_rate() -> None:
    machine = a_ledger({"currency": "EUR", "rates": []})
    machine.take_in("A1", Payment(TODAY, "P2", TODAY, "USD", 10_000))
    machine.take_in("A1", Payment(TODAY, "P3", TODAY, "JPY", 12_345))
    machine.take_in("A1", Payment(TODAY, "P4", TODAY, "EUR", 500))
    reported(machine)

    told = reporting(machine, base="invoice_date")

    assert told["missing"] == []
    assert [b["amount_minor"] for b in told["total"]["buckets"]] == [0, 0, 0, 0]


def test_rates_that_cannot_be_used_are_told_and_cost_no_more_than_these_totals() -> None:
    machine = a_ledger({"currency": "EUR"})
    reported(machine)

    told = reporting(machine)

    assert told["total"] is None
    assert "exchange rates cannot be used" in told["fault"]


@pytest.mark.parametrize(
    ("on", "rate"),
    [(date(2024, 2, 28), None), (date(2024, 3, 1), "0.90"), (date(2024, 3, 17), "0.90"),
     (TODAY, "0.92005"), (date(2025, 1, 1), "0.50")],
)  # fmt: skip
def test_a_rate_holds_from_its_day_until_the_next(on: date, rate: str | None) -> None:
    found = read_rates(json.dumps(GIVEN).encode(), on).rates.get("USD")

    assert (None if found is None else str(found.rate)) == rate


@pytest.mark.parametrize(
    ("document", "faults"),
    [
        ([], [("", "wrong_shape")]),
        ({"currency": "EUR", "rates": [], "more": 1}, [("", "wrong_shape")]),
        ({"currency": ["EUR"], "rates": {}},
         [("/currency", "unknown_currency"), ("/rates", "wrong_shape")]),
        ({"currency": "EUR", "rates": [{"on": "2024-3-1", "currency": "XXX1", "rate": 0.9}]},
         [("/rates/0/currency", "unknown_currency"), ("/rates/0/on", "not_a_date"),
          ("/rates/0/rate", "bad_rate")]),
        ({"currency": "EUR", "rates": [{"on": "2024-02-30", "currency": "USD", "rate": "0"}]},
         [("/rates/0/on", "not_a_date"), ("/rates/0/rate", "bad_rate")]),
        ({"currency": "EUR", "rates": [1, GIVEN["rates"][0], GIVEN["rates"][0]]},
         [("/rates/0", "wrong_shape"), ("/rates/2", "given_twice")]),
    ],
)  # fmt: skip
def test_every_fault_of_the_rates_is_named(document: Any, faults: list[tuple[str, str]]) -> None:
    with pytest.raises(RatesError) as refused:
        read_rates(json.dumps(document).encode(), TODAY)

    assert [(fault.where, fault.code) for fault in refused.value.faults] == faults


def test_what_is_no_json_is_refused() -> None:
    with pytest.raises(RatesError, match="not JSON"):
        read_rates(b"{", TODAY)


@pytest.mark.parametrize(
    ("minor", "currency", "to", "rate", "expected"),
    [
        (100, "USD", "EUR", "1.005", 101),
        (-100, "USD", "EUR", "1.005", -101),
        (10_000, "JPY", "USD", "0.0066", 6_600),
        (6_600, "USD", "JPY", "151.5", 9_999),
        (1_000, "KWD", "USD", "3.255", 326),
    ],
)
def test_amounts_are_converted_by_their_own_digits_and_rounded_once(
    minor: int, currency: str, to: str, rate: str, expected: int
) -> None:
    rates = ReportingRates(to, {currency: Rate(TODAY, Decimal(rate))})

    assert rates.convert(minor, currency) == expected


@given(st.lists(st.integers(-(10**12), 10**12), min_size=3, max_size=3))
def test_one_currency_at_a_rate_of_1_is_what_it_was(amounts: list[int]) -> None:
    rates = ReportingRates("EUR", {"USD": Rate(TODAY, Decimal(1))})
    row = AgingRow("", "USD", (amounts[0],), amounts[1], amounts[2])

    total = rates.total({"USD": row}, 1)

    assert total == AgingRow("", "EUR", row.buckets, row.charges_minor, row.unapplied_minor)
