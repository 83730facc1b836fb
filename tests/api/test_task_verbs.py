"""The tasks of an account over the API: listed, and completed with an outcome."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from chalicelib.core.facts import BlockSet, Payment
from tests.api.client import Api
from tests.api.task_calls import (
    CALL,
    DISPUTE,
    PROMISE,
    TASKS,
    asked,
    complete,
    next_ones,
    with_a_call,
    with_letter,
)
from tests.flows.machine import TODAY, invoice

ALL = {"amount_minor": 100_000, "currency": "USD"}
PLAN = {"currency": "USD", "frequency": "monthly", "count": 3, "first_on": "2024-04-02"}


@pytest.fixture
def api() -> Api:
    return with_a_call()


def events(api: Api) -> list[Any]:
    return list(api.machine.accounts.kept["A1"].log[-1].events)


def test_the_tasks_of_an_account_are_listed_with_what_completes_them(api: Api) -> None:
    (task,) = api.get(TASKS).body["data"]

    assert task == {
        "task_id": CALL, "account_id": "A1", "kind": "call", "due_on": "2024-03-18",
        "overdue_days": 0, "part": None, "at_time": None, "why": "Because.", "assignee": "junior",
        "subject": None, "invoice_ids": ["I1"], "invoice_count": 1, "opened_on": "2024-03-18",
        "outcomes": [
            "no_answer", "voicemail", "busy", "not_available", "promised", "disputed", "paid",
            "wrong_contact", "other",
        ],
        "answered_at": None,
    }  # fmt: skip


def test_the_list_comes_page_by_page_and_by_kind(api: Api) -> None:
    api.machine.take_in("A1", asked("A1:find_contact", "find_contact"))

    first = api.get(f"{TASKS}?limit=1").body
    second = api.get(f"{TASKS}?limit=1&cursor={first['next_cursor']}").body
    found = api.get(f"{TASKS}?kind=find_contact").body["data"]

    assert [row["task_id"] for row in first["data"] + second["data"]] == [CALL, "A1:find_contact"]
    assert second["next_cursor"] is None
    assert [row["task_id"] for row in found] == ["A1:find_contact"]
    assert api.get("/v1/accounts/A9/tasks").status == 404


def test_a_call_that_reached_nobody_is_called_again_in_the_other_half_of_the_day(api: Api) -> None:
    first = complete(api, outcome="no_answer")
    second = complete(api, outcome="busy")

    assert (first.status, second.status) == (200, 200)
    assert next_ones(first) == [(CALL, "2024-03-19", "pm", "junior")]
    assert next_ones(second) == [(CALL, "2024-03-19", "am", "junior")]
    assert (first.body["unreached_calls"], second.body["unreached_calls"]) == (1, 2)
    assert first.body["task"]["outcome"] == "no_answer"
    assert api.machine.account("A1").contacts == (TODAY, TODAY)


def test_a_completed_call_is_an_activity_and_a_done_task_on_the_timeline(api: Api) -> None:
    api.put("/v1/accounts/A1/contacts/jo", {"name": "Jo Park"})

    complete(api, outcome="voicemail", note="Spoke on the tape.", contact_id="jo")

    contact, done = events(api)
    assert (contact.kind, contact.subject, contact.note) == ("activity", "jo", "Spoke on the tape.")
    assert contact.figures == {
        "channel": "call", "direction": "out", "outcome": "voicemail", "on": "2024-03-18",
    }  # fmt: skip
    assert (done.kind, done.actor, done.subject, done.note) == ("task_completed", "anna", CALL, "")
    assert done.figures == {"task": "call", "outcome": "voicemail"}


def test_a_customer_is_called_back_when_they_asked_to_be(api: Api) -> None:
    answer = complete(api, outcome="not_available", call_back={"on": "2024-03-21", "time": "14:30"})

    (task,) = answer.body["next_tasks"]
    assert (task["due_on"], task["part"], task["at_time"]) == ("2024-03-21", "pm", "14:30")
    assert task["subject"] == "call_back"


def test_a_promise_on_the_phone_is_made(api: Api) -> None:
    answer = complete(api, outcome="promised", promise=PROMISE)

    (promise,) = api.machine.account("A1").promises
    assert answer.body["made"]["promise_id"] == promise.id == "ptp_2024-03-18_01"
    assert answer.body["made"]["promise_needs_approval"] is False
    assert (promise.amount_minor, promise.by, promise.made_by) == (
        100_000,
        date(2024, 3, 25),
        "anna",
    )
    assert promise.invoice_ids == {"I1"}
    assert answer.body["next_tasks"] == []
    assert [event.kind for event in events(api)] == ["activity", "task_completed", "promise_made"]
    assert events(api)[-1].subject == promise.id


def test_a_dispute_on_the_phone_is_opened(api: Api) -> None:
    part = {"amount_minor": 2_500, "currency": "USD"}

    answer = complete(api, outcome="disputed", note="Too dear.", dispute=DISPUTE | {"amount": part})

    disputed = api.machine.account("A1").invoices["I1"]
    assert disputed.disputed_minor == 2_500
    assert answer.body["made"]["dispute_id"] == disputed.dispute_id
    event = events(api)[-1]
    assert (event.kind, event.subject, event.reason_code) == ("dispute_opened", "I1", "pricing")
    assert event.figures == {"disputed_minor": "2500", "currency": "USD"}


def test_what_is_said_to_be_paid_is_looked_for_until_money_comes(api: Api) -> None:
    answer = complete(api, outcome="paid")
    assert next_ones(answer) == [("A1:confirm_payment:paid", "2024-03-19", None, "junior")]

    api.machine.take_in("A1", Payment(TODAY, "P1", TODAY, "USD", 100))
    assert api.machine.tasks("A1") == set()


def test_a_wrong_contact_makes_sales_look_for_another_and_the_calls_go_on(api: Api) -> None:
    answer = complete(api, outcome="wrong_contact")
    assert next_ones(answer) == [("A1:find_contact", "2024-03-18", None, "sam")]

    found = complete(api, "A1:find_contact", outcome="done", note="Ask for Jo.")
    assert next_ones(found) == [(CALL, "2024-03-19", "am", "junior")]
    assert found.body["unreached_calls"] == 0


def test_after_five_tries_sales_looks_for_a_contact(api: Api) -> None:
    answers = [complete(api, outcome="no_answer") for _ in range(5)]

    assert next_ones(answers[-1]) == [("A1:find_contact", "2024-03-18", None, "sam")]
    assert answers[-1].body["unreached_calls"] == 5
    assert api.machine.tasks("A1") == {"A1:find_contact"}


def test_recorded_calls_count_as_tries(api: Api) -> None:
    tried = {"channel": "call", "direction": "out", "outcome": "no_answer"}
    for _ in range(5):
        assert api.post("/v1/accounts/A1/activities", tried).status == 201

    assert api.machine.tasks("A1") == {"A1:find_contact"}


def test_a_call_that_reached_somebody_ends_the_reply_that_waited(api: Api) -> None:
    api.machine.take_in("A1", BlockSet(TODAY, "reply_waiting"))

    complete(api, outcome="no_answer")
    assert api.machine.account("A1").marks != ()

    api.machine.take_in("A1", asked(CALL, "call"))
    complete(api, outcome="other", note="All is well.")
    assert api.machine.account("A1").marks == ()


def test_money_that_did_not_come_makes_a_call_unless_the_promise_still_runs(api: Api) -> None:
    complete(api, outcome="promised", promise=PROMISE | {"by": TODAY.isoformat()})
    confirm = "A1:confirm_payment:ptp_2024-03-18_01"
    api.machine.take_in("A1", asked(confirm, "confirm_payment"))

    assert complete(api, confirm, outcome="not_received").body["next_tasks"] == []

    claimed = "A1:confirm_payment:paid"
    api.machine.take_in("A1", invoice("I2", 3), asked(claimed, "confirm_payment"))
    answer = complete(api, claimed, outcome="not_received")
    assert next_ones(answer) == [(CALL, "2024-03-18", "am", "senior")]


def test_sent_invoices_are_delivered_and_the_others_stay_to_be_sent(api: Api) -> None:
    send = "A1:send_invoice"
    unsent = [invoice(name, 5, delivered_on=None) for name in ("U1", "U2")]
    api.machine.take_in("A1", *unsent, asked(send, "send_invoice", "U1", "U2"))

    first = complete(api, send, outcome="sent", invoice_ids=["U1"], posted_on="2024-03-15")
    assert first.body["made"]["delivered_invoice_ids"] == ["U1"]
    assert [task["invoice_ids"] for task in first.body["next_tasks"]] == [["U2"]]
    assert events(api)[-1].figures == {"delivered_on": "2024-03-15"}

    rest = complete(api, send, outcome="sent")
    assert (rest.body["made"]["delivered_invoice_ids"], rest.body["next_tasks"]) == (["U2"], [])
    account = api.machine.account("A1")
    days = [account.invoices[name].delivered_on for name in ("U1", "U2")]
    assert days == [date(2024, 3, 15), TODAY]


def test_invoices_that_were_not_sent_are_to_be_sent_the_next_business_day(api: Api) -> None:
    send = "A1:send_invoice"
    api.machine.take_in(
        "A1", invoice("U1", 5, delivered_on=None), asked(send, "send_invoice", "U1")
    )

    answer = complete(api, send, outcome="not_sent", note="The printer is broken.")

    assert next_ones(answer) == [(send, "2024-03-19", None, "senior")]


def test_a_posted_letter_counts_as_sent_from_the_day_it_was_posted() -> None:
    api = with_letter()
    (task_id,) = api.machine.tasks("A1")

    answer = complete(api, task_id, outcome="sent", posted_on="2024-03-18")

    assert answer.status == 200, answer.text
    assert answer.body["made"]["counted_notice_id"] == "A1:USD:2024-03-18"
    account = api.machine.account("A1")
    assert account.notices == {}
    assert account.notice_counts["reminder"]["counted"] == 1
    (said,) = account.invoices["I1"].announcements
    assert said.sent_on == TODAY


def test_what_a_letter_told_that_was_not_posted_is_owed_again() -> None:
    api = with_letter()
    (task_id,) = api.machine.tasks("A1")

    answer = complete(api, task_id, outcome="not_sent", note="They have an address again.")

    assert answer.body["made"]["cancelled_notice_id"] == "A1:USD:2024-03-18"
    assert [owed.stage for owed in api.machine.account("A1").invoices["I1"].owed] == ["reminder"]


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("payments", {"payment_id": "P1", "amount": ALL, "received_on": "2024-03-18"}),
        ("promises", {"amount": ALL, "by": "2024-03-25"}),
        ("invoices/I1/dispute", {"reason_code": "pricing", "note": "Says 900 was agreed."}),
        ("payment_plans", PLAN),
    ],
)
def test_a_call_with_nothing_left_to_ask_for_is_off_the_list_at_once(
    path: str, body: dict[str, Any]
) -> None:
    api = with_a_call()

    answer = api.post(f"/v1/accounts/A1/{path}", body)

    assert answer.status in (200, 201), answer.text
    assert CALL not in api.machine.tasks("A1")


def test_a_call_stays_while_anything_else_is_past_due() -> None:
    api = with_a_call()
    api.machine.take_in("A1", invoice("I2", 20))

    api.post("/v1/accounts/A1/promises", {"amount": ALL, "by": "2024-03-25", "invoice_ids": ["I1"]})

    assert CALL in api.machine.tasks("A1")
