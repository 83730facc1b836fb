"""From an account to a letter: what one notice asks for, read just before sending (R5.3, R11.1)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from chalicelib.core.account import Account, ContactPerson, Notice
from chalicelib.core.aging import bucket_names, bucket_of
from chalicelib.core.blocks import Survey, past_due_totals, survey
from chalicelib.core.book import Book
from chalicelib.core.invoice import Invoice, Owed
from chalicelib.core.people import collector_of
from chalicelib.core.policy import Policy
from chalicelib.flows.letter import Letter
from chalicelib.flows.letter_charges import charge_line, new_charges
from chalicelib.flows.letter_head import LetterError
from chalicelib.flows.letter_parts import (
    Consequence,
    DisputedPart,
    InvoiceLine,
    NoticeKind,
    OtherCharge,
    UnappliedItem,
)
from chalicelib.flows.letter_stages import (
    announcements,
    consequences,
    interest_comes,
    invoice_stage,
    reference_of,
)
from chalicelib.flows.letterhead import Letterhead


@dataclass(frozen=True, slots=True)
class NothingToAsk:
    """Why a notice is cancelled instead of sent (R11.1): `paid`, `answer_date_passed`, or blocks."""

    reason: str


def write_letter(
    account: Account,
    notice: Notice,
    policy: Policy,
    head: Letterhead,
    today: date,
    addressee: ContactPerson | None = None,
) -> Letter | NothingToAsk:
    """Return the letter of a notice from the account as it is, or why there is none (R11.1).

    `addressee` is the one person it goes to, whom it names and whose locale it is written in; None
    where it goes to several or to the account's own address.

    It lists the notice's invoices that are still past due and not blocked today, with the figures
    of the notice's date; what was paid drops out. A final demand whose answer date has come is
    not sent any more: it is owed again, with a date that can be kept.

    Raises:
        LetterError: the lines do not add up to what is demandable (R3.6).
    """
    if notice.respond_by is not None and notice.respond_by <= today:
        return NothingToAsk("answer_date_passed")
    book = Book(account)
    found = survey(book, policy, max(today, notice.created_on))
    stopped = (*found.account, *found.currency.get(notice.currency, ()))
    if stopped:
        return NothingToAsk(stopped[0])
    listed = _still_asked(notice, found)
    others = _other_charges(account, notice, found, {invoice.id for invoice in listed})
    if not listed and not others:
        return NothingToAsk(_why_nothing(account, notice, found))
    asks = _Asks(book, notice, found, listed, others)
    return _letter(asks, policy, head, addressee)


@dataclass(frozen=True, slots=True)
class _Asks:
    """What a notice asks for, as the account stands: its invoices, and charges of others."""

    book: Book
    notice: Notice
    found: Survey
    listed: list[Invoice]
    others: tuple[OtherCharge, ...]


def _kind(notice: Notice) -> NoticeKind:
    try:
        return NoticeKind(notice.notice)
    except ValueError:
        raise LetterError(f"there is no letter named {notice.notice!r}") from None


def _letter(
    asks: _Asks, policy: Policy, head: Letterhead, addressee: ContactPerson | None
) -> Letter:
    account, notice, found = asks.book.account, asks.notice, asks.found
    past_due = past_due_totals(asks.book, found)
    person = collector_of(
        policy.people, past_due, named=account.details.collector, today=found.today
    )
    kind = _kind(notice)
    is_final = kind is NoticeKind.FINAL_DEMAND
    settled = dict(notice.settled)
    return Letter(
        kind=kind,
        reference=reference_of(account),
        account_id=account.id,
        account_name=account.details.name or account.id,
        seller=head.seller,
        collector=head.collector(person),
        notice_on=notice.created_on,
        currency=notice.currency,
        digits=policy.digits[notice.currency],
        total_minor=_asked_total(asks.book, notice, found, asks.listed),
        buckets=bucket_names(policy.aging),
        invoices=tuple(
            _invoice_line(
                invoice,
                notice.created_on,
                settled.get(invoice.id, ()),
                policy,
                account.details.debtor_kind,
            )
            for invoice in asks.listed
        ),
        stage=notice.stage,
        text=_text_of(notice, policy),
        contact_name="" if addressee is None else addressee.name,
        locale=locale_for(account, addressee),
        other_charges=asks.others,
        disputed=_disputed(notice, found, policy, account.details.debtor_kind),
        unapplied=unapplied_items(account, notice.currency),
        announcements=announcements(asks.listed, notice, policy, account.details.debtor_kind),
        respond_by=notice.respond_by if is_final else None,
        consequences=_consequences(asks, policy) if is_final else (),
        payment=head.payment,
        attach=_attach(policy, notice),
    )


def locale_for(account: Account, addressee: ContactPerson | None) -> str:
    """Return the locale to write to a person in: their own, else the account's (R11.5)."""
    return (addressee.locale if addressee is not None else "") or account.details.locale


def _text_of(notice: Notice, policy: Policy) -> str:
    stage = policy.stage_by_id.get(notice.stage)
    return "" if stage is None else stage.text or ""


def _attach(policy: Policy, notice: Notice) -> tuple[str, ...]:
    stage = policy.stage_by_id.get(notice.stage)
    return () if stage is None else stage.attach


