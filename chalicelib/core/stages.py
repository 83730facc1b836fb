"""Stages: which step an invoice takes today, with its charges, and what stops it (R5.2, R4.8, R5.7)."""

from __future__ import annotations

from datetime import date, timedelta

from chalicelib.core.blocks import Survey
from chalicelib.core.book import Book
from chalicelib.core.charges import post_charges
from chalicelib.core.effects import Skipped, StageApplied
from chalicelib.core.invoice import AppliedStage, Invoice, Owed
from chalicelib.core.policy import Policy, Step


def onboard(book: Book, policy: Policy) -> None:
    """Pass over the stages that invoices first seen past due had reached (R5.7).

    Happens once per invoice; the days that count are those of the day on which it was first seen.
    """
    new = [invoice for invoice in book.invoices.values() if not invoice.onboarded]
    for invoice in new:
        days = invoice.days_past_due(invoice.seen_on)
        highest = invoice.highest_days
        late = days > 0 and invoice.open_minor > 0
        if late:
            highest = max(highest, passed_over(policy, policy.dunning.onboarding, days))
        book.put(invoice.having(onboarded=True, seen_past_due=late, highest_days=highest))


def change_policy(book: Book, policy: Policy, today: date) -> None:
    """Under another policy or version, pass over what had been reached by the day of the change (R2.2)."""
    if book.policy_version and book.policy_version != policy.version:
        for invoice in list(book.invoices.values()):
            days = invoice.days_past_due(today)
            owed = tuple(owed for owed in invoice.owed if owed.stage in policy.stage_by_id)
            highest = invoice.highest_days
            if days > 0:
                highest = max(highest, passed_over(policy, policy.dunning.on_change, days))
            if highest != invoice.highest_days or owed != invoice.owed:
                book.put(invoice.having(highest_days=highest, owed=owed))
    book.policy_version = policy.version


def passed_over(policy: Policy, mode: str, days: int) -> int:
    """Return the highest days that count as passed at `days` past due (R5.7): 0 for none."""
    reached = [0]
    step = policy.step_after(0)
    while step is not None and step.days <= days:
        reached.append(step.days)
        step = policy.step_after(step.days)
    if mode == "silent":
        return reached[-1]
    return reached[-2] if mode == "latest" and len(reached) > 1 else 0


def forget_ended_blocks(book: Book, found: Survey) -> None:
    """A block that has ended may be reported again when it comes back (judged each calendar day)."""
    reported = [invoice for invoice in book.invoices.values() if invoice.skipped]
    for invoice in reported:
        left = invoice.skipped.intersection(found.on(invoice))
        if left != invoice.skipped:
            book.put(invoice.having(skipped=left))


def apply_stages(book: Book, policy: Policy, found: Survey) -> None:
    """Apply the stages that invoices have reached, oldest effective due date first (R5.2, R5.10)."""
    for stale in found.past_due:
        invoice = book.invoices[stale.id]
        while True:
            moved = _advance(book, policy, found, invoice)
            if moved is None:
                break
            invoice = moved
            if policy.dunning.catch_up == "step":
                break


def _advance(book: Book, policy: Policy, found: Survey, invoice: Invoice) -> Invoice | None:
    """Take one step if it is reached and nothing stops it; None when the invoice stays (R5.2)."""
    step = policy.step_after(invoice.highest_days)
    today = found.today
    if step is None or invoice.days_past_due(today) < step.days:
        return None
    if waits_for_notice(invoice, policy, today):
        return None
    warning = warning_of(invoice, step, policy, today)
    if warning == "waits" or (warning == "missing" and _warning_is_owed(invoice, policy)):
        return None
    blocks = found.on(invoice)
    if blocks:
        _report_skips(book, invoice, step, blocks, today)
        return None
    if warning == "missing":
        announcing = policy.announcing_before(step)
        if announcing is not None:
            owed = Owed(announcing.id, announcing.days)
            book.put(invoice.having(owed=(*invoice.owed, owed)))
        return None
    return _apply_step(book, policy, found, invoice, step, with_charges=warning != "given_up")


def waits_for_notice(invoice: Invoice, policy: Policy, today: date) -> bool:
    """Whether a step waits: for an owed notice, the interval after the last, or a new day (R5.2)."""
    if policy.dunning.catch_up != "step":
        return False
    if invoice.owed or (invoice.applied and invoice.applied[-1].on == today):
        return True
    return invoice.noticed_on is not None and today < invoice.noticed_on + policy.step_interval


def warning_of(invoice: Invoice, step: Step, policy: Policy, today: date) -> str:
    """Return where the warning of a step stands (R4.8).

    "given": it may charge; "waits": a notice announced it, but not long enough ago; "given_up": the
    notice exists and never counted as sent, so it applies without charges; "missing": there is none.
    """
    if not step.stage.warn_first:
        return "given"
    if not invoice.announcements:
        return "missing"
    warned = timedelta(days=step.stage.warn_days)
    if any(
        a.sent_on and a.created_on < today and today >= a.sent_on + warned
        for a in invoice.announcements
    ):
        return "given"
    give_up = timedelta(days=policy.dunning.warn_give_up_days)
    if all(a.sent_on is None for a in invoice.announcements) and any(
        today >= a.created_on + give_up for a in invoice.announcements
    ):
        return "given_up"
    return "waits"


def _warning_is_owed(invoice: Invoice, policy: Policy) -> bool:
    return any(policy.stage_by_id[owed.stage].announces for owed in invoice.owed)


def _report_skips(
    book: Book, invoice: Invoice, step: Step, blocks: tuple[str, ...], today: date
) -> None:
    """Report each block that stops a step, once until that block has ended (`cli.md`, Simulation)."""
    new = [block for block in blocks if block not in invoice.skipped]
    for block in new:
        book.effects.append(Skipped(today, book.account_id, invoice.id, step.stage.id, block))
    if new:
        book.put(invoice.having(skipped=invoice.skipped.union(new)))


def _apply_step(
    book: Book, policy: Policy, found: Survey, invoice: Invoice, step: Step, *, with_charges: bool
) -> Invoice:
    """Apply a step: record it, post its charges, and owe its notice (R5.2, R5.3)."""
    stage, today = step.stage, found.today
    book.effects.append(StageApplied(today, book.account_id, invoice.id, stage.id, step.days))
    owed = (*invoice.owed, Owed(stage.id, step.days)) if stage.notice else invoice.owed
    applied = (*invoice.applied, AppliedStage(stage.id, step.days, today))
    invoice = book.put(invoice.having(highest_days=step.days, applied=applied, owed=owed))
    if with_charges and stage.charges:
        before = invoice.open_charges_minor
        invoice = post_charges(book, invoice, step, policy, today)
        found.demandable[invoice.currency] += invoice.open_charges_minor - before
    return invoice
