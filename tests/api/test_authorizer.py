"""The authorizer as API Gateway calls it, and what the views make of its answer."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from chalicelib import wiring
from chalicelib.api.authorizer import authz
from chalicelib.core.errors import UnauthorizedError, UnavailableError
from chalicelib.flows.auth_grant import Grant, principal_of
from chalicelib.flows.authorize import Authorize
from chalicelib.flows.principal import Principal
from chalicelib.log_lines import InvocationFailedError
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.api.tokens import URL, Provider, signed
from tests.fakes_keys import MemoryKeys
from tests.flows.machine import Machine
from tests.workers.deployment import FakeDeployment

NOW = datetime(2024, 3, 18, 12, tzinfo=UTC)
ARN = "arn:aws:execute-api:eu-central-1:000000000000:abc/api/GET/v1/accounts/A1/hold"
ANNA = Principal("anna", frozenset({"viewer", "approver"}))
KEY = Principal("key:1", frozenset({"agency"}), "anna", "agy_1")


def ask(token: str, deployment: wiring.Deps | None = None) -> dict[str, Any]:
    """What the authorizer answers to an event of API Gateway."""
    event = {"type": "TOKEN", "authorizationToken": token, "methodArn": ARN}
    with wiring.using(deployment or FakeDeployment(Machine())):
        answer: dict[str, Any] = authz(event, {})
    return answer


def test_a_token_that_holds_allows_every_route_of_the_stage() -> None:
    policy = ask("Bearer test viewer anna")["policyDocument"]

    assert policy["Statement"] == [
        {
            "Action": "execute-api:Invoke",
            "Effect": "Allow",
            "Resource": ["arn:aws:execute-api:eu-central-1:000000000000:abc/api/*/*"],
        }
    ]


def test_the_answer_says_who_calls_as_flat_texts() -> None:
    answer = ask("Bearer test viewer,approver anna")

    assert answer["principalId"] == "anna"
    assert all(isinstance(value, str) for value in answer["context"].values())
    assert answer["context"]["roles"] == "approver viewer"


def test_a_token_that_does_not_hold_is_a_401_and_says_no_more(
    caplog: pytest.LogCaptureFixture,
) -> None:
    with pytest.raises(Exception, match=r"^Unauthorized$") as refused:
        ask("Bearer swordfish")

    assert refused.value.__cause__ is None
    assert refused.value.__suppress_context__
    (logged,) = (vars(record) for record in caplog.records)
    assert logged["reason"] == "not a token of the tests"
    assert "swordfish" not in str(logged)


class Deaf(FakeDeployment):
    def authorize(self, token: str) -> Mapping[str, str]:
        raise UnavailableError("the table does not answer")


def test_a_table_that_does_not_answer_is_not_taken_for_a_bad_token() -> None:
    with pytest.raises(InvocationFailedError, match=r"^authz failed: unavailable$"):
        ask("Bearer test viewer anna", Deaf(Machine()))


@pytest.mark.parametrize("principal", [ANNA, KEY])
def test_the_views_read_who_the_authorizer_found(principal: Principal) -> None:
    context = Grant(principal, NOW + timedelta(hours=1), "1").context()

    assert principal_of(context | {"principalId": "x"}, NOW) == principal


def test_a_grant_is_over_at_its_end_whatever_api_gateway_keeps() -> None:
    context = Grant(ANNA, NOW).context()

    assert principal_of(context, NOW - timedelta(seconds=1)) == ANNA
    with pytest.raises(UnauthorizedError):
        principal_of(context, NOW)


def test_a_role_that_is_none_of_ours_is_dropped() -> None:
    context = Grant(ANNA, NOW).context() | {"roles": "viewer king"}

    assert principal_of(context, NOW - timedelta(1)).roles == {"viewer"}


@pytest.mark.parametrize(
    "wrong",
    [
        {"principal": ""},
        {"principal": "an na"},
        {"principal": "\N{LATIN SMALL LETTER A WITH ACUTE}nna"},
        {"principal": "a" * 129},
        {"exp": ""},
        {"exp": "-1"},
        {"exp": "9" * 12},
        {"exp": "1e99"},
        {"exp": "\N{ARABIC-INDIC DIGIT NINE}" * 10},
    ],
)
def test_a_context_that_the_authorizer_never_writes_is_nobody(wrong: dict[str, str]) -> None:
    context = Grant(ANNA, NOW + timedelta(hours=1)).context()

    with pytest.raises(UnauthorizedError):
        principal_of(context | wrong, NOW)


def test_no_context_is_nobody() -> None:
    with pytest.raises(UnauthorizedError):
        principal_of({}, NOW)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
)
CLAIMED = st.fixed_dictionaries(
    {}, optional={name: JSON | st.just(URL) for name in ("iss", "aud", "sub", "exp", "roles")}
)
HEADED = st.fixed_dictionaries(
    {}, optional={"alg": JSON | st.just("ES256"), "kid": JSON | st.just("1"), "typ": JSON}
)


def forged(header: Any, claims: Any, signature: str) -> str:
    """A token that nobody signed."""
    parts = [
        base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=").decode()
        for part in (header, claims)
    ]
    return f"Bearer {'.'.join([*parts, signature])}"


@settings(deadline=None)  # the first token loads the cryptography
@given(
    st.text()
    | st.builds("Bearer {}".format, st.text())
    | st.builds("Bearer pdk_test_{}".format, st.text("0123456789abcdef_", max_size=90))
    | st.builds(forged, HEADED, CLAIMED | JSON, st.text("abcXYZ019-_", max_size=90))
)
def test_whatever_a_header_says_it_is_nobody_and_never_a_crash(header: str) -> None:
    authorize = Authorize("test", MemoryKeys, Provider().tokens)

    with pytest.raises(UnauthorizedError):
        authorize.grant(header, NOW)


def test_the_scheme_may_be_written_in_any_case() -> None:
    authorize = Authorize("test", MemoryKeys, Provider().tokens)

    for scheme in ("Bearer", "bearer", "BEARER"):
        assert authorize.grant(f"{scheme} {signed()}", NOW).principal.id == "anna"


@pytest.mark.parametrize(
    ("header", "reason"),
    [
        ("", "not_a_bearer_token"),
        ("Basic YTpi", "not_a_bearer_token"),
        ("Bearer", "not_a_bearer_token"),
        ("Bearer " + "x" * 9_000, "not_a_bearer_token"),
        ("Bearer ", "unknown_kind_of_token"),
        ("Bearer  eyJ", "unknown_kind_of_token"),
        ("Bearer hello", "unknown_kind_of_token"),
    ],
)
def test_what_is_no_token_of_ours_is_refused_before_anything_is_read(
    header: str, reason: str
) -> None:
    def nothing() -> Any:
        raise AssertionError("nothing is to be read")

    with pytest.raises(UnauthorizedError, match=f"^{reason}$"):
        Authorize("test", nothing, nothing).grant(header, NOW)
