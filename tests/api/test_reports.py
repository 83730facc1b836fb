"""Reports over HTTP: who may ask, what is asked, what is answered, as JSON and as CSV."""

from __future__ import annotations

import csv
import io
from datetime import timedelta
from typing import Any

import pytest
from chalicelib.api.csv_answers import CsvReply, prefers_csv
from tests.api.client import Api
from tests.flows.machine import TODAY, Machine, invoice
from tests.flows.snapshot_days import reported

LATER = TODAY + timedelta(days=30)
AGING = "/v1/reports/aging"
PERIOD = "from=2024-03-18&to=2024-04-17"
COLLECTIONS = f"/v1/reports/collections?{PERIOD}"
NOTICES = f"/v1/reports/notices?{PERIOD}"
REPORTS = (AGING, COLLECTIONS, NOTICES)


@pytest.fixture
def api() -> Api:
    machine = Machine()
    machine.take_in("A1", invoice("I1", 15), collector="=HYPERLINK(1)")
    machine.take_in("A2", invoice("I2", 45, 20_000), account_class="key", collector="ben")
    machine.decide("A1")
    reported(machine)
    reported(machine, LATER)
    return Api(machine)


def cells(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text, newline="")))


def test_aging_is_answered_from_the_newest_snapshot_and_from_a_days(api: Api) -> None:
    newest, past = api.get(AGING), api.get(f"{AGING}?as_of=2024-03-18")

    assert (newest.status, newest.body["as_of"]) == (200, "2024-04-17")
    assert past.body == {
        "as_of": "2024-03-18", "by": "currency", "base": "due_date",
        "buckets": ["current", "1-30", "31-60", "61-90", "91+"], "reporting": None,
        "data": [
            {
                "currency": "USD",
                "buckets": [
                    {"bucket": "current", "amount_minor": 0, "currency": "USD"},
                    {"bucket": "1-30", "amount_minor": 100_000, "currency": "USD"},
                    {"bucket": "31-60", "amount_minor": 20_000, "currency": "USD"},
                    {"bucket": "61-90", "amount_minor": 0, "currency": "USD"},
                    {"bucket": "91+", "amount_minor": 0, "currency": "USD"},
                ],
                "principal": {"amount_minor": 120_000, "currency": "USD"},
                "charges": {"amount_minor": 0, "currency": "USD"},
                "unapplied": {"amount_minor": 0, "currency": "USD"},
            }
        ],
        "next_cursor": None,
    }  # fmt: skip


def test_aging_by_account_is_told_page_by_page(api: Api) -> None:
    first = api.get(f"{AGING}?by=account&limit=1").body
    second = api.get(f"{AGING}?by=account&limit=1&cursor={first['next_cursor']}").body

    assert [row["account_id"] for row in (*first["data"], *second["data"])] == ["A1", "A2"]
    assert second["next_cursor"] is None


def test_a_cursor_of_another_report_is_refused(api: Api) -> None:
    cursor = api.get(f"{AGING}?by=account&limit=1").body["next_cursor"]

    refused = api.get(f"{AGING}?by=collector&limit=1&cursor={cursor}")

    assert (refused.status, refused.pointers) == (400, ["cursor"])


def test_aging_as_csv_has_a_column_for_each_bucket(api: Api) -> None:
    answer = api.get(f"{AGING}?as_of=2024-03-18&by=collector", Accept="text/csv")

    assert answer.status == 200
    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert answer.text.splitlines() == [
        "as_of,base,collector,currency,current_minor,1-30_minor,31-60_minor,61-90_minor,91+_minor,"
        "principal_minor,charges_minor,unapplied_minor",
        "2024-03-18,due_date,'=HYPERLINK(1),USD,0,100000,0,0,0,100000,0,0",
        "2024-03-18,due_date,ben,USD,0,0,20000,0,0,20000,0,0",
    ]


def test_a_csv_goes_on_at_the_cursor_of_its_header(api: Api) -> None:
    asked = f"{AGING}?by=account&limit=1"
    first = api.get(asked, Accept="text/csv")
    second = api.get(f"{asked}&cursor={first.headers['Next-Cursor']}", Accept="text/csv")

    found = [row["account_id"] for page in (first, second) for row in cells(page.text)]
    assert found == ["A1", "A2"]
    assert "Next-Cursor" not in second.headers


def test_collections_tell_the_snapshots_they_are_from(api: Api) -> None:
    answer = api.get(COLLECTIONS).body

    assert (answer["opening_snapshot_on"], answer["closing_snapshot_on"]) == (
        "2024-03-18", "2024-04-17",
    )  # fmt: skip
    [row] = answer["data"]
    assert row["days_sales_outstanding"] is None  # nothing was sold
    assert row["collection_effectiveness_percent"] == "0.00"
    assert row["charges"]["billed"] == {"amount_minor": 0, "currency": "USD"}


