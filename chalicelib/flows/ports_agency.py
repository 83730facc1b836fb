"""What the agencies' side needs of the world: agencies, and one agency's own partition (R10.5)."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal, Protocol

from chalicelib.core.agency_lines import AgencyLine
from chalicelib.core.placements import Placement
from chalicelib.flows.ports import Page

AGENCIES_MAX = 100  # of one stage
AGENCY_ID = r"[a-z0-9-]{1,20}"
ROW_LINES_MAX = 25  # lines of one change that get their numbers together
Remit = Literal["net", "gross"]
ReportKind = Literal[
    "accept",
    "reject",
    "activity",
    "promise",
    "dispute",
    "contact",
    "payment",
    "payment_reversal",
    "settlement_proposal",
    "recall_response",
    "return",
    "remittance",
    "confirmation",
]
ReportState = Literal["received", "applied", "refused"]


@dataclass(frozen=True, slots=True)
class Agency:
    """An external collector. `remit`: with or without its commission (`practice.md` 3.1).

    An inactive one gets no offers; what it has goes on.
    """

    id: str  # [a-z0-9-]{1,20}
    name: str
    created_at: datetime
    email: str = ""
    is_active: bool = True
    remit: Remit = "gross"


@dataclass(frozen=True, slots=True)
class FeedEvent:
    """A line of an agency's feed under its number, from 1 and without gaps; `at`: numbered then."""

    sequence: int
    at: datetime
    line: AgencyLine


@dataclass(frozen=True, slots=True)
class FeedState:
    """How far a feed is: its last number, the last that the agency acknowledged, and when.

    `oldest_at`: since when the oldest unacknowledged event waits, None if none does.
    """

    last: int = 0
    acknowledged: int = 0
    acknowledged_at: datetime | None = None
    oldest_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class DossierRow:
    """A placement as its agency may see it, or what is left of it when it has ended.

    `body`: the dossier as JSON, "" of one that ended: then `state`, `outcome` and `ended_on` are all
    that is told. `account_version`: of the account that it was made from; an older one never
    replaces a newer. `balance_minor` stays for reconciliation.
    """

    placement_id: str
    account_id: str
    account_version: int
    state: str
    currency: str
    balance_minor: int
    outcome: str = ""
    ended_on: date | None = None
    body: str = ""


@dataclass(frozen=True, slots=True)
class PaymentRow:
    """Money that counts between agency and seller: what a remittance's lines are matched with (R10.6).

    `payment_id` is the agency's own; `remittance_id`: the remittance that holds it, confirmed or
    not. Amounts are minor units.
    """

    payment_id: str
    placement_id: str
    received_on: date
    currency: str
    amount_minor: int
    commission_minor: int
    by: Literal["agency", "direct"]
    remittance_id: str = ""
    bounced: bool = False


@dataclass(frozen=True, slots=True)
class AgencyReport:
    """What an agency reported, under its own id: kept from when it was taken (R10.5).

    `body` is the validated request as JSON, `digest` of it tells the same from another. Of what was
    refused `code` and `detail` say why.
    """

    id: str
    kind: ReportKind
    digest: str
    body: str
    received_at: datetime
    key_id: str
    placement_id: str = ""
    state: ReportState = "received"
    code: str = ""
    detail: str = ""
    applied_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class RemittanceLine:
    """One payment of a remittance, with its commission."""

    placement_id: str
    payment_id: str
    amount_minor: int
    commission_minor: int


@dataclass(frozen=True, slots=True)
class Remittance:
    """What an agency hands over for a period, gross or net of its commission (R10.6).

    `collected_minor` and `commission_minor` are of the lines; what reaches the seller is the
    former, or (net) what is left of it. `state`: `received`, `confirmed`, `declined`.
    """

    id: str
    kind: Remit
    period_from: date
    period_until: date
    currency: str
    lines: tuple[RemittanceLine, ...]
    collected_minor: int
    commission_minor: int
    paid_minor: int
    received_at: datetime
    state: Literal["received", "confirmed", "declined"] = "received"
    answered_by: str = ""
    answered_at: datetime | None = None
    note: str = ""


@dataclass(frozen=True, slots=True)
class DossierRead:
    """An audit line: which key read which placements, when."""

    at: datetime
    key_id: str
    placement_ids: tuple[str, ...]
    request_id: str = ""


class Agencies(Protocol):
    """The agencies of a stage, and the way into the partition of one."""

    def get(self, agency_id: str) -> Agency:
        """Return an agency.

        Raises:
            NotFoundError: there is none of that id.
        """
        ...

    def put(self, agency: Agency) -> None:
        """Keep an agency, new or changed.

        Raises:
            InvalidInputError: no agency can have that id.
            LimitError: there are 100 already.
        """
        ...

    def all(self) -> Sequence[Agency]:
        """Return every agency, by id."""
        ...

    def shelf(self, agency_id: str) -> AgencyShelf:
        """Return what reads and writes one agency's partition, and can touch no other.

        Raises:
            InvalidInputError: no agency can have that id.
        """
        ...


