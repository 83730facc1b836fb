"""`pastdue ops erase-contact`, over fakes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from chalicelib.core.account import ContactPerson
from chalicelib.core.facts_details import ContactSaved
from local.ops.opened import OpenedStage, using

from tests.cli.command_line import Done, pastdue
from tests.flows.machine import TODAY, Machine, invoice
from tests.workers.deployment import FakeDeployment

JO = ContactPerson("con_1", "Jo Park", "jo.park@customer.example")
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
    found.take_in("A1", invoice("I1", 15), ContactSaved(TODAY, JO))
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
