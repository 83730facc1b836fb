"""A letter about a promise, a hold or a paid case as printed blocks: what it is about, by invoice."""

from __future__ import annotations

from collections.abc import Iterator

from chalicelib.mail.pdf_blocks import actions, po
from chalicelib.mail.pdf_dunning import SHORT_MAX
from chalicelib.mail.pdf_parts import Block, Cell, Column, Grid, Heading, Row
from chalicelib.mail.render import Composed


def account_blocks(done: Composed) -> Iterator[Block]:
    """Yield what such a letter shows under its opening, in the order of the HTML."""
    lines = len(done.values["rows"])
    if 0 < lines <= SHORT_MAX:
        yield from account_list(done)
    yield from actions(done)
    if lines > SHORT_MAX:
        yield from _invoices(done, is_whole=not done.values["is_long"])


def account_list(done: Composed) -> Iterator[Block]:
    """Yield every invoice that the letter is about."""
    yield from _invoices(done, is_whole=True)


def _invoices(done: Composed, *, is_whole: bool) -> Iterator[Block]:
    values, labels, f, say = done.values, done.labels, done.formats, done.say
    rows = [
        Row(
            (
                Cell(row.line.invoice_id, po(done, row.line.po_number), is_strong=True),
                Cell(f.day(row.line.due_on)),
                Cell(row.total, (say.charges_in_it(row.charges),) if row.charges else ()),
            )
        )
        for row in (values["rows"] if is_whole else ())
    ]
    rows += [
        Row((Cell("" if number else values["total_label"], span=2), Cell(total)), "total")
        for number, total in enumerate(values["totals"])
    ]
    columns = (
        Column(labels["invoice"], 40),
        Column(labels["due"], 30),
        Column(values["amount_label"], 30, is_right=True),
    )
    yield Heading(values["list_title"])
    yield Grid(columns, tuple(rows))
