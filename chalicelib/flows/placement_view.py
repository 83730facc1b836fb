"""Placements as they are answered to finance: what is placed, with whom, and what may be done (R10)."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import date
from typing import Any

from chalicelib.core.account import Account
from chalicelib.core.blocks import BLOCKS
from chalicelib.core.book import Book
from chalicelib.core.errors import Blocker, NotFoundError
from chalicelib.core.invoice import Invoice
from chalicelib.core.placement_rules import (
    NO_DEMAND,
    NOT_ANSWERED_YET,
    NOT_PROPOSED,
    NOT_SENT,
    Checklist,
    checklist,
)
from chalicelib.core.placement_steps import CREDITOR, balance_of
from chalicelib.core.placement_suspension import NOT_DUE
from chalicelib.core.placements import (
    ACTIVE,
    OFFERED,
    PENDING,
    PROPOSED,
    RECALL_PENDING,
    SUSPENDED,
    Placement,
)
from chalicelib.core.policy import Policy
from chalicelib.flows.invoice_view import money
from chalicelib.flows.placement_values import (
    fee_values,
    recall_values,
    settlement_values,
    taking_values,
    terms_values,
)

INVOICES_SHOWN = 100  # of one placement
TAKINGS_SHOWN = 100  # the latest
# What an ETag stands for: all that a person or the agency changes, not what the day changes.
GUARDED = (
    "account_id", "placement_id", "currency", "state", "outcome", "reason", "agency",
    "agency_reference", "invoice_ids", "invoices_count", "withdrawn", "placed", "balance",
    "recall", "settlement", "suspended_for", "takings_count", "unremitted",
)  # fmt: skip
_ACTIONS = {
    "draft": ("submit",),
    PENDING: ("approve", "decline"),
    OFFERED: ("recall",),
    ACTIVE: ("suspend", "recall"),
    SUSPENDED: ("recall",),
    RECALL_PENDING: ("move_recall",),
}
_ANSWERS = ("approve_settlement", "decline_settlement")
_SENTENCES = {
    CREDITOR: "A person asked that it rests; a person lets it go on.",
    NO_DEMAND: "No final demand listed it.",
    NOT_SENT: "Its final demand does not count as sent.",
    NOT_ANSWERED_YET: "The date for an answer to its final demand has not passed.",
    NOT_DUE: "The due date of an invoice was extended: nothing is asked for before it has passed.",
    NOT_PROPOSED: "It is not among those that are to be placed.",
}


def find_placement(account: Account, placement_id: str) -> Placement:
    """Return a placement of an account.

    Raises:
        NotFoundError: the account keeps no such placement.
    """
    placement = account.placements.get(placement_id)
    if placement is None:
        raise NotFoundError(f"the account keeps no placement {placement_id[:250]!r}")
    return placement


def allowed_actions(placement: Placement, today: date) -> tuple[str, ...]:
    """Return what people may do with a placement as it stands today, whoever asks (R10.4)."""
    found = list(_ACTIONS.get(placement.state, ()))
    if placement.state == SUSPENDED and placement.suspended_for == frozenset({CREDITOR}):
        found.insert(0, "resume")
    recall = placement.recall
    if placement.state == RECALL_PENDING and recall is not None and today <= recall.cancel_by:
        found.append("cancel_recall")
    if placement.settlement is not None and placement.settlement.state == "pending":
        found.extend(_ANSWERS)
    return tuple(found)


def missing_of(found: Checklist) -> list[Blocker]:
    """Return every item of a checklist that does not hold, as reasons to refuse (R10.1)."""
    return [Blocker(item.code, item.detail) for item in found.missing]


def why_not_offer(
    account: Account, placement: Placement, policy: Policy, today: date
) -> list[Blocker]:
    """Return all that keeps what is proposed from being placed today (R10.1): none, if nothing does.

    The checklist of its invoices as of today, and each of them that it leaves out.
    """
    names = placement.invoice_ids
    found = checklist(Book(account), policy, placement.currency, today, among=names)
    return [*missing_of(found), *_left_out(account, names, found)]


def _left_out(account: Account, names: Collection[str], found: Checklist) -> Iterator[Blocker]:
    """Yield the invoices that have something open and may not be placed, each with why."""
    why = dict(found.left_out)
    for name in sorted(names):
        invoice = account.invoices.get(name)
        if invoice is None or invoice.is_settled or name in found.invoice_ids:
            continue
        reasons = " ".join(sentence_of(code) for code in why.get(name, ()))
        said = reasons or "Nothing of it is past due any more."
        yield Blocker("invoice_left_out", f"Invoice {name}: {said}")


def sentence_of(code: str) -> str:
    """Return in words why something is not placed, or rests."""
    if code in _SENTENCES:
        return _SENTENCES[code]
    block = BLOCKS.get(code)
    return block.sentence if block is not None else f"{code.replace('_', ' ').capitalize()}."


def placement_body(
    account: Account, placement: Placement, policy: Policy, today: date
) -> dict[str, Any]:
    """Return a placement as plain values: of its invoices and takings the first 100, all counted.

    `blockers`: of what is proposed, everything that keeps it from being offered today.
    """
    currency = placement.currency
    blockers = []
    if placement.state in PROPOSED:
        blockers = why_not_offer(account, placement, policy, today)
    balance = placement.balance_minor
    if placement.state in PROPOSED:
        balance = balance_of(Book(account), placement)
    return {
        "account_id": account.id,
        "placement_id": placement.id,
        "currency": currency,
        "state": placement.state,
        "outcome": placement.outcome or None,
        "reason": placement.reason or None,
        "agency": placement.agency or None,
        "agency_reference": placement.agency_reference or None,
        "invoice_ids": sorted(placement.invoice_ids)[:INVOICES_SHOWN],
        "invoices": [
            _invoice(account, name, placement, today)
            for name in sorted(placement.invoice_ids)[:INVOICES_SHOWN]
        ],
        "invoices_count": len(placement.invoice_ids),
        "withdrawn": len(placement.withdrawn_ids),
        "placed": money(placement.placed_minor, currency),
        "balance": money(balance, currency),
        "terms": terms_values(placement),
        "collection_fee": fee_values(account, placement),
        "takings": [taking_values(one, currency) for one in placement.takings[-TAKINGS_SHOWN:]],
        "takings_count": len(placement.takings),
        "unremitted": money(placement.unremitted_minor, currency),
        "recall": recall_values(placement.recall),
        "settlement": settlement_values(placement.settlement, currency),
        "suspended_for": [
            {"code": code, "sentence": sentence_of(code)}
            for code in sorted(placement.suspended_for)
        ],
        **_dates(placement),
        "allowed_actions": list(allowed_actions(placement, today)),
        "blockers": [_blocker(one) for one in blockers],
    }


def guarded(body: dict[str, Any]) -> dict[str, Any]:
    """Return what the ETag of a placement that is answered stands for."""
    return {name: body[name] for name in GUARDED}


def _dates(placement: Placement) -> dict[str, Any]:
    """Return when, and by whom, it came where it is."""
    return {
        "made_on": placement.made_on.isoformat(),
        "made_by": placement.made_by or None,
        "submitted_on": _day(placement.submitted_on),
        "submitted_by": placement.submitted_by or None,
        "approved_by": placement.approved_by or None,
        "offered_on": _day(placement.offered_on),
        "offered_until": _day(placement.offered_until),
        "accepted_on": _day(placement.accepted_on),
        "ended_on": _day(placement.ended_on),
        "closed_on": _day(placement.closed_on),
    }


def _invoice(account: Account, name: str, placement: Placement, today: date) -> dict[str, Any]:
    """Return what is open of an invoice; of one that is settled, nothing."""
    one: Invoice | None = account.invoices.get(name)
    principal = 0 if one is None else one.open_minor
    charges = 0 if one is None else one.open_charges_minor
    return {
        "invoice_id": name,
        "open": money(principal, placement.currency),
        "open_charges": money(charges, placement.currency),
        "disputed": money(0 if one is None else one.disputed_minor, placement.currency),
        "days_past_due": one.days_past_due(today) if one is not None and principal else None,
    }


def _blocker(one: Blocker) -> dict[str, Any]:
    return {"code": one.code, "detail": one.detail, "eligible_from": _day(one.eligible_from)}


def _day(day: date | None) -> str | None:
    return None if day is None else day.isoformat()
