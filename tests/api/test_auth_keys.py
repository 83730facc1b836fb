"""API keys: made once, shown once, kept as a hash, and over when they are over."""

from __future__ import annotations

from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from chalicelib.core.errors import ConflictError, InvalidInputError, UnauthorizedError
from chalicelib.flows.api_keys import LIFE_MAX, ApiKey, ApiKeys
from chalicelib.flows.authorize import Authorize
from tests.fakes_keys import MemoryKeys

NOW = datetime(2024, 3, 18, 12, tzinfo=UTC)
DAY = timedelta(days=1)


class Stage:
    """A stage's keys, and the authorizer that reads them; random bytes are counted instead."""

    def __init__(self, name: str = "test") -> None:
        self.shelf = MemoryKeys()
        self.keys = ApiKeys(self.shelf, name, self._bytes)
        self.made = 0
        self.authorize = Authorize(name, lambda: self.shelf, no_tokens)

    def _bytes(self, length: int) -> bytes:
        self.made += 1
        return self.made.to_bytes(length, "big")

    def key(self, **asked: Any) -> tuple[str, ApiKey]:
        values: dict[str, Any] = {"roles": ["service"], "owner": "anna", "life": DAY} | asked
        return self.keys.create(now=NOW, **values)

    def refusal(self, token: str, at: datetime = NOW) -> str:
        with pytest.raises(UnauthorizedError) as refused:
            self.authorize.grant(f"Bearer {token}", at)
        return str(refused.value)


def no_tokens() -> Any:
    raise AssertionError("a key of ours needs no issuer")


def test_a_key_stands_for_itself_and_answers_as_its_owner() -> None:
    stage = Stage()
    token, key = stage.key(roles=["service", "collector"])

    grant = stage.authorize.grant(f"Bearer {token}", NOW)

    assert grant.principal.id == f"key:{key.id}"
    assert grant.principal.person == "anna"
    assert grant.principal.roles == {"service", "collector"}
    assert (grant.until, grant.key_id) == (NOW + DAY, key.id)


def test_an_agencys_key_names_its_agency() -> None:
    stage = Stage()
    token, _ = stage.key(roles=["agency"], agency_id="agy_1", scopes=["read"])

    assert stage.authorize.grant(f"Bearer {token}", NOW).principal.agency_id == "agy_1"


def test_what_is_kept_does_not_hold_the_secret() -> None:
    token, key = Stage().key()
    secret = token.rpartition("_")[2]

    assert len(secret) == 64
    assert secret not in str(asdict(key))
    assert key.last_characters == secret[-4:]


def test_a_key_names_its_stage_and_its_id() -> None:
    token, key = Stage().key()

    assert token.startswith(f"pdk_test_{key.id}_")


def test_a_key_is_over_at_its_end() -> None:
    stage = Stage()
    token, key = stage.key()

    stage.authorize.grant(f"Bearer {token}", NOW + DAY - timedelta(seconds=1))

    assert stage.refusal(token, NOW + DAY) == f"key_expired {key.id}"


def test_a_revoked_key_is_over_at_once_and_stays_so() -> None:
    stage = Stage()
    token, key = stage.key()

    first = stage.keys.revoke(key.id, by="bert", now=NOW)
    again = stage.keys.revoke(key.id, by="carl", now=NOW + DAY)

    assert stage.refusal(token) == f"key_revoked {key.id}"
    assert again == first
    assert (first.revoked_by, first.revoked_at) == ("bert", NOW)


def test_another_secret_is_refused_even_of_a_good_key() -> None:
    stage = Stage()
    (one, key), (other, _) = stage.key(), stage.key()
    mixed = one[:-64] + other[-64:]

    assert stage.refusal(mixed) == f"wrong_secret {key.id}"


def test_a_key_of_another_stage_is_refused_without_a_look() -> None:
    token, _ = Stage("staging").key()

    assert Stage("prod").refusal(token) == "key_of_another_stage"


def test_a_key_that_nobody_made_is_refused() -> None:
    token, key = Stage().key()

    assert Stage().refusal(token) == f"unknown_key {key.id}"


@pytest.mark.parametrize(
    "token",
    [
        "pdk_",
        "pdk_test_",
        f"pdk_test_{'0' * 16}",
        f"pdk_test_{'0' * 16}_{'0' * 63}",
        f"pdk_test_{'0' * 16}_{'0' * 65}",
        f"pdk_test_{'0' * 16}_{'G' * 64}",
        f"pdk_test_{'0' * 15}#_{'0' * 64}",
        f"pdk_test_{'0' * 16}_{'0' * 64}\n",
        f"pdk_Test_{'0' * 16}_{'0' * 64}",
    ],
)
def test_what_is_not_shaped_as_a_key_is_refused(token: str) -> None:
    assert Stage().refusal(token) == "not_a_key"


