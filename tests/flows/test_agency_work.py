"""The agencies' worker: each report once, each dossier before the events that tell of it (R10.5)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from chalicelib.core.facts import Payment, PaymentReversed
from chalicelib.core.facts_placements import PlacementAct, SettlementAnswered
from chalicelib.core.placements import Taking
from chalicelib.flows.agency_money import TAKINGS_MAX
from chalicelib.flows.letterhead import Letterhead, LetterheadError
from tests.api.placing import AGENCY
from tests.flows.agency_desk import AtAgency, usd
from tests.flows.machine import TODAY


@dataclass
class SlowClock:
    """Each look at it takes a minute."""

    at: datetime

    def now(self) -> datetime:
        self.at += timedelta(minutes=1)
        return self.at


def test_an_offer_is_in_the_feed_with_its_dossier() -> None:
    at = AtAgency()

    counts = at.work()

    assert at.told() == ["placement.offered"]
    assert at.dossier["status"] == "offered"
    assert at.dossier["allowed_actions"] == ["accept", "reject"]
    assert counts == {"agency_dossiers": 1, "agency_lines_numbered": 1}


def test_an_acceptance_posts_the_fee_and_says_so() -> None:
    at = AtAgency()
    at.accepts()

    assert at.placement.state == "active"
    assert at.placement.agency_reference == "NG-1"
    assert at.placement.balance_minor == 230_000
    assert at.told()[-3:] == [
        "placement.accepted", "placement.balance_changed", "report.applied",
    ]  # fmt: skip
    assert at.dossier["amounts"]["collection_fee"] == usd(30_000)


def test_the_timeline_says_that_the_agency_did_it() -> None:
    at = AtAgency()
    at.accepts()

    (event,) = [event for line in at.machine.accounts.kept["A1"].log for event in line.events]
    assert (event.kind, event.actor, event.subject) == ("agency_accept", f"agency:{AGENCY}", at.id)
    assert event.figures == {"report": "A1", "agency_reference": "NG-1"}


def test_a_report_is_applied_once_however_often_the_worker_comes() -> None:
    at = AtAgency()
    at.accepts()
    at.pays(50_000)
    at.work()
    feed = list(at.shelf.events)

    counts = at.work()

    assert counts == {}
    assert at.shelf.events == feed
    assert at.machine.account("A1").totals["USD"]["payment"] == 50_000


def test_what_a_state_does_not_allow_is_refused_with_the_reason() -> None:
    at = AtAgency()
    paid = at.pays(50_000)

    assert at.work()["agency_reports_refused"] == 1
    assert at.outcome(paid) == ("refused", "blocked")
    assert "it is offered" in at.shelf.report("payment", "P1").detail
    assert at.told()[-1] == "report.refused"


def test_an_offer_accepted_in_time_counts_although_the_worker_is_late() -> None:
    at = AtAgency()
    accepted = at.report("accept", agency_reference="NG-1")
    at.machine.clock.pass_by(days=30)
    at.work()

    assert at.outcome(accepted) == ("applied", "")


def test_an_offer_accepted_too_late_is_refused() -> None:
    at = AtAgency()
    at.machine.clock.pass_by(days=30)
    accepted = at.report("accept", agency_reference="NG-1")
    at.work()

    assert at.outcome(accepted) == ("refused", "blocked")


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"received_on": (TODAY + timedelta(days=1)).isoformat()}, "unfit_input"),
        ({"received_on": (TODAY - timedelta(days=367)).isoformat()}, "unfit_input"),
        ({"received_on": (TODAY - timedelta(days=1)).isoformat()}, "unfit_input"),
        ({"amount": {"amount_minor": 1, "currency": "EUR"}}, "unfit_input"),
        ({"invoice_ids": ["I9"]}, "unfit_input"),
    ],
    ids=["to come", "too old", "before the offer", "another currency", "not placed"],
)
def test_money_that_cannot_be_is_refused(changes: dict[str, Any], code: str) -> None:
    at = AtAgency()
    at.accepts()
    paid = at.pays(50_000, **changes)
    at.work()

    assert at.outcome(paid) == ("refused", code)
    assert "payment" not in at.machine.account("A1").totals["USD"]


def test_why_something_was_refused_is_one_line_with_every_reason() -> None:
    at = AtAgency()
    at.accepts()
    at.pays(50_000, received_on="2030-01-01", invoice_ids=["I9"])
    at.work()

    detail = at.shelf.report("payment", "P1").detail
    assert "\n" not in detail
    assert ("/received_on: " in detail, "/invoice_ids/0: " in detail) == (True, True)


def test_money_is_on_the_shelf_with_its_commission() -> None:
    at = AtAgency()
    at.accepts()
    at.pays(50_000)
    at.work()

    row = at.shelf.money["P1"]
    assert (row.by, row.amount_minor, row.commission_minor) == ("agency", 50_000, 10_000)
    assert f"agy_{AGENCY}_P1" in {one.payment_id for one in at.placement.takings}


def test_an_agency_takes_back_its_own_money_only() -> None:
    at = AtAgency()
    at.accepts()
    at.pays(50_000)
    at.book(Payment(TODAY, "P9", TODAY, "USD", 10_000))
    own = at.report("payment_reversal", "X1", payment_id="P1", on=TODAY.isoformat())
    other = at.report("payment_reversal", "X2", payment_id="P9", on=TODAY.isoformat())
    at.work()

    assert at.outcome(own) == ("applied", "")
    assert at.outcome(other) == ("refused", "not_found")
    assert at.shelf.money["P1"].bounced
    assert not at.machine.account("A1").money["payment:P9"].bounced


def test_what_finance_takes_back_is_bounced_on_the_shelf() -> None:
    at = AtAgency()
    at.accepts()
    at.pays(50_000)
    at.work()
    at.book(PaymentReversed(TODAY, f"agy_{AGENCY}_P1"))
    at.work()

    assert at.shelf.money["P1"].bounced


def test_a_contact_is_a_task_that_names_nobody() -> None:
    at = AtAgency()
    at.accepts()
    at.report(
        "contact", contact_id="", name="Jo Quill", email="jo@customer.example", phone="",
        address=[], note="Jo pays",
    )  # fmt: skip
    at.work()

    (task,) = [one for name, one in at.machine.account("A1").tasks.items() if "contact" in name]
    said = repr(at.machine.accounts.kept["A1"].log) + repr(at.shelf.events)
    assert task.why.startswith(f"Agency {AGENCY} proposes a contact (report R1)")
    assert "Jo" not in said
    assert "customer.example" not in said


def test_a_promise_to_the_agency_is_no_promise_of_ours() -> None:
    at = AtAgency()
    at.accepts()
    said = at.report("promise", amount=usd(9_900), pay_by="2024-03-29", invoice_ids=["I1"])
    at.work()

    assert at.outcome(said) == ("applied", "")
    assert at.machine.account("A1").promises == ()


def test_a_dispute_told_to_the_agency_suspends_the_placement() -> None:
    at = AtAgency()
    at.accepts()
    at.report("dispute", invoice_ids=["I1"], amount=None, reason_code="quality")
    at.work()

    (dispute,) = at.machine.account("A1").disputes.values()
    assert (dispute.reason_code, dispute.opened_by) == ("quality", f"agency:{AGENCY}")
    assert at.dossier["status"] == "suspended"
    assert at.dossier["suspended_for"] == ["disputed"]
    assert at.told()[-2:] == ["placement.suspended", "report.applied"]


def test_a_dispute_of_what_is_disputed_is_refused() -> None:
    at = AtAgency()
    at.accepts()
    at.report("dispute", "D1", invoice_ids=["I1"], amount=None, reason_code="quality")
    again = at.report("dispute", "D2", invoice_ids=["I1"], amount=None, reason_code="pricing")
    at.work()

    assert at.outcome(again) == ("refused", "blocked")


def test_a_settlement_of_all_that_is_open_gives_nothing_up() -> None:
    at = AtAgency()
    at.accepts()
    said = at.report("settlement_proposal", amount=usd(230_000), pay_by="2024-04-01")
    at.work()

    assert at.outcome(said) == ("refused", "unfit_input")


def test_a_settlement_is_in_the_dossier_and_no_second_one_is_taken() -> None:
    at = AtAgency()
    at.accepts()
    at.report("settlement_proposal", "S1", amount=usd(100_000), pay_by="2024-04-01")
    second = at.report("settlement_proposal", "S2", amount=usd(110_000), pay_by="2024-04-01")
    at.work()

    assert at.dossier["settlement"]["proposal_id"] == "S1"
    assert "propose_settlement" not in at.dossier["allowed_actions"]
    assert at.outcome(second) == ("refused", "blocked")


def test_what_becomes_of_a_settlement_is_told_with_the_id_of_its_proposal() -> None:
    at = AtAgency()
    at.accepts()
    at.report("settlement_proposal", "S1", amount=usd(100_000), pay_by="2024-04-01")
    at.work()
    at.book(SettlementAnswered(TODAY, at.id, "S1", is_agreed=False))
    at.report("settlement_proposal", "S2", amount=usd(200_000), pay_by="2024-04-01")
    at.work()

    told = [event.line for event in at.shelf.events if event.line.type.startswith("settlement")]
    assert [(line.type, line.ref) for line in told] == [
        ("settlement.declined", "S1"),
        ("settlement.agreed", "S2"),
    ]


@pytest.mark.parametrize(
    ("answer", "reason", "state"),
    [("object", "promise", "recall_pending"), ("confirm", "", "closing")],
)
def test_an_agency_answers_a_recall(answer: str, reason: str, state: str) -> None:
    at = AtAgency()
    at.accepts()
    at.book(PlacementAct(TODAY, at.id, "recall", "anna", reason="other"))
    at.report("recall_response", answer=answer, reason_code=reason)
    at.work()

    assert at.row.state == state


def test_what_has_ended_is_a_row_without_personal_data_that_still_takes_money() -> None:
    at = AtAgency()
    at.accepts()
    at.report("return", "T1", close_code="uncollectible")
    at.work()
    late = at.pays(5_000, "P7")
    at.work()

    assert (at.row.state, at.row.outcome, at.row.body) == ("closing", "returned", "")
    assert at.row.ended_on == TODAY
    assert at.outcome(late) == ("applied", "")
    assert "P7" in at.shelf.money


def test_what_was_never_accepted_takes_no_money() -> None:
    at = AtAgency()
    at.report("reject", "J1", reason_code="out_of_scope")
    late = at.pays(5_000)
    at.work()

    assert (at.row.state, at.row.outcome) == ("closed", "rejected")
    assert at.outcome(late) == ("refused", "blocked")


def test_direct_money_with_commission_is_a_row_of_its_own() -> None:
    at = AtAgency()
    at.accepts()
    at.book(Payment(TODAY, "P1", TODAY, "USD", 40_000))
    at.pays(50_000, "P1")
    at.work()

    rows = {name: (one.amount_minor, one.commission_minor) for name, one in at.shelf.money.items()}
    assert rows == {"P1": (50_000, 10_000), f"direct:{at.id}:P1": (0, 8_000)}


def test_a_mirror_refuses_money_that_the_erp_books() -> None:
    at = AtAgency(ledger_kind="mirror")
    at.accepts()
    paid = at.pays(50_000)
    at.work()

    assert at.outcome(paid) == ("refused", "mirror_ledger")


def test_a_placement_takes_a_thousand_payments_and_no_more() -> None:
    at = AtAgency()
    at.accepts()
    takings = tuple(
        Taking(f"agy_{AGENCY}_K{number}", "agency", TODAY, 1) for number in range(TAKINGS_MAX)
    )
    kept = at.machine.accounts.kept["A1"]
    full = replace(at.placement, takings=takings)
    kept.account = replace(kept.account, placements={at.id: full})
    paid = at.pays(1_00)
    at.work()

    assert at.outcome(paid) == ("refused", "limit_reached")


def test_of_hundreds_of_reports_a_hundred_are_applied_and_the_worker_is_told_again() -> None:
    at = AtAgency()
    at.accepts()
    for number in range(101):
        at.report(
            "activity", f"N{number}", code="note", on=TODAY.isoformat(), channel="", contact_id=""
        )
    at.machine.agency_queue.sent.clear()

    counts = at.work()

    assert counts["agency_reports_applied"] == 100
    assert at.machine.agency_queue.sent[-1] == AGENCY
    assert at.work()["agency_reports_applied"] == 1


def test_what_takes_longer_than_a_minute_is_left_for_the_next_message() -> None:
    at = AtAgency()
    at.accepts()
    at.pays(1_000, "P1")
    at.pays(1_000, "P2")
    at.machine.agency_queue.sent.clear()
    slow = SlowClock(at.machine.clock.now())

    counts = replace(at.worker, clock=slow).work(AGENCY)

    assert counts["agency_reports_applied"] == 1
    assert at.machine.agency_queue.sent[-1] == AGENCY
    assert at.work()["agency_reports_applied"] == 1


def test_a_letterhead_that_nobody_can_read_stops_no_feed() -> None:
    def unreadable() -> Letterhead:
        raise LetterheadError("the letterhead is not JSON")

    at = AtAgency()

    replace(at.worker, letterhead=unreadable).work(AGENCY)

    assert at.told() == ["placement.offered"]
    assert at.dossier["creditor"]["name"] == ""
    assert {"agency_letterhead_faulty": 1} in at.counted


def test_a_report_that_fails_stops_its_placement_and_no_other() -> None:
    at = AtAgency()
    at.accepts()
    broken = at.report("activity", "B1", code="note")  # no day: a fault of whoever took it
    after = at.pays(1_000, "P2")
    elsewhere = replace(at.pays(1_000, "P3"), placement_id="plc_other")
    at.shelf.reports["payment", "P3"] = elsewhere

    with pytest.raises(KeyError):
        at.work()

    assert at.outcome(broken) == ("received", "")
    assert at.outcome(after) == ("received", "")
    assert at.outcome(elsewhere) == ("refused", "not_found")
    assert at.counted[-1]["agency_reports_failed"] == 1
