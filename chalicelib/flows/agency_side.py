"""What an agency reports: checked against its own shelf, kept there, and answered at once (R10.5).

`AgencyReport.body` is the validated request as JSON, with every field, also those left out. What
the worker reads of each kind (M: `{"amount_minor": 100, "currency": "EUR"}`; days are `YYYY-MM-DD`;
a text that was left out is "", anything else null):

    every kind           id: the agency's own, as in `AgencyReport.id`
    accept               agency_reference
    reject               reason_code, note
    activity             code (ACTIVITY_CODES), on, contact_id, note,
                         channel ("", call, email, letter, sms, visit, other)
    promise              amount M, pay_by, invoice_ids, note
    dispute              invoice_ids (none: all), amount M or null (with one invoice only),
                         reason_code, note
    contact              contact_id ("": a new one), name, email, phone, address (lines), note
    payment              received_on, amount M, invoice_ids (none: by the waterfall), reference
    payment_reversal     payment_id, on, reason_code, note
    settlement_proposal  amount M, pay_by, note
    recall_response      answer (confirm, object), reason_code ("" of confirm), note
    return               close_code (CLOSE_CODES), note
    remittance           kind, period_from, period_until, currency,
                         lines: placement_id, payment_id, amount M, commission M each,
                         totals: count, collected M, commission M, paid M;
                         `flows.remittances.remittance_of` reads it

`AgencyReport.placement_id` is the path's; of a remittance "".
"""

from __future__ import annotations

ACTIVITY_CODES = (
    "contact_attempt",
    "contacted",
    "letter_sent",
    "promise",
    "plan_proposed",
    "dispute_raised",
    "address_updated",
    "skip_trace",
    "legal_review",
    "suit_filed",
    "judgment",
    "bankruptcy",
    "deceased_or_dissolved",
    "note",
)
CLOSE_CODES = (
    "paid_direct",
    "paid_agency",
    "settled",
    "recalled",
    "refused",
    "expired",
    "uncollectible",
    "not_found",
    "bankrupt",
    "disputed_upheld",
    "out_of_statute",
    "duplicate",
    "creditor_error",
)
