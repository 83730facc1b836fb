"""What a decision offers by itself, and to which agencies it does not (R10.2)."""

from __future__ import annotations

from datetime import timedelta

import pytest
from chalicelib.core.facts_placements import PlacementAct, PlacementProposed
from chalicelib.core.placements import Placement
from chalicelib.flows.policies import shipped_document
from chalicelib.flows.ports_agency import Agency
from tests.api.placing import AGENCY, placing
from tests.flows.machine import NOW, TODAY, Machine

AGENCIES = {
    "active": Agency(AGENCY, "North", NOW),
    "inactive": Agency(AGENCY, "North", NOW, is_active=False),
    "not there": Agency("another", "South", NOW),
}


def waiting(agency: Agency) -> Machine:
    """A machine whose policy approves by itself after a day; a placement has waited for as long."""
    machine = Machine()
    by_hand, by_itself = (b"auto_approve_after_days = 0 ", b"auto_approve_after_days = 1 ")
    document = shipped_document("standard").replace(by_hand, by_itself)
    machine.registry.put_policy("standard", document)
    machine = placing(machine=machine)
    machine.agencies.kept = {agency.id: agency}
    machine.take_in("A1", PlacementProposed(TODAY, "USD", "anna"))
    machine.take_in("A1", PlacementAct(TODAY, one_of(machine).id, "submit", "anna"))
    return machine


def one_of(machine: Machine) -> Placement:
    (found,) = machine.account("A1").placements.values()
    return found


@pytest.mark.parametrize(
    ("agency", "state"),
    [("active", "offered"), ("inactive", "pending_approval"), ("not there", "pending_approval")],
)
def test_a_decision_offers_to_an_agency_that_is_there_and_active(agency: str, state: str) -> None:
    machine = waiting(AGENCIES[agency])

    machine.decide("A1", TODAY + timedelta(days=1))

    assert one_of(machine).state == state


def test_an_agency_that_became_active_is_offered_what_waited() -> None:
    machine = waiting(AGENCIES["inactive"])
    machine.decide("A1", TODAY + timedelta(days=1))
    machine.agencies.put(AGENCIES["active"])

    machine.take_in("A1")
    machine.decide("A1", TODAY + timedelta(days=2))

    assert one_of(machine).state == "offered"
