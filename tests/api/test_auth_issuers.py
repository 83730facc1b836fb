"""The setting that names who may issue tokens: every fault at once, in words."""

from __future__ import annotations

import json
from typing import Any

import pytest
from chalicelib.identity.issuers import read_issuers
from chalicelib.settings import SettingsError

ENTRA = {
    "issuer": "https://login.example/tenant/v2.0",
    "audience": "api://pastdue",
    "algorithms": ["RS256"],
    "jwks_uri": "https://login.example/tenant/keys",
    "roles": {"Finance.Read": "viewer"},
    "subject_claim": "oid",
}
PUBLIC = {"kty": "EC", "crv": "P-256", "x": "x", "y": "y", "kid": "1"}


def faults(*issuers: Any) -> set[tuple[str, str]]:
    with pytest.raises(SettingsError) as refused:
        read_issuers(json.dumps(issuers))
    return {
        (fault.where.removeprefix("OIDC_ISSUERS"), fault.code) for fault in refused.value.faults
    }


def without(*names: str) -> dict[str, Any]:
    return {name: value for name, value in ENTRA.items() if name not in names}


def test_no_issuer_is_a_setting_too() -> None:
    assert read_issuers("[]") == ()


def test_an_issuer_is_read_as_it_is_spelled() -> None:
    (issuer,) = read_issuers(json.dumps([ENTRA]))

    assert issuer.audience == ("api://pastdue",)
    assert (issuer.subject_claim, issuer.roles_claim, issuer.prefix) == ("oid", "roles", "")


@pytest.mark.parametrize("text", ["", "{}", "null", '["https://login.example"]', "[", "x" * 10])
def test_what_is_not_a_list_of_issuers_is_refused(text: str) -> None:
    with pytest.raises(SettingsError) as refused:
        read_issuers(text)

    assert [fault.code for fault in refused.value.faults] == ["not_a_list"]


@pytest.mark.parametrize(
    ("change", "where"),
    [
        ({"issuer": ""}, "issuer"),
        ({"audience": []}, "audience"),
        ({"audience": [""]}, "audience"),
        ({"audience": 7}, "audience"),
        ({"algorithms": "RS256"}, "algorithms"),
        ({"algorithms": []}, "algorithms"),
        ({"algorithms": ["HS256"]}, "algorithms"),
        ({"algorithms": ["RS256", "none"]}, "algorithms"),
        ({"algorithms": [["RS256"]]}, "algorithms"),
        ({"roles": {"Agencies": "agency"}}, "roles"),
        ({"roles": {"Finance": "king"}}, "roles"),
        ({"roles": {"Finance": ["viewer"]}}, "roles"),
        ({"jwks_uri": "http://login.example/keys"}, "jwks_uri"),
        ({"jwks_uri": "file:///etc/passwd"}, "jwks_uri"),
        ({"jwks_uri": "https://"}, "jwks_uri"),
        ({"jwks_uri": "https://["}, "jwks_uri"),
        ({"prefix": "key"}, "prefix"),
        ({"prefix": "Tenant"}, "prefix"),
        ({"subject_claim": 1}, "subject_claim"),
        ({"required": {"token_use": None}}, "required"),
    ],
)
def test_a_value_that_is_none_is_named(change: dict[str, Any], where: str) -> None:
    assert faults(ENTRA | change) == {(f"/0/{where}", "invalid")}


@pytest.mark.parametrize(
    "jwks",
    [
        {},
        {"keys": []},
        {"keys": [7]},
        {"keys": [PUBLIC | {"d": "private"}]},
        {"keys": [{"kty": "oct", "k": "shared", "kid": "1"}]},
    ],
)
def test_a_private_or_shared_key_is_no_setting(jwks: Any) -> None:
    assert faults(without("jwks_uri") | {"jwks": jwks}) == {("/0/jwks", "invalid")}


def test_keys_come_from_one_place() -> None:
    both = ENTRA | {"jwks": {"keys": [PUBLIC]}}

    assert faults(without("jwks_uri"), both) >= {("/0", "keys"), ("/1", "keys")}


def test_every_fault_is_named_at_once() -> None:
    found = faults(without("issuer", "roles") | {"scope": "x", "algorithms": ["none"]})

    assert found == {
        ("/0/issuer", "missing"),
        ("/0/roles", "missing"),
        ("/0/scope", "unknown_key"),
        ("/0/algorithms", "invalid"),
    }


def test_two_issuers_never_speak_of_the_same_people() -> None:
    other = ENTRA | {"issuer": "https://other.example"}

    assert faults(ENTRA, other) == {("", "same_prefix")}
    assert faults(ENTRA, ENTRA | {"prefix": "other"}) == {("", "same_issuer")}
    assert len(read_issuers(json.dumps([ENTRA, other | {"prefix": "other"}]))) == 2


def test_issuers_have_a_limit() -> None:
    many = [
        ENTRA | {"issuer": f"https://{number}.example", "prefix": f"p{number}"}
        for number in range(11)
    ]

    assert faults(*many) == {("", "too_many")}
