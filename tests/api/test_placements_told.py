"""What explanations and timelines tell of placements (R13.3, R10)."""

from __future__ import annotations

from typing import Any

import pytest
from chalicelib.core.facts import DisputeOpened
from tests.api.client import WHY, Api
from tests.api.placing import AGENCY, active, offered, placing, proposed
from tests.flows.machine import TODAY, invoice

EXPLAIN = "/v1/accounts/A1/explain"


@pytest.fixture
def api() -> Api:
    return Api(placing())


def explained(api: Api) -> dict[str, Any]:
    (found,) = api.get(EXPLAIN).body["placements"]
    return dict(found)


def test_an_explanation_names_every_item_that_is_missing_for_a_placement(api: Api) -> None:
    api.machine.take_in("A2", invoice("I1", 100))
    (found,) = api.get("/v1/accounts/A2/explain").body["placement_candidates"]

    checked = api.get("/v1/accounts/A2/placement_candidates").body["candidates"][0]["items"]
    assert not found["holds"]
    assert found["missing"] == [
        {"code": item["code"], "detail": item["detail"]} for item in checked if not item["holds"]
    ]


def test_an_explanation_says_of_a_candidate_that_nothing_is_missing(api: Api) -> None:
    (found,) = api.get(EXPLAIN).body["placement_candidates"]

    assert (found["holds"], found["missing"], found["agency"]) == (True, [], AGENCY)


def test_a_placement_that_waits_says_for_whom_and_what_is_in_its_way(api: Api) -> None:
    proposed(api)
    api.machine.take_in("A1", DisputeOpened(TODAY, "I2"))

    found = explained(api)

    assert found["waits_for"].startswith("A person other than who proposed it")
    assert [one["code"] for one in found["blockers"]] == ["invoice_left_out"]
    assert found["allowed_actions"] == ["approve", "decline"]


def test_an_offer_says_until_when_the_agency_may_answer(api: Api) -> None:
    offered(api)

    found = explained(api)

    assert (found["state"], found["until"]) == ("offered", "2024-03-25")


def test_a_placement_that_rests_says_why(api: Api) -> None:
    at = active(api)
    api.post(f"{at}/suspend", WHY)
    api.machine.take_in("A1", DisputeOpened(TODAY, "I2"))

    waits_for = explained(api)["waits_for"]

    assert "A person asked that it rests" in waits_for


def test_a_recall_says_when_it_takes_effect(api: Api) -> None:
    api.post(f"{active(api)}/recall", WHY)

    assert explained(api)["until"] == "2024-03-28"


def test_an_invoices_explanation_tells_of_its_placement(api: Api) -> None:
    active(api)

    past = api.get("/v1/accounts/A1/invoices/I1/explain").body["past"]

    moves = [one["figures"]["move"] for one in past if one["kind"] == "placement"]
    assert sorted(moves) == ["accept", "approve", "propose", "submit"]


def test_the_timeline_tells_what_was_done_and_what_came_of_it(api: Api) -> None:
    at = offered(api)

    rows = api.get("/v1/accounts/A1/timeline").body["data"]

    told = [row for row in rows if row["kind"] == "placement"]
    assert [row["figures"]["move"] for row in told] == ["approve", "submit", "propose"]
    assert told[0]["rules"] == ["R10.2", "R10.3"]
    assert told[0]["subject"] == at.rpartition("/")[2]
    assert told[0]["sentence"].startswith("Placement plc_")
    acts = [(row["kind"], row["actor"]) for row in rows if row["source"] == "action"]
    assert acts == [("placement_approved", "bert"), ("placement_proposed", "anna")]
    held = next(row for row in rows if row["kind"] == "hold_placed")
    assert (held["reason_code"], held["rules"]) == ("placed", ["R10.3"])
