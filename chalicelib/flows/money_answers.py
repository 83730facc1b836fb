"""Payments and credit notes as they are answered: the values of the API's bodies, ready for JSON.

A payment may have paid thousands of invoices: of each long list the answer has a count and the
first rows; `allocation_rows` gives all, part by part.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from chalicelib.core.account import Allocated, Money

SHOWN_MAX = 100  # rows of a long list in the answer about one payment
SHOWN_IN_LISTS_MAX = 10


def payment_answer(
    account_id: str, money: Money, *, shown: int = SHOWN_MAX, is_pending: bool = False
) -> dict[str, Any]:
    """Return a payment as it is answered.

    While its allocation is pending, only what is certain and visible: that it is booked.
    """
    said: dict[str, Any] = {
        "account_id": account_id,
        "payment_id": money.id,
        "state": "reversed" if money.bounced else "booked",
        "received_on": money.value_on.isoformat(),
        "booked_on": money.booked_on.isoformat(),
        "amount": amount(money.amount_minor, money.currency),
        "reference": money.reference,
        "named": part(money.invoice_ids, shown),
        "allocation": "pending" if is_pending else "done",
    }
    if is_pending:
        return said
    return said | _applied(money, shown) | {
        "written_off": part(_rows(money.written_off, money.currency), shown),
        "reversed_charges": part(_rows(money.reversals, money.currency), shown),
    }  # fmt: skip


def credit_note_answer(account_id: str, money: Money, *, shown: int = SHOWN_MAX) -> dict[str, Any]:
    """Return a credit note as it is answered."""
    return {
        "account_id": account_id,
        "credit_note_id": money.id,
        "issued_on": money.value_on.isoformat(),
        "booked_on": money.booked_on.isoformat(),
        "amount": amount(money.amount_minor, money.currency),
        "reason": money.reason,
        "invoice_id": money.invoice_ids[0] if money.invoice_ids else None,
    } | _applied(money, shown)


def allocation_rows(money: Money, start: int, limit: int) -> list[dict[str, Any]]:
    """Return a part of where a payment or credit note went, in the order it went there."""
    return _rows(money.allocations[start : start + limit], money.currency)


def amount(amount_minor: int, currency: str) -> dict[str, Any]:
    """Return an amount of minor units as JSON has it."""
    return {"amount_minor": amount_minor, "currency": currency}


def part(rows: Sequence[Any], shown: int) -> dict[str, Any]:
    """Return a long list as how many rows it has, and the first ones."""
    return {"count": len(rows), "first": list(rows[:shown])}


def _applied(money: Money, shown: int) -> dict[str, Any]:
    return {
        "unapplied": amount(money.unapplied_minor, money.currency),
        "allocations": {
            "count": len(money.allocations),
            "first": _rows(money.allocations[:shown], money.currency),
        },
        "waits_for": part(sorted(money.waits_for), shown),
    }


def _rows(taken: Iterable[Allocated], currency: str) -> list[dict[str, Any]]:
    return [
        {
            "invoice_id": one.invoice_id,
            "charge_id": one.charge_id,
            "amount": amount(one.amount_minor, currency),
        }
        for one in taken
    ]
