"""What an ERP is to book of what happened to charges here, as lines with stable ids (R7.6)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from chalicelib.core.account import Account
from chalicelib.core.effects import Entry
from chalicelib.core.invoice import Charge

CHARGE, REVERSAL, WAIVER, CANCELLED = "charge", "charge_reversal", "waiver", "charge_cancelled"
_OWN_KINDS = frozenset({CHARGE, REVERSAL, WAIVER})


@dataclass(frozen=True, slots=True)
class ExportLine:
    """One line for the ERP to book once: a charge, or what cancels one. Amounts are minor units.

    `kind`: `charge` (a reinstated one is a charge of its own, under the next revision's id),
    `charge_reversal`, `waiver`, or `charge_cancelled` with its voided invoice. `id`, one of its
    account's, stays the same however often the line is delivered; `sequence` is its place in the
    feed, 0 before it has one.
    """

    id: str
    kind: str
    account_id: str
    invoice_id: str
    charge_id: str
    amount_minor: int
    currency: str
    on: date
    value_on: date
    charge: str = ""  # the kind of charge: flat, percent, interest ...
    stage: str = ""
    reason: str = ""
    basis: str = ""
    sequence: int = 0


def export_lines(
    before: Account, after: Account, entries: Sequence[Entry], version: int
) -> tuple[ExportLine, ...]:
    """Return the lines of one change of an account, which leaves it at `version`, in order.

    A charge's line has the charge's own id; another line has its entry's, with the version, because
    what was waived may be opened by a bounced payment and waived again.
    """
    found: list[ExportLine] = []
    for entry in entries:
        if entry.kind in _OWN_KINDS and entry.charge_id:
            line_id = entry.charge_id if entry.kind == CHARGE else f"{entry.ref}@{version}"
            found.append(_line(after, entry, entry.kind, line_id, entry.amount_minor))
        elif entry.kind == "void" and entry.charge_id:
            line_id = f"{entry.ref}@{version}"
            found.append(_line(after, entry, CANCELLED, line_id, entry.amount_minor))
        elif entry.kind == "void":
            found.extend(_cancelled(before, after, entry, entries, version))
    return tuple(found)


def _cancelled(
    before: Account, after: Account, entry: Entry, entries: Iterable[Entry], version: int
) -> Iterator[ExportLine]:
    """Yield what a void cancelled of its invoice's charges: its one entry is about all of them."""
    had = {charge.id: charge.waived_minor for charge in _charges(before, entry.invoice_id)}
    for charge in _charges(after, entry.invoice_id):
        waived = sum(
            e.amount_minor for e in entries if (e.kind, e.charge_id) == (WAIVER, charge.id)
        )
        amount = charge.waived_minor - had.get(charge.id, 0) - waived
        if amount > 0:
            told = Entry(
                "void",
                entry.on,
                entry.value_on,
                entry.currency,
                amount,
                f"{charge.id}:void",
                entry.invoice_id,
                charge.id,
                entry.reason,
            )
            yield _line(after, told, CANCELLED, f"{told.ref}@{version}", amount)


def _line(after: Account, entry: Entry, kind: str, line_id: str, amount: int) -> ExportLine:
    charges: Iterable[Charge] = _charges(after, entry.invoice_id)
    if kind == CHARGE and all(charge.id != entry.charge_id for charge in charges):
        # A fee that was moved in the same change, because the invoice was voided (R10.3).
        charges = (charge for invoice in after.invoices.values() for charge in invoice.charges)
    charge = next((c for c in charges if c.id == entry.charge_id), None)
    return ExportLine(
        line_id,
        kind,
        after.id,
        entry.invoice_id,
        entry.charge_id,
        amount,
        entry.currency,
        entry.on,
        entry.value_on,
        charge.kind if charge else "",
        charge.stage if charge else "",
        entry.reason,
        charge.basis if charge and kind == CHARGE else "",
    )


def _charges(account: Account, invoice_id: str) -> tuple[Charge, ...]:
    invoice = account.invoices.get(invoice_id) or account.closed.get(invoice_id)
    return invoice.charges if invoice is not None else ()
