"""`pastdue agency-demo`: both sides, by the public API alone, on the sample ledger in memory."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path

import pytest
from app import app
from chalice.test import Client
from chalicelib import wiring
from chalicelib.api.authorizer import NobodyError
from local.agency_client import AgencyClient
from local.agency_demo import AgencyDemo, NoCandidateError, as_document
from local.agency_demo_days import DAYS, POLICY_ID, demo_job, demo_policy, people
from local.agency_steps import Step
from local.day_runs import run_days
from local.http_json import Answered, Caller, RefusedCallError, as_object
from local.sandbox_agency import AGENCY_ID, open_sandbox

from tests.cli.command_line import pastdue
from tests.cli.memory_machine import MemoryMachine
from tests.workers.deployment import FakeDeployment

CHANGED = "placement.balance_changed"


def minor(amount: str) -> int:
    """An amount of a table in minor units."""
    return int(amount.removesuffix(" USD").replace(",", "").replace(".", ""))


@dataclass
class Stage:
    """The sample ledger on a machine in memory, its API, and its workers."""

    days: MemoryMachine = field(default_factory=MemoryMachine)
    steps: list[Step] = field(default_factory=list)

    def __post_init__(self) -> None:
        machine = self.days.inner
        machine.registry.put_policy(POLICY_ID, demo_policy())
        open_sandbox(machine.agencies, machine.clock.now())

    def run(self, *days: date, only: str = "") -> None:
        ledger = demo_job().ledger
        if only:
            ledger = replace(ledger, accounts={only: ledger.accounts[only]})
        run_days(self.days, ledger, days)
        FakeDeployment(self.days.inner).report(days[-1])

    def settle(self) -> None:
        self.days.settle()
        queue = self.days.inner.agency_queue
        while queue.sent:
            FakeDeployment(self.days.inner).agency(queue.sent.pop(0))

    def send(
        self, method: str, path: str, headers: Mapping[str, str], content: bytes | None
    ) -> Answered:
        with wiring.using(FakeDeployment(self.days.inner)), Client(app) as client:
            try:
                answer = client.http.request(
                    method, path, headers=dict(headers), body=content or b""
                )
            except NobodyError:  # which API Gateway answers by itself
                return Answered(401, {}, {})
        return Answered(answer.status_code, dict(answer.headers), as_object(answer.body))

    def demo(self) -> AgencyDemo:
        return AgencyDemo(
            people(lambda name, role: Caller(self.send, f"test {role} {name}")),
            lambda key: AgencyClient(Caller(self.send, key)),
            self.settle,
            self.steps.append,
        )

    def rows(self, title: str) -> list[dict[str, str]]:
        """The rows of the one step whose title begins so, by column."""
        [step] = [step for step in self.steps if step.title.startswith(title)]
        return [dict(zip(step.columns, row, strict=True)) for row in step.rows]


@pytest.fixture(scope="module")
def played() -> Stage:
    stage = Stage()
    stage.run(*DAYS)
    stage.demo().play()
    return stage


def test_the_agency_sees_what_finance_did_and_the_amounts_add_up(played: Stage) -> None:
    feeds = [step for step in played.steps if step.title.startswith("The feed")]
    events = [row for step in feeds for row in step.rows]
    column = feeds[0].columns.index
    amounts = [minor(row[column("amount")]) for row in events if row[column("event")] == CHANGED]
    placed, balance = (
        minor(played.rows("What finance sees of the placement")[0][name])
        for name in ("placed", "balance")
    )

    assert [row[0] for row in events] == [str(number + 1) for number in range(len(events))]
    assert [row[column("event")] for row in events if not row[1].startswith("report.")] == [
        "placement.offered",
        "placement.accepted",
        CHANGED,
        CHANGED,
        CHANGED,
        "remittance.confirmed",
        "placement.recall_requested",
        "placement.recalled",
    ]
    # The collection fee of 15 %, what the agency took, what the seller took.
    assert amounts == [176_250, -300_000, -150_000]
    assert placed + sum(amounts) == balance


def test_the_remittance_holds_what_the_agency_took_with_its_commission(played: Stage) -> None:
    [remitted] = played.rows("Handed over")
    [confirmed] = played.rows("Confirmed")

    assert (remitted["collected"], remitted["commission"]) == ("3,000.00 USD", "600.00 USD")
    assert (confirmed["state"], confirmed["paid"]) == ("confirmed", remitted["paid"])


def test_both_books_agree_at_every_comparison(played: Stage) -> None:
    compared = [step for step in played.steps if step.title.startswith("What differs")]

    assert len(compared) == 2
    assert all(step.rows == (("none", "1 placement(s) compared", ""),) for step in compared)


def test_after_the_recall_nothing_is_left_but_how_it_ended(played: Stage) -> None:
    [left] = played.rows("All that is left of the dossier")

    assert set(left) == {"answer", "id", "status", "outcome", "ended_on"}
    assert (left["answer"], left["status"], left["outcome"]) == ("410", "closing", "recalled")


def test_a_revoked_key_is_refused_at_once(played: Stage) -> None:
    [answered] = played.rows("With its key revoked")

    assert answered == {"answer": "401"}


def test_the_agency_wrote_nothing_but_its_own_partition(played: Stage) -> None:
    """Each read of the dossier is recorded, with the key that read it."""
    shelf = played.days.inner.agencies.shelf(AGENCY_ID)
    key_id = played.rows("A key for the agency")[0]["key"]

    assert {read.key_id for read in shelf.audit.values()} == {key_id}
    assert shelf.feed_state().last == shelf.feed_state().acknowledged


def test_each_step_is_shown_as_a_table_and_as_a_document(played: Stage) -> None:
    told = as_document(played.steps)["steps"]

    assert {step["side"] for step in told} == {"finance", "agency"}
    assert [len(step["rows"]) for step in told] == [step.table().row_count for step in played.steps]
    assert played.steps[0].heading() == (
        "FINANCE  What stands for and against placing: C1028, 11,887.25 USD"
    )


def test_no_token_is_shown(played: Stage) -> None:
    assert "pdk_" not in json.dumps(as_document(played.steps))


def test_before_the_answer_is_due_there_is_nothing_to_place() -> None:
    stage = Stage()
    stage.run(*DAYS[:-1], only="C1028")

    with pytest.raises(NoCandidateError):
        stage.demo().play()

    assert stage.steps == []


def test_a_call_that_is_refused_says_what_the_api_says() -> None:
    stage = Stage()
    caller = Caller(stage.send, "test viewer ann")

    with pytest.raises(RefusedCallError, match=r"GET /v1/accounts/C1 was answered 404: .*C1"):
        caller.get("/v1/accounts/C1")


@pytest.mark.parametrize("option", ["--port=0", "--days=3"])
def test_what_it_does_not_take_changes_nothing(tmp_path: Path, option: str) -> None:
    done = pastdue("agency-demo", "--out", tmp_path / "out", option)

    assert done.code == 2
    assert not (tmp_path / "out").exists()
