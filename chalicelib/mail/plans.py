"""What letters about payment plans are set with: the facts at their head, and their list (R9.4)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from chalicelib.core.money import plain_amount
from chalicelib.flows.letter_plan import PlanLetter, PlanLetterKind
from chalicelib.flows.ports_mail import MailAttachment
from chalicelib.mail.formats import Formats
from chalicelib.mail.listing import csv_file, file_name

COLUMNS = ("invoice_id", "po_number", "due_on", "currency", "open", "disputed", "charges", "total")


def plan_facts(letter: PlanLetter, f: Formats, labels: Mapping[str, str]) -> list[tuple[str, str]]:
    """Return the figures at a letter's head as labels and values, what matters most first."""
    return [(labels[name], f.money(minor)) for name, minor in _facts(letter)]


def _facts(letter: PlanLetter) -> Iterator[tuple[str, int]]:
    kind = letter.kind
    if kind is PlanLetterKind.COMPLETED:
        yield "paid_in_full", letter.total_minor
        return
    if letter.asked_minor:
        yield ("due_now" if kind is PlanLetterKind.AGREED else "pay_now"), letter.asked_minor
    if kind.is_running:
        yield "left", letter.left_minor
    elif letter.asked_minor != letter.open_minor:
        yield "open_total", letter.open_minor


def plan_listing(letter: PlanLetter, labels: Mapping[str, str]) -> MailAttachment:
    """Return the invoices of a plan as a CSV file, a row each, for long letters (R5.3).

    Written as the list of a dunning letter is. The column `total` adds up to what is open.
    """
    name = file_name(labels["file_plan"], letter.account_id, letter.notice_on)
    return csv_file(name, COLUMNS, _rows(letter))


def _rows(letter: PlanLetter) -> Iterator[dict[str, str]]:
    for line in letter.listed:
        yield {
            "invoice_id": line.invoice_id,
            "po_number": line.po_number,
            "due_on": line.due_on.isoformat(),
            "currency": letter.currency,
            "open": plain_amount(line.open_minor, letter.digits),
            "disputed": plain_amount(line.disputed_minor, letter.digits),
            "charges": plain_amount(line.charges_minor, letter.digits),
            "total": plain_amount(line.total_minor, letter.digits),
        }
