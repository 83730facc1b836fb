"""Disputes: what is disputed is not dunned, and who won is said unmistakably."""

from __future__ import annotations

from typing import Any

import pytest
from chalicelib.core.facts import CreditNote
from chalicelib.flows.dispute_desk import DISPUTE_REASONS
from tests.api.client import WHY, Answered, Api
from tests.flows.machine import TODAY, Machine, invoice

PATH = "/v1/accounts/A1/invoices/I1"
PRICE = {"reason_code": "pricing", "note": "Says 4.20 was agreed."}
PART = PRICE | {"amount": {"amount_minor": 2_500, "currency": "USD"}}
SELLER = WHY | {"outcome": "seller_won"}
CUSTOMER = WHY | {"outcome": "customer_won"}
BODIES: dict[str, dict[str, Any]] = {"dispute": PART, "dispute/resolve": SELLER}
verbs = pytest.mark.parametrize("verb", list(BODIES))


@pytest.fixture
def api() -> Api:
    machine = Machine()
    machine.take_in("A1", invoice("I1", 15))
    return Api(machine)


def dispute(api: Api, body: Any = PART, **headers: str) -> Answered:
    return api.post(f"{PATH}/dispute", body, **headers)


def resolve(api: Api, body: Any = SELLER, **headers: str) -> Answered:
    return api.post(f"{PATH}/dispute/resolve", body, **headers)


def usd(amount_minor: int) -> dict[str, Any]:
    return {"amount_minor": amount_minor, "currency": "USD"}


def blockers(answer: Answered) -> list[str]:
    return [blocker["code"] for blocker in answer.body["blockers"]]


def test_a_part_is_disputed_and_the_rest_is_dunned(api: Api) -> None:
    answer = dispute(api)

    assert (answer.status, answer.body["dispute"]) == (200, "open")
    assert (answer.body["disputed"], answer.body["open"]) == (usd(2_500), usd(100_000))
    api.machine.decide("A1")
    assert [stage["stage"] for stage in api.get(PATH).body["stages"]] == ["reminder"]


def test_what_is_disputed_as_a_whole_is_not_dunned(api: Api) -> None:
    dispute(api, PRICE)
    api.machine.decide("A1")

    assert api.get(PATH).body["stages"] == []


def test_the_whole_is_disputed_when_no_amount_is_said(api: Api) -> None:
    assert dispute(api, PRICE).body["disputed"] == usd(100_000)


def test_another_dispute_takes_the_place_of_one_that_is_open(api: Api) -> None:
    dispute(api)

    assert dispute(api, PRICE).body["disputed"] == usd(100_000)


def test_what_the_seller_won_is_owed_again(api: Api) -> None:
    dispute(api)
    answer = resolve(api)

    assert (answer.body["dispute"], answer.body["disputed"]) == ("none", usd(0))
    assert api.machine.account("A1").dispute_outcomes == {"lost": 1}


def test_what_the_customer_won_waits_for_its_credit_note(api: Api) -> None:
    dispute(api)
    answer = resolve(api, CUSTOMER)

    assert (answer.body["dispute"], answer.body["disputed"]) == ("customer_won", usd(2_500))
    api.machine.take_in("A1", CreditNote(TODAY, "C1", "USD", 2_500, "I1"))
    assert api.get(PATH).body["dispute"] == "none"


def test_what_the_customer_won_by_mistake_may_still_be_the_sellers(api: Api) -> None:
    dispute(api)
    resolve(api, CUSTOMER)

    assert resolve(api).body["dispute"] == "none"


def test_a_dispute_is_in_the_timeline_with_its_reason(api: Api) -> None:
    dispute(api)
    resolve(api)
    events = [event for line in api.machine.accounts.kept["A1"].log for event in line.events]

    assert [(one.kind, one.reason_code, one.figures) for one in events] == [
        ("dispute_opened", "pricing", {"disputed_minor": "2500", "currency": "USD"}),
        (
            "dispute_resolved",
            "goodwill",
            {"outcome": "seller_won", "disputed_minor": "2500", "currency": "USD"},
        ),
    ]


