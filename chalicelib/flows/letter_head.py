"""What every letter has, whatever it is about: who writes to whom, when, and in which currency."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from chalicelib.core.errors import Fault, InvalidInputError
from chalicelib.flows.letter_parts import Collector, PaymentInstruction, Seller

DIGITS_MAX = 4  # ISO 4217 knows no currency with more


class LetterError(InvalidInputError):
    """A letter's values do not hold together; nobody may be asked for the wrong amount."""

    code = "invalid_letter"


@dataclass(frozen=True, slots=True, kw_only=True)
class LetterHead:
    """What letters have in common; each sort adds what it is about.

    `reference` is the case's number or what stands for it. `digits` are the minor-unit digits of
    `currency`. `text` names the text of the letter where it is not the kind's own; `contact_name`
    is the one person who is addressed. `attach`: the list as "pdf", as "csv" (R11.5).
    """

    reference: str
    account_id: str
    account_name: str
    seller: Seller
    collector: Collector
    notice_on: date
    currency: str
    digits: int
    text: str = ""
    contact_name: str = ""
    locale: str = "en"
    payment: tuple[PaymentInstruction, ...] = ()
    attach: tuple[str, ...] = ()


def head_faults(letter: LetterHead) -> Iterator[Fault]:
    """Yield what every letter needs and this one lacks."""
    needed = {
        "reference": letter.reference,
        "account_id": letter.account_id,
        "account_name": letter.account_name,
        "seller.name": letter.seller.name,
        "collector.email": letter.collector.email,
    }
    yield from (
        Fault(where, "missing", "a letter cannot go without it")
        for where, text in needed.items()
        if not text.strip()
    )
    if not 0 <= letter.digits <= DIGITS_MAX:
        yield Fault("digits", "out_of_range", f"a currency has 0 to {DIGITS_MAX} digits")
