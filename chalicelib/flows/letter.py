"""Everything one notice shows, as plain values (R5.3, R11.5).

It is built from the account as read just before sending (R11.1).
Amounts are minor units of the letter's one currency. What is asked for is the undisputed open
principal of the invoices listed plus open charges (R3.6); disputed parts, unapplied cash and
credits are shown beside it and never deducted.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from chalicelib.core.errors import Fault
from chalicelib.flows.letter_head import LetterError, LetterHead, head_faults
from chalicelib.flows.letter_parts import (
    Announcement,
    ChargeLine,
    Consequence,
    DisputedPart,
    InvoiceLine,
    NoticeKind,
    OtherCharge,
    RateSource,
    UnappliedItem,
)

SOURCES_TOLD = 8  # where rates of interest are from


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter(LetterHead):
    """A whole notice. `total_minor` is the demandable total that the decision came to (R3.6).

    `buckets` are the aging buckets in order, as the policy's edges make them. A final demand that
    asks for an answer has `respond_by` and says in `consequences` what truly happens after it
    (R5.1).

    Raises:
        LetterError: the lines do not add up to the total, a disputed part is not shown, or what
            its kind needs is missing; every fault is listed.
    """

    kind: NoticeKind
    total_minor: int
    buckets: tuple[str, ...]
    invoices: tuple[InvoiceLine, ...]
    stage: str = ""
    other_charges: tuple[OtherCharge, ...] = ()
    disputed: tuple[DisputedPart, ...] = ()
    unapplied: tuple[UnappliedItem, ...] = ()
    announcements: tuple[Announcement, ...] = ()
    respond_by: date | None = None
    consequences: tuple[Consequence, ...] = ()

    def __post_init__(self) -> None:
        """Refuse a letter that does not hold together, with every fault at once."""
        faults = (
            *_missing(self),
            *_wrong_lines(self),
            *_wrong_totals(self),
            *_wrong_end(self),
        )
        if faults:
            raise LetterError("the letter does not hold together", faults)

    @property
    def principal_minor(self) -> int:
        """What is asked for on the invoices listed, without charges, minor units."""
        return sum(invoice.asked_minor for invoice in self.invoices)

    @property
    def all_charges(self) -> tuple[tuple[str, ChargeLine], ...]:
        """Every charge with something open, with its invoice's id: listed invoices first."""
        listed = tuple(
            (invoice.invoice_id, charge)
            for invoice in self.invoices
            for charge in invoice.open_charges
        )
        return listed + tuple((other.invoice_id, other.charge) for other in self.other_charges)

    @property
    def new_charges(self) -> tuple[tuple[str, ChargeLine], ...]:
        """The charges of which this letter is the first to tell."""
        return tuple(pair for pair in self.all_charges if pair[1].is_new)

    @property
    def rate_sources(self) -> tuple[RateSource, ...]:
        """Where the rates of interest are from, each once; of many the last ones."""
        found = dict.fromkeys(rate for _, one in self.all_charges for rate in one.rate_sources)
        return tuple(found)[-SOURCES_TOLD:]


def _missing(letter: Letter) -> Iterator[Fault]:
    yield from head_faults(letter)
    if not letter.invoices and not letter.other_charges:
        yield Fault("invoices", "missing", "a letter needs something to ask for")


def _wrong_lines(letter: Letter) -> Iterator[Fault]:
    seen: set[str] = set()
    for invoice in letter.invoices:
        where = f"invoice {invoice.invoice_id}"
        if invoice.invoice_id in seen:
            yield Fault(where, "duplicate", "is listed twice")
        seen.add(invoice.invoice_id)
        if invoice.days_past_due < 1 or invoice.days_past_due != (
            (letter.notice_on - invoice.due_on).days
        ):
            detail = f"{invoice.days_past_due} days past due is not its due date's distance"
            yield Fault(where, "wrong_days", detail)
        if not 0 < invoice.asked_minor <= invoice.open_minor <= invoice.original_minor:
            yield Fault(where, "wrong_amount", "asked, open and original amount do not fit")
        if invoice.bucket not in letter.buckets:
            yield Fault(where, "unknown_bucket", f"{invoice.bucket!r} is no bucket of the letter")
    charges = [(i.invoice_id, charge) for i in letter.invoices for charge in i.charges]
    charges += [(other.invoice_id, other.charge) for other in letter.other_charges]
    for invoice_id, charge in charges:
        if not 0 <= charge.open_minor <= charge.amount_minor:
            detail = "what is open of it is not between nothing and its amount"
            yield Fault(f"charge {charge.charge_id} of {invoice_id}", "wrong_amount", detail)


def _wrong_totals(letter: Letter) -> Iterator[Fault]:
    asked = letter.principal_minor + sum(charge.open_minor for _, charge in letter.all_charges)
    if asked != letter.total_minor:
        detail = f"the lines add up to {asked} minor units, the total says {letter.total_minor}"
        yield Fault("total_minor", "does_not_add_up", detail)
    shown = {part.invoice_id: part.disputed_minor for part in letter.disputed}
    for invoice in letter.invoices:
        if invoice.disputed_minor != shown.get(invoice.invoice_id, 0):
            detail = "its disputed part is not shown, or shown with another amount"
            yield Fault(f"invoice {invoice.invoice_id}", "dispute_not_shown", detail)
    if any(item.amount_minor <= 0 for item in (*letter.unapplied,)):
        yield Fault("unapplied", "wrong_amount", "unapplied cash and credits are above nothing")
    if any(part.disputed_minor <= 0 for part in letter.disputed):
        yield Fault("disputed", "wrong_amount", "a disputed part is above nothing")


def _wrong_end(letter: Letter) -> Iterator[Fault]:
    is_final = letter.kind is NoticeKind.FINAL_DEMAND
    if letter.respond_by is not None and not is_final:
        yield Fault("respond_by", "not_final", "only a final demand sets a date for an answer")
    if letter.respond_by is not None and letter.respond_by <= letter.notice_on:
        yield Fault("respond_by", "too_early", "the answer date must lie after the notice's date")
    if letter.respond_by is not None and not letter.consequences:
        detail = "a date without what happens after it is an idle threat"
        yield Fault("consequences", "missing", detail)
    if letter.consequences and letter.respond_by is None:
        yield Fault("respond_by", "missing", "what happens then needs the date it happens after")
