"""The hold of what is with an agency, as people see it (R8.7, R10.3)."""

from __future__ import annotations

import pytest
from chalicelib.core.errors import InvalidInputError
from chalicelib.core.head import head_of
from chalicelib.flows.hold_desk import check_reason
from chalicelib.flows.hold_lookup import hold_answer
from tests.unit.placed_accounts import PLACED_ON, in_state, placing

RULES = placing()


def test_the_look_up_says_that_an_agency_has_it_and_that_it_ends_by_itself() -> None:
    answer = hold_answer("A", head_of(in_state("offered", RULES), None), RULES, PLACED_ON)

    [hold] = answer["holds"]
    assert (answer["may_ship"], answer["credit_status"]) == (False, "on_hold")
    assert (hold["reason"], hold["placed_by"]) == ("placed", "placement")
    assert hold["evidence"] == "Past-due invoices are with an external agency."
    assert hold["invoice_ids"] == ["I1"]
    assert "by itself" in hold["released_when"]
    assert "agency" in hold["released_when"]


def test_no_person_places_a_hold_in_the_name_of_placements() -> None:
    with pytest.raises(InvalidInputError, match="cannot be placed"):
        check_reason("placed", "on_hold")
