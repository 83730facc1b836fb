"""The names that finance's own texts can use, by the sort of letter, with what each of them is.

They are a contract: a text of last year must still say the same. Names are added, never taken away
or given another meaning; `plain_values` gives each letter's values.
"""

from __future__ import annotations

from collections.abc import Mapping

from chalicelib.mail.render import PHRASES
from chalicelib.mail.text_shapes import FLAG, NUMBER, TEXT, ListOf, Shape

Names = Mapping[str, Shape]

COMMON: Names = {
    "account_id": TEXT,
    "account_name": TEXT,
    "collector": {"name": TEXT, "email": TEXT, "phone": TEXT},
    "contact_name": TEXT,
    "currency": TEXT,
    "facts": ListOf({"label": TEXT, "value": TEXT}),
    "notice_on": TEXT,
    "payment": ListOf({"label": TEXT, "value": TEXT}),
    "phrases": dict.fromkeys(PHRASES, TEXT),
    "reference": TEXT,
    "seller": {"name": TEXT, "phone": TEXT},
}
DUNNING: Names = {
    "announced": ListOf(TEXT),
    "charges": TEXT,
    "consequences": ListOf(TEXT),
    "disputed": ListOf({"invoice_id": TEXT, "amount": TEXT}),
    "invoice_count": NUMBER,
    "invoice_ids": ListOf(TEXT),
    "invoices": ListOf(
        {
            "id": TEXT, "po_number": TEXT, "issued_on": TEXT, "due_on": TEXT, "days_past_due": NUMBER,
            "due": TEXT, "open": TEXT, "original": TEXT, "charges": TEXT, "disputed": TEXT,
        }
    ),
    "new_charges": ListOf({"invoice_id": TEXT, "name": TEXT, "amount": TEXT, "posted_on": TEXT}),
    "oldest_days_past_due": NUMBER,
    "oldest_due_on": TEXT,
    "principal": TEXT,
    "respond_by": TEXT,
    "total": TEXT,
    "unapplied": ListOf({"name": TEXT, "reference": TEXT, "amount": TEXT, "dated_on": TEXT}),
}  # fmt: skip
PLAN: Names = {
    "grace_days": NUMBER,
    "instalments": ListOf(
        {"number": NUMBER, "due_on": TEXT, "amount": TEXT, "open": TEXT, "is_missed": FLAG}
    ),
    "interest_due": FLAG,
    "invoice_ids": ListOf(TEXT),
    "invoices": ListOf(
        {"id": TEXT, "po_number": TEXT, "due_on": TEXT, "open": TEXT, "charges": TEXT}
    ),
    "left": TEXT,
    "made_on": TEXT,
    "misses_left": NUMBER,
    "open": TEXT,
    "plan_total": TEXT,
    "total": TEXT,
}
ACCOUNT: Names = {
    "invoice_ids": ListOf(TEXT),
    "invoices": ListOf(
        {"id": TEXT, "po_number": TEXT, "due_on": TEXT, "open": TEXT, "charges": TEXT}
    ),
    "is_prepaid": FLAG,
    "not_due": TEXT,
    "paid": TEXT,
    "past_due": TEXT,
    "promised": TEXT,
    "promised_by": TEXT,
    "received": TEXT,
    "ships_until": TEXT,
    "since": TEXT,
    "total": TEXT,
}
STATEMENT: Names = {
    "ages": ListOf({"name": TEXT, "count": NUMBER, "amount": TEXT}),
    "charges": TEXT,
    "disputed": TEXT,
    "invoice_ids": ListOf(TEXT),
    "invoices": ListOf(
        {
            "id": TEXT, "po_number": TEXT, "issued_on": TEXT, "due_on": TEXT, "days_past_due": NUMBER,
            "open": TEXT, "original": TEXT, "charges": TEXT, "disputed": TEXT,
        }
    ),
    "open": TEXT,
    "past_due": TEXT,
    "total": TEXT,
    "unapplied": TEXT,
}  # fmt: skip
