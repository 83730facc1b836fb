"""Policies through the API: proposed by one, approved by another, in force on their day (R2)."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from chalicelib.core.account import AccountDetails
from chalicelib.core.policy_load import policy_version
from chalicelib.flows.policies import shipped_document
from tests.api.client import WHY, Answered, Api
from tests.flows.machine import TODAY, Machine, invoice

STANDARD = shipped_document("standard").decode()
NEXT = STANDARD + "# with another comment\n"
VERSION = policy_version(NEXT.encode())
TOMORROW = date(2024, 3, 19)
POLICY = "/v1/policies/standard"
APPROVE = f"{POLICY}/versions/{VERSION}/approve"
DECLINE = f"{POLICY}/versions/{VERSION}/decline"


@pytest.fixture
def api() -> Api:
    machine = Machine()
    machine.let_run()
    return Api(machine, "admin", "anna")


def propose(api: Api, document: str = NEXT, **more: Any) -> Answered:
    etag = api.get(POLICY).headers["ETag"]
    return api.put(
        POLICY, {"document": document, **more}, Idempotency_Key=f"p{len(api.calls)}", If_Match=etag
    )


def test_the_policies_are_listed_with_what_is_in_force(api: Api) -> None:
    answer = api.as_("viewer").get("/v1/policies?limit=1")

    [row] = answer.body["data"]
    assert (row["policy_id"], row["effective_on"]) == ("rapid", None)
    more = api.as_("viewer").get(f"/v1/policies?limit=1&cursor={answer.body['next_cursor']}")
    assert [row["policy_id"] for row in more.body["data"]] == ["standard"]
    assert more.body["next_cursor"] is None


def test_a_policy_is_told_with_its_document(api: Api) -> None:
    body = api.as_("viewer").get(POLICY).body

    assert body["document"] == STANDARD
    assert body["version"] == policy_version(STANDARD.encode())


def test_a_version_waits_for_a_second_person(api: Api) -> None:
    answer = propose(api)

    assert (answer.status, answer.body["state"]) == (201, "proposed")
    assert answer.body["effective_on"] == TOMORROW.isoformat()
    assert answer.headers["Location"] == f"{POLICY}/versions/{VERSION}"
    policy = api.get(POLICY).body
    assert (policy["proposed"], policy["document"]) == ([VERSION], STANDARD)


@pytest.mark.parametrize("path", [APPROVE, DECLINE])
def test_a_version_whose_day_was_moved_is_not_decided_as_it_was_read(api: Api, path: str) -> None:
    location = propose(api).headers["Location"]
    read = api.get(location).headers["ETag"]
    propose(api, effective_on="2024-06-03")
    bob = api.as_("admin", "bob")

    stale = bob.post(path, WHY, If_Match=read)

    assert (stale.status, stale.code) == (412, "precondition_failed")
    assert bob.post(path, WHY, If_Match=bob.get(location).headers["ETag"]).status == 200


def test_who_proposed_it_cannot_approve_it_even_through_a_key(api: Api) -> None:
    propose(api)

    assert api.post(APPROVE, WHY).status == 403
    assert api.as_("admin", "key-7 anna").post(APPROVE, WHY).code == "second_person_needed"
    assert api.get(POLICY).body["scheduled"] == []


def test_an_approved_version_takes_effect_on_its_day(api: Api) -> None:
    propose(api)

    answer = api.as_("admin", "bert").post(APPROVE, WHY)

    assert (answer.status, answer.body["state"]) == (200, "scheduled")
    assert answer.body["decided_by"] == "bert"
    shelf, details = api.machine.policies, _details()
    assert shelf.of(details, TODAY).version != VERSION
    assert shelf.of(details, TOMORROW).version == VERSION
    api.machine.let_run(TOMORROW)
    told = api.get(POLICY).body
    assert (told["version"], told["effective_on"]) == (VERSION, "2024-03-19")
    states = {row["version"]: row["state"] for row in told["versions"]}
    assert states == {VERSION: "in_force"}
    assert [(a["kind"], a["actor"]) for a in told["log"]] == [
        ("approved", "bert"), ("proposed", "anna"),
    ]  # fmt: skip
    assert told["log"][0]["note"] == WHY["note"]


def test_an_approval_asks_for_the_job_that_wakes_the_accounts(api: Api) -> None:
    propose(api)

    answer = api.as_("admin", "bert").post(APPROVE, WHY, Idempotency_Key="once")

    assert api.machine.job_queue.sent == [(answer.body["job_id"], 0)]
    assert api.machine.job_queue.delays == [20]
    job = api.get(f"/v1/jobs/{answer.body['job_id']}").body
    assert (job["kind"], job["state"]) == ("wake_accounts", "queued")


def test_an_approval_that_is_asked_for_twice_is_given_once(api: Api) -> None:
    propose(api)
    bert = api.as_("admin", "bert")
    first = bert.post(APPROVE, WHY, Idempotency_Key="once")

    again = bert.post(APPROVE, WHY, Idempotency_Key="once")

    assert (again.status, again.body) == (200, first.body)
    assert again.headers["Idempotent-Replayed"] == "true"
    assert len(api.machine.job_queue.sent) == 1
    assert len(api.get(POLICY).body["log"]) == 2


def test_the_same_key_with_another_body_is_refused(api: Api) -> None:
    propose(api)
    bert = api.as_("admin", "bert")
    bert.post(APPROVE, WHY, Idempotency_Key="once")

    answer = bert.post(APPROVE, WHY | {"note": "Another."}, Idempotency_Key="once")

    assert (answer.status, answer.code) == (422, "idempotency_key_reused")


def test_a_version_that_was_approved_or_declined_waits_no_more(api: Api) -> None:
    propose(api)
    bert = api.as_("admin", "bert")
    bert.post(APPROVE, WHY)

    assert bert.post(APPROVE, WHY).code == "conflict"
    assert bert.post(DECLINE, WHY).code == "conflict"


def test_a_proposal_is_declined_or_taken_back(api: Api) -> None:
    propose(api)

    answer = api.post(DECLINE, WHY)

    assert (answer.status, answer.body["state"]) == (200, "declined")
    assert api.get(POLICY).body["proposed"] == []
    assert api.as_("admin", "bert").post(APPROVE, WHY).status == 409


def test_what_was_declined_may_be_proposed_again(api: Api) -> None:
    propose(api)
    api.post(DECLINE, WHY)

    assert propose(api).status == 201
    assert api.as_("admin", "bert").post(APPROVE, WHY).status == 200


def test_an_earlier_version_may_be_published_again(api: Api) -> None:
    propose(api)
    api.as_("admin", "bert").post(APPROVE, WHY)
    api.machine.let_run(TOMORROW)

    answer = propose(api, STANDARD)

    assert (answer.status, answer.body["effective_on"]) == (201, "2024-03-20")


def test_every_version_is_kept(api: Api) -> None:
    propose(api)
    old = policy_version(STANDARD.encode())

    assert api.get(f"{POLICY}/versions/{VERSION}").body["document"] == NEXT
    installed = api.get(f"{POLICY}/versions/{old}").body
    assert (installed["document"], installed["proposed_by"]) == (STANDARD, None)
    assert installed["state"] == "in_force"


def test_a_new_policy_is_proposed_without_an_etag_and_is_not_in_force(api: Api) -> None:
    document = STANDARD.replace('id = "standard"', 'id = "mine"', 1)

    answer = api.put("/v1/policies/mine", {"document": document}, Idempotency_Key="k")

    assert answer.status == 201
    assert api.get("/v1/policies/mine").body["version"] is None


def test_every_fault_of_a_document_is_told_at_once(api: Api) -> None:
    document = STANDARD.replace('id = "standard"', 'id = "other"\nsurprise = 1', 1)
    broken = document.replace('catch_up                 = "step"', 'catch_up = "leap"')

    answer = propose(api, broken)

    assert (answer.status, answer.code) == (400, "invalid_input")
    assert set(answer.pointers) == {"/document"}
    told = " ".join(fault["detail"] for fault in answer.body["errors"])
    assert "surprise" in told
    assert "catch_up" in told


def test_a_document_of_another_id_is_refused(api: Api) -> None:
    answer = propose(api, shipped_document("rapid").decode())

    assert answer.body["errors"][0]["code"] == "another_id"


def test_a_stage_whose_letter_nobody_has_written_is_refused(api: Api) -> None:
    answer = propose(api, STANDARD.replace('"reminder"', '"reminders"'))

    assert {fault["code"] for fault in answer.body["errors"]} == {"no_such_letter"}


def test_what_is_no_toml_is_refused_in_words(api: Api) -> None:
    answer = propose(api, "id = ")

    assert (answer.status, set(answer.pointers)) == (400, {"/document"})


@pytest.mark.parametrize(
    ("day", "code"), [("2024-03-18", "too_early"), ("2026-01-01", "too_far_ahead")]
)
def test_a_day_that_cannot_be_is_refused(api: Api, day: str, code: str) -> None:
    answer = propose(api, effective_on=day)

    assert [(f["pointer"], f["code"]) for f in answer.body["errors"]] == [("/effective_on", code)]


def test_a_version_whose_day_has_passed_takes_effect_on_the_next_processing_day(api: Api) -> None:
    propose(api)
    api.machine.let_run(date(2024, 3, 21))

    answer = api.as_("admin", "bert").post(APPROVE, WHY)

    assert answer.body["effective_on"] == "2024-03-22"


def test_only_so_many_versions_are_scheduled(api: Api) -> None:
    """Else those to come would drive out of the table the one that is in force."""
    bert = api.as_("admin", "bert")
    answers = []
    for number in range(21):
        version = propose(api, f"{STANDARD}# {number}\n").body["version"]
        answers.append(bert.post(f"{POLICY}/versions/{version}/approve", WHY).status)

    assert answers == [200] * 20 + [422]
    assert api.machine.policies.of(_details(), TODAY).id == "standard"


def test_what_is_in_force_already_is_not_proposed(api: Api) -> None:
    assert propose(api, STANDARD).status == 409


def test_a_proposal_of_another_is_not_changed(api: Api) -> None:
    propose(api)

    assert propose(api.as_("admin", "bert")).code == "conflict"
    assert propose(api, effective_on="2024-03-25").body["effective_on"] == "2024-03-25"


def test_a_policy_is_changed_only_as_it_was_read(api: Api) -> None:
    body = {"document": NEXT}
    stale = api.get(POLICY).headers["ETag"]
    propose(api)

    assert api.put(POLICY, body, Idempotency_Key="a").status == 428
    assert api.put(POLICY, body, Idempotency_Key="b", If_Match=stale).status == 412


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/v1/policies/none"),
        ("GET", f"{POLICY}/versions/000000000000"),
        ("POST", f"{POLICY}/versions/000000000000/approve"),
        ("POST", f"{POLICY}/versions/000000000000/decline"),
        ("POST", "/v1/policies/none/simulate"),
    ],
)
def test_what_is_not_there_is_not_found(api: Api, method: str, path: str) -> None:
    body = {} if path.endswith("simulate") else WHY

    assert api.call(method, path, None if method == "GET" else body).status == 404


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("PUT", POLICY, {"document": 5}),
        ("PUT", POLICY, {"document": "", "effective_on": "19.03.2024"}),
        ("POST", APPROVE, {"reason_code": "goodwill"}),
        ("POST", DECLINE, {"note": "no", "reason_code": "Not A Code"}),
        ("POST", f"{POLICY}/simulate", {"days": 93}),
        ("PUT", "/v1/policy_assignments", {"default": "a b"}),
    ],
)
def test_what_is_malformed_is_refused(api: Api, method: str, path: str, body: Any) -> None:
    answer = api.call(method, path, body, Idempotency_Key="k", If_Match="*")

    assert (answer.status, answer.code) == (400, "malformed")


WRITES = [
    ("PUT", POLICY, {"document": NEXT}),
    ("POST", APPROVE, WHY),
    ("POST", DECLINE, WHY),
    ("POST", f"{POLICY}/simulate", {"document": NEXT}),
    ("PUT", "/v1/policy_assignments", {"default": "standard", **WHY}),
]


@pytest.mark.parametrize(("method", "path", "body"), WRITES)
def test_only_an_admin_changes_policies(api: Api, method: str, path: str, body: Any) -> None:
    others = api.as_("viewer,collector,approver,service")

    assert others.call(method, path, body, Idempotency_Key="k", If_Match="*").status == 403
    assert api.as_("").call(method, path, body, Idempotency_Key="k").status == 401


@pytest.mark.parametrize(("method", "path", "body"), WRITES)
def test_a_change_of_policies_needs_a_key(api: Api, method: str, path: str, body: Any) -> None:
    assert api.call(method, path, body, Idempotency_Key="", If_Match="*").status == 400


@pytest.mark.parametrize(
    "path", ["/v1/policies", POLICY, f"{POLICY}/versions/{VERSION}", "/v1/policy_assignments"]
)
def test_an_agency_reads_no_policies(api: Api, path: str) -> None:
    assert api.as_("agency", "collector-1").get(path).status == 403


def test_classes_have_their_policies_and_their_accounts_are_woken(api: Api) -> None:
    etag = api.get("/v1/policy_assignments").headers["ETag"]
    body = {"default": "standard", "classes": {"key": "rapid"}, **WHY}

    answer = api.put("/v1/policy_assignments", body, If_Match=etag, Idempotency_Key="k")

    assert answer.status == 200
    assert api.machine.job_queue.sent == [(answer.body["job_id"], 0)]
    shelf = api.machine.policies
    assert shelf.of(_details(account_class="key"), TODAY).id == "rapid"
    assert shelf.of(_details(account_class="key", policy_id="standard"), TODAY).id == "standard"
    assert shelf.of(_details(), TODAY).id == "standard"
    told = api.get("/v1/policy_assignments").body
    assert told["classes"] == {"key": "rapid"}
    assert told["log"][0]["figures"] == {"default": "standard", "classes": "key=rapid"}


def test_only_what_is_in_force_is_assigned(api: Api) -> None:
    body = {"default": "none", "classes": {"key": "nothing"}, **WHY}

    answer = api.put("/v1/policy_assignments", body, If_Match="*", Idempotency_Key="k")

    assert set(answer.pointers) == {"/default", "/classes/key"}
    assert {fault["code"] for fault in answer.body["errors"]} == {"policy_not_in_force"}


def test_a_simulation_is_a_job(api: Api) -> None:
    api.machine.take_in("A1", invoice("I1", 15))

    answer = api.post(f"{POLICY}/simulate", {"document": NEXT, "days": 10})

    assert (answer.status, answer.body["version"]) == (202, VERSION)
    assert answer.body["through_on"] == "2024-03-27"
    job = api.get(answer.headers["Location"]).body
    assert (job["state"], job["result"]) == ("queued", None)


def test_without_a_version_there_is_nothing_to_simulate(api: Api) -> None:
    assert api.post(f"{POLICY}/simulate", {}).code == "refused"
    propose(api)
    assert api.post(f"{POLICY}/simulate", {}).body["version"] == VERSION


def _details(**values: Any) -> AccountDetails:
    return AccountDetails(**values)
