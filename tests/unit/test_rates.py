"""A table of reference rates: its rate of a day, its ends, and what is wrong with it (R4.4)."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from chalicelib.core.errors import RateUnknownError
from chalicelib.core.rates import RateSpan, RateTable, span_faults

DAY = date.fromisoformat


def span(since: str, through: str, rate: str = "0.01") -> RateSpan:
    return RateSpan(DAY(since), DAY(through), Decimal(rate))


TABLE = RateTable(
    "bank_rate", "Bank Rate", "https://bank.example/rates", DAY("2026-11-22"),
    (
        span("2024-01-01", "2024-06-30", "0.0525"), span("2024-07-01", "2024-07-01", "0.05"),
        span("2024-07-02", "2024-12-31", "-0.0088"),
    ),
)  # fmt: skip


@pytest.mark.parametrize(
    ("day", "rate"),
    [
        ("2024-01-01", "0.0525"), ("2024-03-15", "0.0525"), ("2024-06-30", "0.0525"),
        ("2024-07-01", "0.05"), ("2024-07-02", "-0.0088"), ("2024-12-31", "-0.0088"),
    ],
)  # fmt: skip
def test_a_rate_is_in_force_from_its_first_day_through_its_last(day: str, rate: str) -> None:
    assert TABLE.rate_on(DAY(day)) == Decimal(rate)


@pytest.mark.parametrize("day", ["2023-12-31", "2025-01-01", "0001-01-01", "9999-12-31"])
def test_a_day_that_a_table_does_not_reach_is_told_and_not_guessed(day: str) -> None:
    with pytest.raises(RateUnknownError) as caught:
        TABLE.rate_on(DAY(day))

    assert str(caught.value) == (
        f'the rate table "bank_rate" has no rate for {day}: it is known from 2024-01-01 through '
        "2024-12-31"
    )
    assert (caught.value.table, caught.value.day) == ("bank_rate", DAY(day))


def test_a_table_is_known_through_the_last_day_of_its_last_row() -> None:
    assert TABLE.known_through == DAY("2024-12-31")


@pytest.mark.parametrize(
    ("spans", "expected"),
    [
        (TABLE.spans, []),
        ((), []),
        (
            (span("2024-01-01", "2024-06-30"), span("2024-07-02", "2024-12-31")),
            [("rates[2]", "gap", "begins on 2024-07-02: no rate from 2024-07-01 until then")],
        ),
        (
            (span("2024-01-01", "2024-06-30"), span("2024-06-30", "2024-12-31")),
            [("rates[2]", "overlap", "begins on 2024-06-30, but the rate before it is in force "
              "through 2024-06-30: they overlap")],
        ),
        (  # rows in the wrong order overlap
            (span("2024-07-01", "2024-12-31"), span("2024-01-01", "2024-06-30")),
            [("rates[2]", "overlap", "begins on 2024-01-01, but the rate before it is in force "
              "through 2024-12-31: they overlap")],
        ),
        (  # nothing is compared with a row whose days cannot be right, or could not be read
            (span("2024-01-01", "2024-06-30"), span("2024-12-31", "2024-07-01"),
             span("2025-02-01", "2025-03-01"), None, span("2030-01-01", "2030-01-31"),
             span("2030-03-01", "2030-03-31")),
            [("rates[2]", "reversed", "ends on 2024-07-01, before it begins on 2024-12-31"),
             ("rates[6]", "gap", "begins on 2030-03-01: no rate from 2030-02-01 until then")],
        ),
    ],
)  # fmt: skip
def test_gaps_overlaps_and_reversed_rows_are_all_named(
    spans: tuple[RateSpan | None, ...], expected: list[tuple[str, str, str]]
) -> None:
    found = [(fault.where, fault.code, fault.detail) for fault in span_faults(spans)]

    assert found == expected
