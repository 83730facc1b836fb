"""Small accounts of which past-due invoices are offered to an agency, built by hand."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

from chalicelib.core.account import Account
from chalicelib.core.apply import Booking, apply_all
from chalicelib.core.effects import ENTRY_SIGN, Effect
from chalicelib.core.effects_placements import (
    PlacedInvoiceEnded,
    PlacementBalance,
    PlacementMoved,
)
from chalicelib.core.facts import Fact, InvoiceIssued, Payment
from chalicelib.core.facts_placements import PlacementAct
from chalicelib.core.placement_moves import Move
from chalicelib.core.placements import Placement, PlacementTerms
from chalicelib.core.policy import Policy
from tests.unit.accounts import DAY, account, days, paid, policy

PLACED = "plc_1"
FEE = f"{PLACED}:collection_fee:USD"
ESCALATION = """
[escalation]
agencies = [ { agency = "acme" } ]
collection_fee = { percent = "0.15", max = { USD = "40.00" } }
"""
RULES = policy(ESCALATION)
NO_FEES = '[escalation]\nagencies = [ { agency = "acme" } ]'
NO_FEE = policy(NO_FEES)
TERMS = PlacementTerms(
    commission=Decimal("0.20"), commission_on_direct=True, settlement_floor=Decimal("0.80")
)


def offered(
    facts: Iterable[InvoiceIssued], rules: Policy = RULES, terms: PlacementTerms = TERMS
) -> Account:
    """An account whose invoices, all of them, are offered to the agency `acme` on `DAY`."""
    return placed(account(facts, rules), terms)


def placed(issued: Account, terms: PlacementTerms = TERMS) -> Account:
    """An account of which all that is open is offered to the agency `acme` on `DAY`."""
    balance = sum(one.open_minor + one.open_charges_minor for one in issued.invoices.values())
    placement = Placement(
        PLACED,
        "USD",
        "offered",
        DAY,
        "anna",
        frozenset(issued.invoices),
        agency="acme",
        approved_by="bert",
        offered_on=DAY,
        offered_until=DAY + days(7),
        placed_minor=balance,
        balance_minor=balance,
        terms=terms,
    )
    return replace(issued, placements={PLACED: placement})


def act(move: Move, on: date = DAY, **changes: Any) -> PlacementAct:
    return PlacementAct(on, PLACED, move, **changes)


ACCEPT = act("accept")


def collected(cents: int, name: str = "agy_acme_1", on: date = DAY, **changes: Any) -> Payment:
    """Money that the agency received."""
    return paid(cents, on=on, payment_id=name, placement_id=PLACED, **changes)


def booked(before: Account, *facts: Fact, rules: Policy = RULES) -> Booking:
    return apply_all(before, facts, rules)


def placement_of(found: Account | Booking) -> Placement:
    return (found.account if isinstance(found, Booking) else found).placements[PLACED]


def told(effects: Iterable[Effect]) -> list[str]:
    """What the agency is told, a line each: `fee +15.00 = 115.00`, `paid`, `without I1`."""
    return [line for effect in effects if (line := _line(effect))]


def _line(effect: Effect) -> str:
    match effect:
        case PlacementBalance():
            cents = f"{effect.amount_minor / 100:+.2f} = {effect.balance_minor / 100:.2f}"
            earned = f", earns {effect.commission_minor / 100:.2f}"
            return f"{effect.because} {cents}" + (earned if effect.commission_minor else "")
        case PlacedInvoiceEnded():
            return f"without {effect.invoice_id}"
        case PlacementMoved():
            return f"{effect.move} {effect.reason}".strip()
        case _:
            return ""


def gap(account: Account) -> int:
    """By how much the ledger's entries and what is open differ: 0 (R7.5)."""
    entered = sum(
        ENTRY_SIGN[kind] * minor
        for kinds in account.totals.values()
        for kind, minor in kinds.items()
    )
    found = sum(i.open_minor + i.open_charges_minor for i in account.invoices.values())
    return entered - found + sum(account.unapplied.values())
