"""What was agreed with a customer: promises to pay (R6.6) and payment plans (R9), as values."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

PlanState = Literal["pending_approval", "active", "completed", "broken", "cancelled"]
Frequency = Literal["weekly", "two_weeks", "monthly"]


@dataclass(frozen=True, slots=True)
class Promise:
    """A promise to pay in force or past (R6.6).

    The id is made from the day and how many were made on it: `ptp_2026-11-22_01`. `broken_on` and
    `withdrawn_on` say that it ended so; `kept_on` that money kept it. `counted` says how much of
    which payment (by its key) counts, so that a bounce takes back exactly that.
    """

    made_on: date
    currency: str
    amount_minor: int
    by: date
    invoice_ids: frozenset[str]
    received_minor: int = 0
    kept_on: date | None = None
    needs_approval: bool = False  # too many were broken before; until approved it blocks nothing
    id: str = ""
    made_by: str = ""  # the person who took it, who cannot approve it
    broken_on: date | None = None
    withdrawn_on: date | None = None
    confirm_asked: bool = False  # on its date a task asked somebody to look for the money
    counted: tuple[tuple[str, int], ...] = ()
    ended_because: str = ""  # of one that was withdrawn, but by nobody: how it ended by itself
    approved_on: date | None = None  # of one that needed approval: it is in force from then
    letters_owed: tuple[str, ...] = ()  # that wait to be written (`account_letters`)

    @property
    def is_over(self) -> bool:
        """Whether it ended: kept, broken, or withdrawn."""
        return self.ended_on is not None

    @property
    def ended_on(self) -> date | None:
        """The day on which it ended."""
        return self.kept_on or self.broken_on or self.withdrawn_on

    def is_in_force(self, today: date, grace_days: int) -> bool:
        """Whether the promise blocks its invoices today: not kept, not broken, not unapproved."""
        return (
            self.kept_on is None
            and self.withdrawn_on is None
            and self.broken_on is None
            and not self.needs_approval
            and today <= self.ends_on(grace_days)
        )

    def breaks_on(self, grace_days: int) -> date | None:
        """Return the day on which an unkept promise is broken: the one after its last (R6.6).

        One that covers nothing, because nothing was owed when it was made, is never broken.
        """
        if self.kept_on is not None or self.withdrawn_on is not None or self.needs_approval:
            return None
        if not self.invoice_ids:
            return None
        return self.broken_on or self.ends_on(grace_days) + timedelta(days=1)

    def ends_on(self, grace_days: int) -> date:
        """Return the last day on which the promise blocks, unless it is kept before."""
        return self.by + timedelta(days=grace_days)


@dataclass(frozen=True, slots=True)
class PlanTerms:
    """What a payment plan is asked to be (R9.1). Amounts in minor units of its currency.

    `count` or `instalment_minor`, one of them: so many instalments, or of so much each (the last is
    the rest). `first_on` is the unmoved date of instalment 1. A down payment is instalment 0, due
    on `down_payment_on`, None: on the day on which the plan is made. No `invoice_ids`: all that is
    past due in the currency and can be covered. `interest_due`: interest that was suspended is due
    after all if the plan breaks (R9.4).
    """

    currency: str
    frequency: Frequency
    first_on: date
    count: int | None = None
    instalment_minor: int | None = None
    down_payment_minor: int = 0
    down_payment_on: date | None = None
    invoice_ids: tuple[str, ...] = ()
    interest_due: bool = False


@dataclass(frozen=True, slots=True)
class Instalment:
    """One instalment: `paid_on` is the day on which a booking filled it. Amounts in minor units."""

    number: int  # 0: the down payment
    due_on: date
    amount_minor: int
    paid_minor: int = 0
    paid_on: date | None = None
    missed_on: date | None = None

    @property
    def open_minor(self) -> int:
        """What is left to pay of it."""
        return self.amount_minor - self.paid_minor


@dataclass(frozen=True, slots=True)
class Plan:
    """A payment plan for named invoices and their open charges in one currency (R9).

    While it is active, what is open of its instalments is what is open of what it covers.
    `approval_reasons` say why it waits for an approval (R9.2). `letters_owed` are those that the
    next decision creates. `ended_on`: completed, broken or cancelled then. `end_told_on`: the day of
    the letter that it is broken or cancelled, from which the interval between notices counts.
    """

    id: str
    state: PlanState
    made_on: date
    currency: str
    invoice_ids: frozenset[str]
    covered_minor: int
    instalments: tuple[Instalment, ...]
    approval_reasons: tuple[str, ...] = ()
    made_by: str = ""  # the person who made it, who cannot approve it
    started_on: date | None = None
    ended_on: date | None = None
    reason: str = ""  # of a cancelled one
    interest_due: bool = False
    letters_owed: tuple[str, ...] = ()
    end_told_on: date | None = None
    cash_applied: tuple[tuple[str, int], ...] = ()  # of older payments, by their keys
    terms: PlanTerms | None = None

    @property
    def is_active(self) -> bool:
        """Whether it blocks what it covers (R9.3)."""
        return self.state == "active"

    @property
    def open_minor(self) -> int:
        """What is left to pay of it, over all instalments."""
        return sum(instalment.open_minor for instalment in self.instalments)
