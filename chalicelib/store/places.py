"""Where things lie: in an account's live state or its history, and what facts need of the latter.

Pure functions over core values. An invoice is live while anything of it is open. Money is live
while something of it is unapplied, it waits for an invoice, or it touches a live invoice; so
whoever has all live items, and with each closed invoice the money that touched it, has all that a
booking needs.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from chalicelib.core.account import Account, Money, money_key
from chalicelib.core.facts import (
    CashApplied,
    ChargeReinstated,
    ChargeWaived,
    CreditNote,
    Delivery,
    DisputeResolved,
    Extension,
    ExternalOpen,
    Fact,
    InvoiceCorrected,
    InvoiceIssued,
    InvoiceVoided,
    InvoiceWrittenOff,
    NoticeCancelled,
    NoticeCounted,
    Payment,
    PaymentReversed,
)
from chalicelib.core.facts_letters import LetterReported
from chalicelib.core.facts_placements import PlacementAct
from chalicelib.core.invoice import Invoice

_TAKES_BACK = frozenset({"recall", "move_recall", "recalled"})  # they may waive the fee (R10.3)


@dataclass(slots=True)
class Named:
    """What facts name that may lie in history: ids of invoices, keys of money.

    The id of a placement among those of invoices stands for the invoices that were placed: its fee
    hangs on one of them (R4.2).
    """

    invoice_ids: set[str] = field(default_factory=set)
    money_keys: set[str] = field(default_factory=set)
    reversed_keys: set[str] = field(default_factory=set)  # money whose invoices are needed too
    notice_ids: set[str] = field(default_factory=set)  # notices, live or past, with their invoices


def named_by(facts: Sequence[Fact]) -> Named:
    """Return what the booking of facts looks up by id, be it live or closed."""
    named = Named()
    for fact in facts:
        match fact:
            case (
                InvoiceIssued()
                | Delivery()
                | DisputeResolved()
                | Extension()
                | InvoiceCorrected()
                | ExternalOpen()
                | InvoiceVoided()
                | InvoiceWrittenOff()
                | ChargeWaived()
                | ChargeReinstated()
            ):
                named.invoice_ids.add(fact.invoice_id)
            case CreditNote():
                named.money_keys.add(money_key("credit_note", fact.credit_note_id))
                if fact.invoice_id:
                    named.invoice_ids.add(fact.invoice_id)
            case Payment():
                named.money_keys.add(money_key("payment", fact.payment_id))
                named.invoice_ids.update(fact.invoice_ids)
            case CashApplied():
                named.money_keys.update((fact.money_key,) if fact.money_key else ())
                named.invoice_ids.update(fact.invoice_ids)
            case PlacementAct() if fact.move in _TAKES_BACK:
                named.invoice_ids.add(fact.placement_id)
            case PaymentReversed():
                named.reversed_keys.add(money_key("payment", fact.payment_id))
            case NoticeCounted() | NoticeCancelled() | LetterReported():
                named.notice_ids.add(fact.notice_id)
            case _:
                pass
    return named


def placed_with(account: Account, names: Iterable[str]) -> Iterable[str]:
    """Yield the ids of the invoices of those of an account's placements that are named."""
    for name in names:
        if name in account.placements:
            yield from account.placements[name].invoice_ids


def touched_by(money: Money) -> Iterable[str]:
    """Yield the ids of the invoices that money was allocated to, wrote off or took charges from."""
    for part in (money.allocations, money.written_off, money.reversals):
        for taken in part:
            yield taken.invoice_id


def is_live(money: Money, invoices: dict[str, Invoice]) -> bool:
    """Whether money belongs to the live state beside these live invoices."""
    if money.unapplied_minor or money.waits_for:
        return True
    return any(name in invoices for name in touched_by(money))


def money_of(account: Account, invoice_ids: Iterable[str]) -> dict[str, tuple[str, ...]]:
    """Return, for each of the invoices, the keys of the money at hand that touched it, in order."""
    found: dict[str, list[str]] = {name: [] for name in invoice_ids}
    if found:
        for key in sorted(account.money):
            for name in dict.fromkeys(touched_by(account.money[key])):
                if name in found:
                    found[name].append(key)
    return {name: tuple(keys) for name, keys in found.items()}
