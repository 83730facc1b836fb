"""What the data of an event may hold: each field's name, its JSON Schema and its meaning.

Ids, codes, days and amounts only. Nothing here is a name, an address, or anybody's words.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

IDS_MAX = 100  # of a list in one event; of the others there is the count
CODE_CHARS_MAX = 64

_ID = {"type": "string", "minLength": 1}
_CODE = {"type": "string", "pattern": f"^[a-z][a-z0-9_-]{{0,{CODE_CHARS_MAX - 1}}}$"}
_DAY = {"type": "string", "format": "date"}
_COUNT = {"type": "integer", "minimum": 0}
_AMOUNT = {"$ref": "#/$defs/amount"}
_IDS = {"type": "array", "items": _ID, "maxItems": IDS_MAX}
_CODES = {"type": "array", "items": _CODE, "maxItems": IDS_MAX}

AMOUNT_SCHEMA: Mapping[str, Any] = {
    "type": "object",
    "description": "Money: whole minor units (cents) of a currency by its ISO 4217 code.",
    "properties": {
        "amount_minor": {"type": "integer"},
        "currency": {"type": "string", "pattern": "^[A-Z]{3}$"},
    },
    "required": ["amount_minor", "currency"],
    "additionalProperties": False,
}


@dataclass(frozen=True, slots=True)
class DataField:
    """A field of an event's data: its JSON Schema, and what it means."""

    schema: Mapping[str, Any]
    meaning: str


FIELDS: Mapping[str, DataField] = MappingProxyType(
    {
        "agency_id": DataField(_ID, "the agency"),
        "amount": DataField(_AMOUNT, "how much"),
        "amount_open": DataField(_AMOUNT, "what is still to be paid of it"),
        "amount_past_due": DataField(_AMOUNT, "what of it is past due"),
        "amount_received": DataField(_AMOUNT, "what came in of it"),
        "assignee": DataField(_ID, "the person who has it, by id"),
        "attempt": DataField(_COUNT, "which attempt to send it, from 1"),
        "balance": DataField(_AMOUNT, "what is open of what is placed"),
        "block": DataField(_CODE, "the block, such as `legal_stop` or `reply_waiting`"),
        "case_id": DataField(_ID, "the number that letters quote"),
        "changed": DataField(_CODES, "which details changed, by name and without their values"),
        "channel": DataField(_CODE, "how: `phone`, `email` ..."),
        "charge": DataField(_CODE, "the kind of charge, such as `flat`, `percent` or `interest`"),
        "charge_id": DataField(_ID, "the charge"),
        "commission": DataField(_AMOUNT, "what the agency earns by it"),
        "contact_id": DataField(_ID, "the contact; left out: the account's own address"),
        "credit_note_id": DataField(_ID, "the credit note"),
        "direction": DataField(_CODE, "`in` or `out`; of an adjustment `increase` or `decrease`"),
        "dispute_id": DataField(_ID, "the dispute"),
        "due_on": DataField(_DAY, "the effective due date, or by when it is to be done or paid"),
        "effective_on": DataField(_DAY, "the day that it is about, such as when a recall counts"),
        "entry": DataField(_CODE, "the kind of ledger entry"),
        "hold_id": DataField(_ID, "the hold"),
        "instalment": DataField(_COUNT, "the number of the instalment; 0: the down payment"),
        "invoice_count": DataField(
            _COUNT, f"how many invoices; `invoice_ids` has {IDS_MAX} at most"
        ),
        "invoice_id": DataField(_ID, "the invoice"),
        "invoice_ids": DataField(_IDS, "the invoices; empty: the account"),
        "issued_on": DataField(_DAY, "the invoice's date"),
        "mark": DataField(_CODE, "why nothing more is written there: `bounced`, `complained` ..."),
        "may_ship": DataField({"type": "boolean"}, "whether the account may be shipped to"),
        "notice": DataField(_CODE, "the kind of notice, such as `reminder`"),
        "notice_id": DataField(_ID, "the notice"),
        "outcome": DataField(_CODE, "how it came out"),
        "payment_id": DataField(_ID, "the payment"),
        "plan_id": DataField(_ID, "the payment plan"),
        "placement_id": DataField(_ID, "the placement"),
        "promise_id": DataField(_ID, "the promise to pay"),
        "reason_code": DataField(_CODE, "why, as a code; left out: there is none"),
        "ref": DataField(
            _ID, "what it rests on, by its id: a ledger entry, payment or credit note"
        ),
        "request_id": DataField(_ID, "the request to release an order"),
        "settlement_id": DataField(_ID, "the settlement that an agency proposed"),
        "stage": DataField(_ID, "the stage of the policy"),
        "state": DataField(_CODE, "the state it came to"),
        "statement_id": DataField(_ID, "the statement"),
        "status": DataField(_CODE, "the credit status: `open`, `on_hold` or `prepaid`"),
        "status_before": DataField(_CODE, "the credit status that it was"),
        "task": DataField(_CODE, "the kind of task, such as `call` or `review_notice`"),
        "task_id": DataField(_ID, "the task"),
        "until": DataField(_DAY, "the last day; left out: until it is ended"),
        "value_on": DataField(_DAY, "the day from which the money counts"),
        "was_due_on": DataField(_DAY, "the effective due date before"),
    }
)
