"""Days late, aging and the collection figures, one test per published vector (R3.1, R3.4)."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest
from chalicelib.core.aging import (
    bucket_names,
    bucket_of,
    collection_effectiveness,
    days_sales_outstanding,
)
from chalicelib.core.invoice import Invoice
from chalicelib.core.policy import AgingRules
from tests.real.vectors import Vector, of_topic

DAY = date.fromisoformat


def made(issued: date, due: date) -> Invoice:
    return Invoice("I1", "USD", 100, 100, 100, issued, due, issued, due)


@of_topic("days_late")
def test_days_late_are_the_days_from_the_due_date_to_the_payment(vector: Vector) -> None:
    due, paid_on = (DAY(vector["inputs"][name]) for name in ("due_date", "paid_on"))

    assert made(due, due).days_past_due(paid_on) == vector["expected"]["days_late"]


@of_topic("ageing.bucket")
def test_each_day_past_due_has_its_bucket(vector: Vector) -> None:
    due, rules = date(2024, 1, 31), AgingRules()
    names = [*bucket_names(rules)[:-1], "90+"]  # the vector calls 91 and more "90+"
    found = [
        names[bucket_of(rules, made(due, due), due + timedelta(days=days))]
        for days in vector["inputs"]["days_past_due"]
    ]

    assert found == vector["expected"]["buckets"]


@of_topic("ageing.base_date")
@pytest.mark.parametrize("base", ["due_date", "invoice_date"])
def test_a_ledger_ages_by_due_date_or_by_invoice_date(vector: Vector, base: str) -> None:
    inputs, rules = vector["inputs"], AgingRules(base=base)
    one = made(DAY(inputs["invoice_date"]), DAY(inputs["due_date"]))

    bucket = bucket_names(rules)[bucket_of(rules, one, DAY(inputs["as_of"]))]

    assert bucket == vector["expected"][f"by_{base}"]["bucket"]


@of_topic("kpi.dso")
def test_days_sales_outstanding(vector: Vector) -> None:
    inputs = vector["inputs"]
    sales = sum(int(text) for text in inputs.get("sales_by_period", [inputs.get("credit_sales")]))

    dso = days_sales_outstanding(int(inputs["total_ar"]), sales, inputs["days"])

    expected = Decimal(vector["expected"]["dso"])
    assert dso is not None
    assert dso.quantize(expected) == expected


@of_topic("kpi.add")
def test_average_days_delinquent_is_dso_less_the_best_possible(vector: Vector) -> None:
    """R3.4: with sales of 30 in 30 days, receivables are days."""
    total, current = (
        days_sales_outstanding(int(vector["inputs"][name]), 30, 30) for name in ("dso", "bpdso")
    )

    assert total is not None
    assert current is not None
    assert total - current == Decimal(vector["expected"]["add"])


@of_topic("kpi.cei")
def test_the_collection_effectiveness_index(vector: Vector) -> None:
    inputs = vector["inputs"]
    sales = int(inputs["credit_sales"]) // inputs["n_months"]
    total, current = int(inputs["ending_total_ar"]), int(inputs["ending_current_ar"])

    cei = collection_effectiveness(int(inputs["beginning_ar"]), sales, total, current)

    assert cei is not None
    assert str(cei.quantize(Decimal("0.1"))) == vector["expected"]["cei_pct"]
