"""No agency sees an event that is newer than the dossier that it reads because of it (R10.5)."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection
from datetime import datetime

from chalicelib.core.agency_lines import AgencyLine
from chalicelib.core.facts import Payment
from tests.fakes_agency import MemoryShelf
from tests.flows.agency_desk import AtAgency
from tests.flows.machine import TODAY


class Watched(MemoryShelf):
    """A shelf that compares what gets its numbers with the dossier that is there by then."""

    def __init__(self, kept: MemoryShelf, between: Callable[[], None]) -> None:
        super().__init__(kept.rows)
        self.kept, self.events, self.between = kept.kept, kept.events, between
        self.behind: list[str] = []

    def number(self, at: datetime, most: int, only: Collection[str] | None = None) -> int:
        self.between()
        start = len(self.events)
        numbered = super().number(at, most, only)
        for event in self.events[start:]:
            row = self.kept[event.line.placement_id]
            version = int(event.line.id.split(".")[1])
            if row.account_version < version:
                self.behind.append(event.line.id)
        return numbered


def watched(at: AtAgency, between: Callable[[], None]) -> Watched:
    shelf = Watched(at.shelf, between)
    at.machine.agencies.shelves[at.agency] = shelf
    return shelf


def test_every_event_finds_a_dossier_of_its_own_change_or_a_later_one() -> None:
    at = AtAgency()
    at.accepts()
    shelf = watched(at, lambda: None)
    for cents in (1_000, 2_000, 3_000):
        at.book(Payment(TODAY, f"P{cents}", TODAY, "USD", cents))

    at.work()

    assert at.told()[-3:] == ["placement.balance_changed"] * 3
    assert shelf.behind == []


def test_what_comes_between_dossier_and_number_waits_for_its_own_dossier() -> None:
    at = AtAgency()
    at.accepts()
    late = [Payment(TODAY, "LATE", TODAY, "USD", 5_000)]
    shelf = watched(at, lambda: at.book(late.pop()) if late else None)
    at.book(Payment(TODAY, "P1", TODAY, "USD", 1_000))

    counts = at.work()

    assert counts["agency_dossiers"] == 2
    assert shelf.behind == []
    dossier = json.loads(at.row.body)
    assert dossier["amounts"]["paid"]["amount_minor"] == 6_000


def test_also_what_would_have_been_before_it() -> None:
    """A slower change of another account may lie before what is about to get its number."""
    at = AtAgency()
    at.accepts()
    other = AgencyLine("x.9.0", "placement.accepted", at.agency, at.id, "A0", TODAY)
    slower = [(other,)]
    shelf = watched(at, lambda: shelf.rows.insert(0, slower.pop()) if slower else None)
    at.book(Payment(TODAY, "P1", TODAY, "USD", 1_000))

    at.work()

    assert [event.line.id for event in shelf.events][-1] == "x.9.0"
