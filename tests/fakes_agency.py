"""The agencies' ports in memory. The contract suite keeps them honest."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Sequence
from datetime import datetime
from typing import TypeVar

from chalicelib.core.agency_lines import AgencyLine
from chalicelib.core.errors import ConflictError, InvalidInputError, LimitError, NotFoundError
from chalicelib.core.placements import Placement
from chalicelib.flows.ports import Page
from chalicelib.flows.ports_agency import (
    AGENCIES_MAX,
    AGENCY_ID,
    Agency,
    AgencyReport,
    DossierRead,
    DossierRow,
    FeedEvent,
    FeedState,
    PaymentRow,
    Remit,
    Remittance,
)

from tests.fakes_store import MemoryAccounts
from tests.fakes_whole import page

T = TypeVar("T")


class MemoryAgencies:
    """`Agencies` in memory; the lines of changes come from the accounts."""

    def __init__(self, accounts: MemoryAccounts | None = None) -> None:
        self.accounts = accounts or MemoryAccounts()
        self.kept: dict[str, Agency] = {}
        self.shelves: dict[str, MemoryShelf] = {}

    def get(self, agency_id: str) -> Agency:
        if agency_id not in self.kept:
            raise NotFoundError(f"there is no agency {agency_id!r}")
        return self.kept[agency_id]

    def put(self, agency: Agency) -> None:
        check(agency.id)
        if agency.id not in self.kept and len(self.kept) >= AGENCIES_MAX:
            raise LimitError(f"there are {AGENCIES_MAX} agencies already")
        self.kept[agency.id] = agency

    def all(self) -> Sequence[Agency]:
        return [self.kept[name] for name in sorted(self.kept)]

    def shelf(self, agency_id: str) -> MemoryShelf:
        check(agency_id)
        if agency_id not in self.shelves:
            rows = self.accounts.agency_rows.setdefault(agency_id, [])
            self.shelves[agency_id] = MemoryShelf(rows, lambda: self.kept.get(agency_id))
        return self.shelves[agency_id]


def check(agency_id: str) -> None:
    if not re.fullmatch(AGENCY_ID, agency_id):
        raise InvalidInputError(f"no agency can have the id {agency_id!r}")


class MemoryShelf:
    """`AgencyShelf` in memory. What it keeps is open to assertions."""

    def __init__(
        self, rows: list[tuple[AgencyLine, ...]], own: Callable[[], Agency | None] = lambda: None
    ) -> None:
        self.rows = rows  # what waits for its numbers, a change's lines together
        self._own = own
        self.events: list[FeedEvent] = []
        self.acknowledged: tuple[int, datetime | None] = (0, None)
        self.kept: dict[str, DossierRow] = {}
        self.audit: dict[str, DossierRead] = {}
        self.reports: dict[tuple[str, str], AgencyReport] = {}
        self.money: dict[str, PaymentRow] = {}
        self.remitted: dict[str, Remittance] = {}

    def number(self, at: datetime, most: int, only: Collection[str] | None = None) -> int:
        taken: list[tuple[AgencyLine, ...]] = []
        held: set[str] = set()
        for row in list(self.rows):
            account = row[0].account_id
            wanted = only is None or all(line.id in only for line in row)
            if not wanted or account in held:
                held.add(account)
                continue
            if taken and sum(map(len, taken)) + len(row) > most:
                break
            taken.append(row)
        for row in taken:
            self.rows.remove(row)
            for line in row:
                self.events.append(FeedEvent(len(self.events) + 1, at, line))
        return sum(map(len, taken))

    def waiting(self, most: int) -> Sequence[AgencyLine]:
        found: list[AgencyLine] = []
        for row in self.rows:
            if found and len(found) + len(row) > most:
                break
            found.extend(row)
        return found

    def feed(self, after: int, limit: int) -> Sequence[FeedEvent]:
        return self.events[after : after + limit]

    def feed_state(self) -> FeedState:
        number, at = self.acknowledged
        oldest = self.events[number].at if number < len(self.events) else None
        return FeedState(len(self.events), number, at, oldest)

    def remit(self) -> Remit:
        own = self._own()
        return own.remit if own else "gross"

    def acknowledge(self, sequence: int, at: datetime) -> FeedState:
        number = min(sequence, len(self.events))
        if number > self.acknowledged[0]:
            self.acknowledged = (number, at)
        return self.feed_state()

    def put_dossier(self, row: DossierRow) -> None:
        there = self.kept.get(row.placement_id)
        if there is None or there.account_version <= row.account_version:
            self.kept[row.placement_id] = row

    def dossier(self, placement_id: str) -> DossierRow:
        if placement_id not in self.kept:
            raise NotFoundError(f"there is no placement {placement_id!r}")
        return self.kept[placement_id]

    def dossiers(self, after: str, limit: int) -> Page[DossierRow]:
        return page(self.kept, after, limit)

    def record_read(self, read: DossierRead) -> None:
        mark = f"{read.at:%Y-%m-%dT%H:%M:%S.%f}#{read.key_id}#{read.request_id}"
        self.audit[f"{mark}#{','.join(read.placement_ids)}"] = read

    def reads(self, before: str, limit: int) -> Page[DossierRead]:
        return newest_first(self.audit, before, limit)

    def take_report(self, report: AgencyReport) -> AgencyReport:
        return self.reports.setdefault((report.kind, report.id), report)

    def report(self, kind: str, report_id: str) -> AgencyReport:
        if (kind, report_id) not in self.reports:
            raise NotFoundError(f"there is no {kind} {report_id!r}")
        return self.reports[kind, report_id]

    def reports_waiting(self, most: int) -> Sequence[AgencyReport]:
        found = [one for one in self.reports.values() if one.state == "received"]
        return sorted(found, key=lambda one: (one.received_at, one.kind, one.id))[:most]

    def settle_report(
        self,
        report: AgencyReport,
        line: AgencyLine | None,
        payments: Sequence[PaymentRow] = (),
        remittance: Remittance | None = None,
    ) -> None:
        if self.report(report.kind, report.id).state != "received":
            return
        self.reports[report.kind, report.id] = report
        self.money.update({one.payment_id: one for one in payments})
        if remittance is not None:
            self.remitted[remittance.id] = remittance
        if line is not None:
            self.rows.append((line,))

    def put_payments(self, rows: Sequence[PaymentRow]) -> None:
        self.money.update({one.payment_id: one for one in rows})

    def payments(self, after: str, limit: int) -> Page[PaymentRow]:
        return page(self.money, after, limit)

    def find_payments(self, payment_ids: Sequence[str]) -> Sequence[PaymentRow]:
        return [self.money[name] for name in dict.fromkeys(payment_ids) if name in self.money]

    def remittances(self, before: str, limit: int) -> Page[Remittance]:
        marks = {f"{one.received_at.isoformat()}#{one.id}": one for one in self.remitted.values()}
        return newest_first(marks, before, limit)

    def remittance(self, remittance_id: str) -> Remittance:
        if remittance_id not in self.remitted:
            raise NotFoundError(f"there is no remittance {remittance_id!r}")
        return self.remitted[remittance_id]

    def answer_remittance(self, remittance: Remittance, line: AgencyLine) -> None:
        if self.remittance(remittance.id).state != "received":
            raise ConflictError(f"remittance {remittance.id} was answered before")
        self.remitted[remittance.id] = remittance
        self.rows.append((line,))


def newest_first(found: dict[str, T], before: str, limit: int) -> Page[T]:
    marks = [mark for mark in sorted(found, reverse=True) if not before or mark < before]
    more = marks[limit - 1] if len(marks) > limit else None
    return Page([found[mark] for mark in marks[:limit]], more)


class MemoryAgencyQueue:
    """`AgencyQueue` in memory: what was sent, in order."""

    def __init__(self) -> None:
        self.sent: list[str] = []

    def send_agency(self, agency_ids: Sequence[str]) -> None:
        self.sent.extend(agency_ids)


class MemoryPlacementReads:
    """`PlacementReads` over the accounts of a machine."""

    def __init__(self, accounts: MemoryAccounts) -> None:
        self._accounts = accounts

    def in_state(self, state: str, after: str, limit: int) -> Page[tuple[str, Placement]]:
        found = {
            f"{one.made_on.isoformat()}#{name}#{one.id}": (name, one)
            for name, kept in self._accounts.kept.items()
            for one in kept.account.placements.values()
            if one.state == state != "closed"
        }
        return page(found, after, limit)
