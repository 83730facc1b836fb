"""What a change writes for agencies, in its own transaction: lines that wait for their numbers."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from chalicelib.core.agency_lines import AgencyLine, agency_lines
from chalicelib.flows.ports import Change
from chalicelib.flows.ports_agency import ROW_LINES_MAX
from chalicelib.store import keys
from chalicelib.store.rows import Row

_WAITING = keys.agency_waiting("")


@dataclass(frozen=True, slots=True)
class AgencyRow:
    """Lines of one change for one agency; `at`: since when they have their numbers."""

    lines: tuple[AgencyLine, ...] = ()
    at: datetime | None = None


def waiting_rows(change: Change) -> Iterator[Row]:
    """Yield the rows by which a change's lines wait, in order, at most 25 lines in each."""
    version = change.loaded.version + 1
    lines = agency_lines(change.loaded.account, change.after, change.effects, version)
    for agency_id in dict.fromkeys(line.agency for line in lines):
        own = [line for line in lines if line.agency == agency_id]
        for part, start in enumerate(range(0, len(own), ROW_LINES_MAX)):
            sk = keys.export_of(change.after.id, version, part)
            some = tuple(own[start : start + ROW_LINES_MAX])
            yield Row(keys.agency_waiting(agency_id), sk, AgencyRow(some))


def agencies_of(partitions: Sequence[str]) -> tuple[str, ...]:
    """Return the agencies, each once, that have lines among what was written there."""
    found = (pk.removeprefix(_WAITING) for pk in partitions if pk.startswith(_WAITING))
    return tuple(dict.fromkeys(found))
