"""Which facts of a ledger an account knows already, so that the same file again brings nothing new.

Money and invoices are known by their ids. An invoice keeps a digest of what was said of it when it
was taken in, because its disputes, its extension and its advance move on. Other facts carry no id:
the account remembers a digest of each, in one mark of its own that lies on no currency there is,
and so blocks nothing. The mark is written in the import's own transaction, and its size has a
limit.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection
from dataclasses import MISSING, dataclass, fields, replace
from typing import TypeAlias

from chalicelib.core.account import Account, Mark, Money, money_key
from chalicelib.core.book import Book
from chalicelib.core.errors import LimitError
from chalicelib.core.facts import CreditNote, Fact, InvoiceIssued, Payment
from chalicelib.core.invoice import Invoice

IMPORTED = "imported"  # the mark's name; no rule knows it
NO_CURRENCY = "*"  # where no invoice lies, so that the mark can block none
REMEMBERED_MAX = 5_000  # facts without ids, of one account
_DIGEST_CHARACTERS = 16
_Pair: TypeAlias = tuple[str, object, object]  # what is compared: its name, there, and new
_Pairs: TypeAlias = tuple[_Pair, ...]


@dataclass(frozen=True, slots=True)
class Conflict:
    """The same id with other content: reported, not overwritten (`cli.md`, Ledger files)."""

    detail: str


def known(book: Book, fact: Fact, remembered: Collection[str]) -> bool | Conflict:
    """Return whether a fact is booked already, or how it contradicts what is."""
    match fact:
        case InvoiceIssued():
            there = book.find(fact.invoice_id)
            return False if there is None else _same_invoice(there, fact)
        case Payment():
            paid = book.money.get(money_key("payment", fact.payment_id))
            return False if paid is None else _same_payment(paid, fact)
        case CreditNote():
            credit = book.money.get(money_key("credit_note", fact.credit_note_id))
            return False if credit is None else _same_credit(credit, fact)
        case _:
            return digest(fact) in remembered


def stamped(fact: Fact) -> Fact:
    """Return a fact as it is booked: an invoice carries the digest of all that its row says."""
    return replace(fact, digest=digest(fact)) if isinstance(fact, InvoiceIssued) else fact


def has_id(fact: Fact) -> bool:
    """Whether a fact is known by an id of its own."""
    return isinstance(fact, InvoiceIssued | Payment | CreditNote)


def digest(fact: Fact) -> str:
    """Return what stands for a fact: it is made from all that the fact says.

    Fields that say nothing are left out, so that a fact keeps its digest when its kind gains one.
    """
    said = [
        f"{field.name}={getattr(fact, field.name)!r}"
        for field in fields(fact)
        if field.default is MISSING or getattr(fact, field.name) != field.default
    ]
    text = f"{type(fact).__name__}({', '.join(said)})"
    return hashlib.sha256(text.encode()).hexdigest()[:_DIGEST_CHARACTERS]


def remembered_by(account: Account) -> frozenset[str]:
    """Return the digests of the facts without ids that were imported before."""
    marks = (mark for mark in account.marks if mark.block == IMPORTED)
    return next((mark.invoice_ids for mark in marks), frozenset())


def remembering(account: Account, digests: frozenset[str]) -> Account:
    """Return the account with these digests in its one mark.

    Raises:
        LimitError: they are more than an account remembers.
    """
    if len(digests) > REMEMBERED_MAX:
        raise LimitError(
            f"an account remembers {REMEMBERED_MAX:,} imported facts, this has {len(digests):,}"
        )
    others = tuple(mark for mark in account.marks if mark.block != IMPORTED)
    own = (Mark(IMPORTED, digests, NO_CURRENCY),) if digests else ()
    return replace(account, marks=(*others, *own))


def _same_invoice(there: Invoice, fact: InvoiceIssued) -> bool | Conflict:
    pairs = (
        ("currency", there.currency, fact.currency),
        ("amount", there.amount_minor, fact.amount_minor),
        ("open amount when it was taken in", there.opened_minor, fact.open_minor),
        ("issue date", there.issued_on, fact.issued_on),
        ("due date", there.due_on, fact.due_on),
        ("PO number", there.po_number, fact.po_number),
    )
    return _compared(f"invoice {fact.invoice_id}", (*pairs, _moving(there, fact, pairs)))


def _moving(there: Invoice, fact: InvoiceIssued, still: _Pairs) -> _Pair:
    """Return what was said of the invoice's parts that move on, to be compared by its digest.

    A digest tells that something differs, not what: only what differs nowhere else is left to it.
    """
    name = "disputed part, agreed due date, advance or delivery"
    is_said = any(there != new for _, there, new in still)
    if is_said or not there.digest or not fact.digest:
        return name, "", ""
    return name, there.digest, fact.digest


def _same_payment(paid: Money, fact: Payment) -> bool | Conflict:
    pairs = (
        ("currency", paid.currency, fact.currency),
        ("amount", paid.amount_minor, fact.amount_minor),
        ("date", paid.value_on, fact.received_on),
        ("booking date", paid.booked_on, fact.on),
        ("invoices", paid.invoice_ids, fact.invoice_ids),
    )
    return _compared(f"payment {fact.payment_id}", pairs)


def _same_credit(credit: Money, fact: CreditNote) -> bool | Conflict:
    pairs = (
        ("currency", credit.currency, fact.currency),
        ("amount", credit.amount_minor, fact.amount_minor),
        ("date", credit.value_on, fact.on),
        ("invoice", credit.invoice_ids, (fact.invoice_id,) if fact.invoice_id else ()),
    )
    return _compared(f"credit note {fact.credit_note_id}", pairs)


def _compared(what: str, pairs: _Pairs) -> bool | Conflict:
    different = [name for name, there, new in pairs if there != new]
    if not different:
        return True
    return Conflict(
        f"{what} is there already, with another {' and '.join(different)}; it stays as it is. "
        "Say what changed as a fact (dispute, extension, delivery, void), or as a credit note or "
        "a reversed payment"
    )
