"""The list of invoices and charges of a letter as a CSV file, for long letters (R5.3)."""

from __future__ import annotations

import csv
import io
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from types import SimpleNamespace

from chalicelib.core.money import plain_amount
from chalicelib.flows.letter import Letter
from chalicelib.flows.letter_parts import ChargeLine, InvoiceLine
from chalicelib.flows.ports_mail import MailAttachment
from chalicelib.mail.formats import plain_spaces

COLUMNS = (
    "record", "invoice_id", "po_number", "issued_on", "due_on", "days_past_due", "age", "stage",
    "charge", "reason", "posted_on", "currency", "original", "open", "disputed", "amount_due",
)  # fmt: skip
_FORMULA_STARTS = tuple("=+-@")
_BREAKS = tuple("\t\r\n")
_SPACES = " \t\r\n\u00a0\u2007\u202f\u3000\u200b\ufeff"  # what may stand before and does not show


def listing(letter: Letter, labels: Mapping[str, str], say: SimpleNamespace) -> MailAttachment:
    """Return the letter's list: a row per invoice, per open charge and per disputed part.

    Names of columns and of records are the same in every language, stages and charges are told in
    that of `labels` and `say`. Dates are ISO, amounts plain decimals in major units. The column
    `amount_due` adds up to the letter's total.
    """
    rows = (row | {"currency": letter.currency} for row in _rows(letter, labels, say))
    name = file_name(labels["file_past_due"], letter.account_id, letter.notice_on)
    return csv_file(name, COLUMNS, rows)


def csv_file(
    name: str, columns: Sequence[str], rows: Iterable[Mapping[str, str]]
) -> MailAttachment:
    """Return rows as the CSV file `<name>.csv`; a column that a row does not have is empty.

    UTF-8 with a byte order mark, so that spreadsheets read it right, and no cell is a formula.
    """
    out = io.StringIO()
    writer = csv.DictWriter(out, columns, restval="", lineterminator="\r\n")
    writer.writeheader()
    for row in rows:
        writer.writerow({column: cell(value) for column, value in row.items()})
    content = out.getvalue().encode("utf-8-sig")
    return MailAttachment(filename=f"{name}.csv", media_type="text/csv", content=content)


def _rows(
    letter: Letter, labels: Mapping[str, str], say: SimpleNamespace
) -> Iterator[dict[str, str]]:
    def charge_row(invoice_id: str, charge: ChargeLine) -> dict[str, str]:
        words = {"charge": labels[f"charge_{charge.name}"], "reason": say.reason(charge)}
        return _charge_row(invoice_id, charge, letter.digits) | words

    for invoice in letter.invoices:
        stage = "" if invoice.stage is None else say.stage(invoice.stage)
        words = {"age": say.age(invoice.bucket), "stage": stage}
        yield _invoice_row(invoice, letter.digits) | words
        for charge in invoice.open_charges:
            yield charge_row(invoice.invoice_id, charge)
    for other in letter.other_charges:
        yield charge_row(other.invoice_id, other.charge)
    listed = {invoice.invoice_id for invoice in letter.invoices}
    for part in letter.disputed:
        if part.invoice_id not in listed:
            yield {
                "record": "disputed",
                "invoice_id": part.invoice_id,
                "po_number": part.po_number,
                "disputed": plain_amount(part.disputed_minor, letter.digits),
                "amount_due": plain_amount(0, letter.digits),
            }


def _invoice_row(invoice: InvoiceLine, digits: int) -> dict[str, str]:
    return {
        "record": "invoice",
        "invoice_id": invoice.invoice_id,
        "po_number": invoice.po_number,
        "issued_on": invoice.issued_on.isoformat(),
        "due_on": invoice.due_on.isoformat(),
        "days_past_due": str(invoice.days_past_due),
        "original": plain_amount(invoice.original_minor, digits),
        "open": plain_amount(invoice.open_minor, digits),
        "disputed": plain_amount(invoice.disputed_minor, digits),
        "amount_due": plain_amount(invoice.asked_minor, digits),
    }


def _charge_row(invoice_id: str, charge: ChargeLine, digits: int) -> dict[str, str]:
    return {
        "record": "charge",
        "invoice_id": invoice_id,
        "posted_on": charge.posted_on.isoformat(),
        "original": plain_amount(charge.amount_minor, digits),
        "open": plain_amount(charge.open_minor, digits),
        "amount_due": plain_amount(charge.open_minor, digits),
    }


def cell(value: str) -> str:
    """Return a value as its cell in the file, so that no spreadsheet takes it for a formula."""
    # A spreadsheet runs a cell that looks like a formula, some also behind spaces or in full-width
    # signs; ids come from outside, and are defused.
    if value.isascii() and value[:1].isalnum():
        return value
    start = unicodedata.normalize("NFKC", value.lstrip(_SPACES))[:1]
    plain = plain_spaces(value)
    return f"'{plain}" if start in _FORMULA_STARTS or value[:1] in _BREAKS else plain


def file_name(what: str, account_id: str, on: date) -> str:
    """Return the name of a file for an account, without its ending: what it is, whose, of when."""
    return f"{what}-{file_part(account_id)}-{on.isoformat()}"


def file_part(text: str) -> str:
    """Return what of an account's id is safe in a file's name."""
    safe = "".join(c if c.isascii() and (c.isalnum() or c in "-_") else "-" for c in text)
    return safe[:60] or "account"
