"""What people do about placements that an agency has: rests, recalls, settlements (R10.4, R10.7)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from chalicelib.core.facts import DisputeOpened, DisputeResolved, Payment
from chalicelib.core.facts_placements import SettlementProposed
from tests.api.client import WHY, Answered, Api
from tests.api.placing import active, offered, placing, said
from tests.flows.machine import TODAY

TAKES_BACK = timedelta(days=7)  # after the request


def money(cents: int) -> dict[str, Any]:
    return {"amount_minor": cents, "currency": "USD"}


@pytest.fixture
def api() -> Api:
    return Api(placing())


def pay(api: Api, cents: int, invoice_id: str, name: str = "P1") -> None:
    api.machine.take_in("A1", Payment(TODAY, name, TODAY, "USD", cents, (invoice_id,)))


def codes(answer: Answered) -> list[str]:
    return [one["code"] for one in answer.body["blockers"]]


def recalled(api: Api) -> str:
    at = active(api)
    answer = api.post(f"{at}/recall", WHY)
    assert answer.body["state"] == "recall_pending"
    return at


# ---------- what the agency has ----------


def test_an_active_placement_shows_its_fee_and_what_came_in(api: Api) -> None:
    at = active(api)
    placement_id = at.rpartition("/")[2]
    api.machine.take_in("A1", Payment(TODAY, "D1", TODAY, "USD", 50_000, ("I2",)))

    body = api.get(at).body

    assert (body["state"], body["agency_reference"]) == ("active", "NG-1")
    fee = body["collection_fee"]
    assert fee["charge_id"] == f"{placement_id}:collection_fee:USD"
    assert (fee["amount"], fee["open"]) == (money(30_000), money(30_000))
    assert body["balance"] == money(180_000)
    (taking,) = body["takings"]
    assert (taking["by"], taking["payment_id"], taking["amount"]) == ("direct", "D1", money(50_000))
    assert body["unremitted"] == money(0)


def test_the_fee_is_shown_when_nothing_is_open_of_its_invoice(api: Api) -> None:
    at = active(api)
    pay(api, 130_000, "I1")

    fee = api.get(at).body["collection_fee"]

    assert (fee["invoice_id"], fee["open"]) == ("I1", money(0))


def test_a_person_lets_a_placement_rest_and_go_on(api: Api) -> None:
    at = active(api)

    rests = api.post(f"{at}/suspend", WHY)
    goes_on = api.post(f"{at}/resume", WHY)

    assert rests.body["state"] == "suspended"
    assert [one["code"] for one in rests.body["suspended_for"]] == ["creditor"]
    assert rests.body["allowed_actions"] == ["resume", "recall"]
    assert (goes_on.status, goes_on.body["state"]) == (200, "active")


def test_what_a_dispute_suspends_no_person_resumes(api: Api) -> None:
    at = active(api)
    api.machine.take_in("A1", DisputeOpened(TODAY, "I1"))

    answer = api.post(f"{at}/resume", WHY)

    assert api.get(at).body["state"] == "suspended"
    assert (answer.status, codes(answer)) == (422, ["disputed"])
    assert answer.body["allowed_actions"] == ["recall"]


def test_a_recall_takes_effect_after_the_days_of_the_policy(api: Api) -> None:
    recall = api.get(recalled(api)).body["recall"]

    assert recall["effective_on"] == (TODAY + timedelta(days=10)).isoformat()
    assert recall["cancel_by"] == (TODAY + TAKES_BACK).isoformat()
    assert (recall["requested_by"], recall["reason"]) == ("anna", "goodwill")


@pytest.mark.parametrize("reason", ["paid", "insolvency", "legal", "creditor_error"])
def test_some_recalls_take_effect_at_once(api: Api, reason: str) -> None:
    at = active(api)

    body = api.post(f"{at}/recall", {**WHY, "reason_code": reason}).body

    assert (body["state"], body["outcome"]) == ("closing", "recalled")


def test_a_recall_of_what_is_only_offered_withdraws_it(api: Api) -> None:
    at = offered(api)

    body = api.post(f"{at}/recall", WHY).body

    assert (body["state"], body["outcome"]) == ("closed", "withdrawn")


def test_a_recall_of_what_is_closing_is_refused(api: Api) -> None:
    at = active(api)
    said(api, at, "return", reason="untraceable")

    answer = api.post(f"{at}/recall", WHY)

    assert (answer.status, codes(answer)) == (422, ["closing"])


@pytest.mark.parametrize("days", [-1, 367])
def test_a_recall_takes_effect_neither_in_the_past_nor_in_years(api: Api, days: int) -> None:
    at = active(api)
    day = (TODAY + timedelta(days=days)).isoformat()

    answer = api.post(f"{at}/recall", {**WHY, "effective_on": day})

    assert (answer.status, answer.pointers) == (422, ["/effective_on"])


def test_a_recall_is_moved_and_taken_back(api: Api) -> None:
    at = recalled(api)

    moved = api.post(f"{at}/move_recall", {**WHY, "effective_on": "2024-04-30"})
    kept = api.post(f"{at}/cancel_recall", WHY)

    assert moved.body["recall"]["effective_on"] == "2024-04-30"
    assert (kept.body["state"], kept.body["recall"]) == ("active", None)


def test_what_rested_and_was_asked_back_goes_on_without_a_reason_that_has_ended(api: Api) -> None:
    at = active(api)
    api.machine.take_in("A1", DisputeOpened(TODAY, "I1"))
    api.post(f"{at}/recall", WHY)
    api.machine.take_in("A1", DisputeResolved(TODAY, "I1", "lost"))

    kept = api.post(f"{at}/cancel_recall", WHY)

    assert (kept.body["state"], kept.body["suspended_for"]) == ("active", [])


def test_after_seven_days_a_recall_stays(api: Api) -> None:
    at = recalled(api)
    api.machine.clock.pass_by(days=8)

    answer = api.post(f"{at}/cancel_recall", WHY)

    assert (answer.status, codes(answer)) == (422, ["too_late"])
    assert answer.body["allowed_actions"] == ["move_recall"]


# ---------- settlements ----------


def with_settlement(api: Api) -> str:
    at = active(api)
    pay_by = TODAY + timedelta(days=14)
    fact = SettlementProposed(TODAY, at.rpartition("/")[2], "S-1", 100_000, pay_by)
    api.machine.take_in("A1", fact)
    assert api.get(at).body["settlement"]["state"] == "pending"
    return at


def test_a_settlement_that_is_approved_stands_and_its_task_closes(api: Api) -> None:
    at = with_settlement(api)
    (task,) = api.get("/v1/accounts/A1/tasks?kind=review_account").body["data"]

    answer = api.post(f"{at}/settlements/S-1/approve", WHY)

    assert task["answered_at"] == f"{at}/settlements/S-1/approve"
    assert (answer.status, answer.body["settlement"]["state"]) == (200, "agreed")
    assert api.machine.tasks("A1") == set()


def test_a_settlement_that_is_declined_is_gone(api: Api) -> None:
    at = with_settlement(api)

    answer = api.post(f"{at}/settlements/S-1/decline", WHY)

    assert (answer.status, answer.body["settlement"]) == (200, None)


def test_a_settlement_is_answered_once(api: Api) -> None:
    at = with_settlement(api)
    api.post(f"{at}/settlements/S-1/approve", WHY)

    assert api.post(f"{at}/settlements/S-1/decline", WHY).code == "blocked"
    assert api.post(f"{at}/settlements/S-2/approve", WHY).status == 404