@pytest.mark.parametrize(
    ("asked", "where"),
    [
        ({"roles": []}, "roles"),
        ({"roles": ["king"]}, "roles"),
        ({"roles": ["agency"], "scopes": ["read"]}, "agency_id"),
        ({"roles": ["agency", "viewer"], "agency_id": "a", "scopes": ["read"]}, "agency_id"),
        ({"roles": ["agency"], "agency_id": "agy_1"}, "scopes"),
        ({"roles": ["agency"], "agency_id": "agy_1", "scopes": ["write"]}, "scopes"),
        ({"scopes": ["read"]}, "scopes"),
        ({"roles": ["viewer"], "agency_id": "agy_1"}, "agency_id"),
        ({"owner": ""}, "owner"),
        ({"owner": "anna maria"}, "owner"),
        ({"owner": "key:0123456789abcdef"}, "owner"),
        ({"owner": "rule"}, "owner"),
        ({"life": timedelta(0)}, "expires_in"),
        ({"life": LIFE_MAX + timedelta(seconds=1)}, "expires_in"),
        ({"label": "x" * 65}, "label"),
        ({"label": "a\nb"}, "label"),
    ],
)
def test_a_key_that_makes_no_sense_is_not_made(asked: dict[str, Any], where: str) -> None:
    stage = Stage()

    with pytest.raises(InvalidInputError) as refused:
        stage.key(**asked)

    assert [fault.where for fault in refused.value.faults] == [where]
    assert stage.shelf.kept == {}


def test_every_fault_of_a_key_is_named_at_once() -> None:
    with pytest.raises(InvalidInputError) as refused:
        Stage().key(roles=["king"], owner="", life=timedelta(0), label="\0")

    named = {fault.where for fault in refused.value.faults}
    assert named == {"roles", "owner", "expires_in", "label"}


def test_a_rotated_key_goes_on_for_the_overlap_beside_the_one_that_follows_it() -> None:
    stage = Stage()
    token, key = stage.key(
        roles=["agency"], agency_id="north", scopes=["remit", "read"], life=90 * DAY, label="north"
    )

    new_token, new = stage.keys.rotate(key.id, now=NOW + DAY, overlap=7 * DAY)

    assert (new.owner, new.label, new.agency_id) == (key.owner, "north", "north")
    assert (new.roles, new.scopes) == (("agency",), ("read", "remit"))
    assert new.expires_at == NOW + 91 * DAY
    assert new.secret_sha256 != key.secret_sha256
    stage.authorize.grant(f"Bearer {token}", NOW + 8 * DAY - timedelta(seconds=1))
    stage.authorize.grant(f"Bearer {new_token}", NOW + 8 * DAY)
    assert stage.refusal(token, NOW + 8 * DAY) == f"key_expired {key.id}"


def test_a_rotated_key_never_lasts_longer_than_it_would_have() -> None:
    stage = Stage()
    _, key = stage.key(life=2 * DAY)

    stage.keys.rotate(key.id, now=NOW, overlap=30 * DAY)

    assert stage.shelf.get(key.id).expires_at == key.expires_at


def test_a_key_is_rotated_once_and_only_while_it_holds() -> None:
    stage = Stage()
    (_, once), (_, over), (_, revoked) = stage.key(), stage.key(), stage.key()
    stage.keys.rotate(once.id, now=NOW, overlap=DAY)
    stage.keys.revoke(revoked.id, by="anna", now=NOW)
    made = len(stage.shelf.kept)

    for key, at in ((once, NOW), (over, NOW + DAY), (revoked, NOW)):
        with pytest.raises(ConflictError):
            stage.keys.rotate(key.id, now=at, overlap=DAY)
    assert len(stage.shelf.kept) == made


@pytest.mark.parametrize("overlap", [timedelta(seconds=-1), timedelta(days=30, seconds=1)])
def test_an_overlap_has_bounds(overlap: timedelta) -> None:
    stage = Stage()
    _, key = stage.key()

    with pytest.raises(InvalidInputError) as refused:
        stage.keys.rotate(key.id, now=NOW, overlap=overlap)

    assert [fault.where for fault in refused.value.faults] == ["overlap"]
    assert stage.shelf.get(key.id) == key
