"""Whether payments are sent here or the ERP allocates: a ledger is `own` or `mirror` (R7.6)."""

from __future__ import annotations

from chalicelib.core.errors import RefusedError
from chalicelib.core.facts import (
    CreditNote,
    Fact,
    InvoiceVoided,
    InvoiceWrittenOff,
    Payment,
    PaymentReversed,
)

OWN = "own"
MIRROR = "mirror"
LEDGER_KINDS = (OWN, MIRROR)


class MirrorLedgerError(RefusedError):
    """The ledger mirrors the ERP's: what moves principal is booked there, and comes in stated."""

    code = "mirror_ledger"


class OwnLedgerError(RefusedError):
    """The ledger is our own: a statement of all that is open has no place in it."""

    code = "own_ledger"


def refuse_in_mirror(ledger_kind: str, what: str = "this") -> None:
    """Refuse what would move principal in a ledger whose ERP allocates (R7.6).

    That is any payment, also one that names charges only, reversal of one, credit note, void or
    write-off, and the applying of cash. `what` begins the sentence, such as "a payment".

    Raises:
        MirrorLedgerError: the ledger is a mirror.
    """
    if ledger_kind == MIRROR:
        raise MirrorLedgerError(in_mirror(what))


def in_mirror(what: str) -> str:
    """Return why a mirror refuses something, and what to do instead."""
    return (
        f"{what} is booked in the ERP: this ledger mirrors it, and the next statement of open "
        "items brings it here (R7.6)"
    )


def moves_principal(fact: Fact) -> str:
    """Return what a fact is, as a sentence begins, if a mirror refuses it; else ""."""
    match fact:
        case Payment():
            return f"payment {fact.payment_id}"
        case PaymentReversed():
            return f"the reversal of payment {fact.payment_id}"
        case CreditNote():
            return f"credit note {fact.credit_note_id}"
        case InvoiceVoided():
            return f"the void of invoice {fact.invoice_id}"
        case InvoiceWrittenOff():
            return f"the write-off of invoice {fact.invoice_id}"
        case _:
            return ""
