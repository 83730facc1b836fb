"""What an agency reports: refused at once where its shelf says no, else taken once and applied."""

from __future__ import annotations

from typing import Any

import pytest
from chalicelib.core.errors import UnavailableError
from tests.api.agency_calls import AgencyApi, usd, with_offer, with_work
from tests.api.client import WHY, Answered, Api
from tests.fakes_agency import MemoryAgencyQueue

ACCEPT = {"id": "acc-1", "agency_reference": "N-1"}
PAID = {"id": "P-1", "received_on": "2024-03-18", "amount": usd(50_000)}
BODIES: dict[str, dict[str, Any]] = {
    "accept": ACCEPT,
    "reject": {"id": "1", "reason_code": "too_small"},
    "activities": {"id": "1", "code": "contacted", "channel": "call"},
    "promises": {"id": "1", "amount": usd(100), "pay_by": "2024-03-28"},
    "disputes": {"id": "1", "reason_code": "quality", "note": "Broken.", "invoice_ids": ["I1"]},
    "contacts": {"id": "1", "name": "Jo Park", "phone": "+44 20 7946 0000"},
    "payments": PAID,
    "settlement_proposals": {"id": "1", "amount": usd(180_000), "pay_by": "2024-04-02"},
    "recall_response": {"id": "1", "answer": "confirm"},
    "return": {"id": "1", "close_code": "not_found"},
}
KINDS = {
    "accept": "accept", "reject": "reject", "activities": "activity", "promises": "promise",
    "disputes": "dispute", "contacts": "contact", "payments": "payment",
    "settlement_proposals": "settlement_proposal", "recall_response": "recall_response",
    "return": "return",
}  # fmt: skip
WORKED = {"activities", "promises", "disputes", "contacts", "payments", "settlement_proposals"}
ALLOWED = {
    "offered": {"accept", "reject"},
    "active": WORKED | {"return"},
    "suspended": WORKED,
    "recall_pending": WORKED | {"recall_response"},
    "rejected": set(),
    "returned": {"payments"},
}


def in_state(state: str) -> tuple[AgencyApi, str]:
    """An agency whose placement is in a state, or ended with an outcome; and the placement's id."""
    if state in ("offered", "rejected"):
        agency, placement_id = with_offer()
    else:
        agency, placement_id = with_work()
    finance, place = Api(agency.machine), f"/v1/accounts/A1/placements/{placement_id}"
    if state == "suspended":
        assert finance.post(f"{place}/suspend", WHY).status == 200
    if state == "recall_pending":
        assert finance.post(f"{place}/recall", WHY).status == 200
    if state in ("rejected", "returned"):
        where = {"rejected": "reject", "returned": "return"}[state]
        report(agency, placement_id, where)
    agency.work()
    return agency, placement_id


def report(agency: AgencyApi, placement_id: str, where: str, **changes: Any) -> Answered:
    return agency.post(f"/placements/{placement_id}/{where}", BODIES[where] | changes)


@pytest.mark.parametrize("state", ALLOWED)
def test_a_state_allows_what_it_allows_and_refuses_the_rest_at_once(state: str) -> None:
    agency, placement_id = in_state(state)
    taken = set(agency.machine.agencies.shelf("default").reports)

    for number, where in enumerate(BODIES):
        answer = report(agency, placement_id, where, id=f"try-{number}")
        if where in ALLOWED[state]:
            assert (where, answer.status) == (where, 202), answer.text
            assert answer.body["status"] == "received"
            taken.add((KINDS[where], f"try-{number}"))
        else:
            assert (where, answer.status, answer.code) == (where, 409, "wrong_state")
            assert answer.body["blockers"]
            assert "accept" not in answer.body["allowed_actions"] or state == "offered"
    assert agency.machine.agencies.shelf("default").reports.keys() == taken


@pytest.mark.parametrize("where", sorted(WORKED | {"return"}))
def test_what_is_taken_is_applied_and_told(where: str) -> None:
    agency, placement_id = with_work()

    answer = report(agency, placement_id, where)
    agency.work()

    assert answer.status == 202
    assert answer.body["kind"] == KINDS[where]
    assert answer.headers["Location"] == f"/agency/v1/reports/{KINDS[where]}/{BODIES[where]['id']}"
    outcome = agency.get(answer.headers["Location"].removeprefix("/agency/v1")).body
    assert (outcome["status"], outcome["code"]) == ("applied", None)
    assert agency.types()[-1] == "report.applied"