def test_every_figure_of_collections_is_a_cell_of_its_csv(api: Api) -> None:
    asked = f"{COLLECTIONS}&currency=USD"
    [row] = cells(api.get(asked, Accept="text/csv").text)
    [figures] = api.get(asked).body["data"]

    expected: dict[str, Any] = {}
    for name, value in figures.items():
        inner = value.items() if name == "charges" else [(None, value)]
        for key, one in inner:
            column = name if key is None else f"{name}_{key}"
            is_money = isinstance(one, dict)
            expected[f"{column}_minor" if is_money else column] = (
                one["amount_minor"] if is_money else one
            )
    about = {"from_on", "to_on", "opening_snapshot_on", "closing_snapshot_on", "days"}
    assert row.keys() - about == expected.keys()
    for column, value in expected.items():
        assert row[column] == ("" if value is None else str(value)), column


def test_notices_are_told_by_kind(api: Api) -> None:
    answer = api.get(NOTICES)

    assert answer.body == {
        "from_on": "2024-03-18", "to_on": "2024-04-17", "opening_snapshot_on": "2024-03-18",
        "closing_snapshot_on": "2024-04-17", "days": 30,
        "data": [{"notice": "reminder", "created": 0, "counted": 0, "cancelled": 0, "pending": 1,
                  "sending": 0, "sent": 0, "unknown": 0, "failed": 0}],
    }  # fmt: skip
    [row] = cells(api.get(NOTICES, Accept="text/csv").text)
    told = {**answer.body["data"][0], **answer.body}
    del told["data"]
    assert row == {name: str(value) for name, value in told.items()}


@pytest.mark.parametrize("path", REPORTS)
@pytest.mark.parametrize("role", ["viewer", "collector", "approver", "admin", "service"])
def test_whoever_may_read_may_read_reports(api: Api, path: str, role: str) -> None:
    assert api.as_(role).get(path).status == 200


@pytest.mark.parametrize("path", REPORTS)
def test_an_agency_may_not_and_nobody_unknown_may(api: Api, path: str) -> None:
    assert (api.as_("agency").get(path).status, api.as_("").get(path).status) == (403, 401)


@pytest.mark.parametrize(
    ("path", "pointers"),
    [
        (f"{AGING}?as_of=2024-02-30", ["as_of"]),
        (f"{AGING}?as_of=20240318", ["as_of"]),
        (f"{AGING}?by=invoice&base=paid&limit=0", ["base", "by", "limit"]),
        (f"{AGING}?currency=usd", ["currency"]),
        (f"{AGING}?asof=2024-03-18", ["asof"]),
        (f"{AGING}?cursor=none", ["cursor"]),
        ("/v1/reports/collections", ["from", "to"]),
        (f"/v1/reports/collections?{PERIOD}&by=account", ["by"]),
        ("/v1/reports/collections?from=2024-04-17&to=2024-03-18", ["to"]),
        ("/v1/reports/collections?from=2024-03-19&to=2024-03-20", ["to"]),
        ("/v1/reports/notices?from=2024-03-18&to=2024-03-17", ["to"]),
        ("/v1/reports/notices?from=2024-03-18&to=2024-03-18", ["to"]),
        ("/v1/reports/notices?from_on=2024-03-18&to_on=2024-03-18",
         ["from", "from_on", "to", "to_on"]),
    ],
)  # fmt: skip
def test_every_fault_of_a_query_is_named(api: Api, path: str, pointers: list[str]) -> None:
    answer = api.get(path)

    assert (answer.status, sorted(answer.pointers)) == (400, pointers)


@pytest.mark.parametrize(
    ("path", "detail"),
    [
        (f"{AGING}?as_of=2024-04-01", "there is no snapshot of 2024-04-01; the nearest earlier one "
                                      "is of 2024-03-18"),
        (f"{AGING}?as_of=0001-01-01", "there is no snapshot of 0001-01-01; and none of the 8 runs "
                                      "before it has one"),
        ("/v1/reports/collections?from=2024-01-01&to=2024-04-17",
         "there is no snapshot of 2024-01-01, nor of any of the runs before it"),
        ("/v1/reports/notices?from=2024-01-01&to=2024-04-17",
         "there is no snapshot of 2024-01-01, nor of any of the runs before it"),
    ],
)  # fmt: skip
def test_what_there_is_no_snapshot_of_is_not_found(api: Api, path: str, detail: str) -> None:
    answer = api.get(path)

    assert (answer.status, answer.code, answer.body["detail"]) == (404, "not_found", detail)


@pytest.mark.parametrize(
    ("accept", "is_csv"),
    [
        ("", False),
        ("*/*", False),
        ("application/json", False),
        ("text/csv", True),
        ("Text/CSV; charset=utf-8", True),
        ("text/html, text/csv, */*;q=0.1", True),
        ("text/csv;q=0.4, application/json;q=0.5", False),
        ("text/csv;q=0.6, application/json;q=0.5", True),
        ("text/csv;q=much", False),
        ("text/csv;q=0", False),
    ],
)
def test_json_is_answered_unless_csv_is_preferred(accept: str, is_csv: bool) -> None:
    assert prefers_csv(accept) is is_csv


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r"])
def test_no_cell_of_a_csv_is_a_formula(start: str) -> None:
    reply = CsvReply(columns=("a", "b"), rows=[{"a": f"{start}1", "b": -1}])

    [row] = cells(reply.text)

    assert row == {"a": f"'{start}1", "b": "-1"}
