"""Disputes: what is disputed is not dunned, and who won is said unmistakably."""

from __future__ import annotations

from typing import Any

import pytest
from chalicelib.core.disputes import DISPUTE_REASONS
from chalicelib.core.facts import CreditNote
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
        ("dispute/resolve", WHY | {"outcome": "partly"}, ["/amount"]),
        ("dispute/resolve", WHY | {"outcome": "partly", "amount": usd(0)},
         ["/amount/amount_minor"]),
        ("dispute/resolve",
         WHY | {"outcome": "partly", "amount": {"amount_minor": 1, "currency": "EUR"}},
         ["/amount/currency"]),
        ("dispute", PRICE | {"due_on": "2024-03-17"}, ["/due_on"]),
        ("dispute", PRICE | {"due_on": "2025-03-20"}, ["/due_on"]),
        ("dispute", PRICE | {"owner": "a b", "reference": "x" * 101}, ["/owner", "/reference"]),
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


ID = f"dsp_I1_{TODAY}"
ONE = f"/v1/accounts/A1/disputes/{ID}"
TO_DANA = {"owner": "dana", "due_on": "2024-04-05", "note": "She knows the order."}
RETURN = PRICE | {
    "reason_code": "returned_goods", "owner": "otto", "due_on": "2024-04-02",
    "reference": "RMA-7",
}  # fmt: skip
PARTLY = WHY | {"outcome": "partly", "amount": usd(1_000)}


def test_a_dispute_is_read_with_who_owns_it_and_by_when(api: Api) -> None:
    assert dispute(api, RETURN).body["dispute_id"] == ID
    api.machine.decide("A1")

    assert api.get(ONE).body == {
        "account_id": "A1", "dispute_id": ID, "invoice_id": "I1", "state": "open",
        "reason_code": "returned_goods", "amount": usd(100_000), "disputed": usd(100_000),
        "reference": "RMA-7", "owner": "otto", "due_on": "2024-04-02",
        "task_id": "A1:review_account:dispute:I1", "opened_on": TODAY.isoformat(),
        "opened_by": "anna", "outcome": None, "won": None, "resolved_on": None,
        "closed_on": None, "closed_because": None, "allowed_actions": ["reassign", "resolve"],
    }  # fmt: skip


def test_what_the_customer_won_in_part_is_awaited_and_the_rest_is_owed(api: Api) -> None:
    dispute(api)
    answer = resolve(api, PARTLY)

    assert (answer.body["disputed"], answer.body["dispute"]) == (usd(1_000), "customer_won")
    found = api.get(ONE).body
    assert (found["state"], found["outcome"]) == ("credit_awaited", "partly")
    assert (found["won"], found["allowed_actions"]) == (usd(1_000), ["resolve"])
    api.machine.take_in("A1", CreditNote(TODAY, "C1", "USD", 1_000, "I1"))
    assert api.get(ONE).body["closed_because"] == "credited"


def test_a_part_that_is_all_of_it_is_none(api: Api) -> None:
    dispute(api)
    answer = resolve(api, PARTLY | {"amount": usd(2_500)})

    assert (answer.status, blockers(answer)) == (422, ["not_a_part"])


def test_disputes_are_listed_with_the_open_ones_first(api: Api) -> None:
    api.machine.take_in("A1", invoice("I2", 15))
    dispute(api)
    resolve(api)
    api.post("/v1/accounts/A1/invoices/I2/dispute", PRICE)
    first = api.get("/v1/accounts/A1/disputes?limit=1").body
    rest = api.get(f"/v1/accounts/A1/disputes?limit=1&cursor={first['next_cursor']}").body

    rows = first["data"] + rest["data"]
    assert [(row["invoice_id"], row["state"]) for row in rows] == [("I2", "open"), ("I1", "closed")]
    assert rest["next_cursor"] is None
    closed = api.get("/v1/accounts/A1/disputes?state=closed").body["data"]
    assert [row["closed_because"] for row in closed] == ["lost"]
    assert api.get("/v1/accounts/A1/disputes?state=lost").status == 400


