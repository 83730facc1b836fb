"""Dossiers: with least data, each read recorded, and nothing personal when they have ended."""

from __future__ import annotations

import csv
import io
from dataclasses import replace

from tests.api.agency_calls import AgencyApi, with_offer, with_work
from tests.api.client import WHY, Api
from tests.api.placing import placing

PERSONAL = ("Customer A1", "ap@customer.example", "I1")


def read_ids(agency: AgencyApi) -> list[tuple[str, ...]]:
    shelf = agency.machine.agencies.shelf(agency.agency_id)
    return [one.placement_ids for one in shelf.reads("", 50).rows][::-1]


def test_a_dossier_says_who_owes_what_to_whom() -> None:
    agency, placement_id = with_offer()

    body = agency.get(f"/placements/{placement_id}").body

    assert (body["id"], body["status"]) == (placement_id, "offered")
    assert body["debtor"]["name"] == "Customer A1"
    assert [one["invoice_id"] for one in body["invoices"]] == ["I1", "I2"]
    assert body["amounts"]["balance"] == {"amount_minor": 200_000, "currency": "USD"}
    assert body["allowed_actions"] == ["accept", "reject"]


def test_each_read_of_a_dossier_is_recorded_with_its_key() -> None:
    agency, placement_id = with_offer()

    agency.get(f"/placements/{placement_id}", X_Request_Id="read-1")

    (read,) = agency.machine.agencies.shelf("default").reads("", 50).rows
    assert (read.key_id, read.request_id) == (agency.key.id, "read-1")
    assert read.placement_ids == (placement_id,)


def test_what_was_not_sent_again_was_not_read() -> None:
    agency, placement_id = with_offer()
    first = agency.get(f"/placements/{placement_id}")

    again = agency.get(f"/placements/{placement_id}", If_None_Match=first.headers["ETag"])

    assert (again.status, again.text) == (304, "")
    assert again.headers["ETag"] == first.headers["ETag"]
    assert len(read_ids(agency)) == 1


def test_a_dossier_that_changed_is_sent_although_an_older_one_is_there() -> None:
    agency, placement_id = with_offer()
    old = agency.get(f"/placements/{placement_id}").headers["ETag"]
    agency.post(f"/placements/{placement_id}/accept", {"id": "1", "agency_reference": "N"})
    agency.work()
    agency.machine.clock.pass_by(seconds=1)

    answer = agency.get(f"/placements/{placement_id}", If_None_Match=old)

    assert (answer.status, answer.body["status"]) == (200, "active")
    assert len(read_ids(agency)) == 2


def test_a_page_of_the_list_is_recorded_as_one_read() -> None:
    agency, placement_id = with_offer()

    (row,) = agency.get("/placements").body["data"]

    assert (row["id"], row["status"], row["outcome"]) == (placement_id, "offered", "")
    assert read_ids(agency) == [(placement_id,)]


def test_an_empty_list_is_no_read() -> None:
    agency = AgencyApi(placing())

    assert agency.get("/placements").body == {"data": [], "next_cursor": None}
    assert read_ids(agency) == []


def test_placements_in_csv_say_whom_to_reach_and_run_no_formula() -> None:
    machine = placing()
    kept = machine.accounts.kept["A1"]
    kept.account = replace(
        kept.account, details=replace(kept.account.details, name='=cmd|"/c calc"!A0')
    )
    place = Api(machine).post("/v1/accounts/A1/placements", {"currency": "USD"}).headers["Location"]
    Api(machine).as_("approver", "bert").post(f"{place}/approve", WHY)
    agency = AgencyApi(machine)
    agency.work()

    answer = agency.get("/placements", Accept="text/csv")

    (row,) = csv.DictReader(io.StringIO(answer.text))
    assert row["id"] == place.rpartition("/")[2]
    assert row["debtor_name"] == '\'=cmd|"/c calc"!A0'
    assert (row["balance_minor"], row["currency"]) == ("200000", "USD")
    assert row["offered_until"] == "2024-03-25"
    assert read_ids(agency) == [(row["id"],)]


def test_what_has_ended_is_gone_with_all_that_was_personal() -> None:
    agency, placement_id = with_offer()
    agency.post(f"/placements/{placement_id}/reject", {"id": "1", "reason_code": "too_small"})
    agency.work()
    before = read_ids(agency)

    answer = agency.get(f"/placements/{placement_id}")
    rows = agency.get("/placements", Accept="text/csv")

    assert answer.status == 410
    assert answer.body == {
        "id": placement_id, "status": "closed", "outcome": "rejected", "ended_on": "2024-03-18"
    }  # fmt: skip
    assert not any(one in answer.text + rows.text for one in PERSONAL)
    assert read_ids(agency)[: len(before)] == before
    assert agency.get("/placements").body["data"][0]["status"] == "closed"


def test_a_recall_that_took_effect_leaves_an_id_and_a_date() -> None:
    agency, placement_id = with_work()
    finance = Api(agency.machine)
    place = f"/v1/accounts/A1/placements/{placement_id}"
    assert finance.post(f"{place}/recall", WHY | {"reason_code": "creditor_error"}).status == 200
    agency.work()

    answer = agency.get(f"/placements/{placement_id}")

    assert (answer.status, answer.body["outcome"]) == (410, "recalled")
    assert answer.body["ended_on"] == "2024-03-18"
    assert "placement.recalled" in agency.types()
