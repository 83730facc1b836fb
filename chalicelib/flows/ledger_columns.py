"""The columns of each ledger file, in Pastdue's own names."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

Role = Literal["invoices", "payments", "credit_notes", "facts"]
Kind = Literal["text", "lines", "ids", "day", "amount", "flag"]


@dataclass(frozen=True, slots=True)
class Column:
    """What a column holds and whether every file of its role must have it."""

    kind: Kind = "text"
    required: bool = False


TEXT, NEEDED_TEXT = Column(), Column(required=True)
DAY, NEEDED_DAY = Column("day"), Column("day", required=True)
AMOUNT, NEEDED_AMOUNT = Column("amount"), Column("amount", required=True)

INVOICE_COLUMNS: Mapping[str, Column] = {
    "account_id": NEEDED_TEXT,
    "account_name": TEXT,
    "account_class": TEXT,
    "invoice_id": NEEDED_TEXT,
    "issued_on": NEEDED_DAY,
    "due_on": DAY,
    "terms": TEXT,
    "currency": NEEDED_TEXT,
    "amount": NEEDED_AMOUNT,
    "open_amount": AMOUNT,
    "advanced_amount": AMOUNT,
    "delivered_on": DAY,
    "extended_due_on": DAY,
    "po_number": TEXT,
    "disputed": Column("flag"),
    "disputed_amount": AMOUNT,
    "email": TEXT,
    "sales_owner": TEXT,
    "debtor_kind": TEXT,
    "locale": TEXT,
    "country": TEXT,
    "registration_no": TEXT,
    "address": Column("lines"),
}
PAYMENT_COLUMNS: Mapping[str, Column] = {
    "payment_id": NEEDED_TEXT,
    "account_id": NEEDED_TEXT,
    "received_on": NEEDED_DAY,
    "booked_on": DAY,
    "currency": NEEDED_TEXT,
    "amount": NEEDED_AMOUNT,
    "invoice_ids": Column("ids"),
}
CREDIT_NOTE_COLUMNS: Mapping[str, Column] = {
    "credit_note_id": NEEDED_TEXT,
    "account_id": NEEDED_TEXT,
    "issued_on": NEEDED_DAY,
    "currency": NEEDED_TEXT,
    "amount": NEEDED_AMOUNT,
    "invoice_id": TEXT,
    "reason": TEXT,
}
FILE_COLUMNS: Mapping[str, Mapping[str, Column]] = {
    "invoices": INVOICE_COLUMNS,
    "payments": PAYMENT_COLUMNS,
    "credit_notes": CREDIT_NOTE_COLUMNS,
}
ALL_COLUMNS: Mapping[str, Column] = {
    **CREDIT_NOTE_COLUMNS,
    **PAYMENT_COLUMNS,
    **INVOICE_COLUMNS,
}

# A payment that stands in a row of the invoices file: `[payments]` of the mapping.
PAID_RECEIVED, PAID_BOOKED, PAID_AMOUNT = "paid.received_on", "paid.booked_on", "paid.amount"
PAID_COLUMNS: Mapping[str, Column] = {
    PAID_RECEIVED: NEEDED_DAY,
    PAID_BOOKED: DAY,
    PAID_AMOUNT: AMOUNT,
}
