"""Agencies over the API: put in, given keys, watched (R10.5)."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from chalicelib.core.agency_lines import AgencyLine
from chalicelib.core.errors import UnauthorizedError
from chalicelib.flows.api_keys import key_grant
from chalicelib.flows.ports_agency import AgencyReport, DossierRead
from tests.api.client import Answered, Api
from tests.flows.machine import NOW, Machine

NORTH = "/v1/agencies/north"
KEYS = f"{NORTH}/keys"
BODY = {"name": "Northgate Collections", "email": "desk@north.example"}
KEY = {"scopes": ["read", "report"], "expires_in_days": 90, "label": "Dialler"}


@pytest.fixture
def api() -> Api:
    found = Api(Machine())
    assert found.put(NORTH, BODY).status == 201
    return found


def new_key(api: Api, **headers: str) -> Answered:
    answer = api.post(KEYS, KEY, **headers)
    assert answer.status == 201, answer.text
    return answer


def listed(api: Api) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = api.get(KEYS).body["data"]
    return found


def may_call(api: Api, token: str) -> bool:
    """Whether a token grants anything now."""
    key_id, secret = token.split("_")[2:]
    try:
        key_grant(api.machine.keys.get(key_id), secret, api.machine.clock.now())
    except UnauthorizedError:
        return False
    return True


# ---------- agencies ----------


def test_an_agency_is_put_in_and_read(api: Api) -> None:
    answer = api.get(NORTH)

    body = answer.body
    (act,) = body.pop("log")
    assert (act["kind"], act["actor"]) == ("agency_put", "anna")
    assert (answer.status, body) == (
        200,
        {
            "agency_id": "north", "name": "Northgate Collections", "email": "desk@north.example",
            "active": True, "remit": "gross", "created_at": "2024-03-18T05:00:00Z",
        },
    )  # fmt: skip


def test_a_change_of_an_agency_says_which_state_was_read(api: Api) -> None:
    etag = api.get(NORTH).headers["ETag"]

    assert api.put(NORTH, {**BODY, "active": False}).status == 428
    changed = api.put(NORTH, {**BODY, "active": False, "remit": "net"}, If_Match=etag)
    assert (changed.status, changed.body["active"], changed.body["remit"]) == (200, False, "net")
    assert api.put(NORTH, BODY, If_Match=etag).status == 412


def test_an_agency_that_is_not_active_stays_so_unless_somebody_says_otherwise(api: Api) -> None:
    api.put(NORTH, {**BODY, "active": False}, If_Match=api.get(NORTH).headers["ETag"])
    changed = api.put(NORTH, {**BODY, "remit": "net"}, If_Match=api.get(NORTH).headers["ETag"])

    assert (changed.status, changed.body["active"], changed.body["remit"]) == (200, False, "net")


def test_putting_the_same_agency_in_again_changes_nothing(api: Api) -> None:
    assert api.put(NORTH, BODY).status == 200


@pytest.mark.parametrize("name", ["North", "north_gate", "n" * 21])
def test_an_agencys_id_is_short_and_plain(api: Api, name: str) -> None:
    answer = api.put(f"/v1/agencies/{name}", BODY)

    assert (answer.status, answer.pointers) == (422, ["agency_id"])


def test_an_agencys_address_is_one(api: Api) -> None:
    answer = api.put("/v1/agencies/south", {"name": "South", "email": "nobody"})

    assert (answer.status, answer.pointers) == (422, ["/email"])


def test_agencies_are_listed_by_id(api: Api) -> None:
    api.put("/v1/agencies/east", {"name": "East"})

    first = api.get("/v1/agencies?limit=1").body
    second = api.get(f"/v1/agencies?limit=1&cursor={first['next_cursor']}").body

    assert [one["agency_id"] for part in (first, second) for one in part["data"]] == [
        "east",
        "north",
    ]
    assert second["next_cursor"] is None


def test_only_administrators_put_agencies_in_and_make_keys(api: Api) -> None:
    bert = api.as_("collector,approver", "bert")

    assert bert.put("/v1/agencies/east", {"name": "East"}).status == 403
    assert bert.post(KEYS, KEY).status == 403
    assert bert.get(KEYS).status == 403
    assert bert.get(NORTH).status == 200


@pytest.mark.parametrize(
    "path", ["", "/keys", "/feed_state", "/reads", "/reports", "/remittances", "/reports/accept/R1"]
)
def test_an_agency_that_is_not_there_is_not_found(api: Api, path: str) -> None:
    assert api.get(f"/v1/agencies/west{path}").status == 404


# ---------- keys ----------


def test_a_key_is_shown_once_and_kept_as_a_hash(api: Api) -> None:
    answer = new_key(api)

    token, secret = answer.body["token"], answer.body["token"].rpartition("_")[2]
    assert may_call(api, token)
    (row,) = listed(api)
    assert (row["scopes"], row["status"], row["made_by"]) == (["read", "report"], "active", "anna")
    assert (row["label"], row["last_characters"]) == ("Dialler", secret[-4:])
    assert row["expires_at"] == (NOW + timedelta(days=90)).isoformat().replace("+00:00", "Z")
    assert "token" not in row
    assert answer.headers["Cache-Control"] == "no-store"


def test_the_same_call_again_tells_the_key_but_never_its_token(api: Api) -> None:
    first = new_key(api, Idempotency_Key="once")

    again = new_key(api, Idempotency_Key="once")

    assert again.headers["Idempotent-Replayed"] == "true"
    assert again.body == {**first.body, "token": None}
    assert len(listed(api)) == 1


def test_nothing_that_is_kept_holds_a_keys_secret(api: Api) -> None:
    token = new_key(api).body["token"]
    rotated = api.post(f"{KEYS}/{listed(api)[0]['key_id']}/rotate", {"overlap_hours": 1})

    secrets = [one.rpartition("_")[2] for one in (token, rotated.body["token"])]
    kept = repr(vars(api.machine.records)) + repr(vars(api.machine.keys))
    assert all(secret not in kept for secret in secrets)


def test_a_key_is_only_made_for_scopes_that_there_are(api: Api) -> None:
    answer = api.post(KEYS, {**KEY, "scopes": ["read", "write"]})
    none = api.post(KEYS, {**KEY, "scopes": []})

    assert (answer.status, answer.pointers) == (400, ["/scopes/1"])
    assert (none.status, none.pointers) == (400, ["/scopes"])


def test_a_key_goes_on_beside_its_follower_for_the_overlap(api: Api) -> None:
    old = new_key(api).body

    answer = api.post(f"{KEYS}/{old['key_id']}/rotate", {"overlap_hours": 48})

    new = answer.body
    assert (answer.status, new["scopes"]) == (201, ["read", "report"])
    api.machine.clock.pass_by(hours=47)
    assert may_call(api, old["token"])
    assert may_call(api, new["token"])
    api.machine.clock.pass_by(hours=2)
    assert not may_call(api, old["token"])
    assert may_call(api, new["token"])
    states = {row["key_id"]: (row["status"], row["replaced_by"]) for row in listed(api)}
    assert states[old["key_id"]] == ("expired", new["key_id"])


def test_a_key_is_followed_by_one_other(api: Api) -> None:
    old = new_key(api).body
    api.post(f"{KEYS}/{old['key_id']}/rotate", {"overlap_hours": 48})

    again = api.post(f"{KEYS}/{old['key_id']}/rotate", {"overlap_hours": 48})

    assert (again.status, again.body["blockers"][0]["code"]) == (422, "rotated")
    assert again.body["allowed_actions"] == ["revoke"]


def test_rotating_again_with_the_same_key_gives_the_answer_without_the_token(api: Api) -> None:
    at = f"{KEYS}/{new_key(api).body['key_id']}/rotate"
    first = api.post(at, {"overlap_hours": 48}, Idempotency_Key="turn")

    again = api.post(at, {"overlap_hours": 48}, Idempotency_Key="turn")

    assert (again.status, again.body) == (201, {**first.body, "token": None})


def test_a_revoked_key_ends_at_once_and_stays_listed(api: Api) -> None:
    made = new_key(api).body

    answer = api.post(f"{KEYS}/{made['key_id']}/revoke")

    assert (answer.status, answer.body["status"], answer.body["revoked_by"]) == (
        200, "revoked", "anna",
    )  # fmt: skip
    assert not may_call(api, made["token"])
    assert [row["allowed_actions"] for row in listed(api)] == [[]]
    rotated = api.post(f"{KEYS}/{made['key_id']}/rotate", {})
    assert (rotated.status, rotated.body["blockers"][0]["code"]) == (422, "revoked")


def test_a_key_of_another_agency_is_not_found(api: Api) -> None:
    api.put("/v1/agencies/east", {"name": "East"})
    key_id = new_key(api).body["key_id"]

    assert api.post(f"/v1/agencies/east/keys/{key_id}/revoke").status == 404
    assert api.post(f"/v1/agencies/east/keys/{key_id}/rotate", {}).status == 404
    assert api.get("/v1/agencies/east/keys").body["data"] == []
    assert listed(api)[0]["status"] == "active"


def test_who_made_rotated_and_revoked_keys_is_in_the_agencys_log(api: Api) -> None:
    key_id = new_key(api).body["key_id"]
    api.post(f"{KEYS}/{key_id}/rotate", {})
    api.as_("admin", "bert").post(f"{KEYS}/{key_id}/revoke")

    log = api.get(NORTH).body["log"]

    done = {(act["kind"], act["actor"]) for act in log if act["subject"] == key_id}
    assert done == {
        ("agency_key_made", "anna"), ("agency_key_rotated", "anna"), ("agency_key_revoked", "bert"),
    }  # fmt: skip


# ---------- what finance sees of the feed ----------


def test_finance_sees_how_far_an_agency_is_behind(api: Api) -> None:
    shelf = api.machine.agencies.shelf("north")
    day = date(2024, 3, 18)
    for number in range(3):
        line = AgencyLine(f"L{number}", "placement.offered", "north", "plc_1", "A1", day)
        shelf.rows.append((line,))
    shelf.number(NOW, 10)
    shelf.acknowledge(2, NOW)

    body = api.get(f"{NORTH}/feed_state").body

    at = "2024-03-18T05:00:00Z"
    assert body == {
        "agency_id": "north", "last": 3, "acknowledged": 2, "unacknowledged": 1,
        "acknowledged_at": at, "waiting_since": at,
    }  # fmt: skip


def test_who_read_which_dossier_is_listed_newest_first(api: Api) -> None:
    shelf = api.machine.agencies.shelf("north")
    for minute in range(3):
        at = NOW + timedelta(minutes=minute)
        shelf.record_read(DossierRead(at, "key1", (f"plc_{minute}",), f"r{minute}"))

    first = api.get(f"{NORTH}/reads?limit=2").body
    second = api.get(f"{NORTH}/reads?limit=2&cursor={first['next_cursor']}").body

    rows = [*first["data"], *second["data"]]
    assert [row["placement_ids"] for row in rows] == [["plc_2"], ["plc_1"], ["plc_0"]]
    assert api.as_("viewer").get(f"{NORTH}/reads").status == 403


def test_what_an_agency_reported_tells_what_became_of_it(api: Api) -> None:
    shelf = api.machine.agencies.shelf("north")
    shelf.take_report(
        AgencyReport("R1", "reject", "d", '{"reason_code": "x"}', NOW, "key1", "plc_1")
    )

    (row,) = api.get(f"{NORTH}/reports").body["data"]

    assert (row["state"], row["placement_id"], row["said"]) == (
        "received", "plc_1", {"reason_code": "x"},
    )  # fmt: skip
    assert api.get(f"{NORTH}/reports/reject/R1").body == row
    assert api.get(f"{NORTH}/reports/accept/R1").status == 404
