"""Jobs in the emulator: handed over by a queue, done by the deployed worker with its own rights."""

from datetime import UTC, date, datetime
from typing import Any

import pytest
from chalicelib.core.account import Account, AccountDetails
from chalicelib.core.apply import apply_all
from chalicelib.core.facts import InvoiceIssued
from chalicelib.flows.jobs import Job, Jobs
from chalicelib.flows.policies import load
from chalicelib.flows.ports import Change
from chalicelib.flows.principal import ADMIN, Principal
from chalicelib.store.queues import SqsJobQueue
from chalicelib.store.records import DynamoRecords
from local.cloud.machine import LocalCloud
from local.cloud_machine import address_of
from local.stage import open_stage

pytestmark = pytest.mark.emulator
DAY = date(2024, 3, 18)
NOW = datetime(2024, 3, 18, 5, tzinfo=UTC)
ANNA = Principal("anna", frozenset({ADMIN}))


@pytest.fixture
def jobs(cloud: LocalCloud) -> Jobs:
    """Jobs over the stage, which has an account with an invoice 15 days past due."""
    stage = open_stage(address_of(cloud))
    loaded = stage.accounts.load("JOBS1")
    if loaded.version == 0:
        due_on, issued_on = date(2024, 3, 3), date(2024, 2, 2)
        fact = InvoiceIssued(
            issued_on, "I1", "USD", 100_000, 100_000, issued_on, due_on, issued_on,
            delivered_on=issued_on,
        )  # fmt: skip
        account = Account("JOBS1", AccountDetails(name="Jobs", email="ap@customer.example"))
        booked = apply_all(account, [fact], load("standard"))
        stage.accounts.commit(Change(loaded, booked.account, DAY, booked.entries))
    queue = SqsJobQueue(cloud.client("sqs"), cloud.stack.queue_urls["jobs"])
    return Jobs(DynamoRecords(stage.table), queue, stage.archive)


def done(cloud: LocalCloud, jobs: Jobs, kind: str, **arguments: str) -> tuple[Job, Any]:
    """Ask for a job, wait for its end, and return it with its result."""
    asked = jobs.submit(kind, arguments, ANNA, "the test", NOW)
    cloud.wait_until_quiet(timeout_s=90)
    job = jobs.get(asked.id)
    return job, jobs.result(job)


def test_a_dry_run_decides_who_is_due(cloud: LocalCloud, jobs: Jobs) -> None:
    job, result = done(cloud, jobs, "dry_run", as_of=DAY.isoformat())

    assert (job.state, job.fault) == ("done", "")
    assert result["counts"]["notices"] >= 1
    assert "JOBS1" in {row["account_id"] for row in result["effects"]}
    assert cloud.dead_letters() == ()


def test_a_simulation_runs_over_the_live_accounts(cloud: LocalCloud, jobs: Jobs) -> None:
    version = load("standard").version

    job, result = done(
        cloud, jobs, "simulate_policy", policy_id="standard", version=version, scope="policy",
        **{"from": DAY.isoformat(), "through": "2024-04-17"},
    )  # fmt: skip

    assert (job.state, job.fault) == ("done", "")
    assert result["accounts_simulated"] >= 1
    assert result["tried"] == result["in_force"]


def test_waking_looks_at_every_account(cloud: LocalCloud, jobs: Jobs) -> None:
    job, result = done(cloud, jobs, "wake_accounts", on=DAY.isoformat())

    assert (job.state, job.fault) == ("done", "")
    assert result["accounts_looked_at"] >= 1
