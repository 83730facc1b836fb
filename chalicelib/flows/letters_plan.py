"""From an account to a letter about a payment plan, read just before sending (R9.4, R11.1)."""

from __future__ import annotations

from datetime import date

from chalicelib.core.account import Account, ContactPerson, Notice
from chalicelib.core.agreements import Plan
from chalicelib.core.blocks import Survey, past_due_totals, survey
from chalicelib.core.book import Book
from chalicelib.core.people import collector_of
from chalicelib.core.plan_letters import LEGAL_STOP, MOVED_ON, asked_minor, is_stopped, why_moot
from chalicelib.core.policy import Policy
from chalicelib.flows.currencies import CURRENCY_DIGITS
from chalicelib.flows.letter_head import LetterError
from chalicelib.flows.letter_parts import Collector
from chalicelib.flows.letter_plan import CoveredLine, InstalmentLine, PlanLetter, PlanLetterKind
from chalicelib.flows.letter_stages import interest_comes, reference_of
from chalicelib.flows.letterhead import Letterhead
from chalicelib.flows.letters import NothingToAsk, locale_for


def write_plan_letter(
    account: Account,
    notice: Notice,
    policy: Policy,
    head: Letterhead,
    today: date,
    addressee: ContactPerson | None = None,
) -> PlanLetter | NothingToAsk:
    """Return the letter of a plan's notice from the account as it is, or why there is none.

    There is none when the plan has moved on, what was missed was paid meanwhile, or a legal stop
    came (R11.1). Other blocks do not stop it: it tells of an agreement, it does not dun.

    It bears the date of the day on which it is written, as its figures do.

    Raises:
        LetterError: there is no such letter, or its lines do not add up.
    """
    kind = _kind(notice)
    plan = account.plans.get(notice.plan_id)
    if plan is None:
        return NothingToAsk(MOVED_ON)
    book, on = Book(account), max(today, notice.created_on)
    if is_stopped(book, on):
        return NothingToAsk(LEGAL_STOP)
    moot = why_moot(book, plan, notice.notice)
    if moot:
        return NothingToAsk(moot)
    found, details = survey(book, policy, on), account.details
    comes = _interest_comes(account, plan, policy)
    return PlanLetter(
        kind=kind,
        reference=reference_of(account),
        account_id=account.id,
        account_name=details.name or account.id,
        seller=head.seller,
        collector=_collector(book, policy, head, found),
        notice_on=on,
        currency=plan.currency,
        digits=CURRENCY_DIGITS[plan.currency],
        asked_minor=asked_minor(book, policy, plan, notice.notice, on),
        made_on=plan.started_on or plan.made_on,
        instalments=_schedule(plan),
        covers=_covers(account, plan, found),
        grace_days=policy.plans.grace_days,
        missed_max=policy.plans.max_missed,
        interest_due=plan.interest_due and comes,
        interest_rests=comes and (not plan.interest_due or kind is PlanLetterKind.CANCELLED),
        contact_name="" if addressee is None else addressee.name,
        locale=locale_for(account, addressee),
        payment=head.payment if kind is not PlanLetterKind.COMPLETED else (),
    )


def _kind(notice: Notice) -> PlanLetterKind:
    try:
        return PlanLetterKind(notice.notice)
    except ValueError:
        raise LetterError(f"there is no letter named {notice.notice!r}") from None


def _interest_comes(account: Account, plan: Plan, policy: Policy) -> bool:
    """Whether interest on anything that the plan covers can be posted: else none is spoken of."""
    covered = (account.invoices.get(name) for name in plan.invoice_ids)
    kind = account.details.debtor_kind
    return any(one is not None and interest_comes(one, policy, kind) for one in covered)


def _collector(book: Book, policy: Policy, head: Letterhead, found: Survey) -> Collector:
    past_due, named = past_due_totals(book, found), book.details.collector
    return head.collector(collector_of(policy.people, past_due, named=named, today=found.today))


def _schedule(plan: Plan) -> tuple[InstalmentLine, ...]:
    """Return the instalments; one that a credit left nothing of is not shown (R9.4)."""
    return tuple(
        InstalmentLine(
            number=instalment.number,
            due_on=instalment.due_on,
            amount_minor=instalment.amount_minor,
            open_minor=instalment.open_minor,
            is_missed=instalment.missed_on is not None,
        )
        for instalment in plan.instalments
        if instalment.amount_minor
    )


def _covers(account: Account, plan: Plan, found: Survey) -> tuple[CoveredLine, ...]:
    """Return what the plan covers and is open, oldest effective due date first, then id."""
    named = (account.invoices.get(name) for name in plan.invoice_ids)
    live = sorted(
        (invoice for invoice in named if invoice is not None),
        key=lambda invoice: (invoice.effective_due_on, invoice.id),
    )
    return tuple(
        CoveredLine(
            invoice_id=invoice.id,
            due_on=invoice.effective_due_on,
            open_minor=invoice.open_minor,
            charges_minor=invoice.open_charges_minor,
            is_past_due=found.today > invoice.effective_due_on,
            is_blocked=invoice.id in found.own,
            disputed_minor=invoice.disputed_minor,
            po_number=invoice.po_number,
        )
        for invoice in live
    )
