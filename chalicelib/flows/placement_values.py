"""The parts of a placement as plain values: fee, terms, takings, recall, settlement (R10)."""

from __future__ import annotations

from datetime import date
from typing import Any

from chalicelib.core.account import Account
from chalicelib.core.invoice import Charge, Invoice
from chalicelib.core.placements import Placement, Recall, SettlementOffer, Taking
from chalicelib.flows.invoice_view import money


def fee_values(account: Account, placement: Placement) -> dict[str, Any] | None:
    """Return its collection fee as it stands, None while none is posted or it is not at hand."""
    found = fee_of(account, placement)
    if found is None:
        return None
    invoice, charge = found
    return {
        "charge_id": charge.id,
        "invoice_id": invoice.id,
        "posted_on": charge.posted_on.isoformat(),
        "amount": money(charge.amount_minor, invoice.currency),
        "open": money(charge.open_minor, invoice.currency),
        "waived": money(charge.waived_minor, invoice.currency),
    }


def fee_of(account: Account, placement: Placement) -> tuple[Invoice, Charge] | None:
    """Return a placement's collection fee with the invoice that it hangs on, None if there is none."""
    for name in sorted(placement.invoice_ids):
        invoice = account.invoices.get(name) or account.closed.get(name)
        for charge in () if invoice is None else invoice.charges:
            if charge.id == placement.fee_id and invoice is not None:
                return invoice, charge
    return None


def terms_values(placement: Placement) -> dict[str, Any] | None:
    """Return what was agreed when it was offered, None before."""
    terms = placement.terms
    if terms is None:
        return None
    floor = terms.settlement_floor
    return {
        "commission": str(terms.commission),
        "commission_on_direct": terms.commission_on_direct,
        "settlement_floor": None if floor is None else str(floor),
        "auto_recall_on": _day(terms.auto_recall_on),
    }


def taking_values(one: Taking, currency: str) -> dict[str, Any]:
    """Return money that came in for what is placed."""
    return {
        "payment_id": one.payment_id,
        "by": one.by,
        "received_on": one.received_on.isoformat(),
        "amount": money(one.amount_minor, currency),
        "commission": money(one.commission_minor, currency),
        "remittance_id": one.remittance_id or None,
        "bounced": one.bounced,
    }


def recall_values(recall: Recall | None) -> dict[str, Any] | None:
    """Return a recall that was asked for, None if none was."""
    if recall is None:
        return None
    return {
        "requested_on": recall.requested_on.isoformat(),
        "requested_by": recall.requested_by or None,
        "reason": recall.reason,
        "effective_on": recall.effective_on.isoformat(),
        "cancel_by": recall.cancel_by.isoformat(),
        "objection": recall.objection or None,
        "objected_on": _day(recall.objected_on),
    }


def settlement_values(offer: SettlementOffer | None, currency: str) -> dict[str, Any] | None:
    """Return a settlement that is proposed or agreed, None if none is."""
    if offer is None:
        return None
    return {
        "proposal_id": offer.id,
        "state": offer.state,
        "amount": money(offer.amount_minor, currency),
        "paid": money(offer.paid_minor, currency),
        "proposed_on": offer.proposed_on.isoformat(),
        "pay_by": offer.pay_by.isoformat(),
    }


def _day(day: date | None) -> str | None:
    return None if day is None else day.isoformat()
