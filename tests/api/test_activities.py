"""Contacts with customers over the API, and the reply that waits."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from chalicelib.core.account import Case, Tried
from chalicelib.core.facts import BlockSet
from chalicelib.core.invoice import FinalDemand
from tests.api.client import Api
from tests.flows.machine import TODAY, Machine, invoice

WHERE = "/v1/accounts/A1/activities"
CALLED_US: dict[str, Any] = {"channel": "call", "direction": "in", "outcome": "other"}
WROTE: dict[str, Any] = {"channel": "email", "direction": "out", "outcome": "replied"}
END = "/v1/accounts/A1/reply_waiting/end"


@pytest.fixture
def api() -> Api:
    machine = Machine()
    machine.take_in("A1", invoice("I1", 90))
    return Api(machine)


def blocks(api: Api) -> list[str]:
    return [mark.block for mark in api.machine.account("A1").marks]


def test_an_inbound_contact_is_recorded_and_its_reply_waits(api: Api) -> None:
    api.put("/v1/accounts/A1/contacts/c1", {"name": "Jo"})

    answer = api.post(WHERE, CALLED_US | {"contact_id": "c1", "note": "Asks for a copy."})

    assert answer.status == 201
    assert answer.body == CALLED_US | {
        "account_id": "A1", "contact_id": "c1", "on": "2024-03-18", "note": "Asks for a copy.",
        "reply_waiting": True,
    }  # fmt: skip
    assert blocks(api) == ["reply_waiting"]
    (event,) = api.machine.accounts.kept["A1"].log[-1].events
    assert (event.kind, event.actor, event.subject, event.note) == (
        "activity", "anna", "c1", "Asks for a copy.",
    )  # fmt: skip
    assert event.figures == CALLED_US | {"on": "2024-03-18"}


def test_a_second_inbound_contact_waits_no_more_than_the_first(api: Api) -> None:
    api.post(WHERE, CALLED_US)
    api.post(WHERE, CALLED_US)

    assert blocks(api) == ["reply_waiting"]


@pytest.mark.parametrize(
    ("said", "waits"),
    [
        (WROTE, False),
        (WROTE | {"channel": "call", "outcome": "promised"}, False),
        (WROTE | {"channel": "call", "outcome": "no_answer"}, True),
        (WROTE | {"on": "2024-03-16"}, True),
    ],
)
def test_an_outbound_contact_that_reached_someone_since_ends_the_wait(
    api: Api, said: dict[str, Any], *, waits: bool
) -> None:
    api.post(WHERE, CALLED_US | {"on": "2024-03-17"})

    answer = api.post(WHERE, said)

    assert answer.body["reply_waiting"] is waits
    assert blocks(api) == (["reply_waiting"] if waits else [])


@pytest.mark.parametrize(
    ("on", "answered"),
    [(TODAY, True), (TODAY - timedelta(2), True), (TODAY - timedelta(3), False)],
)
def test_an_inbound_contact_answers_the_final_demands_of_before(
    api: Api, on: date, *, answered: bool
) -> None:
    kept = api.machine.accounts.kept["A1"]
    one = kept.account.invoices["I1"].having(final_demand=FinalDemand(TODAY - timedelta(2), 10))
    kept.account = replace(kept.account, invoices={"I1": one})

    api.post(WHERE, CALLED_US | {"on": on.isoformat()})

    demand = api.machine.account("A1").invoices["I1"].final_demand
    assert demand == FinalDemand(TODAY - timedelta(2), 10, answered)


def test_a_person_says_that_nothing_waits(api: Api) -> None:
    api.post(WHERE, CALLED_US)

    answer = api.post(END, {"note": "It was a wrong number."})

    assert (answer.status, answer.body) == (200, {"account_id": "A1", "reply_waiting": False})
    assert blocks(api) == []
    (event,) = api.machine.accounts.kept["A1"].log[-1].events
    assert (event.kind, event.note) == ("reply_waiting_ended", "It was a wrong number.")
    assert (api.post(END, {}).status, api.post(END, {}).code) == (409, "conflict")


def test_a_block_that_was_imported_is_ended_as_well(api: Api) -> None:
    api.machine.take_in("A1", BlockSet(TODAY, "reply_waiting"))

    assert api.post(WHERE, WROTE).body["reply_waiting"] is False


def test_the_same_key_records_once(api: Api) -> None:
    first = api.post(WHERE, CALLED_US, Idempotency_Key="k1")
    again = api.post(WHERE, CALLED_US, Idempotency_Key="k1")

    assert (again.status, again.body) == (201, first.body)
    assert again.headers["Idempotent-Replayed"] == "true"
    events = [e for lines in api.machine.accounts.kept["A1"].log for e in lines.events]
    assert len(events) == 1


def test_a_day_to_come_or_long_ago_is_refused(api: Api) -> None:
    for day in (TODAY + timedelta(1), TODAY - timedelta(367)):
        answer = api.post(WHERE, CALLED_US | {"on": day.isoformat(), "contact_id": "c9"})
        assert (answer.status, answer.code) == (422, "unfit_input")
        assert answer.pointers == ["/on", "/contact_id"]
    assert api.post(WHERE, CALLED_US | {"on": "2023-03-18"}).status == 201


def test_every_fault_is_named(api: Api) -> None:
    answer = api.post(WHERE, {"channel": "fax", "direction": "up", "on": "18.3.2024", "x": 1})

    assert answer.status == 400
    assert set(answer.pointers) == {"/channel", "/direction", "/outcome", "/on", "/x"}
    assert api.post(END, {"note": 7}).pointers == ["/note"]


def test_a_key_is_needed(api: Api) -> None:
    for path, body in ((WHERE, CALLED_US), (END, {})):
        answer = api.post(path, body, Idempotency_Key="")
        assert (answer.status, answer.pointers) == (400, ["Idempotency-Key"])


def test_who_may_not_is_refused(api: Api) -> None:
    for roles, status in (("", 401), ("viewer", 403), ("service", 403)):
        assert api.as_(roles).post(WHERE, CALLED_US).status == status
        assert api.as_(roles).post(END, {}).status == status


def test_an_account_that_is_not_there_is_not_found(api: Api) -> None:
    assert api.post("/v1/accounts/A9/activities", CALLED_US).status == 404
    assert api.post("/v1/accounts/A9/reply_waiting/end", {}).status == 404


def test_a_contact_of_ours_is_an_attempt_to_reach_whom_it_names(api: Api) -> None:
    api.put("/v1/accounts/A1/contacts/c1", {"name": "Jo"})
    there = api.machine.accounts.kept["A1"]
    there.account = replace(there.account, case=Case("A1-C1", TODAY))

    api.post(WHERE, WROTE | {"contact_id": "c1"})
    api.post(WHERE, {"channel": "call", "direction": "out", "outcome": "no_answer"})
    api.post(WHERE, CALLED_US)

    case = api.machine.account("A1").case
    assert case is not None
    assert case.tried == Tried({"email": 1, "phone": 1}, frozenset({"c1"}))
