"""Payment plans over the API (R9)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from chalicelib.core.agreements import PlanTerms
from chalicelib.core.facts import Payment
from chalicelib.core.facts_collections import PlanMade
from tests.api.client import WHY, Answered, Api
from tests.flows.machine import TODAY, Machine, invoice

PLANS = "/v1/accounts/A1/payment_plans"
PREVIEW = f"{PLANS}?preview=true"
FIRST = f"pln_{TODAY}_01"
ONE = f"{PLANS}/{FIRST}"
ABSENT = f"{PLANS}/pln_2024-01-01_01"
VERBS = ["approve", "decline", "cancel"]


def money(cents: int, currency: str = "USD") -> dict[str, Any]:
    return {"amount_minor": cents, "currency": currency}


def asked(**changes: Any) -> dict[str, Any]:
    """Three monthly instalments from the end of March."""
    body = {"currency": "USD", "frequency": "monthly", "count": 3, "first_on": "2024-03-31"}
    return {name: value for name, value in (body | changes).items() if value is not None}


TOO_SMALL = asked(count=30, frequency="weekly")  # 33.33 each: below the policy's 50.00


@pytest.fixture
def api() -> Api:
    machine = Machine()
    machine.take_in(
        "A1",
        invoice("I1", 15, 60_000),
        invoice("I2", 15, 40_000),
        invoice("I3", -5, 70_000),
        invoice("E1", 15, 70_000, currency="EUR"),
    )
    return Api(machine)


@pytest.fixture
def bert(api: Api) -> Api:
    """A second person."""
    return api.as_("collector,approver", "bert")


def pay(api: Api, cents: int, name: str = "P1") -> None:
    api.machine.take_in("A1", Payment(TODAY, name, TODAY, "USD", cents, ("I1",)))


def last_event(api: Api) -> Any:
    (event,) = api.machine.accounts.kept["A1"].log[-1].events
    return event


def faults(answer: Answered) -> list[tuple[str, str]]:
    return [(fault["pointer"], fault["code"]) for fault in answer.body["errors"]]


def schedule(answer: Answered) -> list[tuple[int, str, int]]:
    return [
        (one["number"], one["due_on"], one["amount"]["amount_minor"])
        for one in answer.body["instalments"]
    ]


def test_a_plan_is_made_begins_and_blocks_what_it_covers(api: Api) -> None:
    answer = api.post(PLANS, asked(note="Agreed with Jo."))

    assert (answer.status, answer.headers["Location"]) == (201, ONE)
    body = answer.body
    instalments = body.pop("instalments")
    assert body == {
        "account_id": "A1", "plan_id": FIRST, "state": "active", "covered": money(100_000),
        "paid": money(0), "open": money(100_000), "frequency": "monthly",
        "invoice_ids": ["I1", "I2"], "invoices": 2, "interest_due": False,
        "made_on": "2024-03-18", "made_by": "anna", "started_on": "2024-03-18", "ended_on": None,
        "ended_because": None, "approval_reasons": [], "task_ids": [],
        "allowed_actions": ["cancel"],
    }  # fmt: skip
    assert instalments[0] == {
        "number": 1, "state": "open", "due_on": "2024-04-01", "last_on": "2024-04-04",
        "amount": money(33_334), "paid": money(0), "open": money(33_334), "paid_on": None,
        "missed_on": None,
    }  # fmt: skip
    event = last_event(api)
    assert (event.kind, event.actor, event.subject, event.note) == (
        "plan_made", "anna", FIRST, "Agreed with Jo.",
    )  # fmt: skip
    (block,) = api.get("/v1/accounts/A1/blocks?code=in_plan").body["data"]
    assert block["invoice_ids"] == ["I1", "I2"]


def test_a_preview_has_the_same_schedule_and_changes_nothing(api: Api) -> None:
    before = api.machine.account("A1")

    preview = api.post(PREVIEW, asked())

    assert (preview.status, preview.body["plan_id"]) == (200, None)
    assert preview.body["allowed_actions"] == []
    assert api.machine.account("A1") == before
    assert schedule(api.post(PLANS, asked())) == schedule(preview)
    assert schedule(preview) == [
        (1, "2024-04-01", 33_334), (2, "2024-04-30", 33_333), (3, "2024-05-31", 33_333),
    ]  # fmt: skip


def test_a_preview_says_why_the_plan_would_wait(api: Api) -> None:
    body = api.post(PREVIEW, TOO_SMALL).body

    assert (body["state"], body["approval_reasons"]) == (
        "pending_approval", ["instalment_too_small"],
    )  # fmt: skip


def test_a_preview_is_refused_as_the_plan_would_be(api: Api) -> None:
    body = asked(invoice_ids=["I9"], first_on="2024-03-01")

    assert faults(api.post(PREVIEW, body)) == faults(api.post(PLANS, body))
    assert api.post(f"{PLANS}?preview=maybe", asked()).status == 400


def test_a_down_payment_is_instalment_0_and_the_last_by_amount_is_the_rest(api: Api) -> None:
    body = asked(
        count=None, instalment=money(40_000), down_payment=money(10_000),
        down_payment_on="2024-03-20", invoice_ids=["I1", "I2"],
    )  # fmt: skip

    assert schedule(api.post(PLANS, body)) == [
        (0, "2024-03-20", 10_000), (1, "2024-04-01", 40_000), (2, "2024-04-30", 40_000),
        (3, "2024-05-31", 10_000),
    ]  # fmt: skip


def test_the_same_key_makes_a_plan_once(api: Api) -> None:
    first = api.post(PLANS, asked(), Idempotency_Key="k")
    again = api.post(PLANS, asked(), Idempotency_Key="k")

    assert (again.body, again.headers["Idempotent-Replayed"]) == (first.body, "true")
    assert len(api.machine.account("A1").plans) == 1


def test_every_fault_of_a_plan_is_named_at_once(api: Api) -> None:
    body = asked(
        instalment=money(100, "EUR"), down_payment=money(1, "GBP"), first_on="2024-03-17",
        invoice_ids=["I9", "I1", "E1"],
    )  # fmt: skip

    answer = api.post(PLANS, body)

    assert (answer.status, answer.code) == (422, "unfit_input")
    assert sorted(faults(answer)) == [
        ("/count", "one_of_two"),
        ("/down_payment/currency", "other_currency"),
        ("/first_on", "out_of_range"),
        ("/instalment/currency", "other_currency"),
        ("/invoice_ids/0", "unknown_invoice"),
        ("/invoice_ids/2", "other_currency"),
    ]
    assert api.machine.account("A1").plans == {}


def test_an_invoice_that_is_paid_or_in_a_plan_cannot_be_covered(api: Api) -> None:
    pay(api, 60_000)
    api.post(PLANS, asked(invoice_ids=["I2"]))

    answer = api.post(PLANS, asked(invoice_ids=["I1", "I2"]))

    assert faults(answer) == [("/invoice_ids/0", "nothing_open"), ("/invoice_ids/1", "in_plan")]


@pytest.mark.parametrize(
    "body",
    [
        asked(count=0), asked(count=367), asked(count="3"), asked(frequency="daily"),
        asked(first_on="soon"), asked(currency="usd"), asked(instalment={"amount_minor": 1}),
        asked(down_payment=money(0)), asked(invoice_ids=["I1"] * 201), asked(more=1),
        asked(frequency=None), [],
    ],
)  # fmt: skip
def test_a_malformed_plan_is_refused(api: Api, body: Any) -> None:
    assert api.post(PLANS, body).status == 400


def test_what_is_paid_shows_on_each_instalment(api: Api) -> None:
    api.post(PLANS, asked())
    pay(api, 40_000)

    answer = api.get(ONE)

    assert (answer.body["paid"], answer.body["open"]) == (money(40_000), money(60_000))
    assert [(one["state"], one["paid"]) for one in answer.body["instalments"]] == [
        ("paid", money(33_334)), ("part_paid", money(6_666)), ("open", money(0)),
    ]  # fmt: skip
    assert answer.body["instalments"][0]["paid_on"] == "2024-03-18"
    assert answer.headers["ETag"]


def test_a_missed_instalment_and_a_broken_plan_say_so(api: Api) -> None:
    api.post(PLANS, asked())
    api.machine.decide("A1", TODAY + timedelta(18))

    body = api.get(ONE).body

    assert (body["state"], body["ended_on"]) == ("broken", "2024-04-05")
    assert body["instalments"][0]["state"] == "missed"
    assert body["instalments"][0]["missed_on"] == "2024-04-05"


def test_plans_are_listed_open_ones_first_and_page_by_page(api: Api) -> None:
    api.post(PLANS, asked(invoice_ids=["I1"]))
    api.post(f"{ONE}/cancel", WHY)
    api.post(PLANS, asked(invoice_ids=["I1"]))
    api.post(PLANS, asked(invoice_ids=["I3"]))

    first = api.get(f"{PLANS}?limit=2").body
    rest = api.get(f"{PLANS}?limit=2&cursor={first['next_cursor']}").body

    found = [row["plan_id"][-2:] for row in first["data"] + rest["data"]]
    assert (found, rest["next_cursor"]) == (["02", "03", "01"], None)
    (cancelled,) = api.get(f"{PLANS}?state=cancelled").body["data"]
    assert cancelled["plan_id"] == FIRST


def test_outside_the_bounds_a_plan_waits_for_a_second_person(api: Api, bert: Api) -> None:
    made = api.post(PLANS, TOO_SMALL).body

    assert (made["state"], made["started_on"]) == ("pending_approval", None)
    assert made["approval_reasons"] == ["instalment_too_small"]
    assert made["task_ids"] == [f"A1:review_account:plan:{FIRST}"]
    assert made["allowed_actions"] == ["approve", "decline", "cancel"]
    assert api.get("/v1/accounts/A1/blocks?code=in_plan").body["data"] == []
    for verb in ("approve", "decline"):
        own = api.post(f"{ONE}/{verb}", WHY)
        assert (own.status, own.code) == (403, "second_person_needed")
    approved = bert.post(f"{ONE}/approve", WHY)
    assert (approved.status, approved.body["state"]) == (200, "active")
    assert (approved.body["started_on"], approved.body["task_ids"]) == ("2024-03-18", [])
    event = last_event(api)
    assert (event.kind, event.actor, event.subject, event.reason_code) == (
        "plan_approved", "bert", FIRST, "goodwill",
    )  # fmt: skip


def test_a_declined_plan_never_begins(api: Api, bert: Api) -> None:
    api.post(PLANS, TOO_SMALL)

    answer = bert.post(f"{ONE}/decline", WHY)

    assert (answer.status, answer.body["state"]) == (200, "cancelled")
    assert (answer.body["ended_because"], answer.body["task_ids"]) == ("goodwill", [])
    assert last_event(api).kind == "plan_declined"
    assert api.machine.account("A1").tasks == {}


def test_a_plan_whose_instalment_is_overdue_is_made_anew(api: Api, bert: Api) -> None:
    ago = TODAY - timedelta(10)
    terms = PlanTerms("USD", "weekly", ago, count=30)
    api.machine.take_in("A1", PlanMade(ago, terms, "anna"))

    answer = bert.post(f"{PLANS}/pln_{ago}_01/approve", WHY)

    assert (answer.status, answer.code) == (422, "blocked")
    assert [blocker["code"] for blocker in answer.body["blockers"]] == ["too_late"]


def test_a_plan_of_which_more_is_owed_than_was_agreed_is_made_anew(api: Api, bert: Api) -> None:
    pay(api, 10_000)
    api.post(PLANS, TOO_SMALL)
    api.post("/v1/accounts/A1/payments/P1/reverse", WHY)

    answer = bert.post(f"{ONE}/approve", WHY)

    assert (answer.status, answer.code) == (422, "blocked")
    assert [blocker["code"] for blocker in answer.body["blockers"]] == ["balance_grew"]
    assert answer.body["allowed_actions"] == ["decline", "cancel"]


@pytest.mark.parametrize("verb", ["approve", "decline"])
def test_an_active_plan_waits_for_nobody(api: Api, bert: Api, verb: str) -> None:
    api.post(PLANS, asked())

    answer = bert.post(f"{ONE}/{verb}", WHY)

    assert (answer.status, answer.body["allowed_actions"]) == (422, ["cancel"])
    assert [blocker["code"] for blocker in answer.body["blockers"]] == ["active"]


def test_a_cancelled_plan_says_who_and_why_and_blocks_nothing(api: Api) -> None:
    api.post(PLANS, asked())

    answer = api.post(f"{ONE}/cancel", WHY)

    assert (answer.status, answer.body["state"]) == (200, "cancelled")
    assert answer.body["ended_because"] == "goodwill"
    event = last_event(api)
    assert (event.kind, event.subject, event.note) == ("plan_cancelled", FIRST, "Agreed by phone.")
    assert event.figures == {"open_minor": "100000", "currency": "USD"}
    assert api.get("/v1/accounts/A1/blocks?code=in_plan").body["data"] == []


def test_a_plan_that_ended_is_not_cancelled_again(api: Api) -> None:
    api.post(PLANS, asked())
    api.post(f"{ONE}/cancel", WHY)

    answer = api.post(f"{ONE}/cancel", WHY)

    assert (answer.status, answer.body["allowed_actions"]) == (422, [])
    assert [blocker["code"] for blocker in answer.body["blockers"]] == ["cancelled"]


def test_a_plan_that_changed_since_it_was_read_is_left_alone(api: Api) -> None:
    api.post(PLANS, asked())
    etag = api.get(ONE).headers["ETag"]
    pay(api, 10_000)

    assert api.post(f"{ONE}/cancel", WHY, If_Match=etag).status == 412
    assert api.post(f"{ONE}/cancel", WHY, If_Match=api.get(ONE).headers["ETag"]).status == 200


@pytest.mark.parametrize("path", [ABSENT, "/v1/accounts/NOBODY/payment_plans"])
def test_what_is_not_there_is_not_found(api: Api, path: str) -> None:
    assert api.get(path).status == 404


@pytest.mark.parametrize("verb", VERBS)
def test_nothing_can_be_done_with_what_is_not_there(api: Api, verb: str) -> None:
    assert api.post(f"{ABSENT}/{verb}", WHY).status == 404
    for query in ("", "?preview=true"):
        assert api.post(f"/v1/accounts/NOBODY/payment_plans{query}", asked()).status == 404


@pytest.mark.parametrize("verb", VERBS)
def test_an_override_says_why(api: Api, verb: str) -> None:
    api.post(PLANS, asked())

    assert api.post(f"{ONE}/{verb}", {"reason_code": "goodwill"}).pointers == ["/note"]


@pytest.mark.parametrize(
    ("path", "roles", "status"),
    [
        (PLANS, "viewer,service", 403), (PREVIEW, "viewer,service", 403), (PLANS, "", 401),
        (f"{ONE}/cancel", "viewer,service", 403), (f"{ONE}/cancel", "", 401),
        (f"{ONE}/approve", "viewer,collector,service", 403), (f"{ONE}/approve", "", 401),
        (f"{ONE}/decline", "viewer,collector,service", 403), (f"{ONE}/decline", "", 401),
    ],
)  # fmt: skip
def test_who_may_not_is_refused(api: Api, path: str, roles: str, status: int) -> None:
    body = WHY if path.startswith(ONE) else asked()

    assert api.as_(roles).post(path, body).status == status


@pytest.mark.parametrize("path", [PLANS, ONE])
def test_who_is_nobody_reads_nothing(api: Api, path: str) -> None:
    assert api.as_("").get(path).status == 401
    assert api.as_("agency").get(path).status == 403


@pytest.mark.parametrize("path", [PLANS, *(f"{ONE}/{verb}" for verb in VERBS)])
def test_a_change_needs_a_key(api: Api, path: str) -> None:
    body = WHY if path.startswith(ONE) else asked()

    assert api.post(path, body, Idempotency_Key="").pointers == ["Idempotency-Key"]
