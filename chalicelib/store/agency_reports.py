"""What an agency reports, and the money between agency and seller, in its partition (R10.5, R10.6)."""

from __future__ import annotations

from collections.abc import Sequence

from pynamodb.exceptions import PynamoDBException

from chalicelib.core.agency_lines import AgencyLine
from chalicelib.core.errors import ConflictError, NotFoundError
from chalicelib.flows.ports import Page
from chalicelib.flows.ports_agency import AgencyReport, PaymentRow, Remittance
from chalicelib.store import keys
from chalicelib.store.agency_scope import AgencyScope, Save
from chalicelib.store.codec import from_map
from chalicelib.store.errors import as_ours
from chalicelib.store.reads import read_keys
from chalicelib.store.tables import Item

OPEN, DONE = 1, 2  # versions of a report and of a remittance: each is answered once
PAYMENTS_PER_WRITE = 45  # with a remittance and its line below what one transaction takes


class AgencyReports(AgencyScope):
    """The reports' and the money's part of `AgencyShelf`."""

    def take_report(self, report: AgencyReport) -> AgencyReport:
        """Keep a report unless one of its kind and id is there; return the one that is there."""
        sk = keys.report_waiting(report.received_at, report.kind, report.id)
        kept = self._item(keys.agency_report(report.kind, report.id), report, OPEN)
        waits = self._table(pk=self._pk, sk=sk)
        if self._write([(kept, self._absent), (waits, None)]):
            return report
        return self.report(report.kind, report.id)

    def report(self, kind: str, report_id: str) -> AgencyReport:
        """Return a report as it stands; one read.

        Raises:
            NotFoundError: there is none.
        """
        return from_map(AgencyReport, self._report(kind, report_id).value())

    def reports_waiting(self, most: int) -> Sequence[AgencyReport]:
        """Return the reports that wait, in the order in which they came; a query and a batch."""
        if most < 1:
            return []
        span = self._table.sk.startswith(keys.REPORTS_WAITING)
        try:
            marks = list(self._table.query(self._pk, span, consistent_read=True, limit=most))
        except PynamoDBException as error:
            raise as_ours(error) from error
        names = [keys.report_that_waits(mark.sk) for mark in marks]
        there = self._by_key(names)
        found = (from_map(AgencyReport, there[name].value()) for name in names if name in there)
        return [one for one in found if one.state == "received"]

    def settle_report(
        self,
        report: AgencyReport,
        line: AgencyLine | None,
        payments: Sequence[PaymentRow] = (),
        remittance: Remittance | None = None,
    ) -> None:
        """Write what became of a report, as the port says; payments beyond 45 go ahead of it.

        Raises:
            NotFoundError: there is no such report.
            UnavailableError: the store does not answer now; the same again is right.
        """
        there = self._report(report.kind, report.id)
        if there.version != OPEN:
            return
        rows = [self._item(keys.agency_payment(one.payment_id), one) for one in payments]
        while len(rows) > PAYMENTS_PER_WRITE:
            self._write([(row, None) for row in rows[:PAYMENTS_PER_WRITE]])
            rows = rows[PAYMENTS_PER_WRITE:]
        received_at = from_map(AgencyReport, there.value()).received_at
        settled = self._item(there.sk, report, DONE)
        saves: list[Save] = [(settled, self._table.version == OPEN)]
        if line is not None:
            told = keys.agency_answer(line.account_id, report.applied_at or received_at, line.id)
            saves.append((self._line(told, line), None))
        if remittance is not None:
            saves.append((self._item(keys.remittance(remittance.id), remittance, OPEN), None))
            listed = keys.remittance_at(remittance.received_at, remittance.id)
            saves.append((self._table(pk=self._pk, sk=listed), None))
        saves += [(row, None) for row in rows]
        waited = keys.report_waiting(received_at, report.kind, report.id)
        # Not written: another call was ahead, and wrote the same.
        self._write(saves, [self._table(pk=self._pk, sk=waited)])

    def put_payments(self, rows: Sequence[PaymentRow]) -> None:
        """Keep payments as they now are, new or changed, under their ids; in batches of 45."""
        items = [self._item(keys.agency_payment(one.payment_id), one) for one in rows]
        for start in range(0, len(items), PAYMENTS_PER_WRITE):
            self._write([(item, None) for item in items[start : start + PAYMENTS_PER_WRITE]])

    def payments(self, after: str, limit: int) -> Page[PaymentRow]:
        """Return payments by the agency's id, from after a mark; one query."""
        items, more = self._page(keys.AGENCY_PAYMENTS, after, limit)
        return Page([from_map(PaymentRow, item.value()) for item in items], more)

    def find_payments(self, payment_ids: Sequence[str]) -> Sequence[PaymentRow]:
        """Return those of the payments that are there, in the order asked; a batch per hundred."""
        names = [keys.agency_payment(name) for name in dict.fromkeys(payment_ids)]
        there = self._by_key(names)
        return [from_map(PaymentRow, there[name].value()) for name in names if name in there]

    def remittances(self, before: str, limit: int) -> Page[Remittance]:
        """Return remittances, newest first, from before a mark; a query and a batch."""
        items, more = self._page(keys.REMITTANCES_BY_TIME, before, limit, newest_first=True)
        names = [keys.remittance_listed(item.sk) for item in items]
        there = self._by_key(names)
        rows = [from_map(Remittance, there[name].value()) for name in names if name in there]
        return Page(rows, more)

    def remittance(self, remittance_id: str) -> Remittance:
        """Return a remittance; one read.

        Raises:
            NotFoundError: there is none.
        """
        return from_map(Remittance, self._remittance(remittance_id).value())

    def answer_remittance(self, remittance: Remittance, line: AgencyLine) -> None:
        """Keep a remittance's answer with the line that tells of it, in one transaction.

        Raises:
            NotFoundError: there is no such remittance.
            ConflictError: it was answered before.
        """
        there = self._remittance(remittance.id)
        answered = self._item(there.sk, remittance, DONE)
        at = remittance.answered_at or remittance.received_at
        told = self._line(keys.agency_answer(line.account_id, at, line.id), line)
        if not self._write([(answered, self._table.version == OPEN), (told, None)]):
            raise ConflictError(f"remittance {remittance.id} was answered before")

    def _report(self, kind: str, report_id: str) -> Item:
        item = self._get(keys.agency_report(kind, report_id))
        if item is None:
            raise NotFoundError(f"there is no {kind} {report_id!r}")
        return item

    def _remittance(self, remittance_id: str) -> Item:
        item = self._get(keys.remittance(remittance_id))
        if item is None:
            raise NotFoundError(f"there is no remittance {remittance_id!r}")
        return item

    def _by_key(self, names: Sequence[str]) -> dict[str, Item]:
        wanted = [(self._pk, name) for name in names]
        return {item.sk: item for item in read_keys(self._table, wanted, self._sleep)}
