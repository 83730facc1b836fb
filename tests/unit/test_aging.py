"""Aging by account and currency, and the collection figures (R3.1-R3.4)."""

from decimal import Decimal

import pytest
from chalicelib.core.aging import (
    age_account,
    bucket_names,
    collection_effectiveness,
    days_sales_outstanding,
    past_due_by_currency,
    total_aging,
)
from chalicelib.core.facts import Extension, Fact
from chalicelib.core.policy import AgingRules
from tests.unit.accounts import DAY, account, days, invoice, paid, policy

RULES = AgingRules()
POLICY = policy(currencies='["USD", "JPY"]')


@pytest.mark.parametrize(
    ("past_due", "bucket"),
    [(-10, 0), (0, 0), (1, 1), (30, 1), (31, 2), (60, 2), (61, 3), (90, 3), (91, 4), (400, 4)],
)
def test_an_invoice_ages_by_its_days_past_due(past_due: int, bucket: int) -> None:
    (row,) = age_account(account([invoice("I1", 500, past_due)], POLICY), RULES, DAY)

    assert row.buckets == tuple(500 if n == bucket else 0 for n in range(5))


def test_an_extension_counts_for_aging() -> None:
    facts: list[Fact] = [invoice("I1", 500, 40), Extension(DAY, "I1", DAY - days(5))]

    (row,) = age_account(account(facts, POLICY), RULES, DAY)

    assert row.buckets == (0, 500, 0, 0, 0)


def test_by_invoice_date_the_first_bucket_is_0_to_30() -> None:
    rules = AgingRules((30, 60), "invoice_date")

    (row,) = age_account(account([invoice("I1", 500, 0)], POLICY), rules, DAY)

    assert dict(zip(bucket_names(rules), row.buckets, strict=True)) == {
        "0-30": 500, "31-60": 0, "61+": 0,
    }  # fmt: skip


def test_currencies_are_never_added_together() -> None:
    facts: list[Fact] = [
        invoice("I1", 500),
        invoice("I2", 700, currency="JPY"),
        paid(900, currency="JPY"),
    ]
    here = account(facts, POLICY)

    rows = age_account(here, RULES, DAY)

    assert [(r.currency, r.principal_minor, r.unapplied_minor) for r in rows] == [
        ("JPY", 0, 200),
        ("USD", 500, 0),
    ]
    assert past_due_by_currency(here, DAY) == {"USD": 500}
    assert {c: r.principal_minor for c, r in total_aging([*rows, *rows]).items()} == {
        "JPY": 0, "USD": 1000,
    }  # fmt: skip


def test_figures_over_nothing_are_none_and_not_zero() -> None:
    assert days_sales_outstanding(100, 0, 30) is None
    assert collection_effectiveness(0, 0, 0, 0) is None
    assert collection_effectiveness(100, 50, 150, 150) is None


def test_days_sales_outstanding_are_receivables_over_sales_times_days() -> None:
    assert days_sales_outstanding(3_000, 6_000, 90) == Decimal(45)


def test_what_was_all_collected_is_a_hundred_percent() -> None:
    assert collection_effectiveness(100, 50, 30, 30) == Decimal(100)
