"""A letter's totals by month of issue and by age: derived from its lines, so they always add up."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from itertools import groupby

from chalicelib.flows.letter import Letter
from chalicelib.flows.letter_parts import InvoiceLine


@dataclass(frozen=True, slots=True)
class MonthGroup:
    """The invoices issued in one month (`month_on` is its first day), as the letter orders them."""

    month_on: date
    invoices: tuple[InvoiceLine, ...]

    @property
    def principal_minor(self) -> int:
        """What is asked for on these invoices, without charges, minor units."""
        return sum(invoice.asked_minor for invoice in self.invoices)

    @property
    def charges_minor(self) -> int:
        """The open charges of these invoices, minor units."""
        return sum(invoice.charges_minor for invoice in self.invoices)

    @property
    def due_minor(self) -> int:
        """What is asked for on these invoices with their charges, minor units."""
        return self.principal_minor + self.charges_minor


@dataclass(frozen=True, slots=True)
class AgeTotal:
    """What is asked for of the principal in one aging bucket; charges stand beside aging (R3.1)."""

    bucket: str
    invoice_count: int
    principal_minor: int


def by_month(letter: Letter) -> tuple[MonthGroup, ...]:
    """Return the listed invoices grouped by month of issue, oldest month first (R5.3).

    Inside a month the letter's own order stays: by effective due date, then id.
    """

    def month(invoice: InvoiceLine) -> date:
        return invoice.issued_on.replace(day=1)

    in_order = sorted(letter.invoices, key=month)
    return tuple(MonthGroup(on, tuple(group)) for on, group in groupby(in_order, key=month))


def by_age(letter: Letter) -> tuple[AgeTotal, ...]:
    """Return one total per aging bucket in the letter's order, empty buckets left out (R5.3)."""
    totals = (
        AgeTotal(
            bucket,
            sum(invoice.bucket == bucket for invoice in letter.invoices),
            sum(invoice.asked_minor for invoice in letter.invoices if invoice.bucket == bucket),
        )
        for bucket in letter.buckets
    )
    return tuple(total for total in totals if total.invoice_count)
