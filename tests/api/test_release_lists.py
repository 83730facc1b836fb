"""Lists of release requests over HTTP: of an account, and of who is to answer (R8.5)."""

from __future__ import annotations

from datetime import timedelta

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


def test_an_accounts_requests_are_listed_page_by_page(
    desk: Api, anna: Api, machine: Machine
) -> None:
    for number in range(3):
        machine.clock.pass_by(minutes=1)
        ask(desk, f"SO-{number}")

    first = anna.get(f"{ASKED}?limit=2").body
    rest = anna.get(f"{ASKED}?limit=2&cursor={first['next_cursor']}").body

    found = [row["reference"] for row in (*first["data"], *rest["data"])]
    assert (found, rest["next_cursor"]) == (["SO-0", "SO-1", "SO-2"], None)


def test_a_collector_sees_what_waits_for_them_over_all_accounts(
    desk: Api, anna: Api, machine: Machine
) -> None:
    answered = ask(desk, "SO-1").headers["Location"]
    ask(desk, "SO-2")
    anna.post(f"{answered}/decline", WHY)

    hers = Api(machine, "collector", "senior").get("/v1/release_requests").body["data"]
    named = anna.get("/v1/release_requests?assignee=senior").body["data"]

    assert [(row["account_id"], row["reference"]) for row in hers] == [("A1", "SO-2")]
    assert named == hers
    assert anna.get("/v1/release_requests").body["data"] == []


def test_reading_needs_a_token_a_role_and_an_account(desk: Api) -> None:
    asked = ask(desk).headers["Location"]
    for path in (ASKED, asked, "/v1/release_requests"):
        assert desk.as_("").get(path).status == 401
        assert desk.as_("agency").get(path).status == 403
        assert desk.get(path).status == 200
    assert desk.get(ASKED.replace("A1", "A9")).status == 404
    assert desk.get(f"{ASKED}/rls_none").status == 404
