"""The figures of a dossier: what is open of what is placed, and what came in (R10.4, R10.5)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, date, datetime
from typing import Any

from chalicelib.core.account import Account
from chalicelib.core.invoice import Invoice
from chalicelib.core.placements import AGENCY, DIRECT, Placement
from chalicelib.flows.agency_money_ids import agency_payment_id
from chalicelib.flows.money_answers import amount

INVOICES_MAX = 10_000  # of one dossier: one answer has room for them
INTEREST, LATE_FEES = "interest", "late_fees"
COMPENSATION, COLLECTION_FEE = "compensation", "collection_fee"


def placed_invoices(account: Account, placement: Placement) -> list[Invoice]:
    """Return the invoices of a placement of which something is open, the oldest due date first."""
    found = (account.invoices.get(name) for name in placement.invoice_ids)
    still = [
        one
        for one in found
        if one is not None and one.currency == placement.currency and not one.is_settled
    ]
    return sorted(still, key=lambda one: (one.effective_due_on, one.id))


def amounts_of(account: Account, placement: Placement, as_of: datetime) -> dict[str, Any]:
    """Return what is open by what it is for; `balance` is the sum of the first five."""
    placed = placed_invoices(account, placement)
    principal = sum(one.open_minor for one in placed)
    open_of = Counter[str]()
    for one in placed:
        for charge in one.charges:
            open_of[LATE_FEES if charge.is_late_fee else charge.kind] += charge.open_minor
    figures = {
        "principal": principal,
        **{name: open_of[name] for name in (INTEREST, LATE_FEES, COMPENSATION, COLLECTION_FEE)},
        "balance": principal + sum(open_of.values()),
        "placed": placement.placed_minor,
        "paid": sum(one.amount_minor for one in placement.takings if not one.bounced),
    }
    said = {name: amount(minor, placement.currency) for name, minor in figures.items()}
    at = as_of.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
    return {**said, "as_of": at}


def invoice_rows(account: Account, placement: Placement) -> Iterator[dict[str, Any]]:
    """Yield the invoices that the agency asks for, the oldest first, 10,000 at most."""
    for one in placed_invoices(account, placement)[:INVOICES_MAX]:
        yield {
            "invoice_id": one.id,
            "po_number": one.po_number,
            "issued_on": one.issued_on.isoformat(),
            "due_on": one.effective_due_on.isoformat(),
            "delivered_on": one.delivered_on.isoformat() if one.delivered_on else None,
            "amount": amount(one.amount_minor, one.currency),
            "open": amount(one.open_minor, one.currency),
            "charges": amount(one.open_charges_minor, one.currency),
            "disputed": amount(one.disputed_minor, one.currency),
        }


def last_payment(account: Account, placement: Placement, agency_id: str) -> dict[str, Any] | None:
    """Return the last money for what is placed that did not bounce, None where none is known.

    Known is what lies on invoices that are still open, and what came in since they were placed. The
    amount is what of it went to what is placed.
    """
    came: dict[str, tuple[date, int, str]] = {}
    for money in account.money.values():
        if money.kind != "payment" or money.bounced or money.currency != placement.currency:
            continue
        taken = sum(
            part.amount_minor
            for part in money.allocations
            if part.invoice_id in placement.invoice_ids
        )
        if taken:
            by = AGENCY if money.id.startswith(agency_payment_id(agency_id, "")) else DIRECT
            came[money.id] = (money.value_on, taken, by)
    for taking in placement.takings:
        if not taking.bounced:
            came[taking.payment_id] = (taking.received_on, taking.amount_minor, taking.by)
    if not came:
        return None
    _, (on, taken, by) = max(came.items(), key=lambda item: (item[1][0], item[0]))
    return {
        "received_on": on.isoformat(),
        "amount": amount(taken, placement.currency),
        "received_by": by,
    }
