"""`pastdue ops erase-contact`, over fakes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest
from chalicelib.api.shapes.contacts import EraseBody
from chalicelib.core.account import ContactPerson
from chalicelib.core.facts_details import ContactSaved
from chalicelib.flows.erasure_order import order_key
from local.ops.opened import OpenedStage, using
from local.ops.reasons import ALSO_MAX, TEXT_MAX

from tests.cli.command_line import Done, pastdue
from tests.flows.machine import TODAY, Machine, invoice
from tests.workers.deployment import FakeDeployment

JO, KAI = (
    ContactPerson("con_1", "Jo Park", "jo.park@customer.example"),
    ContactPerson("con_2", "Kai Berg", "kai.berg@customer.example"),
)
ORDER = (
    "ops",
    "erase-contact",
    "A1",
    "con_1",
    "--reason",
    "erasure_request",
    "--note",
    "By letter.",
)


@dataclass
class AtOnce:
    """A jobs' queue whose worker does what it is told while it is told."""

    machine: Machine
    sent: list[tuple[str, int]] = field(default_factory=list)

    def send_job(self, job_id: str, step: int, delay_s: int = 0) -> None:
        FakeDeployment(self.machine).job(job_id, step)


@pytest.fixture
def machine() -> Iterator[Machine]:
    found = Machine()
    found.take_in("A1", invoice("I1", 15), ContactSaved(TODAY, JO), ContactSaved(TODAY, KAI))
    found.job_queue = AtOnce(found)  # type: ignore[assignment]  # a queue that works at once
    with using(OpenedStage(FakeDeployment(found), "operator:anna")):
        yield found


def test_a_contact_is_erased_and_the_report_is_shown(machine: Machine) -> None:
    done: Done = pastdue(*ORDER, "--yes")

    assert done.code == 0, done
    assert "Contact con_1 of A1 is erased." in done.out
    assert "backups of the table" in done.out
    assert machine.account("A1").contact_people["con_1"].name == ""
    [event] = machine.accounts.kept["A1"].log[-1].events
    assert (event.kind, event.actor) == ("contact_erased", "operator:anna")


def test_nobody_is_erased_by_a_slip(machine: Machine) -> None:
    done: Done = pastdue(*ORDER)

    assert done.code != 0
    assert machine.account("A1").contact_people["con_1"] == JO


def test_the_report_is_there_as_json(machine: Machine) -> None:
    done: Done = pastdue(*ORDER, "--yes", "--json")

    said: dict[str, Any] = done.document
    assert (said["state"], said["result"]["contact_id"]) == ("done", "con_1")


def orders(machine: Machine) -> list[str]:
    """The names of the orders of the account that are kept."""
    book = order_key("A1", "", "").book
    return [key.name for key in machine.records.kept if key.book == book]


def test_one_contact_after_the_other_is_erased(machine: Machine) -> None:
    first: Done = pastdue(*ORDER, "--yes")
    machine.clock.at += timedelta(minutes=1)
    second: Done = pastdue(*("con_2" if word == "con_1" else word for word in ORDER), "--yes")

    assert (first.code, second.code) == (0, 0)
    assert "Contact con_2 of A1 is erased." in second.out
    assert machine.account("A1").contact_people["con_2"].name == ""
    assert orders(machine) == []


def test_another_contacts_erasure_is_never_told_as_this_ones(machine: Machine) -> None:
    pastdue(*ORDER, "--yes")  # at the same instant, so that it is the same job
    second: Done = pastdue(*("con_2" if word == "con_1" else word for word in ORDER), "--yes")

    assert second.code == 1
    assert "is erased" not in second.out
    assert orders(machine) == []


class Never:
    """A jobs' queue that nobody works."""

    def send_job(self, job_id: str, step: int, delay_s: int = 0) -> None:
        pass


def test_a_job_that_outlasts_the_wait_is_not_told_as_done(machine: Machine) -> None:
    machine.job_queue = Never()  # type: ignore[assignment]  # a queue that nobody works

    with using(OpenedStage(FakeDeployment(machine), "operator:anna")):
        done: Done = pastdue(*ORDER, "--yes", "--timeout", "0")

    assert done.code == 1
    assert "goes on by itself" in done.out
    assert "GET /v1/jobs/job_" in done.out


def test_every_fault_of_an_order_is_said_at_once(machine: Machine) -> None:
    also = [word for number in range(11) for word in ("--also", f"name {number}")]
    wrong = ("--reason", "Asked!", "--note", " ", *also, "--also", "")

    done: Done = pastdue(*ORDER[:4], *wrong, "--yes", "--json")

    faults = done.document["error"]["faults"]
    assert done.code == 2
    assert [fault["where"] for fault in faults] == ["--reason", "--note", "--also", "--also"]
    assert machine.account("A1").contact_people["con_1"] == JO


def test_the_limits_are_those_of_the_api() -> None:
    body = EraseBody.model_json_schema()["properties"]["also"]

    assert (body["maxItems"], body["items"]["maxLength"]) == (ALSO_MAX, TEXT_MAX)
