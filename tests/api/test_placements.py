"""Placements over the API: proposed, approved, recalled, settled (R10)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from chalicelib.api.openapi import document
from chalicelib.core.facts import DisputeOpened, Payment
from chalicelib.core.facts_placements import PlacementProposed
from chalicelib.flows.ports_agency import Agency
from tests.api.client import WHY, Answered, Api
from tests.api.placing import AGENCY, PLACEMENTS, active, offered, placing, proposed, said
from tests.flows.machine import NOW, TODAY, Machine, invoice

CANDIDATES = "/v1/accounts/A1/placement_candidates"
ABSENT = f"{PLACEMENTS}/plc_absent"
USD = {"currency": "USD"}
VERBS = {
    "submit": {},
    "approve": WHY,
    "decline": WHY,
    "suspend": WHY,
    "resume": WHY,
    "recall": WHY,
    "move_recall": {**WHY, "effective_on": "2024-03-25"},
    "cancel_recall": WHY,
}


def money(cents: int) -> dict[str, Any]:
    return {"amount_minor": cents, "currency": "USD"}


@pytest.fixture
def api() -> Api:
    return Api(placing())


@pytest.fixture
def bert(api: Api) -> Api:
    """A second person."""
    return api.as_("approver", "bert")


def never_warned() -> Api:
    """An account that is long past due, and of which nobody asked anything."""
    machine = placing()
    machine.take_in("A2", invoice("I1", 100))
    return Api(machine)


def pay(api: Api, cents: int, invoice_id: str, name: str = "P1") -> None:
    api.machine.take_in("A1", Payment(TODAY, name, TODAY, "USD", cents, (invoice_id,)))


def codes(answer: Answered) -> list[str]:
    return [one["code"] for one in answer.body["blockers"]]


def last_event(api: Api) -> Any:
    (event,) = api.machine.accounts.kept["A1"].log[-1].events
    return event


# ---------- candidates ----------


def test_a_candidate_shows_every_item_of_the_checklist_and_the_agency(api: Api) -> None:
    (found,) = api.get(CANDIDATES).body["candidates"]

    assert [item["code"] for item in found["items"]] == [
        "final_demand_sent", "answer_date_passed", "written_warning", "contact_attempts",
        "contact_channels", "second_contact_tried", "no_block", "min_balance", "delivered",
        "agency_chosen",
    ]  # fmt: skip
    assert (found["holds"], found["agency"], found["balance"]) == (True, AGENCY, money(200_000))
    assert found["invoice_ids"] == ["I1", "I2"]
    assert (found["has_ended_before"], found["proposed_placement_id"]) == (False, None)


def test_a_candidate_says_what_is_left_out_and_why(api: Api) -> None:
    api.machine.take_in("A1", DisputeOpened(TODAY, "I2"), invoice("I3", 100))

    (found,) = api.get(CANDIDATES).body["candidates"]

    why = {one["invoice_id"]: [w["code"] for w in one["because"]] for one in found["left_out"]}
    assert why == {"I2": ["disputed"], "I3": ["no_final_demand"]}
    assert all(w["sentence"] for one in found["left_out"] for w in one["because"])


def test_an_account_that_was_never_warned_lacks_most_of_the_checklist() -> None:
    (found,) = never_warned().get("/v1/accounts/A2/placement_candidates").body["candidates"]

    missing = [item["code"] for item in found["items"] if not item["holds"]]
    assert not found["holds"]
    assert {"final_demand_sent", "written_warning", "contact_attempts"} <= set(missing)


def test_a_candidate_of_which_an_agency_gave_up_is_told_as_such(api: Api) -> None:
    said(api, offered(api), "reject", reason="too_small")

    (found,) = api.get(CANDIDATES).body["candidates"]

    assert found["has_ended_before"]


# ---------- proposing ----------


def test_a_proposal_waits_for_an_approval_and_asks_the_owner(api: Api) -> None:
    answer = api.post(PLACEMENTS, {**USD, "note": "No answer."})

    body = answer.body
    assert (answer.status, body["state"], body["agency"]) == (201, "pending_approval", AGENCY)
    assert (body["made_by"], body["submitted_by"]) == ("anna", "anna")
    assert (body["invoices_count"], body["balance"]) == (2, money(200_000))
    assert (body["allowed_actions"], body["blockers"]) == (["approve", "decline"], [])
    (task,) = api.get("/v1/accounts/A1/tasks?kind=consult_owner").body["data"]
    assert task["subject"] == body["placement_id"]
    assert task["answered_at"] == f"{answer.headers['Location']}/approve"
    event = last_event(api)
    assert (event.kind, event.actor, event.note) == ("placement_proposed", "anna", "No answer.")


def test_a_draft_waits_until_it_is_submitted(api: Api) -> None:
    at = proposed(api, submit=False)
    assert api.get(at).body["allowed_actions"] == ["submit"]

    answer = api.post(f"{at}/submit", {"note": "Now."})

    assert (answer.status, answer.body["state"]) == (200, "pending_approval")


def test_a_proposal_is_refused_with_every_item_that_is_missing() -> None:
    api = never_warned()
    (found,) = api.get("/v1/accounts/A2/placement_candidates").body["candidates"]

    answer = api.post("/v1/accounts/A2/placements", USD)

    assert (answer.status, answer.code) == (422, "blocked")
    assert codes(answer) == [item["code"] for item in found["items"] if not item["holds"]]
    assert all(one["detail"] for one in answer.body["blockers"])


def test_only_one_proposal_of_a_currency_waits(api: Api) -> None:
    proposed(api)

    answer = api.post(PLACEMENTS, USD)

    assert (answer.status, codes(answer)) == (422, ["pending_approval"])


def test_a_proposal_names_the_invoices_that_may_be_placed_and_no_other(api: Api) -> None:
    api.machine.take_in("A1", invoice("I3", 100))

    answer = api.post(PLACEMENTS, {**USD, "invoice_ids": ["I1", "I3", "I9"]})

    faults = [(one["pointer"], one["code"]) for one in answer.body["errors"]]
    assert answer.status == 422
    assert faults == [("/invoice_ids/1", "not_placeable"), ("/invoice_ids/2", "not_placeable")]
    at = proposed(api, invoice_ids=["I2", "I2"])
    assert api.get(at).body["invoice_ids"] == ["I2"]


def test_what_is_named_alone_must_reach_the_smallest_balance() -> None:
    api = Api(placing())
    pay(api, 90_000, "I1")

    answer = api.post(PLACEMENTS, {**USD, "invoice_ids": ["I1"]})

    assert (answer.status, codes(answer)) == (422, ["min_balance"])


@pytest.mark.parametrize(
    ("agency", "code"), [("west", "unknown_agency"), ("idle", "inactive_agency")]
)
def test_an_agency_that_takes_no_offers_is_a_fault(api: Api, agency: str, code: str) -> None:
    api.machine.agencies.put(Agency("idle", "Idle", NOW, is_active=False))

    answer = api.post(PLACEMENTS, {**USD, "agency": agency})

    (fault,) = answer.body["errors"]
    assert (answer.status, fault["pointer"], fault["code"]) == (422, "/agency", code)


def test_a_proposal_is_made_once_for_a_key(api: Api) -> None:
    first, again = (api.post(PLACEMENTS, USD, Idempotency_Key="once") for _ in range(2))

    assert again.headers["Idempotent-Replayed"] == "true"
    assert first.body == again.body
    assert len(api.machine.account("A1").placements) == 1


def test_an_approved_placement_that_came_back_can_be_proposed_again(api: Api) -> None:
    first = offered(api)
    said(api, first, "reject", reason="conflict")

    second = proposed(api)

    assert second != first
    assert api.get(f"{PLACEMENTS}?state=closed").body["data"][0]["outcome"] == "rejected"


# ---------- approving ----------


def test_an_approval_offers_it_and_holds_the_account(api: Api, bert: Api) -> None:
    at = proposed(api)

    answer = bert.post(f"{at}/approve", WHY)

    body = answer.body
    assert (answer.status, body["state"], body["approved_by"]) == (200, "offered", "bert")
    assert body["offered_until"] == (TODAY + timedelta(days=7)).isoformat()
    assert (body["placed"], body["allowed_actions"]) == (money(200_000), ["recall"])
    (hold,) = api.get("/v1/accounts/A1/hold").body["holds"]
    assert (hold["reason"], hold["placed_by"]) == ("placed", "placement")
    assert hold["released_when"].startswith("It ends by itself when nothing")


def test_who_proposed_it_does_not_approve_it(api: Api) -> None:
    at = proposed(api)

    answer = api.post(f"{at}/approve", WHY)

    assert (answer.status, answer.code) == (403, "second_person_needed")


def test_who_drafted_it_does_not_approve_what_another_submitted(api: Api, bert: Api) -> None:
    at = proposed(api, submit=False)
    assert bert.post(f"{at}/submit", {}).status == 200

    answer = api.post(f"{at}/approve", WHY)

    assert (answer.status, answer.code) == (403, "second_person_needed")


def test_what_a_rule_proposed_any_approver_may_approve(api: Api) -> None:
    api.machine.take_in("A1", PlacementProposed(TODAY, "USD", "rule"))
    (row,) = api.get(PLACEMENTS).body["data"]
    at = f"{PLACEMENTS}/{row['placement_id']}"
    said(api, at, "submit")

    assert api.post(f"{at}/approve", WHY).body["state"] == "offered"


def test_an_approval_names_what_was_disputed_meanwhile(api: Api, bert: Api) -> None:
    at = proposed(api)
    api.machine.take_in("A1", DisputeOpened(TODAY, "I2"))

    answer = bert.post(f"{at}/approve", WHY)

    assert (answer.status, codes(answer)) == (422, ["invoice_left_out"])
    assert "I2" in answer.body["blockers"][0]["detail"]
    assert answer.body["allowed_actions"] == ["decline"]


def test_what_was_paid_meanwhile_does_not_stop_the_rest(api: Api, bert: Api) -> None:
    at = proposed(api)
    pay(api, 100_000, "I2")

    answer = bert.post(f"{at}/approve", WHY)

    assert (answer.status, answer.body["placed"]) == (200, money(100_000))


def test_an_approval_may_name_another_agency(api: Api, bert: Api) -> None:
    at = proposed(api)

    answer = bert.post(f"{at}/approve", {**WHY, "agency": "south"})

    assert answer.body["agency"] == "south"


def test_an_agency_that_is_not_active_any_more_is_offered_nothing(api: Api, bert: Api) -> None:
    at = proposed(api)
    api.machine.agencies.put(Agency(AGENCY, "Agency 0", NOW, is_active=False))

    answer = bert.post(f"{at}/approve", WHY)

    assert (answer.status, codes(answer)) == (422, ["inactive_agency"])


def test_what_was_declined_is_a_draft_again(api: Api, bert: Api) -> None:
    at = proposed(api)

    answer = bert.post(f"{at}/decline", WHY)

    assert (answer.status, answer.body["state"]) == (200, "draft")
    assert api.get("/v1/accounts/A1/tasks?kind=consult_owner").body["data"] == []


# ---------- reading, roles, refusals ----------


def test_placements_of_all_accounts_are_listed_by_state_agency_and_currency(api: Api) -> None:
    active(api)
    placing(machine=api.machine, account_id="A2")
    waits = api.post("/v1/accounts/A2/placements", USD).body["placement_id"]

    def found(query: str) -> list[str]:
        return [row["account_id"] for row in api.get(f"/v1/placements{query}").body["data"]]

    assert api.get("/v1/placements").body["data"][0]["placement_id"] == waits
    assert found("?state=active") == ["A1"]
    assert found("?state=active&agency=south") == []
    assert found("?state=active&currency=EUR") == []


def test_the_list_over_all_accounts_goes_on_page_by_page(api: Api) -> None:
    placing(machine=api.machine, account_id="A2")
    for name in ("A1", "A2"):
        api.post(f"/v1/accounts/{name}/placements", USD)

    first = api.get("/v1/placements?limit=1").body
    second = api.get(f"/v1/placements?limit=1&cursor={first['next_cursor']}").body

    assert [row["account_id"] for part in (first, second) for row in part["data"]] == ["A1", "A2"]
    assert second["next_cursor"] is None


def test_an_approval_of_another_state_than_was_read_is_refused(api: Api, bert: Api) -> None:
    at = proposed(api)
    etag = bert.get(at).headers["ETag"]
    pay(api, 10_000, "I1")

    assert bert.post(f"{at}/approve", WHY, If_Match=etag).status == 412
    assert bert.post(f"{at}/approve", WHY, If_Match=bert.get(at).headers["ETag"]).status == 200


@pytest.mark.parametrize("verb", VERBS)
def test_a_placement_that_is_not_there_is_not_found(api: Api, verb: str) -> None:
    assert api.post(f"{ABSENT}/{verb}", VERBS[verb]).status == 404


@pytest.mark.parametrize("verb", VERBS)
def test_what_has_ended_takes_no_verb_and_says_so(api: Api, verb: str) -> None:
    at = offered(api)
    said(api, at, "expire")

    answer = api.post(f"{at}/{verb}", VERBS[verb])

    assert (answer.status, codes(answer)) == (422, ["closed"])
    assert answer.body["allowed_actions"] == []


@pytest.mark.parametrize("verb", ["approve", "decline", "recall", "move_recall", "cancel_recall"])
def test_a_collector_approves_and_recalls_nothing(api: Api, verb: str) -> None:
    at = proposed(api)

    assert api.as_("collector").post(f"{at}/{verb}", VERBS[verb]).status == 403


def test_an_account_that_is_not_there_has_no_placements() -> None:
    api = Api(Machine())

    assert api.get(CANDIDATES).status == 404
    assert api.get(PLACEMENTS).status == 404
    assert api.post(PLACEMENTS, USD).status == 404


def test_an_invoice_of_another_currency_is_not_called_paid(api: Api) -> None:
    api.machine.take_in("A1", invoice("E1", 100, currency="EUR"))

    answer = api.post(PLACEMENTS, {"currency": "USD", "invoice_ids": ["E1"]})

    (fault,) = answer.body["errors"]
    assert fault["detail"] == "invoice E1 may not be placed: not past due in USD"


def test_a_list_without_a_state_is_what_waits_and_the_document_says_so(api: Api) -> None:
    offered(api)

    parameters = document()["paths"]["/v1/placements"]["get"]["parameters"]
    (state,) = (one for one in parameters if one["name"] == "state")

    assert api.get("/v1/placements").body["data"] == []
    assert "wait for an approval" in state["schema"]["description"]
