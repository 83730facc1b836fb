"""What is done for an agency when something waits: reports, dossiers, and the feed's numbers (R10.5).

In this order: what it reported is applied to the accounts; then the dossiers of all accounts that
the waiting lines are about are written; then those lines get their numbers. So no agency ever sees
an event that is newer than the dossier that it reads because of it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from chalicelib.core.agency_lines import AgencyLine
from chalicelib.core.errors import UnavailableError
from chalicelib.flows.agency_money_ids import payment_rows
from chalicelib.flows.agency_remittances import lanes_of
from chalicelib.flows.agency_reports import AgencyReports, as_remitted
from chalicelib.flows.counts import Counts, add_up
from chalicelib.flows.desk import Desk
from chalicelib.flows.dossier import Teller, dossier_rows
from chalicelib.flows.letter_parts import Seller
from chalicelib.flows.letterhead import Letterhead, LetterheadError
from chalicelib.flows.ports import Clock
from chalicelib.flows.ports_agency import (
    Agencies,
    Agency,
    AgencyQueue,
    AgencyReport,
    AgencyShelf,
)

REPORTS_MAX = 100  # that are applied by one message
UNAVAILABLE_MAX = 3  # reports for which the store does not answer; then nothing more is tried
REPORTS_READ = 500  # among which those are looked for, past what cannot be applied now
VOID = "void"  # of a line of the balance
LINES_MAX = 100  # of one round: their accounts are loaded for dossiers
ROUNDS_MAX = 20
TIME_MAX = timedelta(seconds=60)  # after it nothing new is begun: half of what the function has
APPLIED, REFUSED, FAILED = (
    "agency_reports_applied",
    "agency_reports_refused",
    "agency_reports_failed",
)


@dataclass(frozen=True, slots=True)
class AgencyWork:
    """Works for agencies, one message at a time for each (the queue sees to that).

    `letterhead` says who the seller is. `told` hears what was done although something failed.
    """

    agencies: Agencies
    desk: Desk
    clock: Clock
    queue: AgencyQueue
    letterhead: Callable[[], Letterhead]
    ledger_kind: str
    told: Callable[[Counts], None] = lambda counts: None

    def work(self, agency_id: str) -> Counts:
        """Apply what waits of an agency's reports, write its dossiers, number its feed.

        At most 100 reports and 20 rounds of 100 lines, and nothing new is begun after a minute;
        where more is left the queue is told again.
        A report that fails holds back those on the same placements, and no others. Done again after
        a crash anywhere it does nothing twice.

        Raises:
            NotFoundError: there is no such agency.
            Exception: the first report that failed for another reason than a refusal, after all
                else was done.
        """
        agency, shelf = self.agencies.get(agency_id), self.agencies.shelf(agency_id)
        now = self.clock.now()
        reports = AgencyReports(agency, shelf, self.desk, self.ledger_kind)
        pass_ = _Pass(reports, lambda: self._is_late(now))
        pass_.apply(shelf.reports_waiting(REPORTS_READ), now)
        counts = [pass_.counts, *self._tell(agency, shelf, now)]
        if pass_.is_cut or shelf.waiting(1):
            self.queue.send_agency([agency_id])
        done = add_up(counts)
        if pass_.failures:
            self.told(done)
            raise pass_.failures[0]
        return done

    def _tell(self, agency: Agency, shelf: AgencyShelf, now: datetime) -> Iterable[Counts]:
        """Write dossiers and number lines, round by round, until nothing waits."""
        teller: Teller | None = None
        for number in range(ROUNDS_MAX):
            lines = shelf.waiting(LINES_MAX)
            if not lines or (number and self._is_late(now)):
                return
            if teller is None:
                teller = Teller(agency, self._letterhead(), now)
            written = self._write(lines, shelf, teller)
            numbered = shelf.number(now, len(lines), {line.id for line in lines})
            yield {"agency_dossiers": written, "agency_lines_numbered": numbered}

    def _write(self, lines: Sequence[AgencyLine], shelf: AgencyShelf, teller: Teller) -> int:
        """Write the dossiers, and the rows of money, of the accounts that lines are about."""
        written = 0
        for account_id in sorted({line.account_id for line in lines if line.account_id}):
            loaded = self.desk.accounts.load(account_id)
            mine = [line for line in lines if line.account_id == account_id]
            about, named = {line.placement_id for line in mine}, {line.ref for line in mine}
            # A void is told by its invoice, and changes what any payment on it earns.
            voided = {line.placement_id for line in mine if line.because == VOID}
            for row in dossier_rows(loaded.account, loaded.version, teller):
                if row.body or row.placement_id in about:  # what ended before stays as it is
                    shelf.put_dossier(row)
                    written += 1
            rows = [
                row
                for one in loaded.account.placements.values()
                if one.agency == teller.agency.id
                for row in payment_rows(one, None if one.id in voided else named)
            ]
            if rows:
                shelf.put_payments(as_remitted(shelf, rows))
        return written

    def _is_late(self, since: datetime) -> bool:
        return self.clock.now() - since >= TIME_MAX

    def _letterhead(self) -> Letterhead:
        """Return who the seller is; a letterhead that nobody can read stops no feed."""
        try:
            return self.letterhead()
        except LetterheadError:
            self.told({"agency_letterhead_faulty": 1})
            return Letterhead(seller=Seller(name=""), address="")


@dataclass(slots=True)
class _Pass:
    """One pass over the reports that wait. `stuck`: lanes in which one could not be applied."""

    reports: AgencyReports
    is_late: Callable[[], bool]
    counts: dict[str, int] = field(default_factory=dict)
    stuck: set[str] = field(default_factory=set)
    failures: list[Exception] = field(default_factory=list)
    is_cut: bool = False

    def apply(self, waiting: Sequence[AgencyReport], now: datetime) -> None:
        """Apply reports in the order in which they came, 100 at most; a failure stops its placements.

        Where the store does not answer nothing more is tried: the queue brings all of it again.
        """
        settled = unavailable = 0
        for report in waiting:
            if settled == REPORTS_MAX or (settled and self.is_late()):
                self.is_cut = True
                return
            about = lanes_of(report)
            if self.stuck & about:
                self.stuck |= about
                continue
            try:
                done = self.reports.apply(report, now)
            except Exception as error:  # raised at the end, whatever it is
                self.failures.append(error)
                self.stuck |= about
                self._count(FAILED)
                unavailable += isinstance(error, UnavailableError)
                if unavailable == UNAVAILABLE_MAX:
                    return
                continue
            settled += 1
            self._count(APPLIED if done.state == "applied" else REFUSED)
        self.is_cut = len(waiting) == REPORTS_READ and settled > 0

    def _count(self, name: str) -> None:
        self.counts[name] = self.counts.get(name, 0) + 1
