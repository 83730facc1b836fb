"""What an explanation tells of placements: what each waits for, and what is missing for one (R10)."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from chalicelib.core.account import Account
from chalicelib.core.placements import (
    ACTIVE,
    CLOSED,
    CLOSING,
    DRAFT,
    OFFERED,
    PENDING,
    PROPOSED,
    RECALL_PENDING,
    SUSPENDED,
    Placement,
)
from chalicelib.core.policy import Policy
from chalicelib.flows.currencies import amount_in_words
from chalicelib.flows.invoice_view import money
from chalicelib.flows.placement_candidates import candidates_body
from chalicelib.flows.placement_view import allowed_actions, sentence_of, why_not_offer


def placements_of(account: Account, policy: Policy, today: date) -> list[dict[str, Any]]:
    """Return each placement that is not closed: what it waits for, and by when that ends it."""
    going_on = (one for one in account.placements.values() if one.state != CLOSED)
    return [
        _placement(account, one, policy, today)
        for one in sorted(going_on, key=lambda one: (one.made_on, one.id))
    ]


def candidates_of(account: Account, policy: Policy, today: date) -> list[dict[str, Any]]:
    """Return, for each currency in which something is past due, all that is missing for a placement."""
    return [
        {
            "currency": one["currency"],
            "holds": one["holds"],
            "missing": [
                {"code": item["code"], "detail": item["detail"]}
                for item in one["items"]
                if not item["holds"]
            ],
            "invoices": one["invoices"],
            "balance": one["balance"],
            "agency": one["agency"],
            "has_ended_before": one["has_ended_before"],
        }
        for one in candidates_body(account, policy, today)["candidates"]
    ]


def _placement(account: Account, one: Placement, policy: Policy, today: date) -> dict[str, Any]:
    blockers = why_not_offer(account, one, policy, today) if one.state in PROPOSED else []
    until = _until(one, policy)
    return {
        "placement_id": one.id,
        "currency": one.currency,
        "state": one.state,
        "agency": one.agency or None,
        "balance": money(one.balance_minor, one.currency),
        "waits_for": _waits_for(one),
        "until": None if until is None else until.isoformat(),
        "blockers": [{"code": why.code, "detail": why.detail} for why in blockers],
        "allowed_actions": list(allowed_actions(one, today)),
    }


def _waits_for(one: Placement) -> str:
    """Return in words what a placement waits for."""
    if one.state == SUSPENDED:
        return " ".join(sentence_of(code) for code in sorted(one.suspended_for))
    if one.state == CLOSING and one.unremitted_minor:
        left = amount_in_words(one.unremitted_minor, one.currency)
        return f"The agency hands over {left} that it collected, and finance confirms it."
    return _WAITS[one.state]


def _until(one: Placement, policy: Policy) -> date | None:
    """Return the day on which time alone moves it, None where only somebody does."""
    rules = policy.escalation
    if one.state == PENDING and rules.auto_approve_after_days and one.submitted_on is not None:
        return one.submitted_on + timedelta(days=rules.auto_approve_after_days)
    if one.state == OFFERED:
        return one.offered_until
    if one.state == RECALL_PENDING and one.recall is not None:
        return one.recall.effective_on
    if one.state == CLOSING and one.ended_on is not None and not one.unremitted_minor:
        return one.ended_on + timedelta(days=rules.closing_days)
    if one.state in (ACTIVE, SUSPENDED) and one.terms is not None:
        return one.terms.auto_recall_on
    return None


_WAITS = {
    DRAFT: "A person submits it.",
    PENDING: "A person other than who proposed it approves or declines it.",
    OFFERED: "The agency accepts or rejects it.",
    ACTIVE: "The agency collects.",
    RECALL_PENDING: "The recall takes effect.",
    CLOSING: "Money that is still on its way is settled.",
}
