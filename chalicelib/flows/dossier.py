"""A placement as its agency may see it: least data, and nothing when it has ended (R10.5).

The shape is that of `notes/practice.md` 3.3. Nothing here tells of other invoices, of what people
of the house say to each other, of how risky the customer is, or of other agencies.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from itertools import islice
from typing import Any

from chalicelib.core.account import Account
from chalicelib.core.erasure import is_erased
from chalicelib.core.placements import Placement, PlacementTerms
from chalicelib.flows.agency_allowed import actions_of, allowed_to_agency
from chalicelib.flows.dossier_money import (
    INVOICES_MAX,
    amounts_of,
    invoice_rows,
    last_payment,
    placed_invoices,
)
from chalicelib.flows.letterhead import Letterhead
from chalicelib.flows.money_answers import amount
from chalicelib.flows.ports_agency import Agency, DossierRow

CONTACTS_MAX = 50  # of one dossier, by id


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
        values = dossier(account, placement, teller)
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


def dossier(account: Account, placement: Placement, teller: Teller) -> dict[str, Any]:
    """Return the dossier of a placement that goes on, as JSON values."""
    return {
        "id": placement.id,
        "status": placement.state,
        "agency_reference": placement.agency_reference,
        "creditor": {
            "name": teller.seller.seller.name,
            "reference": account.id,
            "reply_email": teller.seller.address,
        },
        "debtor": _debtor(account),
        "currency": placement.currency,
        "amounts": amounts_of(account, placement, teller.as_of),
        "invoices": list(invoice_rows(account, placement)),
        "more_invoices": max(0, len(placed_invoices(account, placement)) - INVOICES_MAX),
        "withdrawn_invoice_ids": sorted(placement.withdrawn_ids),
        "history": _history(account, placement),
        "last_payment": last_payment(account, placement, teller.agency.id),
        "terms": _terms(placement, teller.agency),
        "dates": _dates(placement),
        "suspended_for": sorted(placement.suspended_for),
        "recall": _recall(placement),
        "settlement": _settlement(placement),
        "allowed_actions": actions_of(allowed_to_agency(placement)),
    }


def _contacts(account: Account) -> Iterator[dict[str, Any]]:
    """Yield the customer's contacts by id.

    Where nobody may write to an address (it bounced, its owner complained or opted out), it is left
    out and `do_not_email` says so (R11.4).
    """
    there = (name for name, one in sorted(account.contact_people.items()) if not is_erased(one))
    for name in islice(there, CONTACTS_MAX):
        person = account.contact_people[name]
        silent = bool(person.mark) or person.opted_out
        yield {
            "contact_id": person.id,
            "name": person.name,
            "roles": sorted(person.roles),
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
        "email": "" if details.email_mark else details.email,
        "address": list(details.address),
        "contacts": list(_contacts(account)),
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


def _terms(placement: Placement, agency: Agency) -> dict[str, Any]:
    terms = placement.terms or PlacementTerms()
    floor = terms.settlement_floor
    return {
        "commission_percent": percent_text(terms.commission),
        "commission_on_direct": terms.commission_on_direct,
        "settlement_floor_percent": None if floor is None else percent_text(floor),
        "remit": agency.remit,
    }


def percent_text(rate: Decimal) -> str:
    """Return a rate as a percentage without needless zeros: 0.15 is `15`, 0.125 is `12.5`."""
    return f"{(rate * 100).normalize():f}"


def _dates(placement: Placement) -> dict[str, Any]:
    return {
        "offered_on": _day(placement.offered_on),
        "offered_until": _day(placement.offered_until),
        "accepted_on": _day(placement.accepted_on),
        "auto_recall_on": _day(placement.terms.auto_recall_on if placement.terms else None),
    }


def _recall(placement: Placement) -> dict[str, Any] | None:
    recall = placement.recall
    if recall is None:
        return None
    return {
        "requested_on": _day(recall.requested_on),
        "effective_on": _day(recall.effective_on),
        "reason": recall.reason,
        "objection": recall.objection,
    }


def _settlement(placement: Placement) -> dict[str, Any] | None:
    offer = placement.settlement
    if offer is None:
        return None
    return {
        "proposal_id": offer.id,
        "amount": amount(offer.amount_minor, placement.currency),
        "paid": amount(offer.paid_minor, placement.currency),
        "pay_by": _day(offer.pay_by),
        "state": offer.state,
    }


def _day(day: date | None) -> str | None:
    return None if day is None else day.isoformat()
