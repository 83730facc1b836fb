"""Who is let in to the agencies' routes: their keys, as they are now, with the scope."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from chalicelib.api.authorizer import NobodyError
from chalicelib.api.operation import AGENCY_OPERATIONS, OPERATIONS, Operation
from chalicelib.flows.api_keys import SCOPES, ApiKey
from tests.api.agency_calls import AgencyApi, keys_of, new_key
from tests.api.client import Answered, Api
from tests.flows.machine import Machine

Change = Callable[[AgencyApi], None]


def kept(agency: AgencyApi, path: str = "/feed") -> Answered:
    """Call with the grant that API Gateway has kept, whatever became of the key."""
    said = f"Bearer test agency key:{agency.key.id} anna {agency.agency_id}"
    return Api(agency.machine, roles="").get(f"/agency/v1{path}", Authorization=said)


def put(agency: AgencyApi, key: ApiKey) -> None:
    agency.machine.keys.kept[agency.key.id] = key


@pytest.mark.parametrize(
    "change",
    [
        lambda agency: keys_of(agency.machine).revoke(
            agency.key.id, by="anna", now=agency.machine.clock.now()
        ),
        lambda agency: put(agency, replace(agency.key, expires_at=agency.machine.clock.now())),
        lambda agency: put(agency, replace(agency.key, agency_id="south")),
        lambda agency: put(agency, replace(agency.key, roles=("viewer",))),
        lambda agency: put(agency, replace(agency.key, id="f" * 16)),
        lambda agency: agency.machine.keys.kept.clear(),
    ],
    ids=["revoked", "expired", "of another agency", "of no agency", "another", "gone"],
)
def test_a_grant_that_is_kept_holds_only_as_long_as_its_key(change: Change) -> None:
    agency = AgencyApi(Machine())
    assert kept(agency).status == 200

    change(agency)

    answer = kept(agency)
    assert (answer.status, answer.code) == (401, "unauthorized")
    assert answer.body["detail"] == "a valid token is needed"


@pytest.mark.parametrize("one", AGENCY_OPERATIONS, ids=lambda one: one.route)
def test_a_key_without_the_scope_is_refused_before_anything_is_read(one: Operation) -> None:
    agency = AgencyApi(Machine(), scopes=[scope for scope in SCOPES if scope != one.scope])
    path = re.sub(r"{\w+}", "X1", one.path).removeprefix("/agency/v1")

    answer = agency.call(one.method, path)

    assert (answer.status, answer.code) == (403, "forbidden")
    assert one.scope in answer.body["detail"]


@pytest.mark.parametrize("one", AGENCY_OPERATIONS, ids=lambda one: one.route)
def test_nobody_else_reaches_an_agencys_route(one: Operation) -> None:
    path = re.sub(r"{\w+}", "X1", one.path)

    for roles, who in ((Api.roles, "anna"), ("agency", "anna"), (f"{Api.roles},agency", "anna")):
        answer = Api(Machine(), roles, who).call(one.method, path)
        assert (answer.status, answer.code) == (403, "forbidden")
    assert Api(Machine(), roles="").call(one.method, path).status == 401


def test_an_agencys_key_reaches_nothing_of_finance() -> None:
    agency = AgencyApi(Machine())
    said = f"Bearer {agency.token}"

    for one in OPERATIONS:
        path = re.sub(r"{\w+}", "X1", one.path)
        answer = Api(agency.machine, roles="").call(one.method, path, Authorization=said)
        if one.roles:
            assert (one.route, answer.status, answer.code) == (one.route, 403, "forbidden")


def test_a_key_that_does_not_hold_is_nobody_to_the_gateway() -> None:
    machine = Machine()
    agency = AgencyApi(machine)
    tokens = {
        "revoked": new_key(machine, "default"),
        "expired": new_key(
            machine, "default", life=timedelta(days=1), now=machine.clock.now() - timedelta(days=1)
        ),
    }
    keys_of(machine).revoke(tokens["revoked"][1].id, by="anna", now=machine.clock.now())
    other_stage, _ = keys_of(Machine(), "staging").create(
        roles=("agency",), owner="anna", now=machine.clock.now(), life=timedelta(days=1),
        agency_id="default", scopes=SCOPES,
    )  # fmt: skip

    for token in (*(token for token, _ in tokens.values()), other_stage, agency.token[:-1] + "x"):
        agency.token = token
        with pytest.raises(NobodyError):
            agency.get("/feed")


def test_a_key_that_was_rotated_works_beside_the_new_one_for_the_overlap() -> None:
    machine = Machine()
    old = AgencyApi(machine)
    token, _ = keys_of(machine).rotate(
        old.key.id, now=machine.clock.now(), overlap=timedelta(hours=1)
    )
    new = AgencyApi(machine)
    new.token = token

    assert [old.get("/feed").status, new.get("/feed").status] == [200, 200]
    machine.clock.pass_by(hours=1)
    assert new.get("/feed").status == 200
    with pytest.raises(NobodyError):
        old.get("/feed")
