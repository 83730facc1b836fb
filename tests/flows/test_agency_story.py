"""A placement from its offer to its end: everything that the agency reads adds up (R10)."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta

from chalicelib.core.facts import InvoiceVoided, Payment
from chalicelib.core.facts_placements import PlacementAct
from chalicelib.flows.agency_side_reads import event_values
from chalicelib.flows.desk import Caller
from chalicelib.flows.invoice_act import Why
from chalicelib.flows.ports_agency import AgencyReport
from chalicelib.flows.principal import Principal
from chalicelib.flows.registry_desk import RegistryDesk
from chalicelib.flows.remittance_desk import RemittanceDesk
from tests.flows.agency_desk import AtAgency
from tests.flows.machine import TODAY


def answers(at: AtAgency, remittance_id: str, *, confirm: bool = True) -> None:
    """Let finance answer a remittance, as its route does."""
    machine = at.machine
    desk = RemittanceDesk(
        machine.agencies,
        machine.agency_queue,
        RegistryDesk(machine.records),
        lambda at: at.date(),
        lambda agency, error: None,
    )
    caller = Caller(Principal("fin", frozenset({"approver"})), machine.clock.now(), if_match="*")
    act = desk.confirm if confirm else desk.decline
    act(caller, at.agency, remittance_id, Why("arrived", ""))


def told_balance(at: AtAgency) -> int:
    """Return the balance that the feed's events come to: what was placed, and each change."""
    lines = [event.line for event in at.shelf.events]
    (placed,) = [line for line in lines if line.type == "placement.offered"]
    assert placed.balance_minor is not None
    changes = [line.amount_minor for line in lines if line.type == "placement.balance_changed"]
    return placed.balance_minor + sum(amount or 0 for amount in changes)


def test_money_that_crosses_adds_up_from_the_offer_to_the_end() -> None:
    at = AtAgency()
    at.work()
    at.accepts()
    assert told_balance(at) == at.row.balance_minor == 230_000

    at.pays(130_000, "P1")
    at.book(Payment(TODAY, "D1", TODAY, "USD", 60_000))
    at.work()
    assert told_balance(at) == at.row.balance_minor == 40_000
    assert at.dossier["amounts"]["paid"]["amount_minor"] == 190_000

    told = [event_values(event) for event in at.shelf.events]
    money = [one["ref"] for one in told if str(one["because"]).startswith("payment")]
    assert sorted(money) == sorted(at.shelf.money)

    at.pays(40_000, "P2")
    at.work()
    assert told_balance(at) == 0
    assert (at.row.state, at.row.outcome, at.row.body) == ("closing", "paid", "")

    remitted = at.remits("P1", "P2", f"direct:{at.id}:D1")
    at.work()
    assert at.outcome(remitted) == ("applied", "")
    kept = at.shelf.remitted["M1"]
    assert (kept.collected_minor, kept.commission_minor, kept.paid_minor) == (
        170_000, 46_000, 170_000,
    )  # fmt: skip
    assert at.placement.unremitted_minor == 170_000

    answers(at, "M1")
    at.work()
    assert at.placement.unremitted_minor == 0
    assert at.told()[-1] == "remittance.confirmed"
    assert {one.remittance_id for one in at.placement.takings} == {"M1"}

    at.book(PlacementAct(TODAY, at.id, "close"))
    at.work()
    assert at.row.state == "closed"
    assert [event.sequence for event in at.shelf.events] == list(range(1, len(at.told()) + 1))


def test_commission_that_changed_before_it_was_confirmed_is_a_question_to_settle() -> None:
    at = AtAgency()
    at.accepts()
    at.book(Payment(TODAY, "D1", TODAY, "USD", 50_000, ("I1",)))
    at.work()
    at.remits(f"direct:{at.id}:D1")
    at.work()
    at.book(InvoiceVoided(TODAY, "I1"))

    answers(at, "M1")
    at.work()

    assert f"A1:review_account:remitted_changed:{at.id}" in at.machine.tasks("A1")


def test_a_confirmation_is_booked_once_and_by_whom_finance_says() -> None:
    at = AtAgency()
    at.accepts()
    at.pays(10_000, "P1")
    at.work()
    at.remits("P1")
    at.work()
    answers(at, "M1")
    at.work()
    again = replace(at.shelf.report("confirmation", "M1"), state="received")
    at.shelf.reports["confirmation", "M1"] = again

    at.work()

    events = [one for line in at.machine.accounts.kept["A1"].log for one in line.events]
    confirmed = [one for one in events if one.kind == "remittance_confirmed"]
    assert [(one.actor, one.figures["amount_minor"]) for one in confirmed] == [("fin", "10000")]


def test_what_was_declined_may_be_remitted_again() -> None:
    at = AtAgency()
    at.accepts()
    at.pays(10_000, "P1")
    at.work()
    at.remits("P1")
    at.work()
    second = at.remits("P1", report_id="M2")
    at.work()
    answers(at, "M1", confirm=False)
    at.work()
    third = at.remits("P1", report_id="M3")
    at.work()

    assert at.outcome(second) == ("refused", "unfit_input")
    assert at.outcome(third) == ("applied", "")
    assert at.shelf.money["P1"].remittance_id == "M3"
    assert at.placement.unremitted_minor == 10_000


def test_a_remittance_of_money_that_bounced_meanwhile_is_refused() -> None:
    at = AtAgency()
    at.accepts()
    at.pays(10_000, "P1")
    at.work()
    at.report("payment_reversal", "X1", payment_id="P1", on=TODAY.isoformat())
    remitted = at.remits("P1")
    at.work()

    assert at.outcome(remitted) == ("refused", "unfit_input")
    assert "has bounced" in at.shelf.report("remittance", "M1").detail


def test_a_recall_that_takes_effect_leaves_no_personal_data_on_the_shelf() -> None:
    at = AtAgency()
    at.accepts()
    name = at.machine.account("A1").details.name
    assert name in at.row.body

    at.book(PlacementAct(TODAY, at.id, "recall", "anna", reason="paid"))
    at.work()

    assert at.told()[-2:] == ["placement.recall_requested", "placement.recalled"]
    assert name not in repr(at.shelf.kept) + repr(at.shelf.events)


def test_a_payment_that_is_reported_twice_is_booked_once() -> None:
    at = AtAgency()
    at.accepts()
    first = at.pays(10_000, "P1")
    second: AgencyReport = at.pays(10_000, "P1")
    at.work()

    assert json.loads(first.body) == json.loads(second.body)
    assert at.machine.account("A1").totals["USD"]["payment"] == 10_000
    assert at.placement.balance_minor == 220_000


def test_commission_that_a_void_takes_back_is_no_longer_on_the_shelf() -> None:
    at = AtAgency()
    at.accepts()
    at.book(Payment(TODAY, "D1", TODAY, "USD", 50_000, ("I1",)))
    at.work()
    row_id = f"direct:{at.id}:D1"
    earned = at.shelf.money[row_id].commission_minor

    at.book(InvoiceVoided(TODAY, "I1"))
    at.work()

    assert (earned, at.shelf.money[row_id].commission_minor) == (10_000, 0)


def test_an_objection_is_told_with_the_day_that_stands() -> None:
    at = AtAgency()
    at.accepts()
    at.book(PlacementAct(TODAY, at.id, "recall", "anna", "other"))
    at.work()
    at.report("recall_response", answer="object", reason_code="promise")
    at.work()

    (objected,) = [
        event.line for event in at.shelf.events if event.line.type == "placement.recall_objected"
    ]
    assert objected.effective_on == TODAY + timedelta(days=10)
