"""Everything a statement of account shows, as plain values (R5.1, R3.1, R3.2, R11.5).

It is built from the account as read just before sending (R11.1). Amounts are minor units of its
one currency; dates are calendar dates. It tells of all that is open, due or not; what is disputed
is a part of that and shown apart, unapplied cash and credits are shown and not deducted.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from chalicelib.core.errors import Fault
from chalicelib.flows.letter_head import LetterError, LetterHead, head_faults
from chalicelib.flows.letter_parts import (
    ChargeLine,
    UnappliedItem,
)


class StatementKind(StrEnum):
    """There is one kind; the notice's own names it."""

    STATEMENT = "statement"


@dataclass(frozen=True, slots=True, kw_only=True)
class StatementLine:
    """One invoice with anything open.

    `due_on` is the effective due date; `days_past_due` is below 1 while it is not due. `open_minor`
    is its open principal, `disputed_minor` the part of it in dispute. `bucket` is one of the
    statement's `buckets`. `charges` are those with something open.
    """

    invoice_id: str
    issued_on: date
    due_on: date
    days_past_due: int
    original_minor: int
    open_minor: int
    bucket: str
    disputed_minor: int = 0
    po_number: str = ""
    charges: tuple[ChargeLine, ...] = ()

    @property
    def charges_minor(self) -> int:
        """What is open of its charges, minor units."""
        return sum(charge.open_minor for charge in self.charges)

    @property
    def total_minor(self) -> int:
        """All that is open of it and its charges, minor units."""
        return self.open_minor + self.charges_minor

    @property
    def is_past_due(self) -> bool:
        """Whether open principal of it is past due."""
        return self.open_minor > 0 and self.days_past_due > 0

    @property
    def past_due_minor(self) -> int:
        """What of it is past due: its principal then, and its charges in any case (R3.2)."""
        return (self.open_minor if self.is_past_due else 0) + self.charges_minor


@dataclass(frozen=True, slots=True, kw_only=True)
class BucketTotal:
    """The open principal in one aging bucket; charges stand beside aging (R3.1)."""

    bucket: str
    invoice_count: int
    principal_minor: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement(LetterHead):
    """A whole statement of one account and currency.

    `open_minor` and `past_due_minor` are the totals that the account's own figures come to (R3.2),
    `asked_minor` is what of the past due may be asked for now (R3.6): nothing disputed, promised,
    in a plan, paused or otherwise blocked.
    `buckets` are the aging buckets in order; `by_invoice_date`: they count days from the date of
    issue.

    Raises:
        LetterError: the lines do not add up to the totals, or something is missing; every fault is
            listed.
    """

    kind: StatementKind = StatementKind.STATEMENT
    open_minor: int
    past_due_minor: int
    asked_minor: int
    buckets: tuple[str, ...]
    invoices: tuple[StatementLine, ...]
    by_invoice_date: bool = False
    unapplied: tuple[UnappliedItem, ...] = ()

    def __post_init__(self) -> None:
        """Refuse a statement that does not hold together, with every fault at once."""
        faults = (*head_faults(self), *_missing(self), *_wrong_lines(self), *_wrong_totals(self))
        if faults:
            raise LetterError("the statement does not hold together", faults)

    @property
    def principal_minor(self) -> int:
        """All open principal, due or not, minor units."""
        return sum(line.open_minor for line in self.invoices)

    @property
    def charges_minor(self) -> int:
        """All open charges, minor units."""
        return sum(line.charges_minor for line in self.invoices)

    @property
    def disputed(self) -> tuple[StatementLine, ...]:
        """The invoices that are in dispute, wholly or in part."""
        return tuple(line for line in self.invoices if line.disputed_minor)

    @property
    def disputed_minor(self) -> int:
        """What is in dispute, minor units; a part of what is open."""
        return sum(line.disputed_minor for line in self.invoices)

    @property
    def past_due(self) -> tuple[StatementLine, ...]:
        """The invoices that are past due, oldest due date first."""
        return tuple(line for line in self.invoices if line.is_past_due)

    @property
    def past_due_disputed_minor(self) -> int:
        """What of the past due is in dispute, minor units."""
        return sum(line.disputed_minor for line in self.past_due)

    @property
    def not_asked_minor(self) -> int:
        """What is past due, not in dispute, and all the same not asked for now, minor units."""
        return self.past_due_minor - self.past_due_disputed_minor - self.asked_minor

    @property
    def unapplied_minor(self) -> int:
        """Cash and credits that no invoice has taken yet, minor units."""
        return sum(item.amount_minor for item in self.unapplied)

    @property
    def by_bucket(self) -> tuple[BucketTotal, ...]:
        """The open principal by aging bucket, in their order; empty buckets are left out (R3.1)."""
        found: dict[str, list[int]] = {}
        for line in self.invoices:
            if line.open_minor:
                found.setdefault(line.bucket, []).append(line.open_minor)
        return tuple(
            BucketTotal(
                bucket=bucket,
                invoice_count=len(found[bucket]),
                principal_minor=sum(found[bucket]),
            )
            for bucket in self.buckets
            if bucket in found
        )


def _missing(letter: Statement) -> Iterator[Fault]:
    if not letter.invoices:
        yield Fault("invoices", "missing", "a statement needs something to state")


def _wrong_lines(letter: Statement) -> Iterator[Fault]:
    seen: set[str] = set()
    for line in letter.invoices:
        where = f"invoice {line.invoice_id}"
        if line.invoice_id in seen:
            yield Fault(where, "duplicate", "is listed twice")
        seen.add(line.invoice_id)
        if line.days_past_due != (letter.notice_on - line.due_on).days:
            detail = f"{line.days_past_due} days past due is not its due date's distance"
            yield Fault(where, "wrong_days", detail)
        if not 0 <= line.disputed_minor <= line.open_minor <= line.original_minor:
            yield Fault(where, "wrong_amount", "disputed, open and original amount do not fit")
        if line.total_minor <= 0:
            yield Fault(where, "nothing_open", "nothing of it is open")
        if line.bucket not in letter.buckets:
            yield Fault(where, "unknown_bucket", f"{line.bucket!r} is no bucket of the statement")
        for charge in line.charges:
            if not 0 < charge.open_minor <= charge.amount_minor:
                detail = "what is open of it is not between nothing and its amount"
                yield Fault(f"charge {charge.charge_id}", "wrong_amount", detail)


def _wrong_totals(letter: Statement) -> Iterator[Fault]:
    lines = {
        "open_minor": (sum(line.total_minor for line in letter.invoices), letter.open_minor),
        "past_due_minor": (
            sum(line.past_due_minor for line in letter.invoices),
            letter.past_due_minor,
        ),
    }
    for where, (added, told) in lines.items():
        if added != told:
            detail = f"the lines add up to {added} minor units, the total says {told}"
            yield Fault(where, "does_not_add_up", detail)
    if not 0 <= letter.asked_minor <= letter.past_due_minor - letter.past_due_disputed_minor:
        detail = "is not between nothing and what is past due and undisputed"
        yield Fault("asked_minor", "wrong_amount", detail)
    if any(item.amount_minor <= 0 for item in letter.unapplied):
        yield Fault("unapplied", "wrong_amount", "unapplied cash and credits are above nothing")
