"""Runs, jobs and the kill switch through the API (R13.1)."""

from __future__ import annotations

from typing import Any

import pytest
from chalicelib import wiring
from chalicelib.flows.ports import OutboxRow, RunState
from tests.api.client import WHY, Api
from tests.flows.machine import TODAY, Machine, invoice
from tests.workers.deployment import FakeDeployment

DAY = TODAY.isoformat()
RUN = {"as_of": DAY}
TRIAL = {"as_of": DAY, "dry_run": True}


@pytest.fixture
def api() -> Api:
    machine = Machine()
    machine.take_in("A1", invoice("I1", 15))
    machine.take_in("A2", invoice("I2", 16))
    return Api(machine, "approver", "anna")


def work_the_jobs(api: Api) -> None:
    with wiring.using(FakeDeployment(api.machine)):
        for job_id, step in list(api.machine.job_queue.sent):
            wiring.deps().job(job_id, step)


def waiting(api: Api, accounts_due: int = 2) -> None:
    """The day's run waits for a person."""
    api.machine.registry.put_run(RunState(TODAY, "waiting", accounts_due, "too many"))


def test_a_run_is_started_and_looked_at(api: Api) -> None:
    answer = api.post("/v1/runs", RUN)

    assert (answer.status, answer.body["state"]) == (202, "running")
    assert len(api.machine.queues.shards) == 4
    api.machine.work.decide_account(TODAY, "A1")
    told = api.as_("viewer").get(answer.headers["Location"]).body
    assert (told["accounts_due"], told["figures"]["done"], told["figures"]["left"]) == (2, 1, 1)
    assert told["figures"]["outcomes"]["notices"] == 1
    assert [(act["kind"], act["actor"]) for act in told["log"]] == [("run_asked_for", "anna")]


def test_a_run_that_a_gate_stops_is_refused_with_the_gate(api: Api) -> None:
    api.machine.registry.pause_sending(paused=True)

    answer = api.post("/v1/runs", RUN)

    assert (answer.status, answer.code) == (422, "blocked")
    assert [blocker["code"] for blocker in answer.body["blockers"]] == ["sending_paused"]
    assert api.get(f"/v1/runs/{DAY}").body["state"] == "refused"


def test_a_run_that_is_tried_changes_nothing_and_tells_all(api: Api) -> None:
    answer = api.post("/v1/runs", TRIAL)
    assert (answer.status, answer.body["state"]) == (202, "queued")
    before = [kept.version for kept in api.machine.accounts.kept.values()]

    work_the_jobs(api)

    told = api.get(answer.headers["Location"]).body
    result = told["dry_run_result"]
    assert (told["state"], told["dry_run"], told["accounts_due"]) == ("done", True, 2)
    assert (result["counts"]["notices"], result["would_be_refused_by"]) == (2, None)
    assert {row["account_id"] for row in result["effects"]} == {"A1", "A2"}
    assert [kept.version for kept in api.machine.accounts.kept.values()] == before
    assert api.machine.queues.mail == []
    assert api.get(f"/v1/runs/{DAY}").status == 404


def test_a_run_that_is_tried_twice_with_a_key_is_one_job(api: Api) -> None:
    first = api.post("/v1/runs", TRIAL, Idempotency_Key="once")
    again = api.post("/v1/runs", TRIAL, Idempotency_Key="once")

    assert again.body == first.body
    assert len(api.machine.job_queue.sent) == 1
    assert api.post("/v1/runs", RUN, Idempotency_Key="once").code == "idempotency_key_reused"


def test_the_runs_are_listed_newest_first(api: Api) -> None:
    for day in (13, 14, 15):
        api.machine.registry.put_run(RunState(TODAY.replace(day=day), "running", day))

    first = api.as_("viewer").get("/v1/runs?limit=2").body

    assert [row["run_id"] for row in first["data"]] == ["2024-03-15", "2024-03-14"]
    rest = api.as_("viewer").get(f"/v1/runs?limit=2&cursor={first['next_cursor']}").body
    assert [row["accounts_due"] for row in rest["data"]] == [13]


def test_a_waiting_run_is_approved_with_its_count(api: Api) -> None:
    waiting(api)

    answer = api.post(f"/v1/runs/{DAY}/approve", {"accounts_due": 2, **WHY})

    assert (answer.status, answer.body["state"]) == (200, "running")
    told = api.get(f"/v1/runs/{DAY}").body
    assert told["approved_count"] == 2
    assert told["log"][0]["figures"] == {"accounts_due": "2"}
    assert told["log"][0]["reason_code"] == "goodwill"


def test_an_approval_of_another_count_is_a_conflict(api: Api) -> None:
    waiting(api)

    answer = api.post(f"/v1/runs/{DAY}/approve", {"accounts_due": 3, **WHY})

    assert (answer.status, answer.code) == (409, "conflict")
    assert api.machine.queues.shards == []


def test_who_asked_for_a_run_does_not_approve_it(api: Api) -> None:
    api.post("/v1/runs", RUN)
    waiting(api)
    approval = {"accounts_due": 2, **WHY}

    assert api.post(f"/v1/runs/{DAY}/approve", approval).status == 403
    key = api.as_("approver", "key-1 anna").post(f"/v1/runs/{DAY}/approve", approval)
    assert (key.status, key.code) == (403, "second_person_needed")
    assert api.as_("approver", "bert").post(f"/v1/runs/{DAY}/approve", approval).status == 200


