"""An account's timeline over the API, newest first, page by page."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from chalicelib.core.effects import Event
from chalicelib.core.facts import Payment
from chalicelib.flows.ports import Change
from chalicelib.flows.timeline import CHANGES_PER_READ, READS_MAX
from tests.api.client import WHY, Api
from tests.flows.machine import NOW, TODAY, Machine, invoice

WHERE = "/v1/accounts/A1/timeline"


@pytest.fixture
def api() -> Api:
    machine = Machine()
    machine.take_in("A1", invoice("I1", 30), invoice("I2", 16))
    machine.decide("A1")
    machine.take_in("A1", Payment(TODAY, "P1", TODAY, "USD", 50_00, ("I1",)))
    return Api(machine)


def rows(api: Api, query: str = "") -> list[dict[str, Any]]:
    """Every row, by pages as large as asked for."""
    found, cursor = [], ""
    while True:
        answer = api.get(f"{WHERE}?{query}&cursor={cursor}".replace("?&", "?"))
        assert answer.status == 200, answer.body
        found += answer.body["data"]
        cursor = answer.body["next_cursor"]
        if cursor is None:
            return found


def test_what_a_person_did_is_told_with_who_and_why(api: Api) -> None:
    api.post("/v1/accounts/A1/pause", WHY | {"until_on": "2024-03-20", "invoice_id": "I2"})

    row = rows(api)[0]

    policy = row.pop("policy")
    assert policy.startswith("standard@")
    assert row == {
        "source": "action", "kind": "paused", "on": "2024-03-18", "at": "2024-03-18T05:00:00Z",
        "actor": "anna", "subject": "I2", "reason_code": "goodwill", "note": "Agreed by phone.",
        "figures": {"until_on": "2024-03-20"},
    }  # fmt: skip


def test_what_was_booked_and_decided_is_told_with_its_figures(api: Api) -> None:
    found = rows(api)

    told = [(row["source"], row["kind"]) for row in found]
    assert told[0] == ("ledger", "payment")
    assert told[-2:] == [("ledger", "invoice")] * 2
    payment = found[0]
    assert payment["amount"] == {"amount_minor": 50_00, "currency": "USD"}
    assert (payment["subject"], payment["on"], payment["value_on"]) == (
        "P1", "2024-03-18", "2024-03-18",
    )  # fmt: skip
    decided = {row["kind"]: row for row in found if row["source"] == "decision"}
    assert decided["stage"]["rules"] == ["R5.2"]
    assert decided["stage"]["sentence"] == "Invoice I1 reaches stage reminder at 15 days past due."
    assert (decided["stage"]["invoice_id"], decided["stage"]["figures"]) == ("I1", {"days": "15"})
    notice = decided["notice"]
    assert (notice["subject"], notice["invoices"]) == ("A1:USD:2024-03-18", 2)
    assert sorted(notice["invoice_ids"]) == ["I1", "I2"]
    assert notice["amount"]["amount_minor"] == 2_000_00
    assert notice["policy"].startswith("standard@")


@pytest.mark.parametrize("limit", [1, 2, 3, 200])
def test_pages_of_any_size_tell_the_same(api: Api, limit: int) -> None:
    assert rows(api, f"limit={limit}") == rows(api)


def test_the_rows_of_one_change_are_cut_into_pages(api: Api) -> None:
    payments = [
        Payment(TODAY, f"P{number:04}", TODAY, "USD", 1, ("I1",)) for number in range(2, 451)
    ]
    api.machine.take_in("A1", *payments)

    found = [row["subject"] for row in rows(api, "limit=200&kind=payment")]

    assert found == [f"P{number:04}" for number in range(450, 1, -1)] + ["P1"]


def test_filters_tell_what_is_asked_for(api: Api) -> None:
    assert {row["source"] for row in rows(api, "source=decision")} == {"decision"}
    assert [row["kind"] for row in rows(api, "kind=notice&limit=1")] == ["notice"]
    assert rows(api, "kind=none_such") == []


def test_a_filter_that_finds_nothing_ends_its_page_and_goes_on(api: Api) -> None:
    accounts = api.machine.accounts
    for number in range(CHANGES_PER_READ * READS_MAX):
        loaded = accounts.load("A1")
        event = Event(TODAY + timedelta(1), NOW, "activity", "anna", str(number))
        accounts.commit(Change(loaded, loaded.account, loaded.wake_on, events=[event]))

    first = api.get(f"{WHERE}?kind=notice").body

    assert first["data"] == []
    assert [row["kind"] for row in rows(api, "kind=notice")] == ["notice"]
    subjects = [row["subject"] for row in rows(api, "kind=activity&limit=7")]
    assert subjects == [str(n) for n in range(CHANGES_PER_READ * READS_MAX - 1, -1, -1)]


def test_a_cursor_belongs_to_its_filters_and_its_account(api: Api) -> None:
    api.machine.take_in("A2", invoice("I1", 30))
    cursor = api.get(f"{WHERE}?limit=1").body["next_cursor"]

    assert api.get(f"{WHERE}?limit=5&cursor={cursor}").status == 200
    for path in (
        f"{WHERE}?kind=notice&cursor={cursor}",
        f"/v1/accounts/A2/timeline?cursor={cursor}",
    ):
        answer = api.get(path)
        assert (answer.status, answer.pointers) == (400, ["cursor"])


def test_every_fault_of_a_query_is_named(api: Api) -> None:
    answer = api.get(f"{WHERE}?limit=0&source=mind&x=1")

    assert (answer.status, set(answer.pointers)) == (400, {"limit", "source", "x"})


def test_an_account_without_a_past_has_an_empty_timeline(api: Api) -> None:
    api.machine.take_in("A3")

    assert api.get("/v1/accounts/A3/timeline").body == {"data": [], "next_cursor": None}
    assert api.get("/v1/accounts/A9/timeline").status == 404


def test_who_may_not_is_refused(api: Api) -> None:
    assert api.as_("").get(WHERE).status == 401
    assert api.as_("agency").get(WHERE).status == 403
    assert api.as_("viewer").get(WHERE).status == 200
