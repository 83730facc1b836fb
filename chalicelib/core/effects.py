"""What a day brings about, as values. Ids are made from meaning, so that doing it twice is a no-op."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import ClassVar

from chalicelib.core.effects_placements import PlacementEffect


@dataclass(frozen=True, slots=True)
class StageApplied:
    """A stage was applied to an invoice (R5.2)."""

    kind: ClassVar[str] = "stage"
    on: date
    account_id: str
    invoice_id: str
    stage: str
    days: int = 0


@dataclass(frozen=True, slots=True)
class ChargePosted:
    """A charge of a stage; amount 0 when a cap left nothing, and then it is not posted (R4.5)."""

    kind: ClassVar[str] = "charge"
    on: date
    account_id: str
    id: str
    invoice_id: str
    stage: str
    charge: str
    amount_minor: int
    currency: str
    capped_by: str | None = None
    basis: str = ""


@dataclass(frozen=True, slots=True)
class ChargeStopped:
    """A charge could not be worked out and was not posted; the alarm of R4.4.

    `because` is the code of the error (`rate_unknown`), `detail` its words.
    """

    kind: ClassVar[str] = "charge_stopped"
    on: date
    account_id: str
    id: str
    invoice_id: str
    stage: str
    charge: str
    because: str
    detail: str = ""


@dataclass(frozen=True, slots=True)
class NoticeCreated:
    """One notice to one account in one currency (R5.3). `past_due_minor`: demandable total (R3.6)."""

    kind: ClassVar[str] = "notice"
    on: date
    account_id: str
    id: str
    notice: str
    stage: str
    currency: str
    invoice_ids: tuple[str, ...]
    past_due_minor: int


@dataclass(frozen=True, slots=True)
class HoldPlaced:
    """A rule places a hold (R8.1), with the evidence it saw."""

    kind: ClassVar[str] = "hold_placed"
    on: date
    account_id: str
    reason: str
    evidence: str = ""


@dataclass(frozen=True, slots=True)
class HoldEnded:
    """A rule's hold ends by itself (R8.3)."""

    kind: ClassVar[str] = "hold_released"
    on: date
    account_id: str
    reason: str


@dataclass(frozen=True, slots=True)
class ChargeReversed:
    """A charge is taken back because money had come in by value date (R4.9)."""

    kind: ClassVar[str] = "charge_reversed"
    on: date
    account_id: str
    id: str
    invoice_id: str
    amount_minor: int
    currency: str
    because: str = "value_date"


@dataclass(frozen=True, slots=True)
class Skipped:
    """A stage, its warning or a notice did not happen because of one block (R5.5)."""

    kind: ClassVar[str] = "skip"
    on: date
    account_id: str
    invoice_id: str
    stage: str
    block: str


@dataclass(frozen=True, slots=True)
class TaskMade:
    """A task is opened: something a person must do by a day (R6.2)."""

    kind: ClassVar[str] = "task"
    on: date
    account_id: str
    id: str
    task: str
    due_on: date
    assignee: str = ""
    part: str = ""


@dataclass(frozen=True, slots=True)
class TaskEnded:
    """A task is done, or there is nothing left to do."""

    kind: ClassVar[str] = "task_closed"
    on: date
    account_id: str
    id: str
    task: str
    because: str


@dataclass(frozen=True, slots=True)
class PromiseEnded:
    """A promise to pay was `kept`, `broken` or `withdrawn`; what was paid of it is part kept (R6.6).

    `not_approved`: its last day passed before anybody approved it. `nothing_open`: nothing is owed
    any more of what it covers, and no money came in for it.
    """

    kind: ClassVar[str] = "promise"
    on: date
    account_id: str
    id: str
    outcome: str
    amount_minor: int
    received_minor: int
    currency: str


@dataclass(frozen=True, slots=True)
class CaseOpened:
    """A case is opened; `id` is the number that letters quote (R6.5)."""

    kind: ClassVar[str] = "case_opened"
    on: date
    account_id: str
    id: str


@dataclass(frozen=True, slots=True)
class CaseClosed:
    """Nothing is past due any more: the case is closed (R6.5)."""

    kind: ClassVar[str] = "case_closed"
    on: date
    account_id: str
    id: str


@dataclass(frozen=True, slots=True)
class PlanMoved:
    """A payment plan came into a state (R9); `amount_minor` is what was then left to pay of it."""

    kind: ClassVar[str] = "plan"
    on: date
    account_id: str
    id: str
    state: str
    amount_minor: int
    currency: str


@dataclass(frozen=True, slots=True)
class InstalmentMissed:
    """An instalment was not paid by its date and the days of grace (R9.4); `id` is the plan's."""

    kind: ClassVar[str] = "instalment_missed"
    on: date
    account_id: str
    id: str
    number: int
    due_on: date
    amount_minor: int
    currency: str


@dataclass(frozen=True, slots=True)
class StatementCreated:
    """One statement to one account in one currency (R5.1).

    `open_minor`: open principal and charges of what it lists; `past_due_minor`: what of that is
    past due, all its charges with it (R3.2).
    """

    kind: ClassVar[str] = "statement"
    on: date
    account_id: str
    id: str
    currency: str
    open_minor: int
    past_due_minor: int


Effect = (
    StageApplied
    | ChargePosted
    | ChargeStopped
    | NoticeCreated
    | HoldPlaced
    | HoldEnded
    | ChargeReversed
    | Skipped
    | TaskMade
    | TaskEnded
    | PromiseEnded
    | CaseOpened
    | CaseClosed
    | PlanMoved
    | InstalmentMissed
    | StatementCreated
    | PlacementEffect
)


# The kinds of effects that are about dunning itself; the others are about people and agreements.
DUNNING_KINDS = frozenset(
    {"stage", "charge", "notice", "hold_placed", "hold_released", "charge_reversed", "skip"}
)


@dataclass(frozen=True, slots=True)
class Event:
    """What a person or a system did to an account, for its timeline.

    `actor` is a principal's id, `subject` the id of what it is about; `note` is the actor's own
    words. Names and addresses of contacts never go in: they are told by reference.
    """

    on: date
    at: datetime
    kind: str
    actor: str
    subject: str = ""
    reason_code: str = ""
    note: str = ""
    figures: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the append-only ledger (R7.5). Amounts are positive minor units."""

    kind: str
    on: date
    value_on: date
    currency: str
    amount_minor: int
    ref: str
    invoice_id: str = ""
    charge_id: str = ""
    reason: str = ""


# R7.5: how each kind of entry moves (open principal + open charges - unapplied).
ENTRY_SIGN = {
    "opening": 1,
    "invoice": 1,
    "charge": 1,
    "charge_reversal": -1,
    "payment": -1,
    "payment_reversal": 1,
    "credit_note": -1,
    "waiver": -1,
    "void": -1,
    "write_off": -1,
    "write_off_reversal": 1,
    "external": 1,
    "external_decrease": -1,
}
