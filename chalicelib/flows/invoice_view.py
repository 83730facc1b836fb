"""An invoice and its charges as they are answered: the values of the API's bodies, ready for JSON."""

from __future__ import annotations

from datetime import date
from typing import Any

from chalicelib.core.aging import bucket_names, bucket_of
from chalicelib.core.invoice import Charge, Invoice
from chalicelib.core.policy import AgingRules

# What an invoice's ETag stands for: all but what changes with the day alone.
GUARDED = (
    "account_id", "invoice_id", "status", "amount", "open", "advanced", "disputed", "dispute",
    "open_charges", "issued_on", "due_on", "extended_due_on", "effective_due_on", "delivered_on",
    "first_seen_on", "po_number", "stages", "notices_owed", "noticed_on", "charges",
)  # fmt: skip


def invoice_body(
    account_id: str, invoice: Invoice, rules: AgingRules, today: date
) -> dict[str, Any]:
    """Return an invoice as `GET` answers it on a day.

    `days_past_due` and `bucket` are None when no principal is open.
    """
    currency = invoice.currency
    ages = invoice.open_minor > 0
    return {
        "account_id": account_id,
        "invoice_id": invoice.id,
        "status": status_of(invoice),
        "amount": money(invoice.amount_minor, currency),
        "open": money(invoice.open_minor, currency),
        "advanced": money(invoice.advanced_minor, currency),
        "disputed": money(invoice.disputed_minor, currency),
        "dispute": dispute_of(invoice),
        "dispute_id": (invoice.dispute_id or None) if invoice.disputed_minor else None,
        "open_charges": money(invoice.open_charges_minor, currency),
        "issued_on": invoice.issued_on.isoformat(),
        "due_on": invoice.due_on.isoformat(),
        "extended_due_on": _day(invoice.extended_due_on),
        "effective_due_on": invoice.effective_due_on.isoformat(),
        "delivered_on": _day(invoice.delivered_on),
        "first_seen_on": invoice.seen_on.isoformat(),
        "days_past_due": invoice.days_past_due(today) if ages else None,
        "bucket": bucket_names(rules)[bucket_of(rules, invoice, today)] if ages else None,
        "po_number": invoice.po_number,
        "stages": [
            {"stage": stage.stage, "days": stage.days, "applied_on": stage.on.isoformat()}
            for stage in invoice.applied
        ],
        "notices_owed": [{"stage": owed.stage, "days": owed.days} for owed in invoice.owed],
        "noticed_on": _day(invoice.noticed_on),
        "charges": [charge_body(invoice, charge) for charge in invoice.charges],
    }


def guarded(body: dict[str, Any]) -> dict[str, Any]:
    """Return what the ETag of an invoice that is answered stands for."""
    return {name: body[name] for name in GUARDED}


def charge_body(invoice: Invoice, charge: Charge) -> dict[str, Any]:
    """Return a charge of an invoice as it is answered (R4.7: what was waived stays visible)."""
    currency = invoice.currency
    return {
        "charge_id": charge.id,
        "invoice_id": invoice.id,
        "status": "open" if charge.open_minor else "closed",
        "stage": charge.stage,
        "kind": charge.kind,
        "posted_on": charge.posted_on.isoformat(),
        "amount": money(charge.amount_minor, currency),
        "open": money(charge.open_minor, currency),
        "waived": money(charge.waived_minor, currency),
        "reinstated": money(charge.reinstated_minor, currency),
        "reversed": money(charge.reversed_minor, currency),
        "capped_by": charge.capped_by,
        "basis": charge.basis,
    }


def status_of(invoice: Invoice) -> str:
    """Return `open` while principal or a charge is open, else `voided` or `closed`."""
    if not invoice.is_settled:
        return "open"
    return "voided" if invoice.voided else "closed"


def dispute_of(invoice: Invoice) -> str:
    """Return `none`, `open`, or `customer_won` while the credit note is awaited (R5.5)."""
    if invoice.disputed_minor == 0:
        return "none"
    return "customer_won" if invoice.dispute_won else "open"


def money(amount_minor: int, currency: str) -> dict[str, Any]:
    """Return an amount of minor units as JSON has it (api.md, money)."""
    return {"amount_minor": amount_minor, "currency": currency}


def _day(day: date | None) -> str | None:
    return None if day is None else day.isoformat()
