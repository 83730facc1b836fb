"""Why an invoice does not take its next step today: every reason, with its rule and its end (R13.3).

It asks the very functions that the decision asks, so that an explanation cannot say otherwise.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from chalicelib.core.block_ends import free_from
from chalicelib.core.blocks import BLOCKS, Survey
from chalicelib.core.book import Book
from chalicelib.core.invoice import Invoice
from chalicelib.core.notices import (
    as_owing,
    free_on,
    guard_free_on,
    not_gone_yet,
    notice_groups,
)
from chalicelib.core.policy import Policy, Step
from chalicelib.core.stages import waits_for_notice, warning_of


@dataclass(frozen=True, slots=True)
class Wait:
    """One reason why something does not happen now; `until`: the day on which it may end, if known.

    A block that a payment or a person ends may end before its day.
    """

    code: str
    rule: str
    sentence: str
    until: date | None = None


def waits_of(book: Book, policy: Policy, found: Survey, invoice: Invoice) -> tuple[Wait, ...]:
    """Return every reason why an open invoice takes no step today; none when it would take one.

    Codes: `nothing_open`, `no_stage_left`, `not_yet_reached`, `notice_owed`, `interval`, `warning`,
    `warning_owed`, `not_a_processing_day`, `notice_interval`, `notice_not_gone`, and the blocks of
    R5.5.
    """
    if invoice.open_minor == 0:
        return (Wait("nothing_open", "R5.2", "Nothing of its principal is open."),)
    step = policy.step_after(invoice.highest_days)
    found_waits = [] if step is None else _waits_of_step(policy, found, invoice, step)
    if step is None:
        found_waits.append(_no_stage_left(policy, invoice))
    calendar, today = policy.calendar, found.today
    found_waits += [
        Wait(block, "R5.5", BLOCKS[block].sentence, free_from(book, policy, today, invoice, block))
        for block in found.on(invoice)
    ]
    if not calendar.is_processing_day(today):
        until = calendar.processing_day_from(today)
        sentence = BLOCKS["not_a_processing_day"].sentence
        found_waits.append(Wait("not_a_processing_day", "R5.4", sentence, until))
    return (*found_waits, *_notice_waits(book, policy, found, invoice))


def _no_stage_left(policy: Policy, invoice: Invoice) -> Wait:
    sentence = "Every stage of the policy is behind it"
    if invoice.owed or not as_owing(invoice, policy).owed:
        return Wait("no_stage_left", "R5.2", f"{sentence}.")
    again = "its notice comes again on each processing day"
    return Wait("no_stage_left", "R6.4", f"{sentence}; {again}.")


def _waits_of_step(policy: Policy, found: Survey, invoice: Invoice, step: Step) -> list[Wait]:
    today, stage = found.today, step.stage
    reached_on = invoice.effective_due_on + timedelta(days=step.days)
    waits = []
    if today < reached_on:
        sentence = (
            f"It is {invoice.days_past_due(today)} days past due; "
            f"stage {stage.id} is reached at {step.days}."
        )
        return [Wait("not_yet_reached", "R5.2", sentence, reached_on)]
    if waits_for_notice(invoice, policy, today):
        if invoice.owed:
            sentence = f"The notice of stage {invoice.owed[-1].stage} comes first."
            waits.append(Wait("notice_owed", "R5.2", sentence))
        elif invoice.noticed_on is not None:
            until = invoice.noticed_on + policy.step_interval
            sentence = f"The last notice that listed it is of {invoice.noticed_on}."
            waits.append(Wait("interval", "R5.2", sentence, until))
    warning = warning_of(invoice, step, policy, today)
    if warning == "waits":
        sentence = f"Stage {stage.id} needs a warning that is {stage.warn_days} days old."
        waits.append(Wait("warning", "R4.8", sentence))
    elif warning == "missing":
        sentence = f"Stage {stage.id} needs a notice that announced its charges; it comes first."
        waits.append(Wait("warning_owed", "R4.8", sentence))
    return waits


def _notice_waits(book: Book, policy: Policy, found: Survey, invoice: Invoice) -> list[Wait]:
    """Return what delays the notice that an invoice is owed, or owed again (R5.3, R6.4)."""
    if not as_owing(invoice, policy).owed:
        return []
    today, waits = found.today, []
    for group in notice_groups(book, policy, found):
        if all(listed.id != invoice.id for listed in group):
            continue
        free = free_on(book, policy, group)
        if free is not None and today < free:
            sentence = "A notice was sent not long ago: the interval between notices delays it."
            waits.append(Wait("notice_interval", "R5.3", sentence, free))
        if not_gone_yet(book, group):
            sentence = "The last notice has not left yet: it does not come again before."
            waits.append(Wait("notice_not_gone", "R6.4", sentence))
        guard = guard_free_on(book, policy, today)
        if guard is not None:
            waits.append(Wait("contact_guard", "R5.3", BLOCKS["contact_guard"].sentence, guard))
    return waits
