"""The feed of an agency: in order, at least once, acknowledged when it has arrived (R10.5)."""

from __future__ import annotations

import csv
import io

from tests.api.agency_calls import AgencyApi, with_offer, with_work
from tests.flows.machine import Machine


def test_an_offer_is_told_with_its_last_day_and_balance() -> None:
    agency, placement_id = with_offer()

    (event,) = agency.get("/feed").body["data"]

    assert (event["sequence"], event["type"]) == (1, "placement.offered")
    assert (event["placement_id"], event["status"]) == (placement_id, "offered")
    assert event["balance"] == {"amount_minor": 200_000, "currency": "USD"}
    assert event["effective_on"] == "2024-03-25"


def test_a_feed_is_read_page_by_page_until_nothing_is_new() -> None:
    agency, _ = with_work()
    everything = agency.get("/feed?limit=200").body
    assert everything["has_more"] is False

    cursor, seen = "", []
    for _ in everything["data"]:
        page = agency.get(f"/feed?limit=1&cursor={cursor}").body
        assert page["has_more"]
        cursor = page["next_cursor"]
        seen += page["data"]

    assert seen == everything["data"]
    end = agency.get(f"/feed?limit=1&cursor={cursor}").body
    assert (end["data"], end["has_more"]) == ([], False)
    assert agency.get(f"/feed?cursor={end['next_cursor']}").body["data"] == []


def test_an_empty_feed_has_a_cursor_from_which_what_comes_next_is_told() -> None:
    machine = Machine()
    cursor = AgencyApi(machine).get("/feed").body["next_cursor"]
    agency, _ = with_offer()

    assert len(agency.get(f"/feed?cursor={cursor}").body["data"]) == 1


def test_an_event_is_delivered_again_until_whoever_asks_moves_on() -> None:
    agency, _ = with_offer()

    assert agency.get("/feed").body["data"] == agency.get("/feed").body["data"]


def test_an_acknowledgement_goes_forward_only() -> None:
    agency, _ = with_work()
    first = agency.get("/feed?limit=1").body["next_cursor"]
    last = agency.get("/feed?limit=200").body["next_cursor"]

    done = agency.post("/feed/ack", {"cursor": last})
    back = agency.post("/feed/ack", {"cursor": first})

    count = len(agency.types())
    assert (done.body["last"], done.body["acknowledged"]) == (count, count)
    assert back.body == done.body
    assert agency.machine.agencies.shelf("default").feed_state().oldest_at is None


def test_a_feed_in_csv_has_the_same_ids_and_its_cursor_in_a_header() -> None:
    agency, _ = with_work()
    plain = agency.get("/feed?limit=200")

    answer = agency.get("/feed?limit=200", Accept="text/csv")

    rows = list(csv.DictReader(io.StringIO(answer.text)))
    assert [row["id"] for row in rows] == [one["id"] for one in plain.body["data"]]
    assert rows[0]["balance_minor"] == "200000"
    assert answer.headers["Next-Cursor"] == plain.body["next_cursor"]


def test_a_feed_tells_nobodys_name_and_no_account() -> None:
    agency, _ = with_work()

    assert "Customer" not in agency.get("/feed").text
    assert "A1" not in agency.get("/feed").text
