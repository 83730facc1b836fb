"""The agencies' worker as it is wired: its queue holds one message of an agency at a time (R10.5)."""

from collections.abc import Sequence

import pytest
from chalicelib.core.agency_lines import AgencyLine
from chalicelib.core.errors import NotFoundError, UnavailableError
from chalicelib.flows.ports_agency import Agency
from tests.fakes_agency import MemoryShelf
from tests.flows.machine import NOW, Machine
from tests.workers.deployment import FakeDeployment

LINE = AgencyLine("l1", "placement.closed", "alpha", "p1", "A1", NOW.date())


class BrokenShelf(MemoryShelf):
    """A partition whose lines cannot be read now."""

    def waiting(self, most: int) -> Sequence[AgencyLine]:
        raise UnavailableError("the table does not answer")


def with_agency() -> Machine:
    machine = Machine()
    machine.agencies.put(Agency("alpha", "Alpha Collections", NOW))
    return machine


def test_lines_that_wait_get_their_numbers() -> None:
    machine = with_agency()
    machine.take_in("A1")
    machine.agencies.shelf("alpha").rows.append((LINE,))

    counts = FakeDeployment(machine).agency("alpha")

    assert counts["agency_lines_numbered"] == 1
    assert [event.line.id for event in machine.agencies.shelf("alpha").events] == ["l1"]


def test_work_that_fails_does_not_keep_the_agencys_next_messages_back() -> None:
    """A message that fails in a FIFO queue hides its group's; the next minute tells of it again."""
    machine = with_agency()
    machine.agencies.shelves["alpha"] = BrokenShelf([(LINE,)])

    assert FakeDeployment(machine).agency("alpha") == {"agency_failed": 1}


def test_a_message_about_no_agency_is_put_aside() -> None:
    with pytest.raises(NotFoundError):
        FakeDeployment(Machine()).agency("nobody")


def test_the_minutes_reconciling_tells_of_what_waits() -> None:
    machine = with_agency()
    machine.agencies.shelf("alpha").rows.append((LINE,))

    counts = FakeDeployment(machine).reconcile(NOW)

    assert counts == {"agencies_told": 1}
    assert machine.agency_queue.sent == ["alpha"]
