"""Who is let in, over HTTP: the deployed authorizer, its permissions, the gateway's own answers."""

import json
import secrets
import urllib.error
import urllib.request
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from chalicelib.flows.api_keys import ApiKeys
from chalicelib.flows.auth_grant import principal_of
from chalicelib.store.keys_shelf import DynamoKeys
from local.cloud.machine import STAGE, LocalCloud
from local.cloud_machine import address_of
from local.stage import open_stage
from local.token_signer import Signer

pytestmark = pytest.mark.emulator
PATH = "/v1/accounts/NOBODY/hold"
HOUR = timedelta(hours=1)


@dataclass(frozen=True)
class Answer:
    status: int
    headers: dict[str, str]
    body: Any


@pytest.fixture
def now() -> datetime:
    """The real present: the functions have no other."""
    return datetime.now(UTC)  # noqa: TID251 - tokens are for the deployed clock


def ask(cloud: LocalCloud, *authorization: str, path: str = PATH) -> Answer:
    """Return what the deployed API answers to a GET."""
    headers = dict(zip(("Authorization",), authorization, strict=False))
    request = urllib.request.Request(f"{cloud.stack.api_url}{path}", headers=headers)
    try:
        with urllib.request.urlopen(request, timeout=60) as answer:
            return Answer(answer.status, dict(answer.headers), json.load(answer))
    except urllib.error.HTTPError as error:
        with error:
            return Answer(error.code, dict(error.headers), json.load(error))


def keys_of(cloud: LocalCloud) -> ApiKeys:
    table = open_stage(address_of(cloud)).table
    return ApiKeys(DynamoKeys(table), STAGE, secrets.token_bytes)


def assert_nobody(answer: Answer) -> None:
    """The one answer to whoever is not known, whatever the reason."""
    assert answer.status == 401
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.headers["WWW-Authenticate"] == "Bearer"
    assert answer.headers["X-Request-Id"] == answer.body.pop("request_id")
    assert answer.body == {
        "type": "about:blank",
        "title": "Unauthorized",
        "status": 401,
        "detail": "a token that holds is needed",
        "code": "unauthorized",
    }


def test_who_brings_no_token_is_not_let_in(cloud: LocalCloud) -> None:
    assert_nobody(ask(cloud))


def test_health_needs_no_token(cloud: LocalCloud) -> None:
    assert ask(cloud, path="/v1/health").status == 200


def test_a_token_of_this_machine_is_let_in(
    cloud: LocalCloud, signer: Signer, now: datetime
) -> None:
    token = signer.issue("anna", ["viewer"], now, HOUR)

    answer = ask(cloud, f"Bearer {token}")

    assert (answer.status, answer.body["code"]) == (404, "not_found")


def test_a_token_without_a_role_may_do_nothing(
    cloud: LocalCloud, signer: Signer, now: datetime
) -> None:
    answer = ask(cloud, f"Bearer {signer.issue('anna', [], now, HOUR)}")

    assert (answer.status, answer.body["code"]) == (403, "forbidden")


def test_a_token_that_is_over_is_not_let_in(
    cloud: LocalCloud, signer: Signer, now: datetime
) -> None:
    token = signer.issue("anna", ["viewer"], now - 2 * HOUR, HOUR)

    assert_nobody(ask(cloud, f"Bearer {token}"))


@pytest.mark.parametrize(
    "authorization",
    [
        "Bearer",
        "Basic YW5uYTpzZWNyZXQ=",
        "Bearer eyJhbGciOiJub25lIn0.e30.",
        "Bearer ../../../../../../etc/passwd",
        f"Bearer pdk_{STAGE}_{'0' * 16}_{'0' * 64}",
        f"Bearer {'a' * 100}",
    ],
)
def test_junk_is_not_let_in(cloud: LocalCloud, authorization: str) -> None:
    assert_nobody(ask(cloud, authorization))


def test_a_key_is_let_in_until_it_is_revoked(cloud: LocalCloud, now: datetime) -> None:
    keys = keys_of(cloud)
    token, key = keys.create(roles=["service"], owner="anna", now=now, life=HOUR)
    context = authorized(cloud, token)

    keys.revoke(key.id, by="anna", now=now)

    assert context["key_id"] == key.id
    assert principal_of(context, now).person == "anna"
    assert_nobody(ask(cloud, f"Bearer {token}"))


def test_a_key_with_another_secret_is_not_let_in(cloud: LocalCloud, now: datetime) -> None:
    token, _ = keys_of(cloud).create(roles=["service"], owner="anna", now=now, life=HOUR)

    assert_nobody(ask(cloud, f"Bearer {token[:-64]}{'0' * 64}"))


def authorized(cloud: LocalCloud, token: str) -> dict[str, str]:
    """What the deployed authorizer itself says to a token; API Gateway keeps nothing of it."""
    arn = "arn:aws:execute-api:af-south-1:000000000000:api/api/GET/v1/accounts"
    answer = cloud.invoke(
        "authz", {"type": "TOKEN", "authorizationToken": f"Bearer {token}", "methodArn": arn}
    )
    (statement,) = answer["policyDocument"]["Statement"]
    assert statement["Resource"] == [f"{arn.partition('/')[0]}/api/*/*"]
    context: dict[str, str] = answer["context"]
    return context


def test_the_log_says_why_without_the_token(cloud: LocalCloud, now: datetime) -> None:
    token, key = keys_of(cloud).create(roles=["service"], owner="anna", now=now, life=HOUR)
    wrong = f"{token[:-64]}{'1' * 64}"

    ask(cloud, f"Bearer {wrong}")

    group = f"/aws/lambda/{cloud.stack.functions['authz']}"
    events = cloud.client("logs").filter_log_events(logGroupName=group)["events"]
    log = "".join(event["message"] for event in events)
    assert f"wrong_secret {key.id}" in log
    assert "1" * 64 not in log


def test_the_api_reads_the_stages_secret_to_check_a_cursor(
    cloud: LocalCloud, signer: Signer, now: datetime
) -> None:
    token = signer.issue("anna", ["viewer"], now, HOUR)

    answer = ask(cloud, f"Bearer {token}", path="/v1/accounts/NOBODY/timeline?cursor=AAAA")

    # Without the secret it could only say 503.
    assert (answer.status, answer.body["errors"][0]["code"]) == (400, "bad_cursor")


def test_what_is_not_there_is_a_problem_too(cloud: LocalCloud) -> None:
    answer = ask(cloud, path="/v1/nothing")

    assert (answer.status, answer.body["code"]) == (404, "not_found")
    assert answer.headers["Content-Type"] == "application/problem+json"
