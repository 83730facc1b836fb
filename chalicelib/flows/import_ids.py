"""Which ids a stage takes in: the API must be able to address every account and invoice by its path."""

from __future__ import annotations

import re

from chalicelib.core.facts import Fact

# Unreserved in a path, and so in it as they are; a client would resolve "." and ".." away.
_ID = re.compile(r"(?!\.{1,2}\Z)[A-Za-z0-9._~-]{1,64}")
_SHOWN_MAX = 80


def is_id(text: str) -> bool:
    """Whether the API can address an account or invoice of this id."""
    return _ID.fullmatch(text) is not None


def unfit(text: str) -> str:
    """Return why an id is refused, with what is allowed."""
    shown = text if len(text) <= _SHOWN_MAX else f"{text[:_SHOWN_MAX]}..."
    return (
        f'the id "{shown}" cannot be addressed; an id is 1 to 64 characters, of the letters A-Z '
        'and a-z, the digits, and . _ ~ - (not "." or ".." alone)'
    )


def invoice_id_of(fact: Fact) -> str | None:
    """Return the one invoice that a fact is about, None when it is about none or several.

    A payment is about none: the money is there whatever it names.
    """
    found: str | None = getattr(fact, "invoice_id", None)
    return found


def in_words(fact: Fact) -> str:
    """Return what a fact is, for people: by its own id where it has one."""
    for name in ("payment_id", "credit_note_id", "invoice_id"):
        if (value := getattr(fact, name, None)) is not None:
            kind = type(fact).__name__
            own = kind in ("InvoiceIssued", "Payment", "CreditNote")
            what = f"{name.removesuffix('_id').replace('_', ' ')} {value}"
            return what if own else f"a {kind} of {what}"
    return f"a {type(fact).__name__}"
