"""Release requests over HTTP: asked, listed, answered once by someone else (R8.5)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from tests.api.client import WHY, Answered, Api
from tests.flows.machine import TODAY, Machine, invoice

ORDER = {
    "order_total": {"amount_minor": 89_900, "currency": "USD"},
    "reference": "SO-10042",
    "note": "Needed on Thursday.",
}
ASKED = "/v1/accounts/A1/release_requests"


@pytest.fixture
def machine() -> Machine:
    """A1 is held by the rule of 45 days; one of its two past-due invoices was never sent."""
    machine = Machine()
    unsent = invoice("I2", 20, 50_000, delivered_on=None)
    machine.take_in("A1", invoice("I1", 45, 250_000), unsent)
    machine.decide("A1", TODAY - timedelta(days=2))
    machine.take_in("A1", wake_on=TODAY)
    machine.decide("A1")
    return machine


@pytest.fixture
def desk(machine: Machine) -> Api:
    """The order desk's system, which Olga made the key of."""
    return Api(machine, "service", "key-1 olga")


@pytest.fixture
def anna(machine: Machine) -> Api:
    return Api(machine, "approver")


def ask(desk: Api, reference: str = "SO-10042", **headers: str) -> Answered:
    return desk.post(ASKED, ORDER | {"reference": reference}, **headers)


def test_a_request_goes_to_the_collector_as_a_task_of_today(desk: Api, machine: Machine) -> None:
    answer = ask(desk)

    assert (answer.status, answer.body["state"]) == (201, "open")
    assert answer.body["assignee"] == "senior"
    request_id = answer.body["request_id"]
    task = machine.account("A1").tasks[f"A1:approve_release:{request_id}"]
    assert (task.kind, task.due_on, task.assignee) == ("approve_release", TODAY, "senior")
    assert task.why == "Order SO-10042 of USD 899.00 waits for a release."
    assert desk.get(answer.headers["Location"]).body == answer.body


def test_it_shows_what_is_past_due_and_what_of_it_was_never_sent(desk: Api) -> None:
    body = ask(desk).body

    assert body["past_due"] == body["past_due_when_asked"]
    assert body["past_due"][0]["currency"] == "USD"
    assert (body["all_delivered"], body["undelivered_invoice_ids"]) == (False, ["I2"])


def test_approving_releases_every_hold_until_the_weeks_end(
    desk: Api, anna: Api, machine: Machine
) -> None:
    hold = {"kind": "on_hold", "reason_code": "fraud_check", "note": "x"}
    anna.post("/v1/accounts/A1/holds", hold)
    asked = ask(desk).headers["Location"]

    answer = anna.post(f"{asked}/approve", WHY)

    assert (answer.status, answer.body["state"]) == (200, "approved")
    assert (answer.body["until"], answer.body["answered_by"]) == ("2024-03-24", "anna")
    now = desk.get("/v1/accounts/A1/hold").body
    assert (now["may_ship"], now["temporary_release"]["until"]) == (True, "2024-03-24")
    assert not any("approve_release" in task for task in machine.tasks("A1"))
    machine.let_run(TODAY + timedelta(days=7))
    assert desk.get("/v1/accounts/A1/hold").body["may_ship"] is False


def test_approving_shortens_no_release_that_is_longer(desk: Api, anna: Api) -> None:
    asked = ask(desk).headers["Location"]
    path = "/v1/accounts/A1/holds/hld_oldest_days_past_due_2024-03-18/temporary_release"
    anna.post(path, WHY | {"until": "2024-04-30"})

    anna.post(f"{asked}/approve", WHY | {"until": "2024-03-20"})

    now = desk.get("/v1/accounts/A1/hold").body
    assert now["temporary_release"]["until"] == "2024-04-30"


def test_declining_leaves_the_account_as_it_is(desk: Api, anna: Api, machine: Machine) -> None:
    asked = ask(desk).headers["Location"]

    answer = anna.post(f"{asked}/decline", WHY)

    assert (answer.status, answer.body["state"], answer.body["until"]) == (200, "declined", None)
    assert answer.body["allowed_actions"] == []
    assert desk.get("/v1/accounts/A1/hold").body["may_ship"] is False


@pytest.mark.parametrize("first", ["approve", "decline"])
@pytest.mark.parametrize("second", ["approve", "decline"])
def test_a_request_is_answered_once(desk: Api, anna: Api, first: str, second: str) -> None:
    asked = ask(desk).headers["Location"]
    anna.post(f"{asked}/{first}", WHY)

    answer = anna.post(f"{asked}/{second}", WHY)

    assert (answer.status, answer.code) == (409, "conflict")


@pytest.mark.parametrize("verb", ["approve", "decline"])
@pytest.mark.parametrize("asker", ["anna", "key-7 anna"])  # herself, or a key that she made
def test_nobody_answers_what_they_asked(machine: Machine, anna: Api, verb: str, asker: str) -> None:
    asked = ask(Api(machine, "collector", asker)).headers["Location"]

    answer = anna.post(f"{asked}/{verb}", WHY)

    assert (answer.status, answer.code) == (403, "second_person_needed")
    assert anna.as_("approver", "bert").post(f"{asked}/{verb}", WHY).status == 200


