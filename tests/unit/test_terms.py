"""Payment terms name their mode; none is guessed (R3.5)."""

import json
from datetime import date
from pathlib import Path

import pytest
from chalicelib.core.terms import TermsError, due_date
from hypothesis import given
from hypothesis import strategies as st

days = st.dates(min_value=date(1990, 1, 1), max_value=date(2190, 12, 31))


@pytest.mark.parametrize(
    ("terms", "issued_on", "due_on"),
    [
        ("net 30", "2024-01-31", "2024-03-01"),
        ("net 0", "2024-01-31", "2024-01-31"),
        ("Net 30", "2024-01-01", "2024-01-31"),
        ("  NET   45 ", "2024-01-01", "2024-02-15"),
        ("net30", "2024-01-01", "2024-01-31"),
        ("eom+30", "2024-06-03", "2024-07-30"),
        ("eom+30", "2024-06-30", "2024-07-30"),
        ("EOM + 0", "2024-02-10", "2024-02-29"),
        ("net 30 eom", "2024-01-15", "2024-02-29"),
        ("net 30 EOM", "2023-01-30", "2023-03-31"),
        ("net 0 eom", "2024-12-31", "2024-12-31"),
        ("months+1 eom", "2023-01-30", "2023-02-28"),
        ("months + 0 eom", "2023-02-01", "2023-02-28"),
        ("months+13 eom", "2023-12-05", "2025-01-31"),
        ("day 10", "2024-01-31", "2024-02-10"),
        ("day 31", "2024-01-05", "2024-02-29"),
        ("day 31", "2023-12-31", "2024-01-31"),
        ("Day 1", "2024-12-01", "2025-01-01"),
        ("cod", "2024-05-05", "2024-05-05"),
        ("Prepaid", "2024-05-05", "2024-05-05"),
    ],
)
def test_terms_give_the_due_date_of_their_mode(terms: str, issued_on: str, due_on: str) -> None:
    assert due_date(terms, date.fromisoformat(issued_on)) == date.fromisoformat(due_on)


# The modes of the worked examples that Pastdue has, in its own words. Instalments within the terms
# and lists of payment days are not among the modes of R3.5.
WORKED = {
    "TERM-NET30-1": ["net 30"],
    "TERM-100": ["net 100"],
    "TERM-EOM-2": ["eom+0"],
    "TERM-EOM-4": ["eom+45"],
    "TERM-EOM-5": ["net 30 eom", "months+1 eom", "eom+30"],
    "TERM-MONTH-1": ["months+1 eom"],
    "TERM-MFI-1": ["day 10"],
    "TERM-EOMON-4": ["day 31"],
}


@pytest.mark.parametrize("case_id", sorted(WORKED))
def test_terms_agree_with_the_worked_examples(case_id: str, shared: Path) -> None:
    cases = json.loads((shared / "vectors" / "finance.json").read_text(encoding="utf-8"))
    case = next(case for case in cases if case["id"] == case_id)
    inputs, expected = case["inputs"], case["expected"]
    issued = inputs.get("invoice_dates") or [inputs["invoice_date"]]

    due = [
        due_date(terms, date.fromisoformat(day)).isoformat()
        for day in issued
        for terms in WORKED[case_id]
    ]

    assert due == (
        expected.get("due_dates")
        or ([expected["due_date"]] if "due_date" in expected else list(expected.values()))
    )


@pytest.mark.parametrize(
    "terms", ["", "30 EOM", "30 days end of month", "EOM", "net", "net -5", "net 3.5", "net 3 0",
              "2/10 net 30", "eom", "months eom", "day", "net ٣٠", "x" * 10_000],
)  # fmt: skip
def test_unknown_terms_are_refused_with_the_list_of_known_ones(terms: str) -> None:
    with pytest.raises(TermsError, match=r"known are net N, eom\+N, net N eom, months\+M eom, day"):
        due_date(terms, date(2024, 1, 1))


@pytest.mark.parametrize(
    ("terms", "said"),
    [
        ("net 3651", "0 to 3650 days"),
        ("eom+99999", "0 to 3650 days"),
        ("net 3651 eom", "0 to 3650 days"),
        ("months+121 eom", "0 to 120 months"),
        ("day 0", "1 to 31"),
        ("day 32", "1 to 31"),
    ],
)
def test_terms_beyond_a_limit_are_refused_with_the_limit(terms: str, said: str) -> None:
    with pytest.raises(TermsError, match=said):
        due_date(terms, date(2024, 1, 1))


@pytest.mark.parametrize("terms", ["net 30", "eom+1", "net 1 eom", "months+1 eom", "day 5"])
def test_a_due_date_beyond_the_calendar_is_refused(terms: str) -> None:
    with pytest.raises(TermsError, match="beyond the calendar"):
        due_date(terms, date(9999, 12, 31))


@given(
    issued_on=days,
    terms=st.sampled_from(
        ["net 14", "eom+30", "eom+0", "net 30 eom", "months+2 eom", "day 15", "cod", "prepaid"]
    ),
)
def test_nothing_is_due_before_it_is_issued(issued_on: date, terms: str) -> None:
    assert due_date(terms, issued_on) >= issued_on


@given(issued_on=days, day=st.integers(1, 31))
def test_day_d_always_falls_in_the_following_month(issued_on: date, day: int) -> None:
    due_on = due_date(f"day {day}", issued_on)
    months = (due_on.year - issued_on.year) * 12 + due_on.month - issued_on.month
    assert months == 1
    assert due_on.day <= day