def _consequences(asks: _Asks, policy: Policy) -> tuple[Consequence, ...]:
    if asks.notice.respond_by is None:
        return ()
    return consequences(policy, asks.book.details, asks.notice.currency, asks.listed)


def is_consolidated(account_id: str, notice: Notice) -> bool:
    """Whether a notice asks for all of its currency, by its id (R5.3, `cli.md`)."""
    return notice.id == f"{account_id}:{notice.currency}:{notice.created_on}"


def _still_asked(notice: Notice, found: Survey) -> list[Invoice]:
    """Return the notice's invoices that may be asked for, oldest due date first, then id (R5.3)."""
    named = set(notice.invoice_ids)
    return [
        invoice
        for invoice in found.past_due
        if invoice.id in named
        and invoice.effective_due_on < notice.created_on
        and not found.on(invoice)
    ]


def _why_nothing(account: Account, notice: Notice, found: Survey) -> str:
    """Return the first block on what the notice listed, else that it was paid."""
    for name in notice.invoice_ids:
        invoice = account.invoices.get(name)
        if invoice is not None and (blocks := found.on(invoice)):
            return blocks[0]
    still_open = (account.invoices.get(name) for name in notice.invoice_ids)
    is_open = any(invoice is not None and invoice.open_minor for invoice in still_open)
    return "not_past_due" if is_open else "paid"


def _asked_total(book: Book, notice: Notice, found: Survey, listed: list[Invoice]) -> int:
    """Return the demandable total (R3.6), less what became past due after the notice was made."""
    if not is_consolidated(book.account_id, notice):
        asked = (book.invoices.get(name) for name in notice.invoice_ids)
        return sum(_asked_of(invoice, listed) for invoice in asked if invoice is not None)
    total = found.demandable.get(notice.currency, 0)
    names = {invoice.id for invoice in listed}
    for invoice in found.past_due:
        is_newer = invoice.currency == notice.currency and invoice.id not in names
        if is_newer and found.is_demandable(invoice):
            total -= invoice.undisputed_minor
    return total


def _asked_of(invoice: Invoice, listed: list[Invoice]) -> int:
    principal = invoice.undisputed_minor if invoice in listed else 0
    return principal + invoice.open_charges_minor


def _invoice_line(
    invoice: Invoice, on: date, settled: Sequence[Owed], policy: Policy, debtor_kind: str
) -> InvoiceLine:
    new = new_charges(invoice, settled, policy)
    last = invoice.applied[-1] if invoice.applied else None
    return InvoiceLine(
        invoice_id=invoice.id,
        issued_on=invoice.issued_on,
        due_on=invoice.effective_due_on,
        days_past_due=invoice.days_past_due(on),
        original_minor=invoice.amount_minor,
        open_minor=invoice.open_minor,
        asked_minor=invoice.undisputed_minor,
        bucket=bucket_names(policy.aging)[bucket_of(policy.aging, invoice, on)],
        po_number=invoice.po_number,
        stage=None if last is None else invoice_stage(policy, last, debtor_kind),
        charges=tuple(charge_line(one, is_new=one.id in new) for one in invoice.charges),
    )


def _other_charges(
    account: Account, notice: Notice, found: Survey, listed: set[str]
) -> tuple[OtherCharge, ...]:
    """Return the open charges of invoices that are not listed, and are not blocked (R3.6)."""
    names = set(notice.invoice_ids)
    others = sorted(
        (
            invoice
            for invoice in account.invoices.values()
            if invoice.currency == notice.currency
            and invoice.id not in listed
            and invoice.id not in found.own
            and (is_consolidated(account.id, notice) or invoice.id in names)
        ),
        key=lambda invoice: (invoice.effective_due_on, invoice.id),
    )
    return tuple(
        OtherCharge(invoice_id=invoice.id, charge=charge_line(charge, is_new=False))
        for invoice in others
        for charge in invoice.charges
        if charge.open_minor
    )


def _disputed(
    notice: Notice, found: Survey, policy: Policy, debtor_kind: str
) -> tuple[DisputedPart, ...]:
    """Return what is in dispute of the past-due invoices a notice is about (R5.5)."""
    named = set(notice.invoice_ids)
    return tuple(
        DisputedPart(
            invoice_id=invoice.id,
            disputed_minor=invoice.disputed_minor,
            po_number=invoice.po_number,
            bears_interest=interest_comes(invoice, policy, debtor_kind),
        )
        for invoice in found.past_due
        if invoice.currency == notice.currency
        and invoice.disputed_minor
        and (invoice.id in named or "disputed" in found.on(invoice))
    )


def unapplied_items(account: Account, currency: str) -> tuple[UnappliedItem, ...]:
    """Return cash and credits that no invoice has taken yet, oldest first: shown, never deducted."""
    money = sorted(
        (m for m in account.money.values() if m.currency == currency and m.unapplied_minor > 0),
        key=lambda m: (m.value_on, m.kind, m.id),
    )
    return tuple(
        UnappliedItem(
            kind=item.kind,
            amount_minor=item.unapplied_minor,
            reference=item.id,
            dated_on=item.value_on,
        )
        for item in money
    )
