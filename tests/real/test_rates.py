"""The shipped rates against the reference data, and the statutory rates that follow (R4.4)."""

from __future__ import annotations

import csv
from datetime import date, timedelta
from decimal import Decimal
from itertools import groupby
from pathlib import Path

import pytest
from chalicelib.core.interest import accrue
from chalicelib.core.invoice import Invoice
from chalicelib.core.policy import InterestRules
from chalicelib.core.workings import Segment
from chalicelib.flows.rates import shipped_rates
from tests.real.vectors import Vector, of_topic

DAY = date.fromisoformat
ONE_DAY = timedelta(days=1)
PERCENT = Decimal("0.01")


def changes(file: Path) -> list[tuple[date, Decimal]]:
    """The days on which a rate changed, with the new rate; rows that repeat the rate are none."""
    with file.open(encoding="utf-8") as rows:
        found = [(DAY(row[0]), Decimal(row[1]) * PERCENT) for row in list(csv.reader(rows))[1:]]
    return [next(same) for _, same in groupby(found, key=lambda row: row[1])]


@pytest.mark.parametrize(
    ("table", "file", "rows"),
    [
        ("gb_bank_rate", "rates_gb_bank_rate_since_1997.csv", 71),
        ("ecb_mro", "rates_ecb_mro.csv", 36),
        ("de_basiszinssatz", "rates_de_basiszinssatz.csv", 30),
    ],
)
def test_the_shipped_rates_are_those_of_the_reference_data(
    table: str, file: str, rows: int, shared: Path
) -> None:
    ours = [(span.since, span.rate) for span in shipped_rates()[table].spans]

    assert ours == [row for row in changes(shared / "data" / file) if row[0] >= ours[0][0]]
    assert len(ours) == rows


def first_segment(table: str, mode: str, margin: str, starts_on: date) -> Segment:
    """The working of the first day of interest on an invoice of 100.00."""
    due_on = starts_on - ONE_DAY
    invoice = Invoice("I1", "EUR", 10000, 10000, 10000, due_on, due_on, due_on, due_on)
    rules = InterestRules(
        table=table, rates=shipped_rates()[table], margin=Decimal(margin) * PERCENT, mode=mode
    )
    (segment,) = accrue(invoice, rules, (), starts_on).segments
    return segment


@of_topic("reference_rate.uk")
def test_british_interest_is_locked_at_the_bank_rate_before_the_half_year(vector: Vector) -> None:
    expected = vector["expected"]

    found = first_segment("gb_bank_rate", "locked", "8", DAY(vector["inputs"]["interest_start"]))

    assert found.rate == Decimal(expected["statutory_rate_pct"]) * PERCENT
    reference = Decimal(expected["bank_rate_pct"])
    day = expected["reference_date"]
    assert found.source == f"Bank of England Bank Rate {reference}% on {day} + 8%"


@of_topic("reference_rate.eu")
def test_european_interest_takes_the_rate_of_the_half_years_first_day(vector: Vector) -> None:
    inputs, expected = vector["inputs"], vector["expected"]
    begins = DAY(inputs["half_year_start"])

    found = first_segment("ecb_mro", "floating_half_year", inputs["margin_pp"], begins)

    assert shipped_rates()["ecb_mro"].rate_on(begins) == Decimal(expected["ecb_mro_pct"]) * PERCENT
    assert found.rate == Decimal(expected["statutory_min_rate_pct"]) * PERCENT


@of_topic("reference_rate.de")
def test_german_interest_is_nine_points_above_the_base_rate(vector: Vector) -> None:
    inputs, expected = vector["inputs"], vector["expected"]
    begins, base = DAY(inputs["half_year_start"]), Decimal(expected["basiszinssatz_pct"])

    found = first_segment("de_basiszinssatz", "floating_half_year", inputs["margin_pp"], begins)

    assert shipped_rates()["de_basiszinssatz"].rate_on(begins) == base * PERCENT
    assert found.rate == Decimal(expected["b2b_rate_pct"]) * PERCENT
