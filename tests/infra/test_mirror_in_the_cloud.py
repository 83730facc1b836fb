"""A mirror deployed: a statement waits in the bucket, a person lets it go over HTTP, it is booked."""

import json
import urllib.request
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from chalicelib.flows.policies import shipped_document
from local.cloud.machine import LocalCloud, local_cloud
from local.cloud.package import Package
from local.cloud_machine import address_of
from local.stage import open_stage
from local.token_signer import Signer

from tests.flows.statements import HEADER, item
from tests.infra.uploading import put

pytestmark = pytest.mark.emulator
ROWS = [item(f"I{n}", "10.00") for n in range(4)]


@pytest.fixture(scope="module")
def mirror(
    packaged: Package, signer: Signer, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[LocalCloud]:
    """The app deployed as a mirror of an ERP's ledger, with nothing in it."""
    parameters = {"OidcIssuers": signer.issuers(), "LedgerKind": "mirror"}
    with local_cloud(packaged, tmp_path_factory.mktemp("mirror"), None, parameters) as running:
        registry = open_stage(address_of(running)).registry
        registry.put_policy("standard", shipped_document("standard"))
        registry.set_default_policy_id("standard")
        yield running


def ask(cloud: LocalCloud, signer: Signer, method: str, path: str, body: Any = None) -> Any:
    now = datetime.now(UTC)  # noqa: TID251 - tokens are for the deployed clock
    token = signer.issue("anna", ["approver", "admin"], now, timedelta(hours=1))
    request = urllib.request.Request(
        f"{cloud.stack.api_url}{path}",
        data=None if body is None else json.dumps(body).encode(),
        headers={
            "Authorization": f"Bearer {token}",
            "Content-Type": "application/json",
            "Idempotency-Key": f"{method} {path}".replace(" ", "-"),
        },
        method=method,
    )
    with urllib.request.urlopen(request, timeout=60) as answer:
        return json.load(answer)


def test_a_statement_that_would_settle_too_much_is_booked_when_a_person_lets_it_go(
    mirror: LocalCloud, signer: Signer
) -> None:
    first = put(mirror, "open_items.csv", (HEADER + "\n".join(ROWS)).encode())
    second = put(mirror, "open_items-2.csv", (HEADER + ROWS[0]).encode())
    assert (first["state"], first["taken"]) == ("taken", {"taken": 4})
    assert (second["state"], second["settled"]) == ("waiting", 3)

    path = f"/v1/imports/{second['import_id']}"
    why = {"count": 3, "reason_code": "paid", "note": "All of it came in."}
    approved = ask(mirror, signer, "POST", f"{path}/approve", why)
    mirror.wait_until_quiet(timeout_s=90)

    told = ask(mirror, signer, "GET", path)
    account = open_stage(address_of(mirror)).accounts.load("A1").account
    assert approved["state"] == "approved"
    assert (told["state"], told["taken"], told["decided_by"]) == ("taken", {"settled": 3}, "anna")
    assert list(account.invoices) == ["I0"]
    assert mirror.dead_letters() == ()


def test_a_heartbeat_and_the_feed_answer_over_http(mirror: LocalCloud, signer: Signer) -> None:
    beat = ask(mirror, signer, "POST", "/v1/ledger/heartbeat", {"covers_through": "2024-03-15"})
    feed = ask(mirror, signer, "GET", "/v1/ledger_export")

    assert beat["fresh_through"] >= "2024-03-15"
    assert (feed["data"], bool(feed["next_cursor"])) == ([], True)
