"""Explanations (R13.3)."""

from __future__ import annotations

from datetime import date
from typing import Any, Literal

from chalicelib.api.shapes.base import Answer, MoneyAnswer
from chalicelib.api.shapes.pauses import Block


class PolicyVersion(Answer):
    """The policy an account goes by, and its version: the file's SHA-256, first 12 digits."""

    id: str
    version: str


class Step(Answer):
    """One effect, past or to come: by which rules, in words, and the figures that go in."""

    on: date
    kind: str
    rules: list[str]
    sentence: str
    figures: dict[str, Any]


class PastStep(Step):
    """One effect that happened. `policy` is its policy's id and version, as `id@version`."""

    policy: str


class WaitLine(Answer):
    """One reason why an invoice takes no step today. `until`: the day on which it may end, if known."""

    code: str
    rule: str
    sentence: str
    until: date | None


class InvoiceWaits(Answer):
    """Why one past-due invoice takes no step today; none: it would."""

    invoice_id: str
    waits: list[WaitLine]


class NextStatement(Answer):
    """The day of the next statement; null: only a booking brings one.

    `waits`: what stops it, or keeps invoices out of it.
    """

    next_on: date | None
    waits: list[WaitLine]


class OpenTask(Answer):
    """Something that a person must do by a day. `part`: of a call, the half of the day."""

    id: str
    task: str
    due_on: date
    part: str
    assignee: str
    why: str


class NotWrittenTo(Answer):
    """Somebody whom letters do not go to; a null id is the account's own address (R11.2).

    `why`: `bounced`, `complained` or `suppressed` (the mail service's word, `since` a day),
    `opted_out`, `not_an_address` or `no_address`.
    """

    contact_id: str | None
    why: str
    since: date | None


class LettersExplained(Answer):
    """Whom letters go to now; a null id is the account's own address.

    `way` `post`: nobody can be written to, so that letters become tasks to post them.
    """

    way: Literal["mail", "post"]
    go_to: list[str | None]
    not_written_to: list[NotWrittenTo]


class MissingAnswer(Answer):
    """What is missing or in the way: a stable code, and words."""

    code: str
    detail: str


class PlacementExplained(Answer):
    """A placement with an agency that is not closed, and what it waits for (R10.4).

    `until`: the day on which time alone moves it. `blockers`: of what is proposed, all that keeps
    it from being offered.
    """

    placement_id: str
    currency: str
    state: str
    agency: str | None
    balance: MoneyAnswer
    waits_for: str
    until: date | None
    blockers: list[MissingAnswer]
    allowed_actions: list[str]


class CandidateExplained(Answer):
    """What could be placed of a currency, and every item of the checklist that is missing (R10.1)."""

    currency: str
    holds: bool
    missing: list[MissingAnswer]
    invoices: int
    balance: MoneyAnswer
    agency: str | None
    has_ended_before: bool


class AccountExplained(Answer):
    """What happens next to an account and when, and everything that blocks it.

    `next_steps` are what rules bring about; what people are asked to do already are `open_tasks`.
    Statements are no steps: `statement` tells of the next one.
    At most 25 steps, 200 blocks, 100 past-due invoices and 50 tasks; the counts tell how many there
    are.
    """

    account_id: str
    as_of: date
    policy: PolicyVersion
    next_on: date | None
    next_steps: list[Step]
    later_steps: list[Step]
    looked_through: date
    assumes: str
    statement: NextStatement
    blocks: list[Block]
    blocks_count: int
    past_due_invoices: list[InvoiceWaits]
    past_due_invoices_count: int
    open_tasks: list[OpenTask]
    open_tasks_count: int
    letters: LettersExplained
    placements: list[PlacementExplained]
    placement_candidates: list[CandidateExplained]


class NextStage(Answer):
    """The stage an invoice comes to next, and the first processing day on which it is reached.

    `charges` are the kinds that it brings, `charges_left_out` those that are for debtors of the
    other kind only (R4.1); what skips, bounds and caps make of them shows when they are posted.
    """

    stage: str
    days: int
    reached_on: date
    processing_day: date
    charges: list[str]
    charges_left_out: list[str]


class InvoiceExplained(Answer):
    """What happens next to an invoice, what it waits for, and what happened to it.

    Steps and `open_tasks` are about the invoice itself, its disputes, and the promises, payment
    plans and placements that cover it.
    """

    account_id: str
    invoice_id: str
    as_of: date
    policy: PolicyVersion
    days_past_due: int
    effective_due_on: date
    next_stage: NextStage | None
    waits: list[WaitLine]
    blocks: list[Block]
    next_steps: list[Step]
    looked_through: date
    assumes: str
    open_tasks: list[OpenTask]
    past: list[PastStep]
    past_is_complete: bool
