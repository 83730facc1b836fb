"""Promises to pay over the API (R6.6)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from chalicelib.core.agreements import PlanTerms
from chalicelib.core.facts import Payment, PromiseMade
from chalicelib.core.facts_collections import PlanMade
from chalicelib.flows.promise_rules import COVERED_MAX, PROMISES_MAX
from tests.api.client import WHY, Answered, Api
from tests.flows.machine import TODAY, Machine, invoice

PROMISES = "/v1/accounts/A1/promises"
FIRST = f"ptp_{TODAY}_01"
ONE = f"{PROMISES}/{FIRST}"
BY = TODAY + timedelta(5)
ABSENT = f"{PROMISES}/ptp_2024-01-01_01"


def said(cents: Any = 50_000, *names: str, currency: str = "USD", **changes: Any) -> dict[str, Any]:
    amount = {"amount_minor": cents, "currency": currency}
    return {"amount": amount, "by": BY.isoformat(), "invoice_ids": list(names), **changes}


@pytest.fixture
def api() -> Api:
    machine = Machine()
    machine.take_in(
        "A1",
        invoice("I1", 15, 100_000),
        invoice("I2", 15, 40_000),
        invoice("I3", -5, 70_000),
        invoice("E1", 15, 70_000, currency="EUR"),
    )
    return Api(machine)


@pytest.fixture
def wary() -> Api:
    """Whose customer has broken two promises: the next one needs an approval."""
    machine = Machine()
    made = TODAY - timedelta(40)
    broken = [PromiseMade(made, "USD", 1_000, made + timedelta(n), ("I1",)) for n in (5, 9)]
    machine.take_in("A1", invoice("I1", 60, 100_000), *broken, wake_on=made)
    return Api(machine)


def last_event(api: Api) -> Any:
    (event,) = api.machine.accounts.kept["A1"].log[-1].events
    return event


def faults(answer: Answered) -> list[tuple[str, str]]:
    return [(fault["pointer"], fault["code"]) for fault in answer.body["errors"]]


def test_a_promise_is_taken_told_and_blocks_what_it_covers(api: Api) -> None:
    answer = api.post(PROMISES, said(note="Pays on Friday."))

    assert (answer.status, answer.headers["Location"]) == (201, ONE)
    assert answer.body == {
        "account_id": "A1", "promise_id": FIRST, "state": "in_force",
        "amount": {"amount_minor": 50_000, "currency": "USD"},
        "received": {"amount_minor": 0, "currency": "USD"},
        "by": "2024-03-23", "last_on": "2024-03-25",
        "invoice_ids": ["I1", "I2"], "invoices": 2,
        "made_on": "2024-03-18", "made_by": "anna", "ended_on": None,
        "approval_reasons": [], "task_ids": [], "allowed_actions": ["withdraw"],
    }  # fmt: skip
    event = last_event(api)
    assert (event.kind, event.actor, event.subject, event.note) == (
        "promise_made", "anna", FIRST, "Pays on Friday.",
    )  # fmt: skip
    assert event.figures == {"amount_minor": "50000", "currency": "USD", "by": "2024-03-23"}
    (block,) = api.get("/v1/accounts/A1/blocks?code=promised").body["data"]
    assert (block["invoice_ids"], block["may_end_on"]) == (["I1", "I2"], "2024-03-26")


def test_the_same_key_takes_a_promise_once(api: Api) -> None:
    first = api.post(PROMISES, said(), Idempotency_Key="k")
    again = api.post(PROMISES, said(), Idempotency_Key="k")
    other = api.post(PROMISES, said(1), Idempotency_Key="k")

    assert (again.body, again.headers["Idempotent-Replayed"]) == (first.body, "true")
    assert other.code == "idempotency_key_reused"
    assert len(api.machine.account("A1").promises) == 1


def test_a_promise_covers_so_many_invoices_at_most(api: Api) -> None:
    many = [invoice(f"M{n}", 15, 100) for n in range(COVERED_MAX)]
    api.machine.take_in("A1", *many)

    assert faults(api.post(PROMISES, said(1))) == [("/invoice_ids", "too_many")]


def test_a_promise_may_cover_what_is_not_due_yet_when_it_is_named(api: Api) -> None:
    assert api.post(PROMISES, said(70_000, "I3")).body["invoice_ids"] == ["I3"]


def test_every_fault_of_a_promise_is_named_at_once(api: Api) -> None:
    late = (TODAY + timedelta(367)).isoformat()

    answer = api.post(PROMISES, said(1, "I9", "I1", "E1", by=late))

    assert (answer.status, answer.code) == (422, "unfit_input")
    assert faults(answer) == [
        ("/by", "out_of_range"),
        ("/invoice_ids/0", "not_open"),
        ("/invoice_ids/2", "other_currency"),
    ]


@pytest.mark.parametrize(
    ("body", "fault"),
    [
        (said(by=(TODAY - timedelta(1)).isoformat()), ("/by", "out_of_range")),
        (said(140_001), ("/amount/amount_minor", "above_open")),
        (said(100_001, "I1"), ("/amount/amount_minor", "above_open")),
        (said(currency="GBP"), ("/invoice_ids", "nothing_past_due")),
        (said(currency="ZZZ"), ("/amount/currency", "unknown_currency")),
    ],
    ids=["past", "above all", "above the named", "nothing past due", "no currency"],
)
def test_a_promise_that_cannot_be_is_refused(
    api: Api, body: dict[str, Any], fault: tuple[str, str]
) -> None:
    answer = api.post(PROMISES, body)

    assert (answer.status, faults(answer)) == (422, [fault])
    assert api.machine.account("A1").promises == ()


def test_what_a_payment_plan_covers_cannot_be_promised(api: Api) -> None:
    terms = PlanTerms("USD", "monthly", BY, count=3, invoice_ids=("I1",))
    api.machine.take_in("A1", PlanMade(TODAY, terms))

    assert faults(api.post(PROMISES, said(1, "I1"))) == [("/invoice_ids/0", "in_plan")]


@pytest.mark.parametrize(
    "body",
    [
        said(0), said("1"), said(by="soon"), said(by=None), said(more=1),
        {"by": BY.isoformat()}, said(invoice_ids=["a/b"]), said(invoice_ids=["I1"] * 201), [],
    ],
)  # fmt: skip
def test_a_malformed_promise_is_refused(api: Api, body: Any) -> None:
    assert api.post(PROMISES, body).status == 400


def test_an_account_has_so_many_promises_at_a_time(api: Api) -> None:
    made = [PromiseMade(TODAY, "USD", 1, BY, ("I1",)) for _ in range(PROMISES_MAX)]
    api.machine.take_in("A1", *made)

    answer = api.post(PROMISES, said())

    assert (answer.status, answer.code) == (422, "limit_reached")


def test_promises_are_listed_open_ones_first_and_page_by_page(api: Api) -> None:
    api.post(PROMISES, said(1, "I1"))
    api.post(PROMISES, said(2, "I1", by=TODAY.isoformat()))
    api.post(PROMISES, said(3, "I2"))
    api.post(f"{PROMISES}/ptp_{TODAY}_03/withdraw", WHY)

    first = api.get(f"{PROMISES}?limit=2").body
    rest = api.get(f"{PROMISES}?limit=2&cursor={first['next_cursor']}").body

    assert [row["amount"]["amount_minor"] for row in first["data"] + rest["data"]] == [2, 1, 3]
    assert rest["next_cursor"] is None
    found = api.get(f"{PROMISES}?state=withdrawn").body["data"]
    assert [row["promise_id"] for row in found] == [f"ptp_{TODAY}_03"]


def test_a_promise_is_read_with_what_came_in(api: Api) -> None:
    api.post(PROMISES, said(50_000, "I1"))
    api.machine.take_in("A1", Payment(TODAY, "P1", TODAY, "USD", 20_000, ("I1",)))

    answer = api.get(ONE)

    assert answer.status == 200
    assert answer.body["received"]["amount_minor"] == 20_000
    assert answer.headers["ETag"]


def test_a_kept_promise_says_so(api: Api) -> None:
    api.post(PROMISES, said(50_000, "I1"))
    api.machine.take_in("A1", Payment(TODAY, "P1", TODAY, "USD", 50_000, ("I1",)))

    body = api.get(ONE).body

    assert (body["state"], body["ended_on"], body["allowed_actions"]) == ("kept", "2024-03-18", [])


def test_a_promise_whose_last_day_is_past_is_broken_before_the_run_says_so(api: Api) -> None:
    made = TODAY - timedelta(20)
    promised = PromiseMade(made, "USD", 1_000, made + timedelta(5), ("I1",))
    api.machine.take_in("A1", promised)

    body = api.get(f"{PROMISES}/ptp_{made}_01").body

    assert (body["state"], body["ended_on"]) == ("broken", "2024-03-06")


def test_a_withdrawn_promise_says_who_and_why_and_blocks_nothing(api: Api) -> None:
    api.post(PROMISES, said())

    answer = api.post(f"{ONE}/withdraw", WHY)

    assert (answer.status, answer.body["state"]) == (200, "withdrawn")
    event = last_event(api)
    assert (event.kind, event.subject, event.reason_code, event.note) == (
        "promise_withdrawn", FIRST, "goodwill", "Agreed by phone.",
    )  # fmt: skip
    assert api.get("/v1/accounts/A1/blocks?code=promised").body["data"] == []


def test_a_promise_that_ended_is_not_withdrawn_again(api: Api) -> None:
    api.post(PROMISES, said())
    api.post(f"{ONE}/withdraw", WHY)

    answer = api.post(f"{ONE}/withdraw", WHY)

    assert (answer.status, answer.code) == (422, "blocked")
    assert [blocker["code"] for blocker in answer.body["blockers"]] == ["withdrawn"]
    assert answer.body["allowed_actions"] == []


def test_after_too_many_broken_ones_a_promise_waits_for_a_second_person(wary: Api) -> None:
    made = wary.post(PROMISES, said(1_000)).body

    assert (made["state"], made["approval_reasons"]) == ("pending_approval", ["too_many_broken"])
    assert made["task_ids"] == [f"A1:review_account:promise:{FIRST}"]
    assert made["allowed_actions"] == ["approve", "withdraw"]
    assert wary.get("/v1/accounts/A1/blocks?code=promised").body["data"] == []
    own = wary.post(f"{ONE}/approve", WHY)
    assert (own.status, own.code) == (403, "second_person_needed")
    approved = wary.as_("approver", "bert").post(f"{ONE}/approve", WHY)
    assert (approved.status, approved.body["state"]) == (200, "in_force")
    assert approved.body["task_ids"] == []
    event = last_event(wary)
    assert (event.kind, event.actor, event.subject) == ("promise_approved", "bert", FIRST)


def test_what_is_in_force_needs_no_approval(api: Api) -> None:
    api.post(PROMISES, said())

    answer = api.as_("approver", "bert").post(f"{ONE}/approve", WHY)

    assert (answer.status, answer.body["allowed_actions"]) == (422, ["withdraw"])
    assert [blocker["code"] for blocker in answer.body["blockers"]] == ["in_force"]


def test_a_promise_that_changed_since_it_was_read_is_left_alone(api: Api) -> None:
    api.post(PROMISES, said(50_000, "I1"))
    etag = api.get(ONE).headers["ETag"]
    api.machine.take_in("A1", Payment(TODAY, "P1", TODAY, "USD", 20_000, ("I1",)))

    assert api.post(f"{ONE}/withdraw", WHY, If_Match=etag).status == 412
    assert api.post(f"{ONE}/withdraw", WHY, If_Match=api.get(ONE).headers["ETag"]).status == 200


@pytest.mark.parametrize("path", [ABSENT, "/v1/accounts/NOBODY/promises"])
def test_what_is_not_there_is_not_found(api: Api, path: str) -> None:
    assert api.get(path).status == 404


@pytest.mark.parametrize("verb", ["withdraw", "approve"])
def test_nothing_can_be_done_with_what_is_not_there(api: Api, verb: str) -> None:
    assert api.post(f"{ABSENT}/{verb}", WHY).status == 404
    assert api.post("/v1/accounts/NOBODY/promises", said()).status == 404


@pytest.mark.parametrize("verb", ["withdraw", "approve"])
def test_an_override_says_why(api: Api, verb: str) -> None:
    api.post(PROMISES, said())

    assert api.post(f"{ONE}/{verb}", {"note": "So."}).pointers == ["/reason_code"]


@pytest.mark.parametrize(
    ("path", "roles", "status"),
    [
        (PROMISES, "viewer,service", 403), (PROMISES, "", 401),
        (f"{ONE}/withdraw", "viewer,service", 403), (f"{ONE}/withdraw", "", 401),
        (f"{ONE}/approve", "viewer,collector,service", 403), (f"{ONE}/approve", "", 401),
    ],
)  # fmt: skip
def test_who_may_not_is_refused(api: Api, path: str, roles: str, status: int) -> None:
    body = said() if path == PROMISES else WHY

    assert api.as_(roles).post(path, body).status == status


@pytest.mark.parametrize("path", [PROMISES, ONE])
def test_who_is_nobody_reads_nothing(api: Api, path: str) -> None:
    assert api.as_("").get(path).status == 401
    assert api.as_("agency").get(path).status == 403


@pytest.mark.parametrize("path", [PROMISES, f"{ONE}/withdraw", f"{ONE}/approve"])
def test_a_change_needs_a_key(api: Api, path: str) -> None:
    body = said() if path == PROMISES else WHY

    assert api.post(path, body, Idempotency_Key="").pointers == ["Idempotency-Key"]