def test_an_approval_is_given_again_for_its_key(api: Api) -> None:
    waiting(api)
    approval = {"accounts_due": 2, **WHY}
    first = api.post(f"/v1/runs/{DAY}/approve", approval, Idempotency_Key="once")

    again = api.post(f"/v1/runs/{DAY}/approve", approval, Idempotency_Key="once")

    assert (again.status, again.body) == (200, first.body)
    assert len(api.machine.queues.shards) == 4


@pytest.mark.parametrize(
    "path", ["/v1/runs/2024-01-01", "/v1/runs/soon", "/v1/runs/20240318", "/v1/runs/job_1"]
)
def test_a_run_that_is_not_there_is_not_found(api: Api, path: str) -> None:
    assert api.get(path).status == 404
    assert api.post(f"{path}/approve", {"accounts_due": 1, **WHY}).status == 404


def test_a_job_that_is_no_dry_run_is_no_run(api: Api) -> None:
    answer = api.as_("admin").post(
        "/v1/policies/standard/simulate", {"version": _in_force(api), "days": 3}
    )

    assert api.get(f"/v1/runs/{answer.body['job_id']}").status == 404
    assert api.get("/v1/jobs/job_1").status == 404


def _in_force(api: Api) -> str:
    return api.machine.registry.policy_table().version_on("standard", TODAY)


def test_a_simulation_tells_both_policies_side_by_side(api: Api) -> None:
    answer = api.as_("admin").post(
        "/v1/policies/standard/simulate", {"version": _in_force(api), "days": 31}
    )

    work_the_jobs(api)

    job = api.get(f"/v1/jobs/{answer.body['job_id']}").body
    result = job["result"]
    assert (job["state"], result["accounts_simulated"], result["is_complete"]) == ("done", 2, True)
    assert result["in_force"] == result["tried"]
    assert {row["kind"] for row in result["tried"]["counts"]} >= {"stage", "notice"}


def test_sending_is_paused_and_resumed_with_who_and_why(api: Api) -> None:
    before = api.as_("viewer").get("/v1/sending").body
    assert (before["sending"], before["log"]) == ("on", [])

    paused = api.post("/v1/sending/pause", WHY)

    assert paused.body["sending"] == "paused"
    assert api.machine.registry.sending_paused()
    resumed = api.as_("admin", "bert").post("/v1/sending/resume", WHY)
    assert resumed.body["sending"] == "on"
    log = api.get("/v1/sending").body["log"]
    assert [(act["kind"], act["actor"], act["note"]) for act in log] == [
        ("sending_resumed", "bert", WHY["note"]),
        ("sending_paused", "anna", WHY["note"]),
    ]
    assert resumed.body["log"] == log


def test_sending_tells_what_waits_and_what_the_account_may_send(api: Api) -> None:
    outbox = api.machine.accounts.outbox.setdefault("A1", {})
    for number in range(3):
        row = OutboxRow(f"notice:N{number}", "notice", f"N{number}", api.machine.clock.now())
        outbox[row.id] = row

    body = api.as_("viewer").get("/v1/sending").body

    assert (body["letters_waiting"], body["is_complete"]) == (3, True)
    assert body["quota"] == {
        "recipients_per_second": 14.0,
        "recipients_per_day": 50_000,
        "sent_last_24_hours": 0,
        "is_enabled": True,
        "is_production": True,
    }


def test_pausing_is_given_again_for_its_key(api: Api) -> None:
    first = api.post("/v1/sending/pause", WHY, Idempotency_Key="once")
    api.post("/v1/sending/resume", WHY)

    again = api.post("/v1/sending/pause", WHY, Idempotency_Key="once")

    assert again.body == first.body
    assert not api.machine.registry.sending_paused()


WRITES: list[tuple[str, dict[str, Any]]] = [
    ("/v1/runs", RUN),
    (f"/v1/runs/{DAY}/approve", {"accounts_due": 1, **WHY}),
    ("/v1/sending/pause", WHY),
    ("/v1/sending/resume", WHY),
]


@pytest.mark.parametrize(("path", "body"), WRITES)
def test_only_approvers_and_admins_decide_on_runs(
    api: Api, path: str, body: dict[str, Any]
) -> None:
    assert api.as_("viewer,collector,service").post(path, body).status == 403
    assert api.as_("").post(path, body).status == 401
    assert api.post(path, body, Idempotency_Key="").status == 400


@pytest.mark.parametrize(("path", "body"), WRITES)
def test_what_is_malformed_is_refused(api: Api, path: str, body: dict[str, Any]) -> None:
    answer = api.post(path, body | {"surprise": 1})

    assert (answer.status, answer.pointers) == (400, ["/surprise"])


@pytest.mark.parametrize("path", ["/v1/runs", f"/v1/runs/{DAY}", "/v1/jobs/job_1", "/v1/sending"])
def test_an_agency_sees_no_runs(api: Api, path: str) -> None:
    assert api.as_("agency").get(path).status == 403
    assert api.as_("").get(path).status == 401
