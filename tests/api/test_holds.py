"""Credit holds over HTTP: looked up, placed, released, released until a day (R8)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from tests.api.client import WHY, Api
from tests.flows.machine import TODAY, Machine, invoice

RULE = "hld_oldest_days_past_due_2024-03-18"
HERS = "hld_fraud_check_2024-03-18"
PLACE = {"kind": "on_hold", "reason_code": "fraud_check", "note": "Orders look odd."}
UNTIL = {"until": "2024-03-24", **WHY}


def on(machine: Machine, days: int) -> None:
    """Let it be some days after TODAY."""
    machine.let_run(TODAY + timedelta(days=days))


@pytest.fixture
def machine() -> Machine:
    """A1 is held by the rule of 45 days since today; A2 owes nothing yet."""
    machine = Machine()
    machine.take_in("A1", invoice("I1", 45, 250_000))
    machine.decide("A1", TODAY - timedelta(days=2))
    machine.take_in("A1", wake_on=TODAY)
    machine.decide("A1")
    machine.take_in("A2", invoice("I2", -5))
    return machine


@pytest.fixture
def api(machine: Machine) -> Api:
    return Api(machine)


def look_up(api: Api, account_id: str = "A1") -> dict[str, Any]:
    return api.get(f"/v1/accounts/{account_id}/hold").body


def events(machine: Machine, account_id: str = "A1") -> list[tuple[str, str, str, str]]:
    return [
        (event.kind, event.actor, event.reason_code, event.subject)
        for line in machine.accounts.timeline(account_id, "", 50).rows
        for event in line.events
    ]


def test_a_person_places_a_hold_with_what_is_past_due_as_its_evidence(
    api: Api, machine: Machine
) -> None:
    answer = api.post("/v1/accounts/A1/holds", PLACE)

    assert (answer.status, answer.body["hold_id"]) == (201, HERS)
    assert (answer.body["placed_by"], answer.body["evidence"]) == ("anna", "Orders look odd.")
    assert [line["invoice_id"] for line in answer.body["invoices"]] == ["I1"]
    assert answer.body["released_when"] == "A person releases it."
    assert api.get(answer.headers["Location"]).body == answer.body
    assert events(machine)[0] == ("hold_placed", "anna", "fraud_check", HERS)


def test_a_prepaid_hold_makes_the_account_prepaid(api: Api) -> None:
    api.post("/v1/accounts/A2/holds", PLACE | {"kind": "prepaid"})

    answer = look_up(api, "A2")
    assert (answer["may_ship"], answer["credit_status"]) == (False, "prepaid")


def test_there_is_one_hold_for_each_reason(api: Api) -> None:
    api.post("/v1/accounts/A1/holds", PLACE)

    answer = api.post("/v1/accounts/A1/holds", PLACE)

    assert (answer.status, answer.code) == (409, "conflict")


def test_the_same_key_replays_the_first_answer(api: Api) -> None:
    first = api.post("/v1/accounts/A1/holds", PLACE, Idempotency_Key="k1")
    again = api.post("/v1/accounts/A1/holds", PLACE, Idempotency_Key="k1")
    other = api.post("/v1/accounts/A1/holds", PLACE | {"note": "x"}, Idempotency_Key="k1")

    assert (again.status, again.body) == (201, first.body)
    assert again.headers["Idempotent-Replayed"] == "true"
    assert (other.status, other.code) == (422, "idempotency_key_reused")


def test_an_account_may_have_ten_holds_by_people(api: Api) -> None:
    for number in range(10):
        placed = api.post("/v1/accounts/A2/holds", PLACE | {"reason_code": f"reason_{number}"})
        assert placed.status == 201

    answer = api.post("/v1/accounts/A2/holds", PLACE)

    assert (answer.status, answer.code) == (422, "limit_reached")


@pytest.mark.parametrize(
    ("change", "pointers"),
    [
        ({"kind": "frozen"}, ["/kind"]),
        ({"reason_code": "Too Odd"}, ["/reason_code"]),
        ({"reason_code": "past_due_total"}, ["/reason_code"]),  # a rule's own
        ({"reason_code": "prepaid"}, ["/kind"]),
        ({"note": ""}, ["/note"]),
        ({"note": "a\x00b", "until": "2024-03-24"}, ["/note", "/until"]),
    ],
)
def test_a_malformed_hold_names_every_fault(api: Api, change: Any, pointers: list[str]) -> None:
    answer = api.post("/v1/accounts/A1/holds", PLACE | change)

    assert (answer.status, sorted(answer.pointers)) == (400, pointers)


def test_holds_are_listed_page_by_page(api: Api) -> None:
    api.post("/v1/accounts/A1/holds", PLACE)

    first = api.get("/v1/accounts/A1/holds?limit=1").body
    rest = api.get(f"/v1/accounts/A1/holds?limit=1&cursor={first['next_cursor']}").body

    assert [hold["reason"] for hold in (*first["data"], *rest["data"])] == [
        "fraud_check", "oldest_days_past_due",
    ]  # fmt: skip
    assert rest["next_cursor"] is None


def test_a_hold_that_is_released_is_gone_and_the_customer_service_hears_of_it(
    api: Api, machine: Machine
) -> None:
    answer = api.post(f"/v1/accounts/A1/holds/{RULE}/release", WHY)

    assert (answer.status, answer.body["may_ship"], answer.body["holds"]) == (200, True, [])
    assert events(machine)[0] == ("hold_released", "anna", "goodwill", RULE)
    assert [news.status for news in machine.account("A1").credit_news.values()] == [
        "on_hold", "open",
    ]  # fmt: skip
    again = api.post(f"/v1/accounts/A1/holds/{RULE}/release", WHY)
    assert (again.status, again.code) == (404, "not_found")


def test_a_rule_hold_that_a_person_released_is_not_placed_again_the_next_morning(
    api: Api, machine: Machine
) -> None:
    api.post(f"/v1/accounts/A1/holds/{RULE}/release", WHY)

    machine.decide("A1")
    machine.decide("A1", TODAY + timedelta(days=1))

    assert machine.account("A1").holds == {}
    assert not {task for task in machine.tasks("A1") if "review_account" in task}


def test_a_temporary_release_ends_by_itself(api: Api, machine: Machine) -> None:
    answer = api.post(f"/v1/accounts/A1/holds/{RULE}/temporary_release", UNTIL)

    assert (answer.status, answer.body["may_ship"]) == (200, True)
    assert answer.body["credit_status"] == "on_hold"
    assert answer.body["temporary_release"] == {
        "until": "2024-03-24", "granted_on": "2024-03-18", "granted_by": "anna",
        "reason_code": "goodwill",
    }  # fmt: skip
    on(machine, 6)
    last_day = look_up(api)
    on(machine, 7)
    day_after = look_up(api)
    assert (last_day["as_of"], last_day["may_ship"]) == ("2024-03-24", True)
    assert (day_after["as_of"], day_after["may_ship"]) == ("2024-03-25", False)
    assert day_after["temporary_release"] is None


def test_shipping_needs_every_hold_released(api: Api) -> None:
    api.post("/v1/accounts/A1/holds", PLACE)

    one = api.post(f"/v1/accounts/A1/holds/{RULE}/temporary_release", UNTIL).body
    both = api.post(
        f"/v1/accounts/A1/holds/{HERS}/temporary_release", UNTIL | {"until": "2024-03-20"}
    ).body

    assert (one["may_ship"], one["temporary_release"]) == (False, None)
    assert [hold["stops_shipping"] for hold in one["holds"]] == [True, False]
    assert (both["may_ship"], both["temporary_release"]["until"]) == (True, "2024-03-20")


def test_a_later_release_gives_way_to_a_new_one(api: Api) -> None:
    path = f"/v1/accounts/A1/holds/{RULE}/temporary_release"
    api.post(path, UNTIL)

    answer = api.post(path, UNTIL | {"until": "2024-03-19"})

    assert answer.body["temporary_release"]["until"] == "2024-03-19"


def test_each_temporary_release_is_news(api: Api, machine: Machine) -> None:
    api.post(f"/v1/accounts/A1/holds/{RULE}/temporary_release", UNTIL)

    told = list(machine.account("A1").credit_news.values())
    assert [(news.status, news.until) for news in told] == [
        ("on_hold", None), ("on_hold", TODAY + timedelta(days=6)),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("body", "pointers"),
    [
        (UNTIL | {"until": "2024-03-17"}, ["/until"]),  # yesterday
        (UNTIL | {"until": "2024-06-19"}, ["/until"]),  # 93 days ahead
        (UNTIL | {"until": "soon"}, ["/until"]),
        (WHY, ["/until"]),
        ({"until": "2024-03-24"}, ["/note", "/reason_code"]),
    ],
)
def test_a_malformed_temporary_release_names_every_fault(
    api: Api, body: Any, pointers: list[str]
) -> None:
    answer = api.post(f"/v1/accounts/A1/holds/{RULE}/temporary_release", body)

    assert (answer.status, sorted(answer.pointers)) == (400, pointers)


@pytest.mark.parametrize("until", ["2024-03-18", "2024-06-18"])  # today, 92 days ahead
def test_a_temporary_release_may_end_today_or_in_a_quarter(api: Api, until: str) -> None:
    body = UNTIL | {"until": until}

    assert api.post(f"/v1/accounts/A1/holds/{RULE}/temporary_release", body).status == 200


WRITES: list[tuple[str, Any]] = [
    ("/v1/accounts/A1/holds", PLACE),
    (f"/v1/accounts/A1/holds/{RULE}/release", WHY),
    (f"/v1/accounts/A1/holds/{RULE}/temporary_release", UNTIL),
]


@pytest.mark.parametrize(("path", "body"), WRITES)
def test_writing_needs_a_token_the_role_a_key_and_an_account(
    api: Api, path: str, body: Any
) -> None:
    answers = [
        api.as_("").post(path, body),
        api.as_("viewer,collector,service").post(path, body),
        api.post(path, body, Idempotency_Key=""),
        api.post(path.replace("A1", "A9"), body),
    ]

    assert [answer.status for answer in answers] == [401, 403, 400, 404]


def test_a_hold_that_is_not_there_is_not_found(api: Api) -> None:
    path = "/v1/accounts/A1/holds/hld_other"
    answers = [
        api.get(path),
        api.post(f"{path}/release", WHY),
        api.post(f"{path}/temporary_release", UNTIL),
    ]

    assert [answer.status for answer in answers] == [404, 404, 404]


@pytest.mark.parametrize(("verb", "body"), [("release", WHY), ("temporary_release", UNTIL)])
def test_a_hold_is_released_as_it_was_read_or_not_at_all(
    api: Api, verb: str, body: dict[str, Any]
) -> None:
    hold = f"/v1/accounts/A1/holds/{RULE}"
    read = api.get(hold).headers["ETag"]
    stale = api.post(f"{hold}/{verb}", body, If_Match='"as it once was"')

    answer = api.post(f"{hold}/{verb}", body, If_Match=read)

    assert (stale.status, stale.code) == (412, "precondition_failed")
    assert answer.status == 200


def paid(amount_minor: int) -> dict[str, Any]:
    return {
        "payment_id": f"P-{amount_minor}",
        "received_on": TODAY.isoformat(),
        "amount": {"amount_minor": amount_minor, "currency": "USD"},
        "invoice_ids": ["I1"],
    }


def test_a_payment_of_all_that_is_past_due_frees_the_account_at_once(
    api: Api, machine: Machine
) -> None:
    assert not look_up(api)["may_ship"]

    api.post("/v1/accounts/A1/payments", paid(250_000))

    assert (look_up(api)["may_ship"], look_up(api)["credit_status"]) == (True, "open")
    line = machine.accounts.timeline("A1", "", 1).rows[0]
    assert [effect.kind for effect in line.effects] == ["hold_released"]
    assert machine.decide("A1").get("holds_released") is None  # it is told once


def test_a_part_payment_frees_nothing(api: Api) -> None:
    api.post("/v1/accounts/A1/payments", paid(200_000))

    assert not look_up(api)["may_ship"]


def test_a_persons_hold_outlives_the_payment(api: Api) -> None:
    api.post("/v1/accounts/A1/holds", PLACE)

    api.post("/v1/accounts/A1/payments", paid(250_000))

    assert [hold["hold_id"] for hold in look_up(api)["holds"]] == [HERS]
