"""Notices: one per account and currency about all that it owes (R5.3), delayed but never lost."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

from chalicelib.core.account import Notice, NoticeDates
from chalicelib.core.blocks import Survey
from chalicelib.core.book import Book
from chalicelib.core.effects import NoticeCreated, Skipped
from chalicelib.core.invoice import Announcement, FinalDemand, FinalNotice, Invoice, Owed
from chalicelib.core.policy import Policy, Stage

UNDER_WAY = frozenset({"pending", "sending", "unknown"})  # states of a notice (R11.3)
LOOKED_INTO = ("send_letter", "review_notice")  # kinds of tasks about a notice (R11.2, R11.3)


def create_notices(book: Book, policy: Policy, found: Survey) -> list[Notice]:
    """Create the notices that are due and not delayed; return them (R5.3, R5.10).

    Currency code order; in it, unconsolidated, highest stage first, then oldest due date, id.
    """
    created = []
    for group in notice_groups(book, policy, found):
        if not_gone_yet(book, group):
            continue
        notice = _create(book, policy, found, group)
        if notice is not None:
            created.append(notice)
    return created


def notice_groups(book: Book, policy: Policy, found: Survey) -> list[list[Invoice]]:
    """Return, per notice that is due, the invoices it would list, in their order (R5.3).

    An invoice whose notice comes again is returned as owing it (R6.4).
    """
    now = (as_owing(book.invoices[invoice.id], policy) for invoice in found.past_due)
    free = [invoice for invoice in now if not found.on(invoice)]
    if not any(invoice.owed for invoice in free):
        return []
    groups = []
    for currency in sorted({invoice.currency for invoice in free if invoice.owed}):
        here = [invoice for invoice in free if invoice.currency == currency]
        if policy.dunning.consolidate:
            groups.append(here)
        else:
            owing = [invoice for invoice in here if invoice.owed]
            owing.sort(key=lambda i: (-_highest(i).days, i.effective_due_on, i.id))
            groups.extend([invoice] for invoice in owing)
    return groups


def as_owing(invoice: Invoice, policy: Policy) -> Invoice:
    """Return an invoice with the notice it owes once more, if its stage's notice comes again (R6.4).

    It does for the stage that the invoice stands at, applied and noticed, until the next one; what
    was passed over is not asked for, what counts as applied (R2.2) is. Nothing of it is stored, so
    that the next stage never waits for it (R5.2); the interval and the contact guard delay it like
    any notice, and there is one a day.
    """
    if not policy.repeating or invoice.owed or invoice.noticed_on is None or not invoice.applied:
        return invoice
    behind = [stage for stage in policy.stages if stage.days <= invoice.highest_days]
    if not behind or behind[-1].id not in policy.repeating:
        return invoice
    applied_days = invoice.applied[-1].days
    if applied_days < behind[-1].days:
        return invoice
    return invoice.having(owed=(Owed(behind[-1].id, applied_days),))


def not_gone_yet(book: Book, group: Sequence[Invoice]) -> bool:
    """Whether a notice would only say again what has not left yet (R6.4, R11.3).

    The last one is waiting to be sent, or a person has a task to post it or to look into it: it
    does not come again before. What is owed for the first time does not wait for that.
    """
    if any(book.invoices[invoice.id].owed for invoice in group):
        return False
    here = {
        name
        for notice in book.notices.values()
        if not notice.plan_id
        and (
            notice.state in UNDER_WAY
            or any(f"{book.account_id}:{kind}:{notice.id}" in book.tasks for kind in LOOKED_INTO)
        )
        for name in notice.invoice_ids
    }
    return all(invoice.id in here for invoice in group if invoice.owed)


def _highest(invoice: Invoice) -> Owed:
    return max(invoice.owed, key=lambda owed: owed.days)


def borne_by(group: Sequence[Invoice], policy: Policy) -> Stage:
    """Return the stage a notice bears: the highest one that is owed (R5.3)."""
    owed = max((_highest(i) for i in group if i.owed), key=lambda owed: owed.days)
    return policy.stage_by_id[owed.stage]


def free_on(book: Book, policy: Policy, group: Sequence[Invoice]) -> date | None:
    """Return the day from which the interval lets a notice go, None for at once (R5.3).

    A `final` stage's notice waits only for the interval after another final notice. The interval is
    kept per currency; unconsolidated, per invoice. The letter that a plan has ended counts as one.
    """
    if policy.dunning.consolidate:
        dates = book.notice_dates.get(group[0].currency, NoticeDates())
    else:
        dates = NoticeDates(group[0].noticed_on, group[0].final_noticed_on)
    told_on = [day for day in (dates.last_on, _end_told_on(book, policy, group)) if day is not None]
    if not told_on:
        return None
    last_on = max(told_on)
    tomorrow = last_on + timedelta(days=1)  # one notice a day, whatever the interval
    last = dates.last_final_on if borne_by(group, policy).final else last_on
    return tomorrow if last is None else max(tomorrow, last + policy.interval)


def _end_told_on(book: Book, policy: Policy, group: Sequence[Invoice]) -> date | None:
    """Return the day of the last letter that a plan has ended: it asks for the same money (R9.4)."""
    days = (
        plan.end_told_on
        for plan in book.plans.values()
        if plan.end_told_on is not None
        and plan.currency == group[0].currency
        and (policy.dunning.consolidate or group[0].id in plan.invoice_ids)
    )
    return max(days, default=None)


def guard_free_on(book: Book, policy: Policy, today: date) -> date | None:
    """Return the day on which the contact guard lets the next contact happen, None for today (R5.3)."""
    most, window = policy.dunning.max_contacts, policy.dunning.contact_window_days
    if most == 0:
        return None
    oldest = today - timedelta(days=window - 1)
    recent = sorted(day for day in book.contacts if day >= oldest)
    if len(recent) < most:
        return None
    return recent[len(recent) - most] + timedelta(days=window)


def _create(book: Book, policy: Policy, found: Survey, group: list[Invoice]) -> Notice | None:
    today = found.today
    wait = free_on(book, policy, group)
    if wait is not None and today < wait:
        return None
    if guard_free_on(book, policy, today) is not None:
        _report_guard(book, group, today)
        return None
    stage = borne_by(group, policy)
    currency = group[0].currency
    suffix = "" if policy.dunning.consolidate else f":{group[0].id}"
    if policy.dunning.consolidate:
        asked = found.demandable[currency]
    else:
        asked = group[0].undisputed_minor + group[0].open_charges_minor
    respond = stage.respond_within_days
    notice = Notice(
        id=f"{book.account_id}:{currency}:{today}{suffix}",
        created_on=today,
        currency=currency,
        notice=stage.notice or "",
        stage=stage.id,
        invoice_ids=tuple(invoice.id for invoice in group),
        settled=tuple((invoice.id, invoice.owed) for invoice in group if invoice.owed),
        past_due_minor=asked,
        respond_by=None if respond is None else today + timedelta(days=respond),
    )
    book.notices[notice.id] = notice
    book.count_notice(notice.notice, "created")
    book.effects.append(
        NoticeCreated(
            today,
            book.account_id,
            notice.id,
            notice.notice,
            notice.stage,
            currency,
            notice.invoice_ids,
            asked,
        )
    )
    _settle(book, policy, group, notice)
    dates = book.notice_dates.get(currency, NoticeDates())
    final_on = today if stage.final else dates.last_final_on
    book.notice_dates[currency] = NoticeDates(today, final_on)
    book.contacts = (*book.contacts, today)
    return notice


def _settle(book: Book, policy: Policy, group: list[Invoice], notice: Notice) -> None:
    """Settle everything a notice lists, and remember what it announced and demanded (R5.3, R4.8)."""
    stages = policy.stage_by_id
    bears_final = stages[notice.stage].final
    settled = {owed.stage for _, owed_stages in notice.settled for owed in owed_stages}
    announces = any(stages[name].announces for name in settled)
    for invoice in group:
        said = invoice.announcements
        if announces and not any(a.sent_on for a in said):
            said = (*said, Announcement(notice.id, notice.created_on))
        demand = invoice.final_demand
        for owed in invoice.owed:
            if stages[owed.stage].final:
                demand = _demand(demand, notice, stages[owed.stage])
        book.put(
            invoice.having(
                owed=(),
                noticed_on=notice.created_on,
                announcements=said,
                final_demand=demand,
                final_notices=_final_notices(invoice, notice)
                if bears_final
                else invoice.final_notices,
                guard_skipped=False,
                final_noticed_on=notice.created_on if bears_final else invoice.final_noticed_on,
            )
        )


def _final_notices(invoice: Invoice, notice: Notice) -> tuple[FinalNotice, ...]:
    """Return the final notices of an invoice that this one lists, until one counts as sent (R10.1)."""
    said = invoice.final_notices
    if notice.respond_by is None or any(one.sent_on for one in said):
        return said
    return (*said, FinalNotice(notice.id, notice.respond_by))


def _demand(old: FinalDemand | None, notice: Notice, stage: Stage) -> FinalDemand:
    """Return the final demand that counts: the unanswered one whose answer is due first (R8.1)."""
    new = FinalDemand(notice.created_on, stage.respond_within_days)
    if old is None or old.answered or old.respond_within_days is None:
        return new
    if new.respond_within_days is None:
        return old
    earlier = old.noticed_on + timedelta(days=old.respond_within_days)
    later = new.noticed_on + timedelta(days=new.respond_within_days)
    return old if earlier <= later else new


def _report_guard(book: Book, group: list[Invoice], today: date) -> None:
    """Report the contact guard for each invoice whose notice nothing else delays, once (`cli.md`)."""
    for invoice in group:
        if invoice.owed and not invoice.guard_skipped:
            stage = _highest(invoice).stage
            book.effects.append(Skipped(today, book.account_id, invoice.id, stage, "contact_guard"))
            book.put(book.invoices[invoice.id].having(guard_skipped=True))