def test_a_dispute_and_its_task_go_to_somebody_else(api: Api) -> None:
    dispute(api)
    api.machine.decide("A1")
    answer = api.post(f"{ONE}/reassign", TO_DANA)

    assert (answer.status, answer.body) == (200, api.get(ONE).body)
    assert (answer.body["owner"], answer.body["due_on"]) == ("dana", "2024-04-05")
    task = api.machine.account("A1").tasks["A1:review_account:dispute:I1"]
    assert (task.assignee, task.due_on.isoformat()) == ("dana", "2024-04-05")
    last = api.machine.accounts.kept["A1"].log[-1].events[0]
    assert (last.kind, last.note, last.subject) == ("dispute_reassigned", TO_DANA["note"], ID)


def test_only_an_open_dispute_is_reassigned(api: Api) -> None:
    dispute(api)
    resolve(api, CUSTOMER)
    awaited = api.post(f"{ONE}/reassign", TO_DANA)
    resolve(api)
    closed = api.post(f"{ONE}/reassign", TO_DANA)

    assert (awaited.status, blockers(awaited)) == (422, ["credit_awaited"])
    assert awaited.body["allowed_actions"] == ["resolve"]
    assert (closed.status, blockers(closed)) == (422, ["closed"])


@pytest.mark.parametrize(
    ("body", "pointers"),
    [
        ({"note": "Nothing."}, ["/owner"]),
        ({"owner": "dana"}, ["/note"]),
        (TO_DANA | {"due_on": "2024-03-17"}, ["/due_on"]),
        (TO_DANA | {"due_on": "soon", "owner": ""}, ["/due_on", "/owner"]),
    ],
)
def test_every_fault_of_a_reassignment_is_named(
    api: Api, body: dict[str, Any], pointers: list[str]
) -> None:
    dispute(api)
    answer = api.post(f"{ONE}/reassign", body)

    assert (answer.status, sorted(answer.pointers)) == (400, pointers)


def test_who_may_read_disputes_and_who_may_give_them_away(api: Api) -> None:
    dispute(api)
    path = f"{ONE}/reassign"

    assert [api.as_("").get(at).status for at in (ONE, "/v1/accounts/A1/disputes")] == [401, 401]
    assert [api.as_("agency").get(at).status for at in (ONE, "/v1/accounts/A1/disputes")] == [
        403, 403,
    ]  # fmt: skip
    assert api.as_("viewer").get(ONE).status == 200
    assert api.as_("").post(path, TO_DANA).status == 401
    assert api.as_("viewer,service,agency").post(path, TO_DANA).status == 403
    assert api.as_("collector").post(path, TO_DANA).status == 200


def test_a_reassignment_honours_keys_and_etags(api: Api) -> None:
    dispute(api)
    path, old = f"{ONE}/reassign", api.get(ONE).headers["ETag"]

    assert api.post(path, TO_DANA, Idempotency_Key="").status == 400
    assert api.post(path, TO_DANA, If_Match=old, Idempotency_Key="k").status == 200
    assert api.post(path, TO_DANA, If_Match=old).status == 412
    assert "Idempotent-Replayed" in api.post(path, TO_DANA, Idempotency_Key="k").headers


def test_disputes_that_are_not_there_are_not_found(api: Api) -> None:
    assert api.get(ONE).status == 404
    assert api.post(f"{ONE}/reassign", TO_DANA).status == 404
    assert api.get("/v1/accounts/A9/disputes").status == 404
    assert api.get(f"/v1/accounts/A9/disputes/{ID}").status == 404


def test_a_refusal_says_amounts_as_people_read_them(api: Api) -> None:
    too_much = dispute(api, PRICE | {"amount": usd(100_001)})
    dispute(api)
    no_part = resolve(api, PARTLY | {"amount": usd(2_500)})

    said = [answer.body["blockers"][0]["detail"] for answer in (too_much, no_part)]
    assert said == [
        "USD 1,000.01 is more than the USD 1,000.00 that is open",
        "USD 25.00 is no part of the USD 25.00 that is disputed: a part is less than that",
    ]
    assert no_part.body["detail"] == "the dispute of invoice I1 cannot be resolved so"


@pytest.mark.parametrize("person", ["t.baker@seller.example", "example:00u1ab"])
def test_an_owner_may_be_named_as_people_are(api: Api, person: str) -> None:
    dispute(api, PRICE | {"owner": person})

    assert api.get(ONE).body["owner"] == person

    answer = api.post(f"{ONE}/reassign", {"owner": f"{person}.2", "note": "She knows the order."})
    assert answer.body["owner"] == f"{person}.2"
