"""Promises and payment plans in the facts file (R6.6, R9)."""

from __future__ import annotations

import json
from datetime import date

import pytest
from chalicelib.core.agreements import PlanTerms
from chalicelib.core.facts import Fact
from chalicelib.core.facts_collections import (
    PlanApproved,
    PlanCancelled,
    PlanMade,
    PromiseApproved,
    PromiseWithdrawn,
)
from tests.flows.ledger_files import facts_of, faults_of, read_facts

ON = date(2024, 3, 18)
APRIL = date(2024, 4, 1)


def line(kind: str, **values: object) -> str:
    return json.dumps({"on": "2024-03-18", "account_id": "A1", "kind": kind, **values})


def plan(**values: object) -> str:
    said = {"currency": "USD", "every": "monthly", "first_on": "2024-04-01", **values}
    return line("plan", **{name: value for name, value in said.items() if value is not None})


@pytest.mark.parametrize(
    ("text", "fact"),
    [
        (
            line("promise_withdrawn", promise_id="ptp_2024-03-01_01"),
            PromiseWithdrawn(ON, "ptp_2024-03-01_01"),
        ),
        (
            line("promise_approved", promise_id="ptp_2024-03-18_12"),
            PromiseApproved(ON, "ptp_2024-03-18_12"),
        ),
        (plan(count=3), PlanMade(ON, PlanTerms("USD", "monthly", APRIL, count=3))),
        (
            plan(count="12", every="two_weeks", invoice_ids="I1", interest_due="yes"),
            PlanMade(
                ON,
                PlanTerms(
                    "USD", "two_weeks", APRIL, count=12, invoice_ids=("I1",), interest_due=True
                ),
            ),
        ),
        (
            plan(
                instalment="12.50",
                every="weekly",
                down_payment="5",
                down_payment_on="2024-03-20",
            ),
            PlanMade(
                ON,
                PlanTerms(
                    "USD",
                    "weekly",
                    APRIL,
                    instalment_minor=1250,
                    down_payment_minor=500,
                    down_payment_on=date(2024, 3, 20),
                ),
            ),
        ),
        (line("plan_approved", plan_id="pln_2024-03-01_01"), PlanApproved(ON, "pln_2024-03-01_01")),
        (
            line("plan_cancelled", plan_id="pln_2024-03-01_01", reason="moved away"),
            PlanCancelled(ON, "pln_2024-03-01_01", "moved away"),
        ),
    ],
)
def test_each_kind_is_read(text: str, fact: Fact) -> None:
    ledger = read_facts(text)

    assert faults_of(ledger) == []
    assert fact in facts_of(ledger)


@pytest.mark.parametrize(
    ("text", "column", "code"),
    [
        (line("promise_withdrawn"), "promise_id", "missing_value"),
        (line("promise_withdrawn", promise_id="pln_2024-03-01_01"), "promise_id", "bad_id"),
        (line("promise_approved", promise_id="ptp_2024-02-30_01"), "promise_id", "bad_id"),
        (line("promise_approved", promise_id="ptp_2024-03-19_01"), "promise_id", "before_making"),
        (plan(), "count", "one_of_two"),
        (plan(count=3, instalment="5"), "count", "one_of_two"),
        (plan(count="3.5"), "count", "bad_count"),
        (plan(count=0), "count", "out_of_range"),
        (plan(count=400), "count", "out_of_range"),
        (plan(count=3, every="daily"), "every", "unknown_value"),
        (plan(count=3, currency=None), "currency", "missing_value"),
        (plan(count=3, first_on=None), "first_on", "missing_value"),
        (plan(count=3, first_on="2024-03-17"), "first_on", "out_of_range"),
        (plan(instalment="0"), "instalment", "not_above_zero"),
        (plan(count=3, down_payment="1.234"), "down_payment", "bad_amount"),
        (plan(count=3, down_payment_on="2024-03-20"), "down_payment_on", "no_down_payment"),
        (
            plan(count=3, down_payment="1", down_payment_on="2024-05-01"),
            "down_payment_on",
            "out_of_range",
        ),
        (plan(count=3, invoice_ids=["I9"]), "invoice_ids", "unknown_invoice"),
        (plan(count=3, currency="EUR", invoice_ids=["I1"]), "invoice_ids", "other_currency"),
        (
            plan(count=3, invoice_ids=["I1"], on="2024-01-01", first_on="2024-02-01"),
            "invoice_ids",
            "before_issue",
        ),
        (plan(count=3, interest_due="perhaps"), "interest_due", "bad_flag"),
        (line("plan_approved", plan_id="the first"), "plan_id", "bad_id"),
        (line("plan_cancelled", reason="so"), "plan_id", "missing_value"),
        (
            line("promise", amount="1", currency="EUR", by="2024-03-20", invoice_ids="I1"),
            "invoice_ids",
            "other_currency",
        ),
    ],
)
def test_a_wrong_line_is_refused_by_its_column(text: str, column: str, code: str) -> None:
    ledger = read_facts(text)

    assert faults_of(ledger) == [(1, column, code)]


def test_every_fault_of_a_plan_is_told_at_once() -> None:
    ledger = read_facts(
        plan(every="daily", count="many", instalment="-1", invoice_ids="I9", first_on="soon")
    )

    assert {column for _, column, _ in faults_of(ledger)} == {
        "every",
        "first_on",
        "count",
        "instalment",
        "invoice_ids",
    }