class AgencyShelf(Protocol):
    """One agency's partition: its feed, its dossiers, its reports. No method takes an agency's id."""

    def number(self, at: datetime, most: int, only: Collection[str] | None = None) -> int:
        """Give the waiting lines the next numbers, at most so many; return how many got theirs.

        Any number of callers at once: each line gets one number, without gaps, and the lines of one
        account in the order of its changes. `only`: the ids of the lines that `waiting` gave; what
        came since then waits on, so that no event is told before its dossier is written. Lines of
        one change stay together: the first 25 of it count as one, whatever `most` is.
        """
        ...

    def waiting(self, most: int) -> Sequence[AgencyLine]:
        """Return lines that wait for their numbers, each account's in the order of its changes.

        At most so many, but never less than the first 25 of a change, which stay together.
        """
        ...

    def feed(self, after: int, limit: int) -> Sequence[FeedEvent]:
        """Return the events after a number, in order; one query."""
        ...

    def feed_state(self) -> FeedState:
        """Return how far the feed is, and what waits to be acknowledged."""
        ...

    def remit(self) -> Remit:
        """Return how the agency hands money over, as `Agencies.put` keeps it beside its feed."""
        ...

    def acknowledge(self, sequence: int, at: datetime) -> FeedState:
        """Note that the agency has all up to a number; never moves back, never beyond the last."""
        ...

    def put_dossier(self, row: DossierRow) -> None:
        """Keep a dossier unless a newer one is there; its pages with it, in any size."""
        ...

    def dossier(self, placement_id: str) -> DossierRow:
        """Return a placement's dossier.

        Raises:
            NotFoundError: there is none: also for what is another agency's.
        """
        ...

    def dossiers(self, after: str, limit: int) -> Page[DossierRow]:
        """Return dossiers by placement id from after a mark."""
        ...

    def record_read(self, read: DossierRead) -> None:
        """Write an audit line."""
        ...

    def reads(self, before: str, limit: int) -> Page[DossierRead]:
        """Return audit lines, newest first, from before a mark."""
        ...

    def take_report(self, report: AgencyReport) -> AgencyReport:
        """Keep a report unless one of its kind and id is there; return the one that is there."""
        ...

    def report(self, kind: str, report_id: str) -> AgencyReport:
        """Return a report as it stands.

        Raises:
            NotFoundError: there is none.
        """
        ...

    def reports_waiting(self, most: int) -> Sequence[AgencyReport]:
        """Return the reports that wait to be applied, in the order in which they came."""
        ...

    def settle_report(
        self,
        report: AgencyReport,
        line: AgencyLine | None,
        payments: Sequence[PaymentRow] = (),
        remittance: Remittance | None = None,
    ) -> None:
        """Write what became of a report, with the line that tells of it, in one transaction.

        No line: the agency was told already, as of finance's answer to a remittance.

        `payments`: their new state; of a remittance, that it holds them (at most 500, in chunks
        that may be repeated). Doing it again changes nothing.
        """
        ...

    def payments(self, after: str, limit: int) -> Page[PaymentRow]:
        """Return payments by the agency's id, from after a mark."""
        ...

    def put_payments(self, rows: Sequence[PaymentRow]) -> None:
        """Keep payments as they now are, new or changed, under their ids; in batches.

        For money that no report of the agency brought: what came in directly and earns a
        commission, and what finance took back. Only the agency's one worker calls it.
        """
        ...

    def find_payments(self, payment_ids: Sequence[str]) -> Sequence[PaymentRow]:
        """Return those of the payments that are there, in batches."""
        ...

    def remittances(self, before: str, limit: int) -> Page[Remittance]:
        """Return remittances, newest first, from before a mark."""
        ...

    def remittance(self, remittance_id: str) -> Remittance:
        """Return a remittance.

        Raises:
            NotFoundError: there is none.
        """
        ...

    def answer_remittance(self, remittance: Remittance, line: AgencyLine) -> None:
        """Keep a remittance's answer with the line that tells of it.

        Raises:
            ConflictError: it was answered before.
        """
        ...


class PlacementReads(Protocol):
    """Placements of all accounts, from an index: what was written a moment ago may be missing."""

    def in_state(self, state: str, after: str, limit: int) -> Page[tuple[str, Placement]]:
        """Return a page of (account id, placement) in a state, first made first, from after a mark.

        Those that are closed are in no list.
        """
        ...


class AgencyQueue(Protocol):
    """The queue to the one worker of each agency: in order per agency, one at a time."""

    def send_agency(self, agency_ids: Sequence[str]) -> None:
        """Say that there is something to do for agencies. Sending twice is harmless."""
        ...
