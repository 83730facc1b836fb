"""Days on which a machine's snapshot is made, and what reads it."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from chalicelib.flows.account_list import AccountFilters, AccountList
from chalicelib.flows.aging_report import AgingAsked, AgingReport
from chalicelib.flows.report import Report
from chalicelib.flows.snapshot_files import Kind, keys_of, read_part, summary_key
from chalicelib.flows.snapshot_ids import STRETCH_ACCOUNTS
from chalicelib.flows.snapshots import Snapshots
from tests.fakes_registry import MemoryAccountPages
from tests.fakes_store import MemoryArchive
from tests.flows.machine import TODAY, Machine

Row = dict[str, Any]


@dataclass
class CountingArchive(MemoryArchive):
    """An archive that counts what is read of it."""

    files: dict[str, tuple[bytes, str]] = field(default_factory=dict)
    read: list[str] = field(default_factory=list)

    def get(self, key: str) -> bytes:
        self.read.append(key)
        return super().get(key)


def snapshots(machine: Machine) -> Snapshots:
    return Snapshots(machine.registry, machine.archive)


class SmallPages(MemoryAccountPages):
    """Account ids in pages of so many at most."""

    def __init__(self, kept: Mapping[str, object], page: int) -> None:
        super().__init__(kept)
        self.page = page

    def account_page(self, after: str, most: int) -> tuple[Sequence[str], str]:
        return super().account_page(after, min(most, self.page))


def report_of(
    machine: Machine,
    on: date = TODAY,
    monotonic: Callable[[], float] = lambda: 0.0,
    each: int = STRETCH_ACCOUNTS,
    page: int = STRETCH_ACCOUNTS,
) -> Report:
    """What writes a machine's snapshot on a day; without a clock of its own no time passes."""
    return Report(
        accounts=machine.accounts,
        pages=SmallPages(machine.accounts.kept, page),
        registry=machine.registry,
        archive=machine.archive,
        policies=machine.policies,
        queue=machine.report_queue,
        clock=machine.clock,
        today=lambda: on,
        monotonic=monotonic,
        each=each,
    )


def reported(machine: Machine, on: date = TODAY) -> Row:
    """Write the day's snapshot, on its day, and return its summary."""
    machine.let_run(on)
    report_of(machine, on).write(on)
    return summary_of(machine, on)


def summary_of(machine: Machine, on: date = TODAY) -> Row:
    summary: Row = json.loads(machine.archive.get(summary_key(on)))
    return summary


def rows_of(machine: Machine, kind: Kind, on: date = TODAY) -> list[Row]:
    keys = keys_of(summary_of(machine, on), kind)
    return [row for key in keys for row in read_part(machine.archive, key)]


def items_of(machine: Machine, on: date = TODAY) -> list[Row]:
    return rows_of(machine, "open_items", on)


def aging_rows(machine: Machine, limit: int = 200, **asked: Any) -> list[Row]:
    """Return all rows of an aging report, page by page."""
    rows: list[Row] = []
    mark: str | None = ""
    while mark is not None:
        _, more, mark = AgingReport(snapshots(machine)).aging(AgingAsked(**asked), mark, limit)
        rows += more
    return rows


def listed(machine: Machine, limit: int = 200, **filters: Any) -> list[str]:
    """Return the ids of all accounts of a list, page by page."""
    ids: list[str] = []
    mark: str | None = ""
    while mark is not None:
        _, rows, mark = AccountList(snapshots(machine)).page(AccountFilters(**filters), mark, limit)
        ids += [row["account_id"] for row in rows]
    return ids
