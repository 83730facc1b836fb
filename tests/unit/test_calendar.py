"""Days on which things happen (R5.4)."""

from datetime import date

import pytest
from chalicelib.core.calendar import Calendar
from chalicelib.flows.policies import holidays_for

US = holidays_for("US")
assert US is not None
TUESDAY_THURSDAY = Calendar(frozenset({1, 3}), frozenset(range(5)), US)


@pytest.mark.parametrize(
    ("day", "processing", "business"),
    [
        ("2024-03-18", False, True), ("2024-03-19", True, True), ("2024-03-21", True, True),
        ("2024-03-23", False, False), ("2024-07-04", False, False), ("2024-12-25", False, False),
        ("2021-07-05", False, False),  # the fourth was a Sunday: observed on Monday
    ],
)  # fmt: skip
def test_weekdays_less_public_holidays_count(day: str, processing: bool, business: bool) -> None:
    on = date.fromisoformat(day)

    assert TUESDAY_THURSDAY.is_processing_day(on) == processing
    assert TUESDAY_THURSDAY.is_business_day(on) == business


@pytest.mark.parametrize(
    ("day", "processing", "business"),
    [
        ("2024-03-19", "2024-03-19", "2024-03-19"), ("2024-03-22", "2024-03-26", "2024-03-22"),
        ("2024-07-04", "2024-07-09", "2024-07-05"), ("2024-12-24", "2024-12-24", "2024-12-24"),
        ("2024-12-31", "2024-12-31", "2024-12-31"), ("2025-01-01", "2025-01-02", "2025-01-02"),
    ],
)  # fmt: skip
def test_what_falls_on_another_day_waits_for_the_next(
    day: str, processing: str, business: str
) -> None:
    on = date.fromisoformat(day)

    assert TUESDAY_THURSDAY.processing_day_from(on).isoformat() == processing
    assert TUESDAY_THURSDAY.business_day_from(on).isoformat() == business


def test_a_subdivision_has_holidays_of_its_own() -> None:
    easter_monday = date(2024, 4, 1)
    england, scotland = holidays_for("GB-ENG"), holidays_for("GB-SCT")

    assert england is not None
    assert scotland is not None
    assert (easter_monday in england, easter_monday in scotland) == (True, False)


def test_without_a_country_every_day_is_a_day() -> None:
    assert Calendar().is_processing_day(date(2024, 12, 25))
