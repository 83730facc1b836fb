"""Snapshots and what is answered from them, in the emulator: each function with its own rights."""

import csv
import io
import json
import urllib.request
from datetime import UTC, date, datetime, timedelta

import pytest
from chalicelib.core.account import Account, AccountDetails
from chalicelib.core.apply import apply_all
from chalicelib.flows.policies import load
from chalicelib.flows.ports import Change, RunState
from chalicelib.flows.principal import VIEWER
from chalicelib.flows.reporting_rates import KEY
from local.cloud.machine import LocalCloud
from local.cloud_machine import address_of
from local.stage import open_stage
from local.token_signer import Signer

from tests.unit.accounts import invoice

pytestmark = pytest.mark.emulator
FIRST_RUN_ON = date(2024, 3, 18)
RATES = {
    "currency": "EUR",
    "rates": [{"on": "2024-03-18", "currency": "USD", "rate": "0.92"}],
}


@pytest.fixture
def reported_on(cloud: LocalCloud) -> date:
    """A ledger with one account more, rates, and the snapshot of the newest run: its day."""
    stage = open_stage(address_of(cloud))
    booked = apply_all(
        Account("REPORTED", AccountDetails(name="Reported Ltd", account_class="reported")),
        [invoice("REPORTED-1", 10_000)],
        load("standard"),
    )
    loaded = stage.accounts.load("REPORTED")
    if loaded.version == 0:
        stage.accounts.commit(Change(loaded, booked.account, None, booked.entries))
    stage.archive.put(KEY, json.dumps(RATES).encode(), "application/json")
    if not stage.registry.last_runs(date.max, 1):
        stage.registry.put_run(RunState(FIRST_RUN_ON, "running", 1))
    [newest] = stage.registry.last_runs(date.max, 1)
    cloud.invoke("report", {"run_on": newest.run_on.isoformat()})
    return newest.run_on


def ask(cloud: LocalCloud, token: str, path: str, accept: str = "application/json") -> str:
    headers = {"Authorization": f"Bearer {token}", "Accept": accept}
    request = urllib.request.Request(f"{cloud.stack.api_url}{path}", headers=headers)
    with urllib.request.urlopen(request, timeout=60) as answer:
        assert answer.headers["Content-Type"].startswith(accept)
        text: str = answer.read().decode()
    return text


def test_reports_and_lists_are_answered_from_the_snapshot(
    cloud: LocalCloud, reported_on: date, signer: Signer
) -> None:
    present = datetime.now(UTC)  # noqa: TID251 - tokens are for the deployed clock
    token = signer.issue("anna", [VIEWER], present, timedelta(hours=1))

    [row] = json.loads(ask(cloud, token, "/v1/accounts?account_class=reported"))["data"]
    by_class = ask(cloud, token, f"/v1/reports/aging?as_of={reported_on}&by=class", "text/csv")
    aging = json.loads(ask(cloud, token, f"/v1/reports/aging?as_of={reported_on}"))
    risk = json.loads(ask(cloud, token, "/v1/accounts/REPORTED/risk"))

    assert (row["account_id"], row["bucket"]) == ("REPORTED", "1-30")
    rows = {row["account_class"]: row for row in csv.DictReader(io.StringIO(by_class, newline=""))}
    assert rows["reported"]["1-30_minor"] == "10000"
    assert aging["reporting"]["rates"] == [{"currency": "USD", "on": "2024-03-18", "rate": "0.92"}]
    assert aging["reporting"]["total"]["principal"]["currency"] == "EUR"
    assert risk["score"] is None
