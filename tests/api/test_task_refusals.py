"""What is refused of a task over the API: what does not fit, is done, or is answered elsewhere."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from tests.api.client import Api
from tests.api.task_calls import (
    CALL,
    DISPUTE,
    PROMISE,
    TASKS,
    asked,
    complete,
    faults,
    with_a_call,
    with_letter,
)
from tests.flows.machine import TODAY, invoice


@pytest.fixture
def api() -> Api:
    return with_a_call()


@pytest.mark.parametrize("day", ["2024-03-17", "2024-03-19"])
def test_a_letter_is_posted_between_its_writing_and_today(day: str) -> None:
    api = with_letter()
    (task_id,) = api.machine.tasks("A1")

    assert faults(complete(api, task_id, outcome="sent", posted_on=day)) == [
        ("/posted_on", "out_of_range")
    ]
    assert faults(complete(api, task_id, outcome="sent")) == [("/posted_on", "missing")]


REFUSED: dict[str, tuple[dict[str, Any], list[tuple[str, str]]]] = {
    "an outcome of another kind": ({"outcome": "sent"}, [("/outcome", "not_an_outcome")]),
    "an outcome that says nothing": ({"outcome": "other"}, [("/note", "missing")]),
    "a promise that is missing": ({"outcome": "promised"}, [("/promise", "missing")]),
    "a dispute that is missing": ({"outcome": "disputed"}, [("/dispute", "missing")]),
    "things that go with other outcomes, and a contact that is none": (
        {
            "outcome": "paid", "contact_id": "nobody", "call_back": {"on": "2024-03-19"},
            "promise": PROMISE, "dispute": DISPUTE, "invoice_ids": ["I1"], "posted_on": "2024-03-18",
        },
        [
            ("/contact_id", "unknown_contact"), ("/call_back", "not_taken"),
            ("/promise", "not_taken"), ("/dispute", "not_taken"), ("/invoice_ids", "not_taken"),
            ("/posted_on", "not_taken"),
        ],
    ),
    "a call back on a Sunday, in two halves of the day": (
        {"outcome": "busy", "call_back": {"on": "2024-03-24", "part": "am", "time": "12:00"}},
        [("/call_back/on", "no_business_day"), ("/call_back/time", "other_half")],
    ),
    "a call back in the past": (
        {"outcome": "busy", "call_back": {"on": "2024-03-15"}},
        [("/call_back/on", "out_of_range")],
    ),
    "a promise of too much, too late": (
        {
            "outcome": "promised",
            "promise": {"amount": {"amount_minor": 100_001, "currency": "USD"}, "by": "2025-03-20"},
        },
        [("/promise/by", "out_of_range"), ("/promise/amount/amount_minor", "above_open")],
    ),
    "a dispute of what is not there": (
        {"outcome": "disputed", "dispute": DISPUTE | {"invoice_id": "I9"}},
        [("/dispute/invoice_id", "unknown_invoice")],
    ),
    "a dispute of more than is open": (
        {
            "outcome": "disputed",
            "dispute": DISPUTE | {"amount": {"amount_minor": 100_001, "currency": "USD"}},
        },
        [("/dispute/amount/amount_minor", "above_open")],
    ),
    "a dispute in another currency": (
        {"outcome": "disputed", "dispute": DISPUTE | {"amount": {"amount_minor": 1, "currency": "EUR"}}},
        [("/dispute/amount/currency", "other_currency")],
    ),
}  # fmt: skip


@pytest.mark.parametrize(("said", "expected"), REFUSED.values(), ids=REFUSED.keys())
def test_what_does_not_fit_is_refused_with_every_fault(
    api: Api, said: dict[str, Any], expected: list[tuple[str, str]]
) -> None:
    before = api.machine.account("A1")

    assert faults(complete(api, **said)) == expected
    assert api.machine.account("A1") == before


def test_only_undelivered_invoices_of_the_account_are_sent(api: Api) -> None:
    send = "A1:send_invoice"
    api.machine.take_in(
        "A1", invoice("U1", 5, delivered_on=None), asked(send, "send_invoice", "U1")
    )
    names, early = ["I1", "I9", "U1"], (TODAY - timedelta(days=99)).isoformat()

    answer = complete(api, send, outcome="sent", invoice_ids=names, posted_on=early)

    assert faults(answer) == [
        ("/invoice_ids/0", "delivered"),
        ("/invoice_ids/1", "unknown_invoice"),
        ("/invoice_ids/2", "before_issue"),
    ]


ELSEWHERE = {
    "A1:approve_release:rls_1": "/v1/accounts/A1/release_requests/rls_1/approve",
    "A1:review_account:promise:ptp_1": "/v1/accounts/A1/promises/ptp_1/approve",
    "A1:review_account:plan:pln_1": "/v1/accounts/A1/payment_plans/pln_1/approve",
    "A1:review_account:dispute:I1": "/v1/accounts/A1/invoices/I1/dispute/resolve",
    "A1:review_account:cash_covers:USD": "/v1/accounts/A1/apply_cash",
}


@pytest.mark.parametrize(("task_id", "where"), ELSEWHERE.items())
def test_what_is_answered_elsewhere_says_where(api: Api, task_id: str, where: str) -> None:
    api.machine.take_in("A1", asked(task_id, task_id.split(":")[1]))

    answer = complete(api, task_id, outcome="done", note="Done.")

    assert (answer.status, answer.code) == (409, "conflict")
    assert where in answer.body["detail"]
    (row,) = [row for row in api.get(TASKS).body["data"] if row["task_id"] == task_id]
    assert (row["outcomes"], row["answered_at"]) == ([], where)


def test_a_task_is_completed_once(api: Api) -> None:
    complete(api, outcome="other", note="All is well.")

    answer = complete(api, outcome="no_answer")

    assert (answer.status, answer.code) == (409, "conflict")
    assert answer.body["detail"] == "the task was closed on 2024-03-18: other"
    assert api.machine.account("A1").unreached_calls == 0


def test_a_call_that_somebody_else_made_is_not_taken_for_the_next_one(api: Api) -> None:
    read = {"due_on": TODAY.isoformat()}
    assert complete(api, outcome="no_answer", **read).status == 200

    answer = complete(api, outcome="no_answer", **read)

    assert (answer.status, answer.code) == (409, "conflict")
    assert api.machine.account("A1").unreached_calls == 1


def test_a_retry_is_answered_as_before_and_counts_no_second_try(api: Api) -> None:
    path = f"{TASKS}/{CALL}/complete"
    first = api.post(path, {"outcome": "no_answer"}, Idempotency_Key="k")
    again = api.post(path, {"outcome": "no_answer"}, Idempotency_Key="k")

    assert again.headers["Idempotent-Replayed"] == "true"
    assert again.body == first.body
    assert api.machine.account("A1").unreached_calls == 1
    assert api.post(path, {"outcome": "busy"}, Idempotency_Key="").status == 400


def test_what_is_not_there_is_not_found(api: Api) -> None:
    assert complete(api, "A1:find_contact", outcome="done", note="x").status == 404
    assert api.post("/v1/accounts/A9/tasks/A9:call/complete", {"outcome": "paid"}).status == 404


def test_who_only_reads_completes_nothing(api: Api) -> None:
    reader = api.as_("viewer,service")

    assert complete(reader, outcome="paid").status == 403
    assert reader.get(TASKS).status == 200
    assert complete(api.as_(""), outcome="paid").status == 401


@pytest.mark.parametrize(
    ("said", "pointer"),
    [
        ({"outcome": "shrugged"}, "/outcome"),
        (
            {"outcome": "busy", "call_back": {"on": "2024-03-19", "time": "24:00"}},
            "/call_back/time",
        ),
        ({"outcome": "busy", "mood": "bad"}, "/mood"),
    ],
)
def test_what_cannot_be_read_is_malformed(api: Api, said: dict[str, Any], pointer: str) -> None:
    answer = complete(api, **said)

    assert (answer.status, answer.pointers) == (400, [pointer])


def test_a_dispute_of_more_than_is_open_is_told_how_much_is() -> None:
    too_much = DISPUTE | {"amount": {"amount_minor": 100_001, "currency": "USD"}}

    answer = complete(with_a_call(), outcome="disputed", dispute=too_much)

    assert answer.body["errors"][0]["detail"] == "is more than the USD 1,000.00 that is open"
