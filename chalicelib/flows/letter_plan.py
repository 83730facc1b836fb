"""Everything a letter about a payment plan shows, as plain values (R9.4, R11.5).

It is built from the account as read just before sending (R11.1). Amounts are minor units of the
plan's one currency; dates are calendar dates.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from chalicelib.core.errors import Fault
from chalicelib.flows.letter_head import LetterError, LetterHead, head_faults


class PlanLetterKind(StrEnum):
    """Which of the letters about a plan it is; the notice's kind names it."""

    AGREED = "plan_agreed"
    MISSED = "plan_missed"
    BROKEN = "plan_broken"
    COMPLETED = "plan_completed"
    CANCELLED = "plan_cancelled"

    @property
    def is_running(self) -> bool:
        """Whether the plan goes on: the letter shows its schedule, else what the plan covered."""
        return self in (PlanLetterKind.AGREED, PlanLetterKind.MISSED)


@dataclass(frozen=True, slots=True, kw_only=True)
class InstalmentLine:
    """One line of the schedule; number 0 is the down payment."""

    number: int
    due_on: date
    amount_minor: int
    open_minor: int
    is_missed: bool = False

    @property
    def is_paid(self) -> bool:
        """Whether nothing is left to pay of it."""
        return self.open_minor == 0


@dataclass(frozen=True, slots=True, kw_only=True)
class CoveredLine:
    """One invoice that the plan covers, with what is open of it and of its charges.

    `disputed_minor` is the part of the open principal that is in dispute: not asked for. Nor is
    anything of a blocked one: wholly disputed, promised, or in another plan meanwhile (R5.5).
    """

    invoice_id: str
    due_on: date
    open_minor: int
    charges_minor: int
    is_past_due: bool
    is_blocked: bool = False
    disputed_minor: int = 0
    po_number: str = ""

    @property
    def total_minor(self) -> int:
        """All that is open of the invoice and its charges, minor units."""
        return self.open_minor + self.charges_minor

    @property
    def asked_minor(self) -> int:
        """What of it can be asked for once no plan covers it any more, minor units."""
        if self.is_blocked:
            return 0
        principal = self.open_minor - self.disputed_minor if self.is_past_due else 0
        return principal + self.charges_minor


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanLetter(LetterHead):
    """A whole letter about a plan. `asked_minor` is what it asks to be paid now.

    `covers` are the invoices with anything open, oldest due date first; `instalments` those of which
    credits left anything, none for a plan that they settled wholly. `grace_days`, `missed_max`
    and `interest_due` are what the plan's end depends on, and brings (R9.4); `interest_rests`: its
    days bear none, however it ends.

    Raises:
        LetterError: the lines do not add up, or what its kind needs is missing; every fault is
            listed.
    """

    kind: PlanLetterKind
    asked_minor: int
    made_on: date
    instalments: tuple[InstalmentLine, ...]
    covers: tuple[CoveredLine, ...]
    grace_days: int = 0
    missed_max: int = 1
    interest_due: bool = False
    interest_rests: bool = False

    def __post_init__(self) -> None:
        """Refuse a letter that does not hold together, with every fault at once."""
        faults = (*head_faults(self), *_missing(self), *_wrong_lines(self), *_wrong_totals(self))
        if faults:
            raise LetterError("the letter about a payment plan does not hold together", faults)

    @property
    def total_minor(self) -> int:
        """What all instalments together come to, minor units."""
        return sum(line.amount_minor for line in self.instalments)

    @property
    def left(self) -> tuple[InstalmentLine, ...]:
        """The instalments of which something is left to pay, the first one first."""
        return tuple(line for line in self.instalments if not line.is_paid)

    @property
    def missed(self) -> tuple[InstalmentLine, ...]:
        """The instalments that were missed and are still open."""
        return tuple(line for line in self.left if line.is_missed)

    @property
    def due_now(self) -> tuple[InstalmentLine, ...]:
        """The instalments that are due by the letter's date and still open."""
        return tuple(line for line in self.left if line.due_on <= self.notice_on)

    @property
    def left_minor(self) -> int:
        """What is left to pay of the instalments, minor units."""
        return sum(line.open_minor for line in self.left)

    @property
    def open_minor(self) -> int:
        """All that is open of what the plan covers or covered, minor units."""
        return sum(line.total_minor for line in self.covers)

    @property
    def disputed_minor(self) -> int:
        """What of it is in dispute, minor units."""
        return sum(line.disputed_minor for line in self.covers)

    @property
    def listed(self) -> tuple[CoveredLine, ...]:
        """The invoices that the letter lists; while instalments are owed it need not."""
        return () if self.kind is PlanLetterKind.MISSED else self.covers

    @property
    def charges_minor(self) -> int:
        """What is open of the charges on what the plan covers or covered, minor units."""
        return sum(line.charges_minor for line in self.covers)

    @property
    def misses_left(self) -> int:
        """How many more instalments may be missed before the plan ends; at the next one, 1.

        It ends with the last that is to come, however many may be missed.
        """
        more = self.missed_max - sum(line.is_missed for line in self.instalments)
        to_come = sum(bool(line.open_minor) and not line.is_missed for line in self.instalments)
        return max(min(more, to_come), 1)


def _missing(letter: PlanLetter) -> Iterator[Fault]:
    if not letter.instalments and letter.kind is not PlanLetterKind.COMPLETED:
        yield Fault("instalments", "missing", "a payment plan has instalments")


def _wrong_lines(letter: PlanLetter) -> Iterator[Fault]:
    numbers = [line.number for line in letter.instalments]
    if numbers != sorted(set(numbers)):
        yield Fault("instalments", "wrong_order", "are not in the order of their numbers")
    for line in letter.instalments:
        if not 0 <= line.open_minor <= line.amount_minor:
            detail = "what is open of it is not between nothing and its amount"
            yield Fault(f"instalment {line.number}", "wrong_amount", detail)
    seen: set[str] = set()
    for covered in letter.covers:
        where = f"invoice {covered.invoice_id}"
        if covered.invoice_id in seen:
            yield Fault(where, "duplicate", "is listed twice")
        seen.add(covered.invoice_id)
        if covered.charges_minor < 0 or not 0 <= covered.disputed_minor <= covered.open_minor:
            yield Fault(where, "wrong_amount", "open, disputed and charges do not fit")


def _wrong_totals(letter: PlanLetter) -> Iterator[Fault]:
    if letter.kind.is_running and letter.left_minor != letter.open_minor:
        detail = (
            f"the instalments have {letter.left_minor} minor units left to pay, "
            f"what they cover has {letter.open_minor}"
        )
        yield Fault("instalments", "does_not_add_up", detail)
    asked = {
        PlanLetterKind.AGREED: sum(line.open_minor for line in letter.due_now),
        PlanLetterKind.MISSED: min(
            sum(line.open_minor for line in letter.missed),
            letter.open_minor - letter.disputed_minor,
        ),
        PlanLetterKind.COMPLETED: 0,
    }.get(letter.kind, sum(line.asked_minor for line in letter.covers))
    if asked != letter.asked_minor:
        detail = f"the lines come to {asked} minor units, the letter asks {letter.asked_minor}"
        yield Fault("asked_minor", "does_not_add_up", detail)
    if letter.kind is PlanLetterKind.MISSED and not letter.missed:
        yield Fault("instalments", "nothing_missed", "no instalment was missed and is open")
    if letter.kind is PlanLetterKind.COMPLETED and (letter.covers or letter.left):
        yield Fault("covers", "not_paid", "a plan that is paid in full has nothing open")
