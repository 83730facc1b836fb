"""Access tokens of an identity provider: what holds is read, whatever does not is nobody."""

from __future__ import annotations

import base64
import hmac
import json
from datetime import timedelta
from typing import Any

import jwt
import pytest
from chalicelib.core.errors import UnauthorizedError, UnavailableError
from chalicelib.identity.issuers import Issuer
from chalicelib.identity.jwks import COOLDOWN_S, MAX_AGE_S, STALE_MAX_S
from chalicelib.identity.oidc import LEEWAY
from tests.api.tokens import (
    AUDIENCE,
    CLAIMS,
    FUTURE,
    PAST,
    URL,
    Provider,
    private_key,
    public_jwk,
    signed,
)


def refusal(token: str, provider: Provider | None = None, **settings: Any) -> str:
    with pytest.raises(UnauthorizedError) as refused:
        (provider or Provider()).tokens(**settings).grant(token)
    return str(refused.value)


def encoded(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()


def part(values: dict[str, Any]) -> str:
    return encoded(json.dumps(values).encode())


def test_a_token_says_who_and_which_of_our_roles() -> None:
    grant = Provider().tokens().grant(signed())

    assert (grant.principal.id, grant.principal.person) == ("anna", "anna")
    assert grant.principal.roles == {"viewer", "approver"}
    assert (grant.until, grant.key_id) == (FUTURE + LEEWAY, "")


def test_scopes_may_be_one_text() -> None:
    token = signed({"scp": "Finance.Read offline_access"})

    grant = Provider().tokens(roles_claim="scp").grant(token)

    assert grant.principal.roles == {"viewer"}


def test_a_token_without_roles_is_somebody_who_may_do_nothing() -> None:
    assert Provider().tokens().grant(signed(without="roles")).principal.roles == frozenset()


def test_an_issuer_without_a_prefix_cannot_speak_of_another_ones_people() -> None:
    group = Issuer(
        issuer="https://group.example", audience=("x",), algorithms=("ES256",), roles={},
        jwks={"keys": [public_jwk("ES256", "1")]}, prefix="group",
    )  # fmt: skip

    assert refusal(signed({"sub": "group:anna"}), beside=(group,)) == "unusable_subject"
    assert Provider().tokens().grant(signed({"sub": "group:anna"})).principal.id == "group:anna"


def test_a_subject_can_be_another_claim_and_carry_its_issuers_prefix() -> None:
    tokens = Provider().tokens(subject_claim="oid", prefix="group")

    assert tokens.grant(signed({"oid": "7f"})).principal.id == "group:7f"


def test_a_token_without_an_audience_is_taken_by_the_claim_that_stands_for_it() -> None:
    settings: dict[str, Any] = {"audience_claim": "client_id", "required": {"token_use": "access"}}
    claims = {"client_id": AUDIENCE, "token_use": "access"}

    granted = Provider().tokens(**settings).grant(signed(claims, without="aud"))
    assert granted.principal.id == "anna"
    other = signed(claims | {"client_id": "another"}, without="aud")
    assert refusal(other, **settings) == "another_audience"
    identity = signed(claims | {"token_use": "id"}, without="aud")
    assert refusal(identity, **settings) == "required_claim"
    assert refusal(signed(), **settings) == "MissingRequiredClaimError"


@pytest.mark.parametrize("kind", ["RS256", "ES256", "PS256", "EdDSA"])
def test_every_kind_of_asymmetric_signature_can_be_taken(kind: str) -> None:
    provider = Provider([public_jwk(kind, "1")])

    assert provider.tokens(algorithms=(kind,)).grant(signed(kind=kind)).principal.id == "anna"


@pytest.mark.parametrize(
    ("claims", "reason"),
    [
        ({"exp": PAST}, "ExpiredSignatureError"),
        ({"exp": "soon"}, "DecodeError"),
        ({"exp": 10**30}, "unusable_end"),
        ({"nbf": FUTURE}, "ImmatureSignatureError"),
        ({"iat": FUTURE}, "ImmatureSignatureError"),
        ({"aud": "another"}, "InvalidAudienceError"),
        ({"aud": [AUDIENCE[:-1]]}, "InvalidAudienceError"),
        ({"iss": f"{URL}/"}, "unknown_issuer"),
        ({"sub": ""}, "unusable_subject"),
        ({"sub": "anna maria"}, "unusable_subject"),
        ({"sub": "key:0123456789abcdef"}, "unusable_subject"),
        ({"sub": "rule"}, "unusable_subject"),  # whose holds the run ends
        ({"sub": "a" * 129}, "unusable_subject"),
        ({"roles": {"Finance.Read": True}}, "unusable_roles"),
        ({"roles": 7}, "unusable_roles"),
    ],
)
def test_a_claim_that_does_not_hold_is_refused(claims: dict[str, Any], reason: str) -> None:
    assert refusal(signed(claims)) == reason


@pytest.mark.parametrize("claim", ["exp", "iss", "aud", "sub"])
def test_a_token_must_say_who_what_for_and_until_when(claim: str) -> None:
    assert refusal(signed(without=claim)) in {"MissingRequiredClaimError", "unknown_issuer"}


def test_a_role_that_is_no_text_is_passed_over() -> None:
    token = signed({"roles": [["Finance.Approve"], None, "Finance.Read"]})

    assert Provider().tokens().grant(token).principal.roles == {"viewer"}


def test_another_signature_is_refused() -> None:
    assert refusal(signed(number=1)) == "InvalidSignatureError"


def test_a_changed_claim_breaks_the_signature() -> None:
    head, body, signature = signed().split(".")
    claims = json.loads(base64.urlsafe_b64decode(body + "==")) | {"sub": "bert"}

    assert refusal(f"{head}.{part(claims)}.{signature}") == "InvalidSignatureError"


def test_an_unsigned_token_is_refused() -> None:
    unsigned = jwt.encode(CLAIMS, "", "none", headers={"kid": "1"})

    assert refusal(unsigned) == "unknown_algorithm_or_key"


def test_a_public_key_is_no_shared_secret() -> None:
    # The classic: sign with HMAC, and the text of the public key as the secret.
    secret = json.dumps(public_jwk("RS256", "1")).encode()
    said = f"{part({'alg': 'HS256', 'kid': '1'})}.{part(CLAIMS | {'exp': 2**32})}"
    forged = f"{said}.{encoded(hmac.digest(secret, said.encode(), 'sha256'))}"

    provider = Provider([public_jwk("RS256", "1")])
    assert refusal(forged, provider, algorithms=("RS256",)) == "unknown_algorithm_or_key"


def test_an_algorithm_that_is_not_the_settings_is_refused() -> None:
    provider = Provider([public_jwk("RS256", "1")])

    assert refusal(signed(kind="RS256"), provider) == "unknown_algorithm_or_key"


def test_a_key_is_used_for_its_own_algorithm_only() -> None:
    provider = Provider([public_jwk("RS256", "1", alg="RS512")])

    assert refusal(signed(kind="RS256"), provider, algorithms=("RS256",)) == "another_algorithm"


def test_a_key_of_another_kind_is_refused() -> None:
    provider = Provider([public_jwk("RS256", "1")])

    assert refusal(signed(), provider) == "InvalidKeyError"


def test_a_key_that_is_too_small_is_refused() -> None:
    with pytest.warns(jwt.InsecureKeyLengthWarning):
        token = jwt.encode(CLAIMS, private_key("small"), "RS256", headers={"kid": "1"})
    provider = Provider([public_jwk("small", "1")])

    assert refusal(token, provider, algorithms=("RS256",)) == "InvalidKeyError"


def test_a_token_must_name_its_key() -> None:
    assert refusal(signed(kid=None)) == "unknown_algorithm_or_key"


@pytest.mark.parametrize(
    "token",
    ["eyJ", "eyJ.e30.x", "eyJhbGciOiJFUzI1NiJ9.W10.x", "a.b.c.d.e", "eyJhbGci" + "." * 50, "eyJ\0"],
)
def test_junk_is_refused(token: str) -> None:
    assert refusal(token)


@pytest.mark.parametrize(
    "claims", ['{"iss":' + "[" * 5_000, '{"iss": ["x"]}', '{"iss": {}}', "7", '"iss"', "\xff"]
)
def test_claims_of_another_shape_are_refused(claims: str) -> None:
    assert refusal(f"{part({'alg': 'ES256', 'kid': '1'})}.{encoded(claims.encode())}.eA")


# --- the provider's keys ---------------------------------------------------------------------------


def test_keys_are_fetched_once_for_as_long_as_they_are_fresh() -> None:
    provider = Provider()
    tokens = provider.tokens()

    for _ in range(3):
        tokens.grant(signed())
    provider.now_s += MAX_AGE_S - 1
    tokens.grant(signed())
    assert provider.asked == 1

    provider.now_s += 2
    tokens.grant(signed())
    assert provider.asked == 2


def test_a_new_key_is_found_and_an_unknown_one_costs_one_fetch_in_a_while() -> None:
    provider = Provider()
    tokens = provider.tokens()
    tokens.grant(signed())
    rotated = signed(kid="2", number=2)
    provider.keys = [public_jwk("ES256", "2", number=2)]

    for _ in range(5):
        with pytest.raises(UnauthorizedError, match="unknown_key"):
            tokens.grant(rotated)
    assert provider.asked == 1
    provider.now_s += COOLDOWN_S
    assert tokens.grant(rotated).principal.id == "anna"
    with pytest.raises(UnauthorizedError, match="unknown_key"):
        tokens.grant(signed())


def test_a_provider_that_is_away_for_a_while_keeps_nobody_out() -> None:
    provider = Provider()
    tokens = provider.tokens()
    tokens.grant(signed())
    provider.is_away = True

    provider.now_s += STALE_MAX_S - 1
    assert tokens.grant(signed()).principal.id == "anna"
    provider.now_s += 2
    with pytest.raises(UnavailableError):
        tokens.grant(signed())


def test_a_provider_that_never_answered_is_asked_again_after_a_while_only() -> None:
    provider = Provider(is_away=True)
    tokens = provider.tokens()

    for _ in range(3):
        with pytest.raises(UnavailableError):
            tokens.grant(signed())
    assert provider.asked == 1
    provider.is_away, provider.now_s = False, provider.now_s + COOLDOWN_S
    assert tokens.grant(signed()).principal.id == "anna"


@pytest.mark.parametrize(
    "useless",
    [
        {"kty": "oct", "k": "c2hhcmVk", "kid": "1"},
        public_jwk("ES256", "1", use="enc"),
        {name: value for name, value in public_jwk("ES256", "1").items() if name != "kid"},
        "a text",
    ],
)
def test_a_key_that_no_signature_can_be_checked_with_is_passed_over(useless: Any) -> None:
    assert refusal(signed(), Provider([useless])) == "unknown_key"


def test_a_broken_key_is_refused_and_hurts_no_other() -> None:
    broken = {"kty": "EC", "kid": "2", "crv": "P-256", "x": "!", "y": "!"}
    tokens = Provider([broken, public_jwk("ES256", "1")]).tokens()

    assert tokens.grant(signed()).principal.id == "anna"
    with pytest.raises(UnauthorizedError):
        tokens.grant(signed(kid="2"))


def test_an_answer_that_is_no_jwk_set_is_not_taken_for_no_keys() -> None:
    provider = Provider()
    tokens = provider.tokens()
    provider.keys = {"error": "rate limited"}  # type: ignore[assignment]  # what a provider may say

    with pytest.raises(UnavailableError, match="not a JWK set"):
        tokens.grant(signed())


def test_keys_in_the_settings_are_never_fetched() -> None:
    provider = Provider()
    tokens = provider.tokens(jwks_uri="", jwks={"keys": [public_jwk("ES256", "1")]})

    assert tokens.grant(signed()).principal.id == "anna"
    assert provider.asked == 0


def test_a_grant_lasts_as_long_as_the_token_and_the_leeway() -> None:
    assert timedelta(0) < LEEWAY <= timedelta(seconds=30)