def test_an_offer_that_is_accepted_becomes_active() -> None:
    agency, placement_id = with_offer()

    report(agency, placement_id, "accept")
    agency.work()

    dossier = agency.get(f"/placements/{placement_id}").body
    assert (dossier["status"], dossier["agency_reference"]) == ("active", "N-1")
    assert "placement.accepted" in agency.types()


def test_the_same_report_again_is_answered_the_same_and_booked_once() -> None:
    agency, placement_id = with_work()

    first = report(agency, placement_id, "payments")
    agency.work()
    again = report(agency, placement_id, "payments")
    agency.work()

    assert (again.status, again.text) == (first.status, first.text)
    assert again.headers == first.headers
    assert agency.types().count("report.applied") == 1
    assert len(agency.get("/payments").body["data"]) == 1


def test_an_acceptance_sent_again_after_it_was_applied_is_no_conflict() -> None:
    agency, placement_id = with_offer()
    report(agency, placement_id, "accept")
    agency.work()

    assert report(agency, placement_id, "accept").status == 202


@pytest.mark.parametrize("changes", [{"amount": usd(50_001)}, {"reference": "Other words"}])
def test_another_report_under_the_same_id_is_refused(changes: dict[str, Any]) -> None:
    agency, placement_id = with_work()
    report(agency, placement_id, "payments")

    answer = report(agency, placement_id, "payments", **changes)

    assert (answer.status, answer.code) == (422, "idempotency_key_reused")


def test_ids_of_two_kinds_are_apart() -> None:
    agency, placement_id = with_work()

    assert report(agency, placement_id, "activities", id="7").status == 202
    assert report(agency, placement_id, "contacts", id="7").status == 202


@pytest.mark.parametrize(
    ("where", "changes", "pointers"),
    [
        ("payments", {"amount": usd(1) | {"currency": "EUR"}}, ["/amount/currency"]),
        ("payments", {"invoice_ids": ["I1", "I9", "I8"]}, ["/invoice_ids/1", "/invoice_ids/2"]),
        ("disputes", {"amount": usd(1), "invoice_ids": []}, ["/amount"]),
        ("activities", {"contact_id": "nobody"}, ["/contact_id"]),
        ("contacts", {"name": "", "phone": ""}, [""]),
        (
            "promises",
            {"amount": usd(1) | {"currency": "EUR"}, "invoice_ids": ["X"]},
            ["/amount/currency", "/invoice_ids/0"],
        ),
    ],
)
def test_what_does_not_fit_the_dossier_is_refused_with_every_fault(
    where: str, changes: dict[str, Any], pointers: list[str]
) -> None:
    agency, placement_id = with_work()

    answer = report(agency, placement_id, where, **changes)

    assert (answer.status, answer.code) == (422, "unfit_input")
    assert answer.pointers == pointers
    assert agency.machine.agencies.shelf("default").reports_waiting(5) == []


@pytest.mark.parametrize(
    ("body", "pointers"),
    [
        ({"id": "1", "answer": "object"}, ["/reason_code"]),
        ({"id": "1", "answer": "confirm", "reason_code": "legal"}, ["/reason_code"]),
    ],
)
def test_an_objection_says_why_and_a_confirmation_does_not(
    body: dict[str, Any], pointers: list[str]
) -> None:
    agency, placement_id = in_state("recall_pending")

    answer = agency.post(f"/placements/{placement_id}/recall_response", body)

    assert (answer.status, answer.pointers) == (422, pointers)


