"""Every block in force on an account, and what would end each (R5.5): for people and for `explain`."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import date
from typing import Any

from chalicelib.core.account import Account
from chalicelib.core.block_ends import breaks_on, next_due_on
from chalicelib.core.blocks import BLOCKS, INVOICE_MARKS, Survey, survey
from chalicelib.core.book import Book
from chalicelib.core.calendar import ONE_DAY
from chalicelib.core.notices import guard_free_on
from chalicelib.core.policy import Policy

_PAYS = "What is past due is paid, or"
ENDS = {  # what ends a block, in words; those that a date ends say so with it
    "disputed": "The dispute is resolved.",
    "in_plan": "The payment plan is completed, broken or cancelled.",
    "promised": "The promise is kept, or its last day passes.",
    "paused": "Its last day passes, or a person resumes dunning.",
    "placed": "The placement is closed or recalled.",
    "not_delivered": "The invoice is sent to the customer.",
    "cash_covers": "The unapplied cash is applied, or more becomes past due than it covers.",
    "below_minimum": f"{_PAYS} the minimum is reached.",
    "currency_not_in_policy": "The policy lists the currency, or the account gets another policy.",
    "reply_waiting": "The customer is answered, or a person says that nothing waits any more.",
    "allocating": "It ends by itself when the payment is allocated.",
    "legal_stop": "A person with the role ends the legal stop.",
    "contact_guard": "Enough days pass since the last contacts.",
    "not_a_processing_day": "The next processing day comes.",
}
DELAYS = {  # these two stop nothing: what they delay happens on a later day
    "contact_guard": ["notice", "call"],
    "not_a_processing_day": ["stage", "notice", "statement", "placement"],
}


def blocks_of(account: Account, policy: Policy, today: date) -> list[dict[str, Any]]:
    """Return every block in force on an account today, one value for each reason (R5.5).

    Each has `code`, `sentence`, `scope` (`account`, `currency` or `invoices`), `stops` and `delays`
    (of `stage`, `notice`, `call`, `statement`, `hold`, `placement`) and `ends_when` in words; and as
    far as they are known `id` (of a pause, promise, plan, placement or dispute), `invoice_ids` (scope
    `invoices`: all of them, in order), `currency`, `amount_minor` (the disputed part, what was
    promised, what is left to pay of a plan, the balance of a placement), `reason`, `reference`,
    `owner` (of a dispute), `since_on`, `due_on` (by when a dispute is to be resolved, or the next
    instalment is due), `until_on` (the last day) and `may_end_on` (the first day on which it may be
    gone by itself).
    Dates are text.

    The contact guard and a day without processing delay and are told as well. Those of the account
    come first, then its currencies, then its invoices.
    """
    book = Book(account)
    found = survey(book, policy, today)
    return [
        *_of_account(book, policy, found),
        *_of_currencies(book, found),
        *_of_invoices(book, policy, found),
    ]


def lies_on(block: dict[str, Any], invoice_id: str, currency: str) -> bool:
    """Whether a block of `blocks_of` lies on an invoice in a currency."""
    if block["scope"] == "account":
        return True
    if block["scope"] == "currency":
        return bool(block["currency"] == currency)
    return invoice_id in block["invoice_ids"]


def pause_id(invoice_id: str | None, until: date) -> str:
    """Return the id of a pause: what it pauses, and through which day."""
    return f"pause:{invoice_id or 'account'}:{until.isoformat()}"


def _row(code: str, scope: str, **known: Any) -> dict[str, Any]:
    """Return a block's values; what is unknown (None or empty) is left out."""
    rule = BLOCKS[code]
    until = known.pop("until", None)
    found = {
        "code": code,
        "sentence": rule.sentence,
        "scope": scope,
        "stops": [] if code in DELAYS else _stopped(code),
        "delays": DELAYS.get(code, []),
        "ends_when": ENDS[code],
    }
    if until is not None:
        known |= {"until_on": until, "may_end_on": until + ONE_DAY}
    for name, value in known.items():
        if value not in (None, "", []):
            found[name] = value.isoformat() if isinstance(value, date) else value
    return found


def _stopped(code: str) -> list[str]:
    rule = BLOCKS[code]
    stops = {
        "stage": rule.stage,
        "notice": rule.notice,
        "call": rule.notice,
        "statement": rule.statement,
        "hold": rule.hold,
        "placement": rule.placement,
    }
    return [what for what, is_stopped in stops.items() if is_stopped]


def _of_account(book: Book, policy: Policy, found: Survey) -> Iterator[dict[str, Any]]:
    today = found.today
    if not policy.calendar.is_processing_day(today):
        next_day = policy.calendar.processing_day_from(today)
        yield _row("not_a_processing_day", "account", may_end_on=next_day)
    free_on = guard_free_on(book, policy, today)
    if free_on is not None:
        yield _row("contact_guard", "account", may_end_on=free_on)
    yield from _marked(book, None, found.account, today)
    for span in book.pauses:
        if span.invoice_id is None and today <= span.until:
            yield _paused(span.until, span.since, span.reason)


