"""The files of reference rates: those that are shipped, and what is said of one with faults (R4.4)."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from chalicelib.core.errors import RateUnknownError
from chalicelib.flows.policies import shipped_ids
from chalicelib.flows.rates import ROWS_MAX, RateTableError, read_tables, shipped_rates

DAY = date.fromisoformat
GOOD = """
id = "bank_rate"
title = "Bank Rate"
source = "https://bank.example/rates"
taken_from = "the bank's own page"
retrieved_on = 2026-11-22
rates = [
    { from = 2024-01-01, through = 2024-06-30, rate = "0.0525" },
    { from = 2024-07-01, through = 2024-12-31, rate = "-0.0088" },
]
"""
FIRST = '{ from = 2024-01-01, through = 2024-06-30, rate = "0.0525" }'


def faults_of(document: str, name: str = "bank_rate") -> list[tuple[str, str]]:
    with pytest.raises(RateTableError) as caught:
        read_tables({name: document.encode()})
    return [(fault.where.removeprefix(f"{name}.toml").strip(), fault.code)
            for fault in caught.value.faults]  # fmt: skip


def test_a_table_is_read_with_its_rows_as_exact_decimals() -> None:
    table = read_tables({"bank_rate": GOOD.encode()})["bank_rate"]

    assert (table.id, table.title, table.source) == (
        "bank_rate", "Bank Rate", "https://bank.example/rates",
    )  # fmt: skip
    assert (table.retrieved_on, table.known_through) == (DAY("2026-11-22"), DAY("2024-12-31"))
    assert [span.rate for span in table.spans] == [Decimal("0.0525"), Decimal("-0.0088")]


@pytest.mark.parametrize(
    ("written", "instead", "expected"),
    [
        ('id = "bank_rate"', 'id = "base_rate"', [("id", "other_name")]),
        ('id = "bank_rate"\n', "", [("id", "missing")]),
        ('title = "Bank Rate"\n', "", [("title", "missing")]),
        ('"Bank Rate"', '" "', [("title", "not_a_text")]),
        ('"Bank Rate"', f'"{"x" * 501}"', [("title", "too_long")]),
        ('source = "https://bank.example/rates"\n', "", [("source", "missing")]),
        ("https://bank.example/rates", "the bank", [("source", "not_a_url")]),
        ('taken_from = "the bank\'s own page"\n', "", [("taken_from", "missing")]),
        ("retrieved_on = 2026-11-22\n", "", [("retrieved_on", "missing")]),
        ("= 2026-11-22", '= "2026-11-22"', [("retrieved_on", "not_a_day")]),
        ("= 2026-11-22", "= 2026-11-22T09:00:00Z", [("retrieved_on", "not_a_day")]),
        ("retrieved_on", "retreived_on", [
            ("retreived_on", "unknown_key"), ("retrieved_on", "missing"),
        ]),
        (FIRST, FIRST.replace("from", "form"), [
            ("rates[1].form", "unknown_key"), ("rates[1].from", "missing"),
        ]),
        ("through = 2024-12-31, ", "", [("rates[2].through", "missing")]),
        ("2024-06-30", '"June"', [("rates[1].through", "not_a_day")]),
        (', rate = "0.0525"', "", [("rates[1].rate", "missing")]),
        ('"0.0525"', '"5.25"', [("rates[1].rate", "not_a_rate")]),
        ('"0.0525"', '"5.25%"', [("rates[1].rate", "not_a_rate")]),
        ('"0.0525"', '"NaN"', [("rates[1].rate", "not_a_rate")]),
        ('"0.0525"', '"0.0525\\n"', [("rates[1].rate", "not_a_rate")]),
        ('"0.0525"', '"0.\u0660\u0665"', [("rates[1].rate", "not_a_rate")]),
        ('"0.0525"', "0.0525", [("rates[1].rate", "not_a_rate")]),
        ("2024-07-01", "2024-07-02", [("rates[2]", "gap")]),
        ("2024-07-01", "2024-06-30", [("rates[2]", "overlap")]),
        ("through = 2024-12-31", "through = 2024-06-30", [("rates[2]", "reversed")]),
        (FIRST, '"none"', [("rates[1]", "not_a_row")]),
    ],
)  # fmt: skip
def test_each_fault_names_its_file_and_row(
    written: str, instead: str, expected: list[tuple[str, str]]
) -> None:
    assert GOOD.count(written) == 1

    assert faults_of(GOOD.replace(written, instead)) == expected


@pytest.mark.parametrize(
    ("rates", "code"),
    [("", "missing"), ("rates = []", "missing"), ("rates = 5", "not_a_list")],
)
def test_a_table_without_rows_is_a_fault(rates: str, code: str) -> None:
    head = GOOD[: GOOD.index("rates = [")]

    assert faults_of(head + rates) == [("rates", code)]


def test_the_rows_of_a_table_have_a_limit() -> None:
    rows = ",".join([FIRST] * (ROWS_MAX + 1))
    head = GOOD[: GOOD.index("rates = [")]

    assert faults_of(f"{head}rates = [{rows}]") == [("rates", "too_many")]


@pytest.mark.parametrize(
    ("document", "code"),
    [
        (b"rates = [", "toml_syntax"), (b"a = " + b"[" * 5000, "toml_syntax"),
        (b"\xff", "not_utf8"), (b"#" * 300_000, "too_long"),
    ],
)  # fmt: skip
def test_what_is_no_document_is_said_in_a_word(document: bytes, code: str) -> None:
    with pytest.raises(RateTableError) as caught:
        read_tables({"bank_rate": document})

    assert [(fault.where, fault.code) for fault in caught.value.faults] == [
        ("bank_rate.toml", code)
    ]


def test_all_faults_of_all_files_come_at_once_and_in_words() -> None:
    bad = GOOD.replace("retrieved_on = 2026-11-22\n", "").replace('"0.0525"', '"5.25"')
    other = GOOD.replace("bank_rate", "base_rate").replace("2024-07-01", "2024-07-02")

    with pytest.raises(RateTableError) as caught:
        read_tables({"bank_rate": bad.encode(), "base_rate": other.encode()})

    assert str(caught.value).splitlines() == [
        "the tables of reference rates have 3 faults:",
        "  bank_rate.toml retrieved_on: a day is missing, such as 2026-11-22",
        '  bank_rate.toml rates[1].rate: is a rate a year as text, below 1: "0.0475" is 4.75%, '
        '"-0.0088" is -0.88%',
        "  base_rate.toml rates[2]: begins on 2024-07-02: no rate from 2024-07-01 until then",
    ]
    assert caught.value.code == "invalid_rate_table"


@pytest.mark.parametrize(
    ("table", "day", "rate"),
    [
        ("gb_bank_rate", "1997-05-06", "0.0625"), ("gb_bank_rate", "2020-03-18", "0.0025"),
        ("gb_bank_rate", "2020-03-19", "0.0010"), ("gb_bank_rate", "2024-12-31", "0.0475"),
        ("gb_bank_rate", "2025-12-31", "0.0375"), ("gb_bank_rate", "2026-06-30", "0.0375"),
        ("ecb_mro", "2009-01-01", "0.0250"), ("ecb_mro", "2022-07-01", "0"),
        ("ecb_mro", "2024-07-01", "0.0425"), ("ecb_mro", "2026-01-01", "0.0215"),
        ("ecb_mro", "2026-07-01", "0.0240"),
        ("de_basiszinssatz", "2022-12-31", "-0.0088"), ("de_basiszinssatz", "2026-01-01", "0.0127"),
    ],
)  # fmt: skip
def test_the_shipped_tables_know_the_rate_of_a_day(table: str, day: str, rate: str) -> None:
    assert shipped_rates()[table].rate_on(DAY(day)) == Decimal(rate)


@pytest.mark.parametrize(
    ("table", "first", "known_through"),
    [
        ("gb_bank_rate", "1997-05-06", "2026-10-06"), ("ecb_mro", "2008-10-15", "2026-07-01"),
        ("de_basiszinssatz", "2002-01-01", "2026-06-30"),
    ],
)  # fmt: skip
def test_the_shipped_tables_end_where_their_sources_do(
    table: str, first: str, known_through: str
) -> None:
    found = shipped_rates()[table]

    assert (found.spans[0].since, found.known_through) == (DAY(first), DAY(known_through))
    for outside in (DAY(first) - timedelta(days=1), DAY("2026-12-31")):
        with pytest.raises(RateUnknownError):
            found.rate_on(outside)


def test_the_german_base_rate_moves_with_the_rate_of_the_ecb() -> None:
    german, european = shipped_rates()["de_basiszinssatz"], shipped_rates()["ecb_mro"]
    starts = [date(year, month, 1) for year in range(2009, 2027) for month in (1, 7)]
    known = [day for day in starts if day <= german.known_through]
    # BGB 247: by as much, at each half-year, as the ECB's latest operation before it
    apart = {european.rate_on(day - timedelta(days=1)) - german.rate_on(day) for day in known}

    assert len(known) == 35
    assert apart == {Decimal("0.0088")}


def test_the_shipped_tables_are_read_once() -> None:
    assert sorted(shipped_rates()) == ["de_basiszinssatz", "ecb_mro", "gb_bank_rate"]
    assert shipped_rates() is shipped_rates()


def test_no_table_of_rates_is_taken_for_a_policy() -> None:
    assert shipped_ids()
    assert not set(shipped_ids()) & {*shipped_rates(), "rates"}


def test_the_tables_are_a_package_because_setuptools_installs_the_data_of_packages_only(
    project: Path,
) -> None:
    folder = project / "chalicelib/policies/rates"

    assert {path.stem for path in folder.glob("*.toml")} == set(shipped_rates())
    assert (folder / "__init__.py").is_file()