@pytest.mark.parametrize(
    ("where", "changes", "pointer"),
    [
        ("payments", {"id": "x" * 37}, "/id"),
        ("payments", {"id": ".."}, "/id"),
        ("payments", {"amount": {"amount_minor": 1.5, "currency": "USD"}}, "/amount/amount_minor"),
        ("payments", {"amount": usd(0)}, "/amount/amount_minor"),
        ("payments", {"amount": usd(10**15)}, "/amount/amount_minor"),
        ("payments", {"received_on": "15.03.2024"}, "/received_on"),
        ("activities", {"code": "threatened"}, "/code"),
        ("activities", {"note": "a\x00b"}, "/note"),
        ("return", {"close_code": "bored"}, "/close_code"),
        ("accept", {"agency_reference": " "}, "/agency_reference"),
        ("disputes", {"secret": 1}, "/secret"),
    ],
)
def test_what_is_no_such_report_is_refused_in_words(
    where: str, changes: dict[str, Any], pointer: str
) -> None:
    agency, placement_id = with_work()

    answer = report(agency, placement_id, where, **changes)

    assert (answer.status, answer.code, answer.pointers) == (400, "malformed", [pointer])


def test_what_the_worker_refuses_is_told_with_its_reason() -> None:
    agency, placement_id = with_work()
    taken = report(agency, placement_id, "payments", received_on="2024-05-01")
    agency.work()

    outcome = agency.get("/reports/payment/P-1").body

    assert taken.status == 202
    assert (outcome["status"], outcome["code"]) == ("refused", "unfit_input")
    assert outcome["detail"]
    assert agency.types()[-1] == "report.refused"


def test_money_that_bounced_is_reversed_once() -> None:
    agency, placement_id = with_work()
    report(agency, placement_id, "payments")
    reverse = f"/placements/{placement_id}/payments/P-1/reverse"
    body = {"id": "P-1-R", "reason_code": "returned_debit"}

    first = agency.post(reverse, body)  # before the payment itself was applied: in order
    agency.work()
    second = agency.post(reverse, body | {"id": "P-1-S"})

    assert (first.status, agency.get("/reports/payment_reversal/P-1-R").body["status"]) == (
        202,
        "applied",
    )
    assert agency.get("/payments").body["data"][0]["bounced"] is True
    assert (second.status, second.body["blockers"][0]["code"]) == (409, "bounced")


def test_money_that_comes_after_the_end_is_still_taken_and_shown() -> None:
    agency, placement_id = in_state("returned")

    answer = report(agency, placement_id, "payments")
    agency.work()

    assert answer.status == 202
    assert agency.get("/reports/payment/P-1").body["status"] == "applied"
    (paid,) = agency.get("/payments").body["data"]
    assert (paid["payment_id"], paid["amount"]) == ("P-1", usd(50_000))
    assert agency.get(f"/placements/{placement_id}").status == 410


def test_a_payment_that_was_never_reported_cannot_bounce() -> None:
    agency, placement_id = with_work()
    body = {"id": "1", "reason_code": "returned_debit"}

    answer = agency.post(f"/placements/{placement_id}/payments/P-9/reverse", body)

    assert (answer.status, answer.code) == (404, "not_found")


def test_a_second_settlement_waits_for_the_first() -> None:
    agency, placement_id = with_work()
    report(agency, placement_id, "settlement_proposals")
    agency.work()

    answer = report(agency, placement_id, "settlement_proposals", id="2")

    assert (answer.status, answer.body["blockers"][0]["code"]) == (409, "settlement_open")
    assert "propose_settlement" not in answer.body["allowed_actions"]


def test_the_worker_is_told_and_nothing_is_lost_when_it_cannot_be() -> None:
    agency, placement_id = with_work()
    agency.machine.agency_queue = DeafQueue()

    answer = report(agency, placement_id, "activities")
    agency.work()

    assert answer.status == 202
    assert agency.get("/reports/activity/1").body["status"] == "applied"


class DeafQueue(MemoryAgencyQueue):
    """A queue that does not answer."""

    def send_agency(self, agency_ids: Any) -> None:
        raise UnavailableError("the queue does not answer")


def test_an_agency_sends_no_idempotency_key_and_one_changes_nothing() -> None:
    agency, placement_id = with_work()
    place = f"/placements/{placement_id}/activities"
    key = {"Idempotency_Key": "one"}

    first = agency.post(place, BODIES["activities"], **key)
    other = agency.post(place, BODIES["activities"] | {"id": "2"}, **key)

    assert [first.status, other.status] == [202, 202]
    assert other.body["id"] == "2"
    assert "Idempotent-Replayed" not in other.headers
