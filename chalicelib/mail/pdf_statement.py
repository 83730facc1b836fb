"""A statement of account as printed blocks: all that is open, by age, and what stands apart (R5.1)."""

from __future__ import annotations

from collections.abc import Iterator

from chalicelib.flows.statement import Statement
from chalicelib.mail.pdf_blocks import (
    actions,
    age_totals,
    amount_column,
    plain_row,
    po,
    total_row,
    unapplied,
)
from chalicelib.mail.pdf_dunning import SHORT_MAX
from chalicelib.mail.pdf_parts import Block, Cell, Column, Grid, Heading, Paragraph, Row
from chalicelib.mail.render import Composed


def statement_blocks(done: Composed) -> Iterator[Block]:
    """Yield what a statement shows under its opening, in the order of the HTML."""
    is_short = len(_letter(done).invoices) <= SHORT_MAX
    if not is_short:
        yield from actions(done)
        yield from _ages(done)
    yield from _invoices(done, is_whole=not done.values["is_long"])
    if is_short:
        yield from _ages(done)
    yield from _apart(done)
    if is_short:
        yield from actions(done)


def statement_list(done: Composed) -> Iterator[Block]:
    """Yield every open item, as the CSV has them (R5.3)."""
    yield from _invoices(done, is_whole=True)
    yield from _ages(done)
    yield from _apart(done)


def _letter(done: Composed) -> Statement:
    assert isinstance(done.letter, Statement)
    return done.letter


def _invoices(done: Composed, *, is_whole: bool) -> Iterator[Block]:
    letter, labels, f, say = _letter(done), done.labels, done.formats, done.say
    rows: list[Row] = []
    for line in letter.invoices if is_whole else ():
        beside: tuple[str, ...] = ()
        if line.open_minor and line.open_minor != line.original_minor:
            beside += (say.of(line.original_minor),)
        if line.disputed_minor:
            beside += (say.in_dispute(line.disputed_minor),)
        rows.append(
            Row(
                (
                    Cell(line.invoice_id, po(done, line.po_number), is_strong=True),
                    Cell(f.day(line.due_on), (f"{labels['issued']} {f.day(line.issued_on)}",)),
                    Cell(str(line.days_past_due) if line.is_past_due else ""),
                    Cell(f.amount(line.open_minor), beside),
                )
            )
        )
        for charge in line.charges:
            said = labels[f"charge_{charge.name}"]
            rows.append(plain_row(said, f.amount(charge.open_minor), 3, "sub"))
    if letter.charges_minor:
        rows.append(plain_row(labels["invoices"], f.amount(letter.principal_minor), 3, "sum"))
        rows.append(plain_row(labels["charges"], f.amount(letter.charges_minor), 3, "sum"))
    columns = (
        Column(labels["invoice"], 30),
        Column(labels["due"], 26),
        Column(labels["days"], 18),
        amount_column(done, "open_amount", 26),
    )
    yield Heading(labels["statement_items"])
    yield Grid(columns, (*rows, total_row(done, "open_total", letter.open_minor, 3)))


def _ages(done: Composed) -> Iterator[Block]:
    ages = ((one.name, one.invoice_count, one.principal_minor) for one in done.values["ages"])
    return age_totals(done, ages, done.values["age_label"], "open_amount")


def _apart(done: Composed) -> Iterator[Block]:
    """Yield what is in dispute, and what is not yet applied: shown, never deducted (R3.2, R5.5)."""
    letter, labels, f = _letter(done), done.labels, done.formats
    amount = amount_column(done, "plain_amount", 30)
    if letter.disputed:
        rows = [
            Row(
                (
                    Cell(line.invoice_id, po(done, line.po_number), is_strong=True),
                    Cell(f.day(line.due_on)),
                    Cell(f.amount(line.disputed_minor)),
                )
            )
            for line in letter.disputed
            if not done.values["is_long"]
        ]
        yield Heading(labels["disputed"])
        yield Paragraph(labels["disputed_stated"], is_muted=True)
        columns = (Column(labels["invoice"], 40), Column(labels["due"], 30), amount)
        yield Grid(columns, (*rows, total_row(done, "disputed", letter.disputed_minor, 2)))
    yield from unapplied(done, letter.unapplied, amount)
