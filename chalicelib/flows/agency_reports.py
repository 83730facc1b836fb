"""Applies what an agency reported to the account that it is about, once, and says so (R10.5)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from types import MappingProxyType

from chalicelib.core.account import Account
from chalicelib.core.agency_lines import AgencyLine
from chalicelib.core.apply import Booking
from chalicelib.core.errors import (
    BlockedError,
    NotFoundError,
    PastdueError,
    PolicyError,
    RateUnknownError,
)
from chalicelib.core.facts import Fact
from chalicelib.core.placements import AGENCY as BY_AGENCY
from chalicelib.core.placements import Placement
from chalicelib.core.policy import Policy
from chalicelib.flows import agency_money, agency_moves, agency_word
from chalicelib.flows.agency_allowed import check_allowed
from chalicelib.flows.agency_money_ids import agency_payment_id, payment_rows
from chalicelib.flows.agency_remittances import CONFIRMATION, REMITTANCE, AgencyRemittances, Kept
from chalicelib.flows.agency_told import Decide, Told, check_changed, told
from chalicelib.flows.desk import Act, Desk, Reply, Ruling, event_of
from chalicelib.flows.ledger_kind import refuse_in_mirror
from chalicelib.flows.ports_agency import (
    Agency,
    AgencyReport,
    AgencyShelf,
    PaymentRow,
    ReportKind,
)

DETAIL_MAX = 1_000  # characters of why something was refused
PAYMENT, REVERSAL = "payment", "payment_reversal"
_DECIDE: Mapping[ReportKind, Decide] = MappingProxyType(
    {
        "accept": agency_moves.accept,
        "reject": agency_moves.reject,
        "return": agency_moves.give_back,
        "recall_response": agency_moves.answer_recall,
        "settlement_proposal": agency_moves.propose_settlement,
        "activity": agency_word.activity,
        "promise": agency_word.promise,
        "dispute": agency_word.dispute,
        "contact": agency_word.contact,
        "payment": agency_money.payment,
        "payment_reversal": agency_money.reversal,
    }
)


@dataclass(frozen=True, slots=True)
class AgencyReports:
    """Applies reports of one agency, each as one change of an account."""

    agency: Agency
    shelf: AgencyShelf
    desk: Desk
    ledger_kind: str

    def apply(self, report: AgencyReport, now: datetime) -> AgencyReport:
        """Apply a report and settle it, applied or refused; return it as it then stands.

        Again after a crash anywhere it books nothing twice: the account remembers under the
        report's id that it was applied, and what was settled stays so.

        Raises:
            UnavailableError: the store does not answer now: it waits on.
            StaleVersionError: others kept changing the account: it waits on.
            RateUnknownError: a table of rates must be brought up to date first: it waits on.
        """
        try:
            kept = self._apply(report, now)
        except PastdueError as error:
            if not is_refusal(error):
                raise
            settled = replace(
                report, state="refused", code=error.code, detail=detail_of(error), applied_at=now
            )
            kept = Kept()
        else:
            settled = replace(report, state="applied", applied_at=now)
        line = self._line(settled, kept.account_id, now)
        self.shelf.settle_report(settled, line, kept.payments, kept.remittance)
        return settled

    def _apply(self, report: AgencyReport, now: datetime) -> Kept:
        if report.kind == REMITTANCE:
            return self._remittances().take(report)
        if report.kind == CONFIRMATION:
            return self._remittances().answered(report, now)
        row = self.shelf.dossier(report.placement_id)
        one = told(report, self.agency, now, self.desk.day_of(report.received_at))
        if report.kind in (PAYMENT, REVERSAL):
            refuse_in_mirror(self.ledger_kind, f"{report.kind.replace('_', ' ')} {report.id}")
        seen: list[Account] = []
        given = self.desk.book(row.account_id, one.caller, _act(one, seen), needs=_needs(one))
        if report.kind not in (PAYMENT, REVERSAL):
            return Kept(account_id=row.account_id)
        if given.is_replayed:  # a crash came between: others may have changed the account since
            seen.append(self.desk.accounts.load(row.account_id).account)
        return Kept(self._rows(one, seen[-1]), account_id=row.account_id)

    def _rows(self, one: Told, account: Account) -> Sequence[PaymentRow]:
        """Return the row of a payment as the account has it, with its commission (R10.6)."""
        placement = account.placements.get(one.report.placement_id)
        if placement is None:
            return ()
        own_id = one.report.id if one.report.kind == PAYMENT else one.body["payment_id"]
        name = agency_payment_id(self.agency.id, own_id)
        return as_remitted(self.shelf, list(payment_rows(placement, [name])))

    def _remittances(self) -> AgencyRemittances:
        return AgencyRemittances(self.agency, self.shelf, self.desk)

    def _line(self, settled: AgencyReport, account_id: str, now: datetime) -> AgencyLine | None:
        """Return what the agency is told of its report; of finance's own answers nothing more.

        It names the account, so that the dossier is written anew before it gets its number.
        """
        if settled.kind == CONFIRMATION:
            return None
        name = f"{settled.kind}/{settled.id}"
        return AgencyLine(
            f"{name}.{settled.state}",
            f"report.{settled.state}",
            self.agency.id,
            settled.placement_id,
            account_id,
            self.desk.day_of(now),
            because=settled.code,
            ref=name,
        )


def as_remitted(shelf: AgencyShelf, rows: Sequence[PaymentRow]) -> Sequence[PaymentRow]:
    """Return rows with the remittance that each is in, as the shelf has it; one batch of reads.

    Left out is direct money that earns nothing, unless it is there already: it did earn before.
    """
    if not rows:
        return rows
    known = {one.payment_id: one for one in shelf.find_payments([row.payment_id for row in rows])}
    found = []
    for row in rows:
        there = known.get(row.payment_id)
        if there is not None:
            found.append(replace(row, remittance_id=there.remittance_id))
        elif row.by == BY_AGENCY or row.commission_minor:
            found.append(row)
    return found


def is_refusal(error: PastdueError) -> bool:
    """Return whether an error says no to whoever reported; all else is ours to mend, or passes."""
    return not (error.retryable or isinstance(error, RateUnknownError | PolicyError))


def detail_of(error: PastdueError) -> str:
    """Return why something was refused, every reason, in at most 1,000 characters."""
    first, *rest = (line.strip() for line in str(error).splitlines())
    said = f"{first}: {'; '.join(rest)}" if rest else first
    if isinstance(error, BlockedError) and error.blockers:
        said = f"{said}: " + "; ".join(blocker.detail for blocker in error.blockers)
    return said[:DETAIL_MAX]


def _needs(one: Told) -> tuple[Fact, ...]:
    """Return what of the account's history a report needs at hand."""
    if one.report.kind == PAYMENT:
        return (agency_money.payment_of(one, date.min),)
    if one.report.kind == REVERSAL:
        return (agency_money.reversal_of(one, date.min),)
    return ()


def _act(one: Told, seen: list[Account]) -> Act:
    """Return the act that a report is: refused as its state says, told in the timeline.

    The account as it then is becomes the last of `seen`.
    """
    report = one.report

    def act(account: Account, policy: Policy, today: date) -> Ruling:
        placement = _placement(account, one)
        check_allowed(placement, report.kind)
        said = _DECIDE[report.kind](one, account, placement, policy, today)
        event = event_of(
            one.caller,
            today,
            f"agency_{report.kind}",
            placement.id,
            reason_code=said.reason_code,
            note=said.note,
            report=report.id,
            **said.figures,
        )

        def reply(booking: Booking) -> Reply:
            if said.must_change:
                check_changed(placement, booking)
            seen.append(booking.account)
            return Reply(200, {})

        return Ruling(said.facts, reply, (event,), said.is_large)

    return act


def _placement(account: Account, one: Told) -> Placement:
    """Return the placement that a report is about.

    Raises:
        NotFoundError: the account does not have it any more, or it is another agency's.
    """
    placement = account.placements.get(one.report.placement_id)
    if placement is None or placement.agency != one.agency.id or placement.offered_on is None:
        raise NotFoundError(f"there is no placement {one.report.placement_id!r}")
    return placement