@pytest.mark.parametrize("reason", DISPUTE_REASONS)
def test_a_dispute_has_one_of_seven_reasons(api: Api, reason: str) -> None:
    assert dispute(api, PART | {"reason_code": reason}).status == 200
    assert dispute(api, PART | {"reason_code": "because"}).pointers == ["/reason_code"]


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (PART | {"amount": usd(100_001)}, "above_open"),
        (PRICE | {"amount": usd(10**14)}, "above_open"),
    ],
)
def test_no_more_is_disputed_than_is_open(api: Api, body: dict[str, Any], code: str) -> None:
    answer = dispute(api, body)

    assert (answer.status, blockers(answer)) == (422, [code])


def test_what_is_not_open_is_not_disputed(api: Api) -> None:
    api.post(f"{PATH}/write_off", WHY)
    closed = dispute(api)
    api.post(f"{PATH}/void", WHY)

    assert blockers(closed) == ["nothing_open"]
    assert blockers(dispute(api)) == ["voided"]


def test_what_the_customer_won_is_not_disputed_again(api: Api) -> None:
    dispute(api)
    resolve(api, CUSTOMER)
    answer = dispute(api)

    assert blockers(answer) == ["credit_note_awaited"]
    assert "resolve_dispute" in answer.body["allowed_actions"]
    assert blockers(resolve(api, CUSTOMER)) == ["customer_won"]


def test_only_what_is_disputed_is_resolved(api: Api) -> None:
    answer = resolve(api)

    assert (blockers(answer), "dispute" in answer.body["allowed_actions"]) == (
        ["not_disputed"],
        True,
    )


@pytest.mark.parametrize(
    ("verb", "body", "pointers"),
    [
        ("dispute", PRICE | {"amount": {"amount_minor": 1, "currency": "EUR"}},
         ["/amount/currency"]),
        ("dispute", PRICE | {"amount": {"amount_minor": 1.5, "currency": "USD"}},
         ["/amount/amount_minor"]),
        ("dispute", PRICE | {"amount": usd(0)}, ["/amount/amount_minor"]),
        ("dispute", PRICE | {"amount": usd(10**15)}, ["/amount/amount_minor"]),
        ("dispute", {"amount": usd(1)}, ["/note", "/reason_code"]),
        ("dispute/resolve", WHY, ["/outcome"]),
        ("dispute/resolve", WHY | {"outcome": "won"}, ["/outcome"]),
        ("dispute/resolve", SELLER | {"amount": usd(1)}, ["/amount"]),
    ],
)  # fmt: skip
def test_every_fault_of_a_body_is_named(
    api: Api, verb: str, body: dict[str, Any], pointers: list[str]
) -> None:
    answer = api.post(f"{PATH}/{verb}", body)

    assert (answer.status, sorted(answer.pointers)) == (400, pointers)


@verbs
def test_collectors_work_disputes(api: Api, verb: str) -> None:
    dispute(api)
    path = f"{PATH}/{verb}"

    assert api.as_("").post(path, BODIES[verb]).status == 401
    assert api.as_("viewer,service,agency").post(path, BODIES[verb]).status == 403
    assert api.as_("collector").post(path, BODIES[verb]).status == 200


@verbs
def test_keys_and_etags_are_honoured(api: Api, verb: str) -> None:
    dispute(api)
    path, body = f"{PATH}/{verb}", BODIES[verb]
    old = api.get(PATH).headers["ETag"]

    assert api.post(path, body, Idempotency_Key="").status == 400
    assert api.post(path, body, If_Match='"old"').status == 412
    assert api.post(path, body, If_Match=old, Idempotency_Key="k").status == 200
    assert "Idempotent-Replayed" in api.post(path, body, Idempotency_Key="k").headers
    assert api.post(path, body | {"note": "x"}, Idempotency_Key="k").status == 422


@verbs
def test_what_is_not_there_is_not_found(api: Api, verb: str) -> None:
    assert api.post(f"/v1/accounts/A1/invoices/I9/{verb}", BODIES[verb]).status == 404
