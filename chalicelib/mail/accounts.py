"""What letters about promises, holds and paid cases are set with: sums, facts, and their list."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

from chalicelib.core.money import plain_amount
from chalicelib.flows.letter_account import AccountLetter, AccountLetterKind, OpenLine, Sum, sums
from chalicelib.flows.ports_mail import MailAttachment
from chalicelib.mail.formats import Formats
from chalicelib.mail.listing import csv_file, file_name

COLUMNS = ("invoice_id", "po_number", "due_on", "currency", "open", "charges", "total", "asked")
_TITLES = {
    AccountLetterKind.PROMISE_MADE: "promise_covers",
    AccountLetterKind.HOLD_PLACED: "open_title",
    AccountLetterKind.HOLD_RELEASED: "open_title",
    AccountLetterKind.THANK_YOU: "not_due_title",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A line of the list as it is set: `charges` is empty where there are none."""

    line: OpenLine
    total: str
    charges: str


def account_values(
    letter: AccountLetter, f: Formats, labels: Mapping[str, str], say: SimpleNamespace
) -> dict[str, Any]:
    """Return what only these letters are set with.

    `asked`, `past_due`, `paid` and `not_due` are their sums in running text: "USD 5.00 and EUR
    3.00", empty for nothing. `rows` and `totals` are the list, its amounts with their currencies
    where there are several.
    """
    told = {
        "asked": letter.asked,
        "past_due": letter.past_due,
        "paid": letter.paid,
        "not_due": letter.not_due_totals,
    }
    currencies = {line.currency for line in letter.listed}
    is_one = len(currencies) == 1
    of = {line.currency: _formats(f, line) for line in letter.listed}
    label = labels["open_amount"]
    is_thanks = letter.kind is AccountLetterKind.THANK_YOU
    whole = ((line.currency, line.digits, line.total_minor) for line in letter.listed)
    return {
        "facts": list(_facts(letter, f, labels)),
        "consequences": (),
        **{name: say.joined([_money(f, one) for one in amounts]) for name, amounts in told.items()},
        "list_title": labels[_TITLES[letter.kind]],
        "amount_label": f"{label} ({next(iter(currencies))})" if is_one else label,
        "rows": [_row(line, of[line.currency], with_code=not is_one) for line in letter.listed],
        "total_label": labels["in_all" if is_thanks else "open_total"],
        "totals": [_money(f, one) for one in sums(whole)],
    }


def _facts(
    letter: AccountLetter, f: Formats, labels: Mapping[str, str]
) -> Iterator[tuple[str, str]]:
    """Yield the figures at a letter's head, what matters most first."""
    promise = letter.promise
    if promise is not None:
        yield labels["promised"], f.money(promise.amount_minor)
        yield labels["pay_by"], f.long_day(promise.by)
        if promise.received_minor:
            yield labels["left"], f.money(promise.amount_minor - promise.received_minor)
        return
    yield from _amounts(labels["paid_thanks"], letter.paid, f)
    yield from _amounts(labels["past_due"], letter.past_due, f)
    if letter.asked != letter.past_due:
        is_thanks = letter.kind is AccountLetterKind.THANK_YOU
        yield from _amounts(labels["charges_open" if is_thanks else "pay_now"], letter.asked, f)


def _amounts(label: str, told: Iterable[Sum], f: Formats) -> Iterator[tuple[str, str]]:
    for one in told:
        yield label, _money(f, one)


def _formats(f: Formats, one: Sum | OpenLine) -> Formats:
    return Formats(f.locale, one.currency, one.digits)


def _money(f: Formats, one: Sum) -> str:
    return _formats(f, one).money(one.amount_minor)


def _row(line: OpenLine, f: Formats, *, with_code: bool) -> Row:
    write = f.money if with_code else f.amount
    charges = write(line.charges_minor) if line.charges_minor and line.open_minor else ""
    return Row(line=line, total=write(line.total_minor), charges=charges)


def account_listing(letter: AccountLetter, labels: Mapping[str, str]) -> MailAttachment:
    """Return the invoices of a letter as a CSV file, a row each, for long letters (R5.3).

    Written as the list of a dunning letter is. The columns `total` and `asked` add up, per
    currency, to what is open and to what is asked for.
    """
    name = file_name(labels["file_list"], letter.account_id, letter.notice_on)
    return csv_file(name, COLUMNS, _rows(letter))


def _rows(letter: AccountLetter) -> Iterator[dict[str, str]]:
    for line in letter.listed:
        yield {
            "invoice_id": line.invoice_id,
            "po_number": line.po_number,
            "due_on": line.due_on.isoformat(),
            "currency": line.currency,
            "open": plain_amount(line.open_minor, line.digits),
            "charges": plain_amount(line.charges_minor, line.digits),
            "total": plain_amount(line.total_minor, line.digits),
            "asked": plain_amount(line.asked_minor, line.digits),
        }
