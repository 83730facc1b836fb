"""People through the API: who they are, who stands in, when they are out of office (R6.1)."""

from __future__ import annotations

from typing import Any

import pytest
from tests.api.client import Api
from tests.flows.machine import Machine, invoice

DANA: dict[str, Any] = {"name": "Dana Reyes", "email": "dana.reyes@seller.example"}
AWAY = {"away": [{"from_on": "2024-03-18", "through_on": "2024-03-22"}]}


@pytest.fixture
def api() -> Api:
    machine = Machine()
    machine.let_run()
    return Api(machine, "admin")


def test_a_person_is_put_in_and_told(api: Api) -> None:
    made = api.put("/v1/people/junior", DANA)

    assert (made.status, made.headers["Location"]) == (201, "/v1/people/junior")
    told = api.as_("viewer").get("/v1/people/junior")
    assert told.body == made.body
    assert told.headers["ETag"] == made.headers["ETag"]
    assert (told.body["is_in_today"], told.body["acts_today"]) == (True, "junior")


def test_a_person_is_changed_only_as_they_were_read(api: Api) -> None:
    etag = api.put("/v1/people/junior", DANA).headers["ETag"]

    assert api.put("/v1/people/junior", DANA).status == 200  # says what is there already
    assert api.put("/v1/people/junior", DANA | AWAY).status == 428
    assert api.put("/v1/people/junior", DANA | AWAY, If_Match='"x"').status == 412
    changed = api.put("/v1/people/junior", DANA | AWAY, If_Match=etag)
    assert (changed.status, changed.body["is_in_today"]) == (200, False)


def test_who_is_away_is_stood_in_for_in_hold_look_ups(api: Api) -> None:
    api.machine.take_in("A1", invoice("I1", 15))
    before = api.get("/v1/accounts/A1/hold").body["collector"]
    api.put("/v1/people/deputy", DANA | {"name": "Max"})

    api.put(f"/v1/people/{before}", DANA | AWAY | {"stand_ins": ["deputy"]})

    assert api.get("/v1/accounts/A1/hold").body["collector"] == "deputy"
    assert api.get(f"/v1/people/{before}").body["acts_today"] == "deputy"


def test_who_has_left_counts_as_away(api: Api) -> None:
    made = api.put("/v1/people/junior", DANA | {"active": False})

    assert (made.body["is_in_today"], made.body["acts_today"]) == (False, None)


def test_every_fault_of_a_person_is_told_at_once(api: Api) -> None:
    body = DANA | {
        "stand_ins": ["nobody", "junior"],
        "away": [{"from_on": "2024-03-22", "through_on": "2024-03-18"}],
    }

    answer = api.put("/v1/people/junior", body)

    assert answer.status == 400
    assert {(f["pointer"], f["code"]) for f in answer.body["errors"]} == {
        ("/stand_ins/0", "unknown_person"),
        ("/stand_ins/1", "stands_in_twice"),
        ("/away/0/through_on", "ends_before_it_begins"),
    }


@pytest.mark.parametrize(
    "body", [{}, DANA | {"email": "no"}, DANA | {"phone": 5}, DANA | {"role": "x"}]
)
def test_what_is_no_person_is_refused(api: Api, body: Any) -> None:
    assert api.put("/v1/people/junior", body).code == "malformed"


def test_people_are_listed_page_by_page(api: Api) -> None:
    for name in ("c", "a", "b"):
        api.put(f"/v1/people/{name}", DANA)

    first = api.get("/v1/people?limit=2").body
    assert [row["person_id"] for row in first["data"]] == ["a", "b"]
    rest = api.get(f"/v1/people?limit=2&cursor={first['next_cursor']}").body
    assert [row["person_id"] for row in rest["data"]] == ["c"]


def test_a_person_who_is_not_there_is_not_found(api: Api) -> None:
    assert api.get("/v1/people/nobody").status == 404


def test_who_may_put_people_in(api: Api) -> None:
    assert api.as_("viewer,collector,approver,service").put("/v1/people/a", DANA).status == 403
    assert api.as_("").put("/v1/people/a", DANA).status == 401
    assert api.as_("agency").get("/v1/people").status == 403
    assert api.as_("").get("/v1/people/a").status == 401