def _paused(
    until: date, since: date | None, reason: str, invoice_id: str | None = None
) -> dict[str, Any]:
    return _row(
        "paused",
        "account" if invoice_id is None else "invoices",
        id=pause_id(invoice_id, until),
        invoice_ids=[] if invoice_id is None else [invoice_id],
        reason=reason,
        since_on=since,
        until=until,
    )


def _marked(
    book: Book, currency: str | None, codes: Collection[str], today: date
) -> Iterator[dict[str, Any]]:
    """Yield the blocks that were said from outside of the account, or of one currency."""
    for mark in book.marks:
        if mark.block in codes and mark.currency == currency and not _is_over(mark.until, today):
            yield _row(
                mark.block,
                "account" if currency is None else "currency",
                currency=currency,
                reason=mark.reason,
                reference=mark.reference,
                since_on=mark.since,
                until=mark.until,
            )


def _is_over(until: date | None, today: date) -> bool:
    return until is not None and until < today


def _of_currencies(book: Book, found: Survey) -> Iterator[dict[str, Any]]:
    for currency, codes in sorted(found.currency.items()):
        marked = {mark.block for mark in book.marks if mark.currency == currency}
        yield from _marked(book, currency, codes, found.today)
        for code in codes:
            if code not in marked:
                yield _row(code, "currency", currency=currency)


def _of_invoices(book: Book, policy: Policy, found: Survey) -> Iterator[dict[str, Any]]:
    today, grace = found.today, policy.promises.grace_days
    for mark in book.marks:
        names = sorted((mark.invoice_ids or book.invoices.keys()) & book.invoices.keys())
        if mark.block in INVOICE_MARKS and names and not _is_over(mark.until, today):
            said = {"reason": mark.reason, "since_on": mark.since, "until": mark.until}
            yield _row(mark.block, "invoices", invoice_ids=names, **said)
    for _, plan in sorted(book.plans.items()):
        names = sorted(plan.invoice_ids & book.invoices.keys())
        if names and plan.is_active:
            yield _row(
                "in_plan",
                "invoices",
                id=plan.id,
                invoice_ids=names,
                currency=plan.currency,
                amount_minor=plan.open_minor,
                since_on=plan.started_on,
                due_on=next_due_on(plan),
                may_end_on=breaks_on(plan, policy),
            )
    yield from _placed(book)
    for promise in book.promises:
        names = sorted(promise.invoice_ids & book.invoices.keys())
        if names and promise.is_in_force(today, grace):
            yield _row(
                "promised",
                "invoices",
                id=promise.id,
                invoice_ids=names,
                currency=promise.currency,
                amount_minor=promise.amount_minor,
                since_on=promise.made_on,
                until=promise.ends_on(grace),
            )
    for span in book.pauses:
        if span.invoice_id in book.invoices and today <= span.until:
            yield _paused(span.until, span.since, span.reason, span.invoice_id)
    unsent = sorted(i.id for i in book.invoices.values() if i.delivered_on is None)
    if unsent:
        yield _row("not_delivered", "invoices", invoice_ids=unsent)
    yield from _disputed(book)


def _placed(book: Book) -> Iterator[dict[str, Any]]:
    """Yield what is with an agency, each placement with the balance that the agency was told last."""
    for _, placement in sorted(book.placements.items()):
        names = sorted(placement.invoice_ids & book.invoices.keys())
        if names and placement.is_with_agency:
            yield _row(
                "placed",
                "invoices",
                id=placement.id,
                invoice_ids=names,
                currency=placement.currency,
                amount_minor=placement.balance_minor,
                since_on=placement.offered_on,
            )


def _disputed(book: Book) -> Iterator[dict[str, Any]]:
    """Yield disputes, each with its amount: of a part, the rest is dunned (R5.5)."""
    for name in sorted(book.invoices):
        invoice = book.invoices[name]
        if not invoice.disputed_minor:
            continue
        dispute = book.disputes.get(invoice.dispute_id)
        known: dict[str, Any] = {}
        if dispute is not None:
            known = {
                "id": dispute.id,
                "reason": dispute.reason_code,
                "reference": dispute.reference,
                "owner": dispute.owner,
                "since_on": dispute.opened_on,
                "due_on": dispute.due_on if dispute.is_open else None,
            }
        row = _row(
            "disputed",
            "invoices",
            invoice_ids=[name],
            currency=invoice.currency,
            amount_minor=invoice.disputed_minor,
            **known,
        )
        if invoice.disputed_minor < invoice.open_minor:
            row["sentence"] = "The customer disputes a part of it; the rest is dunned."
        if invoice.dispute_won:
            row["ends_when"] = "The credit note that was agreed comes."
        yield row
