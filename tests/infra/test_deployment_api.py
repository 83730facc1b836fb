"""Policies, runs and the kill switch over real HTTP: the API's own rights are enough for them."""

import json
import urllib.request
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from chalicelib.flows.policies import shipped_document
from local.cloud.machine import LocalCloud
from local.token_signer import Signer

pytestmark = pytest.mark.emulator
HOUR = timedelta(hours=1)
WHY = {"reason_code": "trial", "note": "A test over HTTP."}
Asked = Callable[..., tuple[int, Any, str]]


@pytest.fixture
def ask(cloud: LocalCloud, signer: Signer) -> Asked:
    """Calls of the deployed API by a person with every role that finance has."""
    now = datetime.now(UTC)  # noqa: TID251 - tokens are for the deployed clock

    def call(who: str, method: str, path: str, body: Any = None, etag: str = "") -> Any:
        headers = {
            "Authorization": f"Bearer {signer.issue(who, ['admin', 'approver'], now, HOUR)}",
            "Content-Type": "application/json",
            "Idempotency-Key": f"{who}-{method}-{path}-{len(json.dumps(body))}",
            "If-Match": etag,
        }
        request = urllib.request.Request(
            f"{cloud.stack.api_url}{path}",
            data=None if body is None else json.dumps(body).encode(),
            headers={name: value for name, value in headers.items() if value},
            method=method,
        )
        with urllib.request.urlopen(request, timeout=60) as answer:
            return answer.status, json.load(answer), answer.headers.get("ETag", "")

    return call


def test_a_run_is_tried_over_http(cloud: LocalCloud, ask: Asked) -> None:
    status, begun, _ = ask("anna", "POST", "/v1/runs", {"as_of": "2024-03-18", "dry_run": True})
    cloud.wait_until_quiet(timeout_s=90)

    assert status == 202
    _, told, _ = ask("anna", "GET", f"/v1/runs/{begun['run_id']}")
    assert (told["state"], told["dry_run_result"]["as_of"]) == ("done", "2024-03-18")
    _, job, _ = ask("anna", "GET", f"/v1/jobs/{begun['run_id']}")
    assert job["result"] == told["dry_run_result"]


def test_a_policy_is_published_by_two_people_over_http(cloud: LocalCloud, ask: Asked) -> None:
    document = shipped_document("standard").decode() + "# over HTTP\n"
    _, _, etag = ask("anna", "GET", "/v1/policies/standard")

    _, made, _ = ask("anna", "PUT", "/v1/policies/standard", {"document": document}, etag)
    approve = f"/v1/policies/standard/versions/{made['version']}/approve"
    _, approved, _ = ask("bert", "POST", approve, WHY)

    assert (made["state"], approved["state"]) == ("proposed", "scheduled")
    _, told, _ = ask("anna", "GET", "/v1/policies/standard")
    assert [row["version"] for row in told["scheduled"]] == [made["version"]]


def test_a_run_is_started_over_http(cloud: LocalCloud, ask: Asked) -> None:
    status, begun, _ = ask("anna", "POST", "/v1/runs", {"as_of": "2024-03-19"})
    cloud.wait_until_quiet(timeout_s=90)

    assert (status, begun["state"]) == (202, "running")
    _, told, _ = ask("anna", "GET", "/v1/runs/2024-03-19")
    assert told["figures"]["left"] == 0
    _, listed, _ = ask("anna", "GET", "/v1/runs?limit=200")
    assert "2024-03-19" in [row["run_id"] for row in listed["data"]]


def test_the_kill_switch_is_turned_over_http(ask: Asked) -> None:
    """The last: for 15 seconds another process may still go by the pause."""
    _, paused, _ = ask("anna", "POST", "/v1/sending/pause", WHY)
    _, resumed, _ = ask("anna", "POST", "/v1/sending/resume", WHY)

    assert (paused["sending"], resumed["sending"]) == ("paused", "on")
