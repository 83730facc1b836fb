"""Everything a letter about a promise, a credit hold or a paid case shows, as plain values (R11.5).

It is built from the account as read just before sending (R11.1), and may be about several
currencies, which are never added together (R3.3). Amounts are minor units; dates are calendar
dates.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from chalicelib.core.errors import Fault
from chalicelib.flows.letter_head import DIGITS_MAX, LetterError, LetterHead, head_faults

NOT_DUE_LISTED_MAX = 12  # of thanks: more invoices that are not due yet are only summed up


class AccountLetterKind(StrEnum):
    """Which of these letters it is; the notice's kind names it."""

    PROMISE_MADE = "promise_made"
    HOLD_PLACED = "hold_placed"
    HOLD_RELEASED = "hold_released"
    THANK_YOU = "thank_you"


class ReleasedBy(StrEnum):
    """What ends a hold once all that can be asked for is paid (R8.3)."""

    ITSELF = "itself"
    REVIEW = "review"  # a rule's hold that a person is asked to release
    PERSON = "person"  # one that a person placed: what they want is theirs to say


@dataclass(frozen=True, slots=True, kw_only=True)
class Sum:
    """An amount with its currency."""

    currency: str
    digits: int
    amount_minor: int


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenLine:
    """One invoice with what is open of it and of its charges.

    `asked_minor` is what of it can be asked for now: nothing that is disputed, blocked or not past
    due, and no charges of a blocked invoice (R3.6).
    """

    invoice_id: str
    due_on: date
    currency: str
    digits: int
    open_minor: int
    charges_minor: int = 0
    asked_minor: int = 0
    po_number: str = ""

    @property
    def total_minor(self) -> int:
        """All that is open of the invoice and its charges, minor units."""
        return self.open_minor + self.charges_minor


@dataclass(frozen=True, slots=True, kw_only=True)
class PromiseGiven:
    """A promise to pay as it stands (R6.6). `grace_days`: how long after `by` it still counts as kept.

    `interest_waits`: no interest counts while it lasts, and all of it does if it is broken.
    """

    amount_minor: int
    received_minor: int
    by: date
    made_on: date
    grace_days: int = 0
    interest_waits: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class HoldInForce:
    """How an account is held. `ships_until`: the last day of a temporary release of all holds."""

    is_prepaid: bool
    released_by: ReleasedBy
    ships_until: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountLetter(LetterHead):
    """A whole letter of these kinds; `currency` is that of its first amount.

    `asked` is what it asks for: what is left of a promise, what would release a hold, the charges
    that a paid case left open. `past_due` is the past-due total of an account that is or was held
    (R3.2), `paid` what thanks are for, received since `since`. `invoices` are what a promise
    covers, what is past due or has charges, or what is not due yet; oldest due date first.

    Raises:
        LetterError: the lines do not add up, or what its kind needs is missing; every fault is
            listed.
    """

    kind: AccountLetterKind
    asked: tuple[Sum, ...] = ()
    past_due: tuple[Sum, ...] = ()
    paid: tuple[Sum, ...] = ()
    invoices: tuple[OpenLine, ...] = ()
    promise: PromiseGiven | None = None
    hold: HoldInForce | None = None
    since: date | None = None

    def __post_init__(self) -> None:
        """Refuse a letter that does not hold together, with every fault at once."""
        faults = (*head_faults(self), *_missing(self), *_wrong_sums(self), *_wrong_lines(self))
        if faults:
            raise LetterError("the letter about the account does not hold together", faults)

    @property
    def listed(self) -> tuple[OpenLine, ...]:
        """The invoices that the letter lists: thanks list no more than twelve, or none."""
        if self.kind is not AccountLetterKind.THANK_YOU:
            return self.invoices
        return self.not_due if len(self.not_due) <= NOT_DUE_LISTED_MAX else ()

    @property
    def oldest(self) -> OpenLine | None:
        """The invoice of which principal has been open for the longest time."""
        return next((line for line in self.invoices if line.open_minor), None)

    @property
    def not_due(self) -> tuple[OpenLine, ...]:
        """Of thanks, the invoices that are still to be paid on their own dates."""
        return tuple(line for line in self.invoices if line.open_minor)

    @property
    def open_totals(self) -> tuple[Sum, ...]:
        """All that is open of what it lists, per currency."""
        return sums((line.currency, line.digits, line.total_minor) for line in self.invoices)

    @property
    def not_due_totals(self) -> tuple[Sum, ...]:
        """The open principal of what it lists, per currency."""
        return sums((line.currency, line.digits, line.open_minor) for line in self.invoices)


def sums(parts: Iterable[tuple[str, int, int]]) -> tuple[Sum, ...]:
    """Return parts (currency, digits, minor units) added up per currency, in order of their codes."""
    found: Counter[tuple[str, int]] = Counter()
    for currency, digits, amount_minor in parts:
        found[currency, digits] += amount_minor
    return tuple(
        Sum(currency=currency, digits=digits, amount_minor=amount)
        for (currency, digits), amount in sorted(found.items())
        if amount
    )


def _missing(letter: AccountLetter) -> Iterator[Fault]:
    kind = letter.kind
    parts = {
        "promise": kind is AccountLetterKind.PROMISE_MADE and letter.promise is None,
        "hold": kind is AccountLetterKind.HOLD_PLACED and letter.hold is None,
        "paid": kind is AccountLetterKind.THANK_YOU and not letter.paid,
        "invoices": kind is AccountLetterKind.PROMISE_MADE and not letter.invoices,
    }
    yield from (
        Fault(where, "missing", f"a letter {kind} is about it")
        for where, is_missing in parts.items()
        if is_missing
    )


def _wrong_sums(letter: AccountLetter) -> Iterator[Fault]:
    for where in ("asked", "past_due", "paid"):
        told: tuple[Sum, ...] = getattr(letter, where)
        codes = [one.currency for one in told]
        if codes != sorted(set(codes)):
            yield Fault(where, "wrong_order", "are not one a currency, in order of their codes")
        if any(one.amount_minor <= 0 for one in told):
            yield Fault(where, "wrong_amount", "an amount that is told is above nothing")
        if any(not 0 <= one.digits <= DIGITS_MAX for one in told):
            yield Fault(where, "out_of_range", f"a currency has 0 to {DIGITS_MAX} digits")


def _wrong_lines(letter: AccountLetter) -> Iterator[Fault]:
    seen: set[str] = set()
    for line in letter.invoices:
        where = f"invoice {line.invoice_id}"
        if line.invoice_id in seen:
            yield Fault(where, "duplicate", "is listed twice")
        seen.add(line.invoice_id)
        if line.charges_minor < 0 or not 0 <= line.asked_minor <= line.total_minor:
            yield Fault(where, "wrong_amount", "open, asked and charges do not fit")
    if letter.promise is not None:
        left = letter.promise.amount_minor - letter.promise.received_minor
        if [one.amount_minor for one in letter.asked] != [left]:
            yield Fault("asked", "does_not_add_up", "is not what is left of the promise")
        return
    asked = sums((line.currency, line.digits, line.asked_minor) for line in letter.invoices)
    if asked != letter.asked:
        yield Fault("asked", "does_not_add_up", "is not what the invoices come to")
    if letter.kind is not AccountLetterKind.THANK_YOU and letter.open_totals != letter.past_due:
        yield Fault("past_due", "does_not_add_up", "is not what the invoices come to")
