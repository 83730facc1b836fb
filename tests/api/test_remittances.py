"""What agencies hand over, confirmed or declined over the API (R10.6)."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import date

import pytest
from chalicelib.core.errors import UnavailableError
from chalicelib.flows.ports_agency import Agency, Remittance, RemittanceLine
from tests.api.client import WHY, Api
from tests.fakes_agency import MemoryAgencyQueue
from tests.flows.machine import NOW, Machine

AT = "/v1/agencies/north/remittances"
ONE = f"{AT}/RM-1"
LINES = (RemittanceLine("plc_1", "P1", 40_000, 8_000), RemittanceLine("plc_2", "P2", 10_000, 2_000))
REMITTANCE = Remittance(
    "RM-1", "net", date(2024, 3, 1), date(2024, 3, 15), "USD", LINES, 50_000, 10_000, 40_000, NOW
)
VERBS = ["confirm", "decline"]
ENDS = {"confirm": "confirmed", "decline": "declined"}


@pytest.fixture
def api() -> Api:
    machine = Machine()
    machine.agencies.put(Agency("north", "Northgate", NOW, remit="net"))
    machine.agencies.shelf("north").remitted["RM-1"] = REMITTANCE
    return Api(machine)


def test_a_remittance_is_read_with_its_lines_and_sums(api: Api) -> None:
    body = api.get(ONE).body

    assert (body["state"], body["kind"], body["lines_count"]) == ("received", "net", 2)
    sums = [body[name]["amount_minor"] for name in ("collected", "commission", "paid")]
    assert sums == [50_000, 10_000, 40_000]
    assert body["lines"][1] == {
        "placement_id": "plc_2", "payment_id": "P2",
        "amount": {"amount_minor": 10_000, "currency": "USD"},
        "commission": {"amount_minor": 2_000, "currency": "USD"},
    }  # fmt: skip
    assert body["allowed_actions"] == ["confirm", "decline"]


def test_remittances_are_listed_without_their_lines(api: Api) -> None:
    (row,) = api.get(AT).body["data"]

    assert (row["remittance_id"], row["lines_count"]) == ("RM-1", 2)
    assert "lines" not in row


@pytest.mark.parametrize("verb", VERBS)
def test_an_answer_is_kept_told_to_the_agency_and_left_to_its_worker(api: Api, verb: str) -> None:
    answer = api.post(f"{ONE}/{verb}", WHY)

    body, shelf = answer.body, api.machine.agencies.shelf("north")
    assert (answer.status, body["state"], body["answered_by"]) == (200, ENDS[verb], "anna")
    assert (body["reason"], body["allowed_actions"]) == ("goodwill", [])
    ((line,),) = shelf.rows
    assert (line.type, line.ref, line.amount_minor) == (f"remittance.{ENDS[verb]}", "RM-1", 40_000)
    (report,) = shelf.reports_waiting(10)
    assert (report.kind, report.id) == ("confirmation", "RM-1")
    assert json.loads(report.body)["remittance_id"] == "RM-1"
    assert api.machine.agency_queue.sent == ["north"]
    (act,) = api.get(ONE).body["log"]
    assert (act["kind"], act["note"]) == (f"remittance_{ENDS[verb]}", WHY["note"])


def test_what_was_answered_is_not_answered_otherwise_by_another(api: Api) -> None:
    api.post(f"{ONE}/confirm", WHY)

    again = api.as_("approver", "bert").post(f"{ONE}/decline", WHY)

    assert (again.status, again.body["blockers"][0]["code"]) == (422, "confirmed")
    assert api.get(ONE).body["answered_by"] == "anna"


def test_the_same_answer_of_another_tells_the_worker_again_and_stays_the_firsts(api: Api) -> None:
    api.post(f"{ONE}/confirm", WHY)
    api.machine.agency_queue.sent.clear()

    again = api.as_("approver", "bert").post(f"{ONE}/confirm", WHY)

    assert (again.status, again.body["answered_by"]) == (200, "anna")
    assert api.machine.agency_queue.sent == ["north"]


def test_the_same_call_again_gives_the_same_answer_and_tells_once(api: Api) -> None:
    first, again = (api.post(f"{ONE}/confirm", WHY, Idempotency_Key="once") for _ in range(2))

    assert (again.body, again.headers["Idempotent-Replayed"]) == (first.body, "true")
    assert len(api.machine.agencies.shelf("north").rows) == 1


def test_who_confirmed_may_confirm_again_after_a_crash_that_lost_the_worker(api: Api) -> None:
    api.post(f"{ONE}/confirm", WHY)
    shelf = api.machine.agencies.shelf("north")
    shelf.reports.clear()

    again = api.post(f"{ONE}/confirm", WHY)

    assert again.status == 200
    assert [one.id for one in shelf.reports_waiting(10)] == ["RM-1"]
    assert len(shelf.rows) == 1


class DeafQueue(MemoryAgencyQueue):
    def send_agency(self, agency_ids: Sequence[str]) -> None:
        raise UnavailableError("the queue does not answer")


def test_a_queue_that_does_not_answer_loses_nothing(api: Api) -> None:
    api.machine.agency_queue = DeafQueue()

    answer = api.post(f"{ONE}/confirm", WHY)

    assert answer.status == 200
    assert len(api.machine.agencies.shelf("north").reports_waiting(10)) == 1


def test_an_answer_to_another_state_than_was_read_is_refused(api: Api) -> None:
    assert api.post(f"{ONE}/confirm", WHY, If_Match='"other"').status == 412
    assert api.post(f"{ONE}/confirm", WHY, If_Match=api.get(ONE).headers["ETag"]).status == 200


def test_a_remittance_of_another_agency_is_not_found(api: Api) -> None:
    api.machine.agencies.put(Agency("south", "South", NOW))

    assert api.get("/v1/agencies/south/remittances/RM-1").status == 404
    assert api.post("/v1/agencies/south/remittances/RM-1/confirm", WHY).status == 404


@pytest.mark.parametrize("verb", VERBS)
def test_only_an_approver_answers_a_remittance(api: Api, verb: str) -> None:
    assert api.as_("collector").post(f"{ONE}/{verb}", WHY).status == 403
