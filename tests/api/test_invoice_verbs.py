"""What is done with an invoice that is there: delivered, extended, voided, written off."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from app import app
from chalice.test import Client
from chalicelib import wiring
from chalicelib.core.aging import out_of_balance
from chalicelib.core.facts import Payment
from chalicelib.flows.ledger_kind import MIRROR
from tests.api.client import WHY, Answered, Api
from tests.flows.machine import TODAY, Machine, invoice
from tests.workers.deployment import FakeDeployment

PATH = "/v1/accounts/A1/invoices/I1"
LATER = {"due_on": "2024-04-30", **WHY}
BODIES: dict[str, dict[str, Any]] = {
    "deliver": {"delivered_on": "2024-03-18"},
    "extend": LATER,
    "void": WHY,
    "write_off": WHY,
}
ROLES = {
    "deliver": {"service", "collector", "approver", "admin"},
    "extend": {"collector", "approver", "admin"},
    "void": {"service", "approver", "admin"},
    "write_off": {"approver", "admin"},
}
verbs = pytest.mark.parametrize("verb", list(BODIES))


@pytest.fixture
def api() -> Api:
    """An invoice of 1,000.00, 15 days past due, that nobody was sent."""
    machine = Machine()
    machine.take_in("A1", invoice("I1", 15, delivered_on=None))
    return Api(machine)


def do(api: Api, verb: str, body: Any = None, **headers: str) -> Answered:
    return api.post(f"{PATH}/{verb}", BODIES[verb] if body is None else body, **headers)


def usd(amount_minor: int) -> dict[str, Any]:
    return {"amount_minor": amount_minor, "currency": "USD"}


def blockers(answer: Answered) -> list[str]:
    return [blocker["code"] for blocker in answer.body["blockers"]]


def last_event(api: Api) -> Any:
    return api.machine.accounts.kept["A1"].log[-1].events[-1]


def test_a_delivery_ends_what_keeps_an_invoice_from_being_dunned(api: Api) -> None:
    answer = do(api, "deliver")

    assert (answer.status, answer.body["delivered_on"]) == (200, "2024-03-18")
    assert last_event(api).kind == "invoice_delivered"


def test_an_extension_moves_the_due_date_and_the_age(api: Api) -> None:
    answer = do(api, "extend")

    assert (answer.body["extended_due_on"], answer.body["due_on"]) == ("2024-04-30", "2024-03-03")
    assert (answer.body["days_past_due"], answer.body["bucket"]) == (-43, "current")
    event = last_event(api)
    assert (event.kind, event.subject, event.reason_code) == ("invoice_extended", "I1", "goodwill")
    assert event.figures == {"was_due_on": "2024-03-03", "due_on": "2024-04-30"}
    assert event.note == "Agreed by phone."


def test_a_void_gives_back_what_was_paid(api: Api) -> None:
    api.machine.take_in("A1", Payment(TODAY, "P1", TODAY, "USD", 40_000, ("I1",)))
    answer = do(api, "void")

    assert (answer.body["status"], answer.body["open"]) == ("voided", usd(0))
    account = api.machine.account("A1")
    assert (account.unapplied, out_of_balance(account)) == ({"USD": 40_000}, {})
    entry = api.machine.accounts.kept["A1"].entries[-1]
    assert (entry.kind, entry.amount_minor, entry.reason) == ("void", 100_000, "goodwill")


def test_a_closed_invoice_may_be_voided(api: Api) -> None:
    api.machine.take_in("A1", Payment(TODAY, "P1", TODAY, "USD", 100_000, ("I1",)))
    answer = do(api, "void")

    assert answer.body["status"] == "voided"
    account = api.machine.account("A1")
    assert (account.unapplied, out_of_balance(account)) == ({"USD": 100_000}, {})


def test_a_write_off_gives_up_what_is_open(api: Api) -> None:
    api.machine.take_in("A1", Payment(TODAY, "P1", TODAY, "USD", 40_000, ("I1",)))
    answer = do(api, "write_off")

    assert (answer.body["status"], answer.body["open"]) == ("closed", usd(0))
    entry = api.machine.accounts.kept["A1"].entries[-1]
    assert (entry.kind, entry.amount_minor, entry.reason) == ("write_off", 60_000, "goodwill")
    assert last_event(api).figures == {"open_minor": "60000", "currency": "USD"}


@pytest.mark.parametrize(
    ("first", "verb", "codes", "allowed"),
    [
        ("deliver", "deliver", ["delivered"], ["extend", "void", "write_off", "dispute"]),
        ("void", "deliver", ["voided"], []),
        ("void", "extend", ["voided"], []),
        ("void", "void", ["voided"], []),
        ("void", "write_off", ["voided"], []),
        ("write_off", "extend", ["nothing_open"], ["deliver", "void"]),
        ("write_off", "write_off", ["nothing_open"], ["deliver", "void"]),
    ],
)
def test_a_refusal_names_what_blocks_and_what_is_allowed(
    api: Api, first: str, verb: str, codes: list[str], allowed: list[str]
) -> None:
    do(api, first)
    answer = do(api, verb)

    assert (answer.status, answer.code) == (422, "blocked")
    assert (blockers(answer), answer.body["allowed_actions"]) == (codes, allowed)


@pytest.mark.parametrize(
    ("due_on", "codes"),
    [
        ("2024-03-03", ["not_later"]),
        ("2024-02-01", ["not_later"]),
        ("2025-03-19", []),
        ("2025-03-20", ["too_far"]),
    ],
)
def test_an_extension_is_later_and_not_too_far(api: Api, due_on: str, codes: list[str]) -> None:
    answer = do(api, "extend", LATER | {"due_on": due_on})

    assert answer.status == (422 if codes else 200)
    assert not codes or blockers(answer) == codes


def test_all_that_blocks_an_extension_is_named(api: Api) -> None:
    do(api, "write_off")
    answer = do(api, "extend", LATER | {"due_on": "2024-01-01"})

    assert blockers(answer) == ["nothing_open", "not_later"]


@pytest.mark.parametrize(
    ("delivered_on", "code"), [("2024-03-19", "in_the_future"), ("2024-02-01", "before_issue")]
)
def test_a_delivery_lies_between_issue_and_today(api: Api, delivered_on: str, code: str) -> None:
    answer = do(api, "deliver", {"delivered_on": delivered_on})

    assert (answer.status, answer.pointers) == (400, ["/delivered_on"])
    assert answer.body["errors"][0]["code"] == code


@pytest.mark.parametrize(
    ("verb", "body", "pointers"),
    [
        ("deliver", {}, ["/delivered_on"]),
        ("deliver", {"delivered_on": 20240318}, ["/delivered_on"]),
        ("extend", {"due_on": "2024-04-30"}, ["/note", "/reason_code"]),
        ("extend", LATER | {"due_on": "30 April", "days": 9}, ["/days", "/due_on"]),
        ("void", {"note": "x"}, ["/reason_code"]),
        ("void", {"reason_code": "Not A Code", "note": ""}, ["/note", "/reason_code"]),
        ("write_off", WHY | {"amount": 1.5}, ["/amount"]),
        ("write_off", WHY | {"note": "x" * 2001}, ["/note"]),
    ],
)
def test_every_fault_of_a_body_is_named(
    api: Api, verb: str, body: dict[str, Any], pointers: list[str]
) -> None:
    answer = do(api, verb, body)

    assert (answer.status, sorted(answer.pointers)) == (400, pointers)


@verbs
def test_a_verb_is_for_its_roles_only(api: Api, verb: str) -> None:
    others = {"viewer", "collector", "approver", "admin", "service", "agency"} - ROLES[verb]

    assert do(api.as_(""), verb).status == 401
    assert do(api.as_(",".join(sorted(others))), verb).status == 403
    for role in ROLES[verb]:
        fresh = Machine()
        fresh.take_in("A1", invoice("I1", 15, delivered_on=None))
        assert do(Api(fresh, role), verb).status == 200


@verbs
def test_a_verb_again_under_its_key_is_answered_again_and_done_once(api: Api, verb: str) -> None:
    first = do(api, verb, Idempotency_Key="k")
    version = api.machine.accounts.kept["A1"].version
    again = do(api, verb, Idempotency_Key="k")

    assert (again.status, again.body) == (200, first.body)
    assert again.headers["Idempotent-Replayed"] == "true"
    assert api.machine.accounts.kept["A1"].version == version


@verbs
def test_a_key_is_not_used_for_another_body(api: Api, verb: str) -> None:
    do(api, verb, Idempotency_Key="k")
    other = BODIES[verb] | (
        {"delivered_on": "2024-03-17"} if verb == "deliver" else {"note": "Another."}
    )

    assert do(api, verb, other, Idempotency_Key="k").code == "idempotency_key_reused"


@verbs
def test_a_verb_needs_a_key(api: Api, verb: str) -> None:
    answer = do(api, verb, Idempotency_Key="")

    assert (answer.status, answer.pointers) == (400, ["Idempotency-Key"])


@verbs
def test_a_verb_honours_if_match(api: Api, verb: str) -> None:
    assert do(api, verb, If_Match='"old"').status == 412
    assert do(api, verb, If_Match=api.get(PATH).headers["ETag"]).status == 200


@pytest.mark.parametrize("verb", ["void", "write_off"])
def test_a_mirror_leaves_principal_to_the_erp(api: Api, verb: str) -> None:
    deployment = FakeDeployment(api.machine)
    deployment.ports.settings = replace(deployment.ports.settings, ledger_kind=MIRROR)
    headers = {
        "Authorization": "Bearer test approver anna",
        "Content-Type": "application/json",
        "Idempotency-Key": "k",
    }
    with wiring.using(deployment), Client(app) as client:
        answer = client.http.post(f"{PATH}/{verb}", headers=headers, body=json.dumps(WHY).encode())

    assert (answer.status_code, json.loads(answer.body)["code"]) == (422, "mirror_ledger")
    assert api.get(PATH).body["open"] == usd(100_000)


@verbs
def test_what_is_not_there_is_not_found(api: Api, verb: str) -> None:
    assert api.post(f"/v1/accounts/A1/invoices/I9/{verb}", BODIES[verb]).status == 404
    assert api.post(f"/v1/accounts/A9/invoices/I1/{verb}", BODIES[verb]).status == 404


@verbs
def test_a_verb_answers_the_etag_that_a_get_answers(api: Api, verb: str) -> None:
    assert do(api, verb).headers["ETag"] == api.get(PATH).headers["ETag"]
