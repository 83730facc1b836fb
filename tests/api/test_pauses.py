"""Pauses, legal stops and blocks over the API."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from chalicelib.core.errors import UnavailableError
from chalicelib.core.facts import BlockSet, Pause
from chalicelib.flows.pauses import PAUSES_MAX
from chalicelib.flows.ports import Change, Loaded
from tests.api.client import WHY, Api
from tests.fakes_store import MemoryAccounts
from tests.flows.machine import TODAY, Machine, invoice

ACCOUNT = "/v1/accounts/A1"
PAUSE, RESUME, BLOCKS = f"{ACCOUNT}/pause", f"{ACCOUNT}/resume", f"{ACCOUNT}/blocks"
STOPS, STOPS_END = f"{ACCOUNT}/legal_stops", f"{ACCOUNT}/legal_stops/end"
LATER = TODAY + timedelta(5)
UNTIL: dict[str, Any] = WHY | {"until_on": LATER.isoformat()}
NOW: dict[str, Any] = WHY | {"when": "now"}
AT_NEXT_RUN: dict[str, Any] = WHY | {"when": "next_run"}
STOP: dict[str, Any] = WHY | {"kind": "insolvency", "reference": "IN 412/25"}


@pytest.fixture
def api() -> Api:
    machine = Machine()
    machine.take_in("A1", invoice("I1", 15), invoice("I2", 15))
    return Api(machine)


def codes(api: Api) -> list[str]:
    return [block["code"] for block in api.get(BLOCKS).body["data"]]


def last_event(api: Api) -> Any:
    (event,) = api.machine.accounts.kept["A1"].log[-1].events
    return event


def test_a_pause_rests_the_account_and_is_listed_with_its_id(api: Api) -> None:
    answer = api.post(PAUSE, UNTIL)

    assert answer.status == 200
    assert answer.body == {
        "account_id": "A1", "id": "pause:account:2024-03-23", "invoice_id": None,
        "since_on": "2024-03-18", "until_on": "2024-03-23", "reason_code": "goodwill",
    }  # fmt: skip
    (block,) = api.get(BLOCKS).body["data"]
    assert (block["code"], block["scope"], block["id"]) == ("paused", "account", answer.body["id"])
    assert (block["reason"], block["may_end_on"]) == ("goodwill", "2024-03-24")
    event = last_event(api)
    assert (event.kind, event.actor, event.reason_code, event.note, event.figures) == (
        "paused", "anna", "goodwill", "Agreed by phone.", {"until_on": "2024-03-23"},
    )  # fmt: skip
    assert api.machine.decide("A1").get("stages", 0) == 0


def test_a_pause_of_one_invoice_leaves_the_others(api: Api) -> None:
    api.post(PAUSE, UNTIL | {"invoice_id": "I1"})

    (block,) = api.get(BLOCKS).body["data"]
    assert (block["invoice_ids"], block["invoices"]) == (["I1"], 1)
    assert api.machine.decide("A1")["stages"] == 1


def test_a_second_pause_of_the_same_replaces_the_first(api: Api) -> None:
    api.post(PAUSE, UNTIL)
    api.post(PAUSE, WHY | {"until_on": TODAY.isoformat()})

    assert [span.until for span in api.machine.account("A1").pauses] == [TODAY]


def test_a_pause_that_cannot_be_is_refused_with_every_fault(api: Api) -> None:
    for day in (TODAY - timedelta(1), TODAY + timedelta(367)):
        answer = api.post(PAUSE, WHY | {"until_on": day.isoformat(), "invoice_id": "I9"})
        assert (answer.status, answer.code) == (422, "unfit_input")
        assert answer.pointers == ["/until_on", "/invoice_id"]


def test_an_account_has_so_many_pauses_and_no_more(api: Api) -> None:
    spans = [Pause(TODAY, LATER, f"I{number}") for number in range(2, 2 + PAUSES_MAX)]
    api.machine.take_in("A1", *spans)

    answer = api.post(PAUSE, UNTIL | {"invoice_id": "I1"})

    assert (answer.status, answer.code) == (422, "limit_reached")


def test_resume_leaves_the_account_to_the_next_run(api: Api) -> None:
    api.post(PAUSE, UNTIL)
    api.machine.let_run()

    answer = api.post(RESUME, AT_NEXT_RUN)

    assert answer.status == 200
    assert answer.body == {
        "account_id": "A1", "invoice_id": None, "decided": "at_the_next_run", "held_back_by": None,
    }  # fmt: skip
    assert codes(api) == []
    assert api.machine.account("A1").last_decided_on is None
    assert (last_event(api).kind, last_event(api).figures) == ("resumed", {"when": "next_run"})


def test_resume_now_decides_as_the_run_does(api: Api) -> None:
    api.post(PAUSE, UNTIL)
    api.machine.let_run()

    answer = api.post(RESUME, NOW)

    assert (answer.body["decided"], answer.body["held_back_by"]) == ("now", None)
    assert api.machine.account("A1").last_decided_on == TODAY
    assert api.machine.queues.mail == [("A1", "A1:USD:2024-03-18")]


@pytest.mark.parametrize("gate", ["sending_paused", "run_not_started"])
def test_resume_now_stays_behind_the_gates_of_the_run(api: Api, gate: str) -> None:
    api.post(PAUSE, UNTIL)
    if gate == "sending_paused":
        api.machine.let_run()
        api.machine.registry.pause_sending(paused=True)

    answer = api.post(RESUME, NOW)

    assert (answer.body["decided"], answer.body["held_back_by"]) == ("at_the_next_run", gate)
    assert codes(api) == []
    assert api.machine.account("A1").last_decided_on is None
    assert api.machine.queues.mail == []


def test_a_large_account_is_decided_by_its_queue() -> None:
    machine = Machine()
    machine.take_in("A1", *(invoice(f"I{number:04}", 15) for number in range(1_001)))
    machine.let_run()
    api = Api(machine)
    api.post(PAUSE, UNTIL)

    assert api.post(RESUME, NOW).body["decided"] == "soon"
    assert machine.queues.large == [(TODAY, "A1")]


class AccountsThatFailADecision(MemoryAccounts):
    def commit(self, change: Change) -> Loaded:
        if change.run_row is not None:
            raise UnavailableError("not now")
        return super().commit(change)


def test_an_account_that_could_not_be_decided_goes_to_the_workers() -> None:
    machine = Machine(accounts=AccountsThatFailADecision(4))
    machine.take_in("A1", invoice("I1", 15), Pause(TODAY, LATER))
    machine.let_run()
    api = Api(machine)

    assert api.post(RESUME, NOW).status == 200
    assert machine.queues.work == [(TODAY, "A1")]


def test_the_same_key_resumes_once(api: Api) -> None:
    api.post(PAUSE, UNTIL)
    api.machine.let_run()
    first = api.post(RESUME, NOW, Idempotency_Key="k1")
    again = api.post(RESUME, NOW, Idempotency_Key="k1")

    assert (again.status, again.body) == (200, first.body)
    assert again.headers["Idempotent-Replayed"] == "true"
    assert api.post(RESUME, AT_NEXT_RUN, Idempotency_Key="k1").status == 422


def test_what_is_not_paused_is_not_resumed(api: Api) -> None:
    assert api.post(RESUME, NOW).status == 409
    api.post(PAUSE, UNTIL | {"invoice_id": "I1"})

    whole = api.post(RESUME, NOW)
    other = api.post(RESUME, NOW | {"invoice_id": "I2"})

    assert (whole.status, other.status) == (409, 409)
    assert "I1" in whole.body["detail"]
    assert api.post(RESUME, AT_NEXT_RUN | {"invoice_id": "I1"}).status == 200


def test_a_legal_stop_stops_everything_until_it_is_ended(api: Api) -> None:
    answer = api.post(STOPS, STOP)

    assert answer.status == 201
    assert answer.body == {
        "account_id": "A1", "kind": "insolvency", "reference": "IN 412/25",
        "since_on": "2024-03-18",
    }  # fmt: skip
    (block,) = api.get(BLOCKS).body["data"]
    assert (block["code"], block["reason"], block["reference"]) == (
        "legal_stop", "insolvency", "IN 412/25",
    )  # fmt: skip
    assert (last_event(api).kind, last_event(api).subject) == ("legal_stop_set", "insolvency")
    assert api.machine.decide("A1").get("stages", 0) == 0

    ended = api.post(STOPS_END, WHY | {"kind": "insolvency"})

    assert (ended.status, ended.body["ended"], ended.body["left"]) == (200, ["insolvency"], [])
    assert codes(api) == []
    assert (last_event(api).kind, last_event(api).actor) == ("legal_stop_ended", "anna")


def test_there_is_one_legal_stop_of_a_kind(api: Api) -> None:
    api.post(STOPS, STOP)

    assert (api.post(STOPS, STOP).status, api.post(STOPS, STOP).code) == (409, "conflict")
    assert api.post(STOPS, WHY | {"kind": "lawsuit"}).status == 201
    assert api.post(STOPS_END, WHY | {"kind": "other"}).status == 409
    ended = api.post(STOPS_END, WHY | {"kind": "lawsuit"}).body
    assert (ended["ended"], ended["left"]) == (["lawsuit"], ["insolvency"])
    api.post(STOPS, WHY | {"kind": "other"})
    assert api.post(STOPS_END, WHY).body["ended"] == ["insolvency", "other"]
    assert api.post(STOPS_END, WHY).status == 409


def test_an_imported_legal_stop_is_of_the_kind_other(api: Api) -> None:
    api.machine.take_in("A1", BlockSet(TODAY, "legal_stop"))

    assert api.post(STOPS_END, WHY | {"kind": "insolvency"}).status == 409
    assert api.post(STOPS_END, WHY | {"kind": "other"}).body["ended"] == ["other"]
    assert codes(api) == []


def test_the_same_key_stops_once(api: Api) -> None:
    first = api.post(STOPS, STOP, Idempotency_Key="k1")
    again = api.post(STOPS, STOP, Idempotency_Key="k1")

    assert (again.status, again.body) == (201, first.body)


def test_blocks_come_in_pages_and_by_code(api: Api) -> None:
    api.post(PAUSE, UNTIL | {"invoice_id": "I1"})
    api.post(PAUSE, UNTIL | {"invoice_id": "I2"})
    api.post(STOPS, STOP)

    first = api.get(f"{BLOCKS}?limit=2").body
    rest = api.get(f"{BLOCKS}?limit=2&cursor={first['next_cursor']}").body

    assert [b["code"] for b in first["data"]] == ["legal_stop", "paused"]
    assert [b["id"] for b in rest["data"]] == ["pause:I2:2024-03-23"]
    assert rest["next_cursor"] is None
    assert len(api.get(f"{BLOCKS}?code=paused").body["data"]) == 2
    assert api.get(f"{BLOCKS}?code=paused&cursor={first['next_cursor']}").status == 400
    assert api.get(f"{BLOCKS}?kode=paused").pointers == ["kode"]


def test_every_fault_is_named(api: Api) -> None:
    no_reason = {"/reason_code", "/note"}

    paused = api.post(PAUSE, {"until_on": "soon", "invoice_id": "I 1", "x": 1})
    resumed = api.post(RESUME, {"when": "later"})
    stopped = api.post(STOPS, {"kind": "mood", "reference": "a\nb"})
    ended = api.post(STOPS_END, {"kind": "mood"})

    assert {a.status for a in (paused, resumed, stopped, ended)} == {400}
    assert set(paused.pointers) == no_reason | {"/until_on", "/invoice_id", "/x"}
    assert set(resumed.pointers) == no_reason | {"/when"}
    assert set(stopped.pointers) == no_reason | {"/kind", "/reference"}
    assert set(ended.pointers) == no_reason | {"/kind"}


BODIES = {PAUSE: UNTIL, RESUME: NOW, STOPS: STOP, STOPS_END: WHY}


@pytest.mark.parametrize("path", BODIES)
def test_a_key_and_an_account_are_needed(api: Api, path: str) -> None:
    assert api.post(path, BODIES[path], Idempotency_Key="").pointers == ["Idempotency-Key"]
    assert api.post(path.replace("A1", "A9"), BODIES[path]).status == 404


@pytest.mark.parametrize("path", BODIES)
def test_who_may_not_is_refused(api: Api, path: str) -> None:
    assert api.as_("").post(path, BODIES[path]).status == 401
    assert api.as_("viewer,service").post(path, BODIES[path]).status == 403


def test_a_collector_sets_a_legal_stop_and_an_approver_ends_it(api: Api) -> None:
    assert api.as_("collector").post(STOPS, STOP).status == 201
    assert api.as_("collector").post(STOPS_END, WHY).status == 403
    assert api.as_("approver").post(STOPS_END, WHY).status == 200


def test_who_may_read_sees_blocks(api: Api) -> None:
    assert api.as_("viewer").get(BLOCKS).status == 200
    assert api.as_("").get(BLOCKS).status == 401
    assert api.as_("agency").get(BLOCKS).status == 403
    assert api.get("/v1/accounts/A9/blocks").status == 404
