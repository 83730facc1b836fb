"""The list of accounts and an account's risk over HTTP."""

from __future__ import annotations

from datetime import timedelta

import pytest
from chalicelib.core.facts import Payment
from tests.api.client import Api
from tests.flows.machine import TODAY, Machine, invoice
from tests.flows.snapshot_days import reported

ACCOUNTS = "/v1/accounts"
RISK = "/v1/accounts/A2/risk"


@pytest.fixture
def api() -> Api:
    machine = Machine()
    machine.take_in("A1", invoice("I1", 15), account_class="key")
    machine.take_in("A2", invoice("I2", 75, 40_000), invoice("I3", 40, 60_000), policy_id="rapid")
    machine.take_in("A2", Payment(TODAY, "P1", TODAY, "USD", 60_000, ("I3",)))
    machine.take_in("A3", invoice("I4", 3))
    reported(machine)
    return Api(machine)


def ids(api: Api, query: str) -> list[str]:
    return [row["account_id"] for row in api.get(f"{ACCOUNTS}?{query}").body["data"]]


def test_accounts_are_listed_as_the_run_saw_them(api: Api) -> None:
    body = api.get(f"{ACCOUNTS}?account_class=key").body

    assert (body["as_of"], body["next_cursor"]) == ("2024-03-18", None)
    assert body["data"] == [
        {
            "account_id": "A1", "name": "Customer A1", "account_class": "key", "debtor_kind": "company",
            "credit_status": "open", "collector": "junior", "policy_id": "standard",
            "past_due": [{"amount_minor": 100_000, "currency": "USD"}],
            "open": [{"amount_minor": 100_000, "currency": "USD"}], "unapplied": [],
            "oldest_days_past_due": 15, "bucket": "1-30", "stage": None, "risk_score": None,
        }
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", ["A1", "A2", "A3"]),
        ("bucket=61-90", ["A2"]),
        ("past_due_over_minor=99999&currency=USD", ["A1", "A3"]),
        ("credit_status=open&collector=junior", ["A1", "A2", "A3"]),
        ("stage=reminder", []),
        ("as_of=2024-03-18&account_class=standard", ["A2", "A3"]),
    ],
)
def test_accounts_are_filtered(api: Api, query: str, found: list[str]) -> None:
    assert ids(api, query) == found


def test_a_list_goes_on_at_its_cursor(api: Api) -> None:
    found: list[str] = []
    cursor: str | None = ""
    while cursor is not None:
        body = api.get(f"{ACCOUNTS}?limit=1&cursor={cursor}").body
        found += [row["account_id"] for row in body["data"]]
        cursor = body["next_cursor"]

    assert found == ["A1", "A2", "A3"]


def test_a_cursor_of_other_filters_is_refused(api: Api) -> None:
    cursor = api.get(f"{ACCOUNTS}?limit=1").body["next_cursor"]

    assert api.get(f"{ACCOUNTS}?bucket=1-30&cursor={cursor}").pointers == ["cursor"]


def test_the_risk_of_an_account_is_told_part_by_part(api: Api) -> None:
    body = api.get(RISK).body

    parts = {part["code"]: part for part in body["parts"]}
    assert body["policy_id"] == "rapid"
    assert parts["share_paid_late"] == {
        "code": "share_paid_late", "weight": 25, "measure": "1.0000", "points": "25.00",
        "figures": {"settled": 1, "late": 1},
    }  # fmt: skip
    assert parts["average_days_late"]["points"] == "13.33"  # 40 of 60 days, of 20
    assert parts["over_60_days"]["points"] == "25.00"
    assert parts["disputes_lost"]["measure"] is None
    assert body["score"] == 63
    assert api.get(f"{ACCOUNTS}?bucket=61-90").body["data"][0]["risk_score"] == 63


def test_without_weights_the_risk_is_null(api: Api) -> None:
    body = api.get("/v1/accounts/A1/risk").body

    assert (body["score"], body["parts"]) == (None, [])


@pytest.mark.parametrize("path", [ACCOUNTS, RISK])
@pytest.mark.parametrize("role", ["viewer", "collector", "approver", "admin", "service"])
def test_whoever_may_read_may_read_accounts(api: Api, path: str, role: str) -> None:
    assert api.as_(role).get(path).status == 200


@pytest.mark.parametrize("path", [ACCOUNTS, RISK])
def test_an_agency_may_not_and_nobody_unknown_may(api: Api, path: str) -> None:
    assert (api.as_("agency").get(path).status, api.as_("").get(path).status) == (403, 401)


@pytest.mark.parametrize(
    ("path", "pointers"),
    [
        (f"{ACCOUNTS}?past_due_over_minor=1", ["currency"]),
        (f"{ACCOUNTS}?currency=USD", ["past_due_over_minor"]),
        (f"{ACCOUNTS}?past_due_over_minor=1.5&currency=USD", ["past_due_over_minor"]),
        (f"{ACCOUNTS}?past_due_over_minor=-1&currency=USD", ["past_due_over_minor"]),
        (f"{ACCOUNTS}?credit_status=held&limit=201", ["credit_status", "limit"]),
        (f"{ACCOUNTS}?stage=%00", ["stage"]),
        (f"{ACCOUNTS}?collector={'x' * 201}", ["collector"]),
        (f"{ACCOUNTS}?class=key", ["class"]),
        (f"{RISK}?as_of=2024-03-18", ["as_of"]),
        ("/v1/accounts/A%202/risk", ["account_id"]),
    ],
)
def test_every_fault_of_a_question_is_named(api: Api, path: str, pointers: list[str]) -> None:
    answer = api.get(path)

    assert (answer.status, sorted(answer.pointers)) == (400, pointers)


def test_what_is_not_there_is_not_found(api: Api) -> None:
    tomorrow = TODAY + timedelta(days=1)

    assert api.get("/v1/accounts/A9/risk").status == 404
    assert api.get(f"{ACCOUNTS}?as_of={tomorrow}").status == 404