@pytest.mark.parametrize("verb", ["approve", "decline"])
def test_a_request_is_answered_as_it_was_read_or_not_at_all(
    desk: Api, anna: Api, verb: str
) -> None:
    asked = ask(desk).headers["Location"]
    read = anna.get(asked).headers["ETag"]
    stale = anna.post(f"{asked}/{verb}", WHY, If_Match='"as it once was"')

    answer = anna.post(f"{asked}/{verb}", WHY, If_Match=read)

    assert (stale.status, stale.code) == (412, "precondition_failed")
    assert answer.status == 200


def test_everything_is_in_the_timeline(desk: Api, anna: Api, machine: Machine) -> None:
    answer = ask(desk)
    anna.post(f"{answer.headers['Location']}/approve", WHY)

    events = [
        event for line in machine.accounts.timeline("A1", "", 2).rows for event in line.events
    ]
    assert [(event.kind, event.actor, event.subject) for event in events] == [
        ("release_approved", "anna", answer.body["request_id"]),
        ("release_requested", "key-1", answer.body["request_id"]),
    ]
    assert events[0].figures == {"until": "2024-03-24", "holds": "oldest_days_past_due"}


def test_an_account_that_may_be_shipped_to_needs_no_release(machine: Machine, desk: Api) -> None:
    machine.take_in("A2", invoice("I3", -5))

    answer = desk.post("/v1/accounts/A2/release_requests", ORDER)

    assert (answer.status, answer.code) == (422, "blocked")
    assert [blocker["code"] for blocker in answer.body["blockers"]] == ["may_ship"]
    assert answer.body["allowed_actions"] == ["ship"]


def test_a_reference_waits_once(desk: Api, anna: Api) -> None:
    asked = ask(desk).headers["Location"]

    waiting = ask(desk)
    anna.post(f"{asked}/decline", WHY)

    assert (waiting.status, waiting.code) == (409, "conflict")
    assert ask(desk).status == 201


def test_twenty_requests_of_an_account_may_wait(desk: Api) -> None:
    for number in range(20):
        assert ask(desk, f"SO-{number}").status == 201

    answer = ask(desk, "SO-20")

    assert (answer.status, answer.code) == (422, "limit_reached")


def test_the_last_twenty_answered_ones_are_kept(desk: Api, anna: Api, machine: Machine) -> None:
    for number in range(22):
        machine.clock.pass_by(minutes=1)
        asked = ask(desk, f"SO-{number}").headers["Location"]
        anna.post(f"{asked}/decline", WHY)
    ask(desk, "SO-22")

    kept = anna.get(f"{ASKED}?limit=200").body["data"]

    assert sorted(row["reference"] for row in kept) == sorted(f"SO-{n}" for n in range(2, 23))


def test_the_same_key_asks_once(desk: Api) -> None:
    first, again = ask(desk, Idempotency_Key="k1"), ask(desk, Idempotency_Key="k1")

    assert (again.status, again.body) == (201, first.body)
    assert again.headers["Idempotent-Replayed"] == "true"


@pytest.mark.parametrize(
    ("body", "pointers"),
    [
        ({}, ["/order_total", "/reference"]),
        (ORDER | {"order_total": {"amount_minor": 0, "currency": "USD"}},
         ["/order_total/amount_minor"]),
        (ORDER | {"order_total": {"amount_minor": 8.5, "currency": "usd"}},
         ["/order_total/amount_minor", "/order_total/currency"]),
        (ORDER | {"order_total": {"amount_minor": 1, "currency": "XYZ"}},
         ["/order_total/currency"]),
        (ORDER | {"reference": "", "until": "2024-03-24"}, ["/reference", "/until"]),
    ],
)  # fmt: skip
def test_a_malformed_request_names_every_fault(desk: Api, body: Any, pointers: list[str]) -> None:
    answer = desk.post(ASKED, body)

    assert (answer.status, sorted(answer.pointers)) == (400, pointers)


@pytest.mark.parametrize(
    ("body", "pointers"),
    [
        ({}, ["/note", "/reason_code"]),
        (WHY | {"until": "2024-03-17"}, ["/until"]),
        (WHY | {"until": "2024-06-19"}, ["/until"]),
        (WHY | {"until": "2024-3-19"}, ["/until"]),
    ],
)
def test_a_malformed_approval_names_every_fault(
    desk: Api, anna: Api, body: Any, pointers: list[str]
) -> None:
    asked = ask(desk).headers["Location"]

    answer = anna.post(f"{asked}/approve", body)

    assert (answer.status, sorted(answer.pointers)) == (400, pointers)


def test_asking_needs_a_token_the_role_a_key_and_an_account(desk: Api) -> None:
    answers = [
        desk.as_("").post(ASKED, ORDER),
        desk.as_("viewer").post(ASKED, ORDER),
        desk.post(ASKED, ORDER, Idempotency_Key=""),
        desk.post(ASKED.replace("A1", "A9"), ORDER),
    ]

    assert [answer.status for answer in answers] == [401, 403, 400, 404]


@pytest.mark.parametrize("verb", ["approve", "decline"])
def test_answering_needs_a_token_the_role_a_key_and_a_request(
    desk: Api, anna: Api, verb: str
) -> None:
    path = f"{ask(desk).headers['Location']}/{verb}"
    answers = [
        anna.as_("").post(path, WHY),
        anna.as_("collector").post(path, WHY),
        anna.post(path, WHY, Idempotency_Key=""),
        anna.post(f"{ASKED}/rls_none/{verb}", WHY),
    ]

    assert [answer.status for answer in answers] == [401, 403, 400, 404]
