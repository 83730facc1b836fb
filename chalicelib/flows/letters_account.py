"""From an account to a letter about a promise, a hold or a paid case (R6.5, R6.6, R8.6, R11.1)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from chalicelib.core.account import Account, ContactPerson, Notice
from chalicelib.core.account_letters import promise_of, why_moot
from chalicelib.core.agreements import Promise
from chalicelib.core.blocks import Survey, past_due_totals, survey
from chalicelib.core.book import Book
from chalicelib.core.holds import PREPAID, may_ship, status_of
from chalicelib.core.invoice import Invoice
from chalicelib.core.people import collector_of
from chalicelib.core.placement_steps import HELD_BY
from chalicelib.core.plan_letters import LEGAL_STOP, is_stopped
from chalicelib.core.policy import Policy
from chalicelib.flows.currencies import CURRENCY_DIGITS
from chalicelib.flows.letter_account import (
    AccountLetter,
    AccountLetterKind,
    HoldInForce,
    OpenLine,
    PromiseGiven,
    ReleasedBy,
    Sum,
    sums,
)
from chalicelib.flows.letter_head import LetterError
from chalicelib.flows.letter_stages import interest_comes, reference_of
from chalicelib.flows.letterhead import Letterhead
from chalicelib.flows.letters import NothingToAsk, locale_for


def write_account_letter(
    account: Account,
    notice: Notice,
    policy: Policy,
    head: Letterhead,
    today: date,
    addressee: ContactPerson | None = None,
) -> AccountLetter | NothingToAsk:
    """Return the letter of such a notice from the account as it is, or why there is none (R11.1).

    There is none when what it would say is no longer so, or a legal stop came. It bears the date
    of the day on which it is written, as its figures do.

    Raises:
        LetterError: there is no such letter, or its lines do not add up.
    """
    kind = _kind(notice)
    book, on = Book(account), max(today, notice.created_on)
    if is_stopped(book, on):
        return NothingToAsk(LEGAL_STOP)
    moot = why_moot(book, notice, on)
    if moot:
        return NothingToAsk(moot)
    found = survey(book, policy, on)
    parts = _PARTS[kind](_Written(book, notice, policy, found))
    asks = bool(parts.get("asked"))
    return AccountLetter(
        kind=kind,
        reference=_reference(account, notice),
        account_id=account.id,
        account_name=account.details.name or account.id,
        seller=head.seller,
        collector=head.collector(_collector(book, policy, found)),
        notice_on=on,
        currency=notice.currency,
        digits=CURRENCY_DIGITS[notice.currency],
        contact_name="" if addressee is None else addressee.name,
        locale=locale_for(account, addressee),
        payment=head.payment if asks else (),
        **parts,
    )


@dataclass(frozen=True, slots=True)
class _Written:
    """What a letter is written from."""

    book: Book
    notice: Notice
    policy: Policy
    found: Survey


def _kind(notice: Notice) -> AccountLetterKind:
    try:
        return AccountLetterKind(notice.notice)
    except ValueError:
        raise LetterError(f"there is no letter named {notice.notice!r}") from None


def _reference(account: Account, notice: Notice) -> str:
    """Return what the letter asks to quote; thanks quote the case that was closed (R6.5)."""
    is_thanks = notice.notice == AccountLetterKind.THANK_YOU
    return notice.subject if is_thanks else reference_of(account)


def _collector(book: Book, policy: Policy, found: Survey) -> str:
    past_due, named = past_due_totals(book, found), book.details.collector
    return collector_of(policy.people, past_due, named=named, today=found.today)


def _promise(this: _Written) -> dict[str, Any]:
    promise = promise_of(this.book, this.notice.subject)
    if promise is None:  # then it was moot
        raise LetterError("the promise is not there")
    covered = [i for i in this.book.invoices.values() if i.id in promise.invoice_ids]
    left = promise.amount_minor - promise.received_minor
    return {
        "asked": _sums({promise.currency: left}),
        "invoices": _lines(covered, this.found, asked=False),
        "promise": PromiseGiven(
            amount_minor=promise.amount_minor,
            received_minor=promise.received_minor,
            by=promise.by,
            made_on=promise.made_on,
            grace_days=this.policy.promises.grace_days,
            interest_waits=_interest_waits(this, promise, covered),
        ),
    }


def _interest_waits(this: _Written, promise: Promise, covered: Iterable[Invoice]) -> bool:
    kind = this.book.details.debtor_kind
    comes = any(interest_comes(invoice, this.policy, kind) for invoice in covered)
    return this.policy.promises.waives_fees and comes and bool(promise.invoice_ids)


def _placed(this: _Written) -> dict[str, Any]:
    book, today = this.book, this.found.today
    holds = book.holds.values()
    by = {hold.by for hold in holds} - {HELD_BY}  # a placement's ends with what is placed (R10.3)
    is_auto = not by or this.policy.holds.release == "auto"
    released_by = ReleasedBy.ITSELF if is_auto else ReleasedBy.REVIEW
    ends = [hold.release.until for hold in holds if hold.release is not None]
    return {
        **_past_due(this),
        "since": max(hold.since for hold in holds),
        "hold": HoldInForce(
            is_prepaid=status_of(holds) == PREPAID,
            released_by=released_by if by <= {"rule"} else ReleasedBy.PERSON,
            ships_until=min(ends) if ends and may_ship(holds, today) else None,
        ),
    }


def _past_due(this: _Written) -> dict[str, Any]:
    """Return what is past due of an account, charges included, and what of it can be asked for."""
    past_due = {invoice.id for invoice in this.found.past_due}
    owing = [
        invoice
        for invoice in this.book.invoices.values()
        if invoice.id in past_due or invoice.open_charges_minor
    ]
    lines = _lines(owing, this.found)
    return {
        "invoices": lines,
        "past_due": sums((line.currency, line.digits, line.total_minor) for line in lines),
        "asked": sums((line.currency, line.digits, line.asked_minor) for line in lines),
    }


def _thanks(this: _Written) -> dict[str, Any]:
    thanks = this.book.thanks
    if thanks is None:  # then it was moot
        raise LetterError("there is nothing to give thanks for")
    lines = _lines(this.book.invoices.values(), this.found, not_due=True)
    return {
        "paid": _sums(thanks.paid),
        "since": thanks.since,
        "invoices": lines,
        "asked": sums((line.currency, line.digits, line.asked_minor) for line in lines),
    }


def _lines(
    invoices: Iterable[Invoice], found: Survey, *, asked: bool = True, not_due: bool = False
) -> tuple[OpenLine, ...]:
    """Return invoices as lines, oldest effective due date first, then id.

    Of one that is not past due only the charges are shown, but where the letter is about those
    (`not_due`) or asks for something else than its lines (not `asked`).
    """
    lines = []
    for one in sorted(invoices, key=lambda invoice: (invoice.effective_due_on, invoice.id)):
        is_past_due = one.is_past_due(found.today)
        asks = asked and one.id not in found.own
        principal = one.undisputed_minor if is_past_due else 0
        lines.append(
            OpenLine(
                invoice_id=one.id,
                due_on=one.effective_due_on,
                currency=one.currency,
                digits=CURRENCY_DIGITS[one.currency],
                open_minor=one.open_minor if is_past_due or not_due or not asked else 0,
                charges_minor=one.open_charges_minor,
                asked_minor=principal + one.open_charges_minor if asks else 0,
                po_number=one.po_number,
            )
        )
    return tuple(lines)


def _sums(amounts: dict[str, int]) -> tuple[Sum, ...]:
    return sums((code, CURRENCY_DIGITS[code], amount) for code, amount in amounts.items())


_PARTS = {
    AccountLetterKind.PROMISE_MADE: _promise,
    AccountLetterKind.HOLD_PLACED: _placed,
    AccountLetterKind.HOLD_RELEASED: _past_due,
    AccountLetterKind.THANK_YOU: _thanks,
}
