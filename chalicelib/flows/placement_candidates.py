"""What could be placed of an account, currency by currency, and what is missing for it (R10.1)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from typing import Any

from chalicelib.core.account import Account
from chalicelib.core.book import Book
from chalicelib.core.invoice import Invoice
from chalicelib.core.placement_choice import CAME_BACK, choose_agency
from chalicelib.core.placement_rules import checklist
from chalicelib.core.placement_steps import balance_of
from chalicelib.core.placements import DRAFT, PROPOSED, Placement, placement_id
from chalicelib.core.policy import Policy
from chalicelib.flows.invoice_view import money
from chalicelib.flows.placement_view import INVOICES_SHOWN, sentence_of


def candidates_body(account: Account, policy: Policy, today: date) -> dict[str, Any]:
    """Return the checklist of every currency in which something is past due, as plain values."""
    currencies = sorted(
        {one.currency for one in account.invoices.values() if _is_past_due(one, today)}
    )
    return {
        "account_id": account.id,
        "as_of": today.isoformat(),
        "policy": {"id": policy.id, "version": policy.version},
        "candidates": [candidate_of(account, policy, code, today) for code in currencies],
    }


def candidate_of(account: Account, policy: Policy, currency: str, today: date) -> dict[str, Any]:
    """Return the checklist of one currency as plain values; of its invoices the first 100, counted."""
    book = Book(account)
    found = checklist(book, policy, currency, today)
    mine = [one for one in account.placements.values() if one.currency == currency]
    proposed = next((one.id for one in mine if one.state in PROPOSED), None)
    return {
        "currency": currency,
        "holds": found.holds,
        "items": [
            {"code": item.code, "holds": item.holds, "detail": item.detail} for item in found.items
        ],
        "invoice_ids": list(found.invoice_ids[:INVOICES_SHOWN]),
        "invoices": len(found.invoice_ids),
        "left_out": [
            {
                "invoice_id": name,
                "because": [{"code": code, "sentence": sentence_of(code)} for code in codes],
            }
            for name, codes in found.left_out[:INVOICES_SHOWN]
        ],
        "left_out_count": len(found.left_out),
        "balance": money(found.balance_minor, currency),
        "agency": would_go_to(account, found.invoice_ids, currency, policy, today) or None,
        "has_ended_before": any(one.outcome in CAME_BACK for one in mine),
        "proposed_placement_id": proposed,
    }


def next_id(account: Account, currency: str, today: date) -> str:
    """Return the id that the account's next placement of a currency gets today."""
    mine = [one for one in account.placements.values() if one.currency == currency]
    made_today = sum(one.made_on == today for one in mine)
    return placement_id(account.id, currency, today, made_today + 1)


def would_go_to(
    account: Account, names: Sequence[str], currency: str, policy: Policy, today: date
) -> str:
    """Return the agency that the rules choose for invoices placed together, "" for none (R10.2)."""
    if not names:
        return ""
    book = Book(account)
    draft = Placement(
        id=next_id(account, currency, today),
        currency=currency,
        state=DRAFT,
        made_on=today,
        made_by="",
        invoice_ids=frozenset(names),
    )
    draft = replace(draft, balance_minor=balance_of(book, draft))
    return choose_agency(book, draft, policy)


def _is_past_due(one: Invoice, today: date) -> bool:
    return bool(one.open_minor and today > one.effective_due_on)
