"""From an account to its statement of one currency, read just before sending (R5.1, R11.1)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from chalicelib.core.account import Account, ContactPerson, Notice
from chalicelib.core.aging import bucket_names, bucket_of
from chalicelib.core.blocks import Survey, past_due_totals, survey
from chalicelib.core.book import Book
from chalicelib.core.invoice import Invoice
from chalicelib.core.people import collector_of
from chalicelib.core.policy import Policy
from chalicelib.core.statements import stated, why_nothing
from chalicelib.flows.currencies import CURRENCY_DIGITS
from chalicelib.flows.letter_charges import charge_line
from chalicelib.flows.letterhead import Letterhead
from chalicelib.flows.letters import NothingToAsk, locale_for, unapplied_items
from chalicelib.flows.statement import Statement, StatementLine

# They stop dunning because it is too small, or nobody said how: not because of an agreement.
_ASKED_UNDER = frozenset({"below_minimum", "currency_not_in_policy"})


def write_statement(
    account: Account,
    notice: Notice,
    policy: Policy,
    head: Letterhead,
    today: date,
    addressee: ContactPerson | None = None,
) -> Statement | NothingToAsk:
    """Return the statement of a notice's currency from the account as it is, or why there is none.

    There is none when nothing is open any more, all of it is placed or was never delivered, or a
    legal stop came (R5.5, R11.1). It bears the date of the day on which it is written, as its
    figures do. The reference is the account's own id: it is about all of it, not about a case.

    Raises:
        LetterError: its lines do not add up.
    """
    book, on = Book(account), max(today, notice.created_on)
    reason = why_nothing(book, on, notice.currency)
    if reason:
        return NothingToAsk(reason)
    listed, found = stated(book, on, notice.currency), survey(book, policy, on)
    past_due, named = past_due_totals(book, found), account.details.collector
    person = collector_of(policy.people, past_due, named=named, today=on)
    principal = sum(invoice.open_minor for invoice in listed)
    charges = sum(invoice.open_charges_minor for invoice in listed)
    late = sum(invoice.open_minor for invoice in listed if invoice.is_past_due(on))
    return Statement(
        reference=account.id,
        account_id=account.id,
        account_name=account.details.name or account.id,
        seller=head.seller,
        collector=head.collector(person),
        notice_on=on,
        currency=notice.currency,
        digits=CURRENCY_DIGITS[notice.currency],
        open_minor=principal + charges,
        past_due_minor=late + charges,
        asked_minor=_asked(listed, found, notice.currency),
        buckets=bucket_names(policy.aging),
        invoices=tuple(_line(invoice, policy, on) for invoice in listed),
        by_invoice_date=policy.aging.base == "invoice_date",
        unapplied=unapplied_items(account, notice.currency),
        attach=policy.statements.attach,
        contact_name="" if addressee is None else addressee.name,
        locale=locale_for(account, addressee),
        payment=head.payment,
    )


def _asked(listed: Sequence[Invoice], found: Survey, currency: str) -> int:
    """Return what of a statement may be asked for now: a statement does not dun what is blocked.

    R5.5 lets it tell of a promised or disputed invoice; asking for it would go against what was
    agreed.
    """
    if found.account or not _ASKED_UNDER.issuperset(found.currency.get(currency, ())):
        return 0
    return sum(
        (invoice.undisputed_minor if invoice.is_past_due(found.today) else 0)
        + invoice.open_charges_minor
        for invoice in listed
        if invoice.id not in found.own
    )


def _line(invoice: Invoice, policy: Policy, on: date) -> StatementLine:
    return StatementLine(
        invoice_id=invoice.id,
        issued_on=invoice.issued_on,
        due_on=invoice.effective_due_on,
        days_past_due=invoice.days_past_due(on),
        original_minor=invoice.amount_minor,
        open_minor=invoice.open_minor,
        bucket=bucket_names(policy.aging)[bucket_of(policy.aging, invoice, on)],
        disputed_minor=invoice.disputed_minor,
        po_number=invoice.po_number,
        charges=tuple(
            charge_line(charge, is_new=False) for charge in invoice.charges if charge.open_minor
        ),
    )
