"""How money moves a payment plan: instalments follow the balance of what it covers (R9.4)."""

from __future__ import annotations

from chalicelib.core.book import Book
from chalicelib.core.facts import Fact


def covered_balances(book: Book) -> dict[str, int]:
    """Return what is open of what each active plan covers, charges included, by plan id."""
    balances: dict[str, int] = {}
    for plan in book.plans.values():
        if plan.is_active:
            found = (book.invoices.get(name) for name in plan.invoice_ids)
            balances[plan.id] = sum(
                invoice.open_minor + invoice.open_charges_minor
                for invoice in found
                if invoice is not None
            )
    return balances


def follow_balances(book: Book, fact: Fact, before: dict[str, int]) -> None:
    """Let the instalments follow what a fact did to the balance of what their plan covers."""
