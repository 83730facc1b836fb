"""Snapshots and what is answered from them, in the emulator: each function with its own rights."""

import csv
import io
import json
import urllib.request
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import count

import pytest
from chalicelib.core.account import Account, AccountDetails
from chalicelib.core.apply import apply_all
from chalicelib.flows.policies import load
from chalicelib.flows.policy_shelf import PolicyShelf
from chalicelib.flows.ports import Change, RunState
from chalicelib.flows.principal import VIEWER
from chalicelib.flows.report import PORTION_S, Report
from chalicelib.flows.reporting_rates import KEY
from chalicelib.flows.snapshot_files import keys_of, read_part, summary_key
from chalicelib.store.account_pages import DynamoAccountPages
from chalicelib.store.queues import SqsReportQueue
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


@dataclass(frozen=True)
class OneByOne:
    """Account ids in pages of a few items, so that a search takes more than one look."""

    pages: DynamoAccountPages

    def account_page(self, after: str, most: int) -> tuple[Sequence[str], str]:
        return self.pages.account_page(after, 3)


@dataclass(frozen=True)
class Now:
    """The present."""

    def now(self) -> datetime:
        return datetime.now(UTC)  # noqa: TID251 - the deployed function compares it with its own


def begun(cloud: LocalCloud, day: date, monotonic: Callable[[], float], each: int) -> Report:
    """What begins a snapshot in this process; the deployed function goes on with it."""
    stage = open_stage(address_of(cloud))
    return Report(
        accounts=stage.accounts,
        pages=OneByOne(DynamoAccountPages(stage.table)),
        registry=stage.registry,
        archive=stage.archive,
        policies=PolicyShelf(stage.registry),
        queue=SqsReportQueue(cloud.client("sqs"), cloud.stack.queue_urls["report_part"]),
        clock=Now(),
        today=lambda: day,
        monotonic=monotonic,
        each=each,
    )


@pytest.mark.parametrize(("seconds", "each"), [(0.0, 1), (PORTION_S, 100)])
def test_a_snapshot_that_was_begun_is_gone_on_with_by_messages(
    cloud: LocalCloud, reported_on: date, seconds: float, each: int
) -> None:
    """First each account is a stretch; then the search for the accounts itself goes on."""
    clock = count()
    stage = open_stage(address_of(cloud))
    if not any(name == "REPORTED-TOO" for name in stage.accounts.account_ids()):
        other = Account("REPORTED-TOO", AccountDetails(name="Reported Too Ltd"))
        stage.accounts.commit(Change(stage.accounts.load("REPORTED-TOO"), other, None))
    accounts = sorted(stage.accounts.account_ids())
    stage.archive.put(summary_key(reported_on), b"{}", "application/json")

    asked = begun(cloud, reported_on, lambda: next(clock) * seconds, each).write(reported_on)
    cloud.wait_until_quiet(120)

    after = json.loads(stage.archive.get(summary_key(reported_on)))
    rows = [
        row["id"] for key in keys_of(after, "accounts") for row in read_part(stage.archive, key)
    ]
    assert asked == {"report_portions_asked": 1 if seconds else len(accounts)}
    assert rows == accounts
    assert len(after["account_parts"]) == (1 if seconds else len(accounts))
    assert cloud.dead_letters() == ()


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
