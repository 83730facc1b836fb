"""The figures of a dossier: what is open of what is placed, and what came in (R10.4, R10.5)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime
from typing import Any

from chalicelib.core.account import Account
from chalicelib.core.invoice import Invoice
from chalicelib.core.placements import Placement

INTEREST, COSTS = "interest", "collection_fee"


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
    """Return what is open by what it is for, in minor units; `balance` is the sum of the four."""
    placed = placed_invoices(account, placement)
    principal = sum(one.open_minor for one in placed)
    interest = _charges(placed, {INTEREST})
    costs = _charges(placed, {COSTS})
    charges = sum(one.open_charges_minor for one in placed)
    return {
        "principal_minor": principal,
        "interest_minor": interest,
        "fees_minor": charges - interest - costs,
        "costs_minor": costs,
        "balance_minor": principal + charges,
        "placed_minor": placement.placed_minor,
        "paid_since_placement_minor": sum(
            one.amount_minor for one in placement.takings if not one.bounced
        ),
        "as_of": as_of.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z"),
    }


def _charges(placed: list[Invoice], kinds: set[str]) -> int:
    return sum(
        charge.open_minor for one in placed for charge in one.charges if charge.kind in kinds
    )


def invoice_rows(account: Account, placement: Placement) -> Iterator[dict[str, Any]]:
    """Yield the invoices that the agency asks for, the oldest first."""
    for one in placed_invoices(account, placement):
        yield {
            "id": one.id,
            "issued_on": one.issued_on.isoformat(),
            "due_on": one.effective_due_on.isoformat(),
            "po_number": one.po_number,
            "amount_minor": one.amount_minor,
            "open_minor": one.open_minor,
            "disputed_minor": one.disputed_minor,
            "charges_minor": one.open_charges_minor,
        }


def last_payment(account: Account, placement: Placement) -> dict[str, Any] | None:
    """Return the last money for what is placed that did not bounce, None where none is known.

    What is known is what lies on invoices that are still open, and what came in since they were
    placed. The amount is what of it went to what is placed.
    """
    came: dict[str, tuple[date, int]] = {}
    for money in account.money.values():
        if money.kind != "payment" or money.bounced or money.currency != placement.currency:
            continue
        amount = sum(
            part.amount_minor
            for part in money.allocations
            if part.invoice_id in placement.invoice_ids
        )
        if amount:
            came[money.id] = (money.value_on, amount)
    for taking in placement.takings:
        if not taking.bounced:
            came[taking.payment_id] = (taking.received_on, taking.amount_minor)
    if not came:
        return None
    _, (on, amount) = max(came.items(), key=lambda item: (item[1][0], item[0]))
    return {"received_on": on.isoformat(), "amount_minor": amount}
