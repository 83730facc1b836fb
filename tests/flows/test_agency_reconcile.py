"""Every minute: what waits for an agency is told of again, and who fell silent is counted (R10.5)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest
from chalicelib.core.agency_lines import AgencyLine
from chalicelib.core.errors import UnavailableError
from chalicelib.flows.agency_reconcile import AgencyReconcile
from chalicelib.flows.counts import Counts
from chalicelib.flows.ports_agency import Agency, AgencyReport
from tests.fakes_agency import MemoryAgencies, MemoryAgencyQueue, MemoryShelf

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
LINE = AgencyLine("l1", "placement.offered", "alpha", "p1", "A1", NOW.date())


class Office:
    """Some agencies, and what reconciling tells their queue."""

    def __init__(self, *agency_ids: str) -> None:
        self.agencies = MemoryAgencies()
        self.queue = MemoryAgencyQueue()
        self.heard: list[Counts] = []
        for agency_id in agency_ids:
            self.agencies.put(Agency(agency_id, agency_id.title(), NOW))

    def reconcile(self, at: datetime = NOW) -> Counts:
        return AgencyReconcile(self.agencies, self.queue, self.heard.append).reconcile(at)

    def told(self) -> list[str]:
        return self.queue.sent


def report(at: datetime) -> AgencyReport:
    return AgencyReport("r1", "activity", "digest", "{}", at, "k1", "p1")


def test_where_nothing_waits_nobody_is_told() -> None:
    office = Office("alpha", "beta")

    assert office.reconcile() == {}
    assert office.told() == []


def test_an_agency_with_lines_or_reports_that_wait_is_told_of_again() -> None:
    office = Office("alpha", "beta", "gamma")
    office.agencies.shelf("alpha").rows.append((LINE,))
    office.agencies.shelf("gamma").take_report(report(NOW))

    assert office.reconcile() == {"agencies_told": 2}
    assert office.told() == ["alpha", "gamma"]


@pytest.mark.parametrize(("hours", "silent"), [(23, 0), (24, 1), (48, 1)])
def test_an_agency_that_acknowledges_nothing_for_a_day_is_silent(hours: int, silent: int) -> None:
    office = Office("alpha")
    shelf = office.agencies.shelf("alpha")
    shelf.rows.append((LINE,))
    shelf.number(NOW, 10)

    counts = office.reconcile(NOW + timedelta(hours=hours))

    assert counts.get("agencies_silent", 0) == silent
    assert office.told() == [], "its worker has nothing to do about it"


def test_an_agency_that_acknowledged_everything_is_not_silent() -> None:
    office = Office("alpha")
    shelf = office.agencies.shelf("alpha")
    shelf.rows.append((LINE,))
    shelf.number(NOW, 10)
    shelf.acknowledge(1, NOW)

    assert office.reconcile(NOW + timedelta(days=9)) == {}


@pytest.mark.parametrize(("minutes", "stuck"), [(14, 0), (15, 1)])
def test_a_report_that_is_not_applied_in_a_quarter_of_an_hour_is_stuck(
    minutes: int, stuck: int
) -> None:
    office = Office("alpha")
    office.agencies.shelf("alpha").take_report(report(NOW))

    counts = office.reconcile(NOW + timedelta(minutes=minutes))

    assert counts.get("agency_reports_stuck", 0) == stuck


class BrokenShelf(MemoryShelf):
    """A partition that cannot be read now."""

    def reports_waiting(self, most: int) -> Sequence[AgencyReport]:
        raise UnavailableError("the table does not answer")


def test_one_agency_that_cannot_be_looked_at_keeps_back_no_other() -> None:
    office = Office("alpha", "beta")
    office.agencies.shelves["alpha"] = BrokenShelf([])
    office.agencies.shelf("beta").rows.append((LINE,))

    with pytest.raises(UnavailableError):
        office.reconcile()

    assert office.told() == ["beta"]
    assert office.heard == [{"agencies_told": 1}]
