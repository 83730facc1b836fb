"""What statements of account are set with: the facts at their head, ages, and their list (R5.1)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

from chalicelib.core.money import plain_amount
from chalicelib.flows.ports_mail import MailAttachment
from chalicelib.flows.statement import Statement, StatementLine
from chalicelib.mail.formats import Formats
from chalicelib.mail.listing import csv_file, file_name

COLUMNS = (
    "record", "invoice_id", "po_number", "issued_on", "due_on", "days_past_due", "age", "charge",
    "posted_on", "currency", "original", "open", "disputed", "past_due",
)  # fmt: skip
CURRENT = "current"  # the first bucket by due date (R3.1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Age:
    """A row of the totals by age, its bucket in words."""

    name: str
    invoice_count: int
    principal_minor: int


def statement_values(
    letter: Statement, f: Formats, labels: Mapping[str, str], say: SimpleNamespace
) -> dict[str, Any]:
    """Return what only statements are set with: facts, and totals by age in words."""
    facts = [(labels["open_total"], f.money(letter.open_minor))]
    if letter.past_due_minor:
        facts.insert(0, (labels["past_due"], f.money(letter.past_due_minor)))
    return {
        "facts": facts,
        "consequences": (),
        "ages": tuple(
            Age(
                name=age_name(total.bucket, labels, say),
                invoice_count=total.invoice_count,
                principal_minor=total.principal_minor,
            )
            for total in letter.by_bucket
        ),
        "age_label": labels["days_since_issue" if letter.by_invoice_date else "days"],
    }


def age_name(bucket: str, labels: Mapping[str, str], say: SimpleNamespace) -> str:
    """Return a bucket as its reader calls it: "Not due yet", "31-60 days"."""
    return labels["bucket_current"] if bucket == CURRENT else str(say.age(bucket))


def statement_listing(
    letter: Statement, labels: Mapping[str, str], say: SimpleNamespace
) -> MailAttachment:
    """Return all open items as a CSV file: a row per invoice, charge, and unapplied amount.

    Written as the list of a dunning letter is. The column `open` of invoices and charges adds up to
    what is open, `past_due` to what is past due; unapplied cash and credits have records of their
    own, and are in neither.
    """
    rows = (row | {"currency": letter.currency} for row in _rows(letter, labels, say))
    name = file_name(labels["file_statement"], letter.account_id, letter.notice_on)
    return csv_file(name, COLUMNS, rows)


def _rows(
    letter: Statement, labels: Mapping[str, str], say: SimpleNamespace
) -> Iterator[dict[str, str]]:
    digits = letter.digits
    for line in letter.invoices:
        if line.open_minor:
            yield _invoice(line, digits) | {"age": age_name(line.bucket, labels, say)}
        for charge in line.charges:
            yield {
                "record": "charge",
                "invoice_id": line.invoice_id,
                "charge": labels[f"charge_{charge.name}"],
                "posted_on": charge.posted_on.isoformat(),
                "original": plain_amount(charge.amount_minor, digits),
                "open": plain_amount(charge.open_minor, digits),
                "past_due": plain_amount(charge.open_minor, digits),
            }
    for item in letter.unapplied:
        yield {
            "record": f"unapplied_{item.kind}",
            "invoice_id": item.reference,
            "posted_on": item.dated_on.isoformat() if item.dated_on else "",
            "original": plain_amount(item.amount_minor, digits),
        }


def _invoice(line: StatementLine, digits: int) -> dict[str, str]:
    return {
        "record": "invoice",
        "invoice_id": line.invoice_id,
        "po_number": line.po_number,
        "issued_on": line.issued_on.isoformat(),
        "due_on": line.due_on.isoformat(),
        "days_past_due": str(max(line.days_past_due, 0)),
        "original": plain_amount(line.original_minor, digits),
        "open": plain_amount(line.open_minor, digits),
        "disputed": plain_amount(line.disputed_minor, digits),
        "past_due": plain_amount(line.open_minor if line.is_past_due else 0, digits),
    }
