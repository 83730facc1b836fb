"""A placement as its agency may see it: least data, and nothing when it has ended (R10.5).

The shape is that of `notes/practice.md` 3.3. Nothing here tells of other invoices, of what people
of the house say to each other, of how risky the customer is, or of other agencies.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from chalicelib.core.account import Account, ContactPerson
from chalicelib.core.placements import Placement
from chalicelib.flows.agency_allowed import allowed_to_agency
from chalicelib.flows.dossier_money import amounts_of, invoice_rows, last_payment
from chalicelib.flows.letterhead import Letterhead
from chalicelib.flows.ports_agency import Agency, DossierRow

CONTACTS_MAX = 50  # of one dossier
ADDRESS_LINES_MAX = 10


@dataclass(frozen=True, slots=True)
class Teller:
    """What dossiers of an agency are made with: who asks for the money, and as of when, in UTC."""

    agency: Agency
    seller: Letterhead
    as_of: datetime


def dossier_rows(account: Account, version: int, teller: Teller) -> Iterator[DossierRow]:
    """Yield what an agency may see of an account's placements: those that it was ever offered.

    What goes on with its dossier, what has ended without. `version`: the account's.
    """
    for name in sorted(account.placements):
        placement = account.placements[name]
        if placement.agency == teller.agency.id and placement.offered_on is not None:
            yield dossier_row(account, version, placement, teller)


def dossier_row(account: Account, version: int, placement: Placement, teller: Teller) -> DossierRow:
    """Return the row of one placement; of one that has ended it holds no personal data (R10.4)."""
    body = ""
    if not placement.is_ended:
        values = dossier(account, version, placement, teller)
        body = json.dumps(values, ensure_ascii=False, separators=(",", ":"))
    return DossierRow(
        placement_id=placement.id,
        account_id=account.id,
        account_version=version,
        state=placement.state,
        currency=placement.currency,
        balance_minor=placement.balance_minor,
        outcome=placement.outcome,
        ended_on=placement.ended_on,
        body=body,
    )


def dossier(account: Account, version: int, placement: Placement, teller: Teller) -> dict[str, Any]:
    """Return the dossier of a placement that goes on, as JSON values; amounts are minor units."""
    contacts = list(contact_rows(account))
    return {
        "id": placement.id,
        "object": "placement",
        "version": version,
        "status": placement.state,
        "agency_reference": placement.agency_reference,
        "creditor": {
            "name": teller.seller.seller.name,
            "reference": account.id,
            "reply_email": teller.seller.address,
        },
        "debtor": _debtor(account),
        "contacts": contacts[:CONTACTS_MAX],
        "contacts_left_out": max(0, len(contacts) - CONTACTS_MAX),
        "currency": placement.currency,
        "amounts": amounts_of(account, placement, teller.as_of),
        "invoices": list(invoice_rows(account, placement)),
        "withdrawn_invoices": sorted(placement.withdrawn_ids),
        "last_payment": last_payment(account, placement),
        "history": _history(account, placement),
        "terms": _terms(placement, teller.agency),
        "recall": _recall(placement),
        "settlement": _settlement(placement),
        "suspended_for": sorted(placement.suspended_for),
        "dates": {
            "offered_on": _day(placement.offered_on),
            "offered_until": _day(placement.offered_until),
            "accepted_on": _day(placement.accepted_on),
        },
        "allowed_actions": list(allowed_to_agency(placement)),
    }


def contact_rows(account: Account) -> Iterator[dict[str, Any]]:
    """Yield the customer's contacts by id, the account's own address first, under the id "".

    Where nobody may write to an address (it bounced, its owner complained or opted out), it is left
    out and `do_not_email` says so (R11.4).
    """
    details = account.details
    if details.email:
        own = ContactPerson("", email=details.email, mark=details.email_mark)
        yield _contact(own, details.locale)
    for name in sorted(account.contact_people):
        yield _contact(account.contact_people[name], details.locale)


def _contact(person: ContactPerson, locale: str) -> dict[str, Any]:
    silent = bool(person.mark) or person.opted_out
    return {
        "id": person.id,
        "name": person.name,
        "roles": sorted(person.roles),
        "language": person.locale or locale,
        "email": "" if silent else person.email,
        "phone": person.phone,
        "do_not_email": silent,
    }


def _debtor(account: Account) -> dict[str, Any]:
    details = account.details
    return {
        "type": details.debtor_kind,
        "name": details.name,
        "registration_no": details.registration_no,
        "country": details.country,
        "language": details.locale,
        "address": list(details.address[:ADDRESS_LINES_MAX]),
    }


def _history(account: Account, placement: Placement) -> dict[str, Any]:
    """Tell what was tried before: final demands, attempts by channel, what was broken (R10.5)."""
    found = (account.invoices.get(name) for name in placement.invoice_ids)
    notices = {
        one.notice_id: one
        for invoice in found
        if invoice is not None
        for one in invoice.final_notices
        if one.sent_on is not None
    }
    mine = [one for one in account.promises if one.currency == placement.currency]
    past = account.past_promises.get(placement.currency, {})
    plans = [one for one in account.plans.values() if one.currency == placement.currency]
    attempts = account.case.tried.attempts if account.case is not None else {}
    return {
        "final_demands": [
            {"sent_on": _day(one.sent_on), "respond_by": _day(one.respond_by)}
            for one in sorted(notices.values(), key=lambda one: (str(one.sent_on), one.notice_id))
        ],
        "attempts": dict(sorted(attempts.items())),
        "promises_broken": sum(one.broken_on is not None for one in mine) + past.get("broken", 0),
        "plans_broken": sum(one.state == "broken" for one in plans),
        "disputes_resolved": sum(
            one.resolved_on is not None and one.invoice_id in placement.invoice_ids
            for one in account.disputes.values()
        ),
    }


def _terms(placement: Placement, agency: Agency) -> dict[str, Any] | None:
    terms = placement.terms
    if terms is None:
        return None
    floor = terms.settlement_floor
    return {
        "commission": str(terms.commission),
        "commission_on_direct": terms.commission_on_direct,
        "remit": agency.remit,
        "settlement_floor": None if floor is None else str(floor),
        "auto_recall_on": _day(terms.auto_recall_on),
    }


def _recall(placement: Placement) -> dict[str, Any] | None:
    recall = placement.recall
    if recall is None:
        return None
    return {
        "requested_on": _day(recall.requested_on),
        "reason": recall.reason,
        "effective_on": _day(recall.effective_on),
        "objection": recall.objection,
        "objected_on": _day(recall.objected_on),
    }


def _settlement(placement: Placement) -> dict[str, Any] | None:
    offer = placement.settlement
    if offer is None:
        return None
    return {
        "id": offer.id,
        "status": offer.state,
        "amount_minor": offer.amount_minor,
        "paid_minor": offer.paid_minor,
        "proposed_on": _day(offer.proposed_on),
        "pay_by": _day(offer.pay_by),
    }


def _day(day: Any) -> str | None:
    return None if day is None else day.isoformat()
