"""A notice as printed blocks: invoices, charges with their arithmetic, totals, what stands apart."""

from __future__ import annotations

from collections.abc import Iterator

from chalicelib.flows.letter import Letter
from chalicelib.flows.letter_parts import ChargeLine, InvoiceLine
from chalicelib.mail.pdf_blocks import (
    actions,
    age_totals,
    amount_column,
    plain_row,
    po,
    total_row,
    unapplied,
)
from chalicelib.mail.pdf_parts import Block, Cell, Column, Grid, Heading, Paragraph, Row
from chalicelib.mail.render import Composed

SHORT_MAX = 12  # invoices; a longer letter says first what matters most


def dunning_blocks(done: Composed) -> Iterator[Block]:
    """Yield what a notice shows under its opening, in the order of the HTML."""
    letter = _letter(done)
    is_short = len(letter.invoices) <= SHORT_MAX
    actions_first = not is_short or letter.kind == "final_demand"
    if actions_first:
        yield from actions(done)
    if not is_short:
        yield from _ages(done)
        yield from apart(done)
    if letter.new_charges and len(letter.new_charges) <= SHORT_MAX and len(letter.invoices) > 1:
        yield from _new_charges(done)
    yield from month_totals(done) if done.values["is_long"] else invoices(done)
    yield from rates(done)
    if is_short:
        if len(letter.invoices) > 1:
            yield from _ages(done)
        yield from apart(done)
    if not actions_first:
        yield from actions(done)


def dunning_list(done: Composed) -> Iterator[Block]:
    """Yield the whole list: every invoice, charge and disputed part, as the CSV has them (R5.3)."""
    yield from invoices(done)
    yield from rates(done)
    yield from _ages(done)
    yield from apart(done)


def invoices(done: Composed) -> Iterator[Block]:
    """Yield the invoices by month of issue with their charges, and what it all comes to."""
    letter, labels, f = _letter(done), done.labels, done.formats
    is_one = len(letter.invoices) == 1
    yield Heading(labels["invoice_title" if is_one else "invoices_title"])
    rows: list[Row] = []
    for group in done.values["months"]:
        if not is_one:
            rows.append(plain_row(f.month(group.month_on), f.amount(group.due_minor), 3, "group"))
        for invoice in group.invoices:
            rows.append(_invoice_row(done, invoice))
            rows += [_charge_row(done, charge) for charge in invoice.open_charges]
    if letter.other_charges:
        rows.append(Row((Cell(labels["also_open"], span=4),), "group"))
    for other in letter.other_charges:
        said = Cell(done.say.charge(other.charge), span=2)
        name = Cell(other.invoice_id, is_strong=True)
        rows.append(Row((name, said, Cell(f.amount(other.charge.open_minor)))))
    columns = (
        Column(labels["invoice"], 30),
        Column(labels["due"], 26),
        Column(labels["days"], 18),
        amount_column(done, "amount", 26),
    )
    yield Grid(columns, (*rows, *_sums(done)))


def rates(done: Composed) -> Iterator[Block]:
    """Yield where the rates of interest are from, if there are any (R4.4)."""
    if _letter(done).rate_sources:
        yield Paragraph(done.say.rates(), is_muted=True)


def month_totals(done: Composed) -> Iterator[Block]:
    """Yield the totals by month of issue that stand for a long list (R5.3)."""
    letter, labels, f = _letter(done), done.labels, done.formats
    rows = [
        Row(
            (
                Cell(f.month(group.month_on), is_strong=True),
                Cell(str(len(group.invoices))),
                Cell(f.amount(group.charges_minor)),
                Cell(f.amount(group.due_minor)),
            )
        )
        for group in done.values["months"]
    ]
    if letter.other_charges:
        others_minor = sum(other.charge.open_minor for other in letter.other_charges)
        rows.append(plain_row(labels["also_open"], f.amount(others_minor), 3))
    columns = (
        Column(labels["month"], 30),
        Column(labels["invoice_count"], 20, is_right=True),
        Column(labels["charges"], 24, is_right=True),
        amount_column(done, "amount", 26),
    )
    yield Heading(labels["months_title"])
    yield Grid(columns, (*rows, *_sums(done)))


def _ages(done: Composed) -> Iterator[Block]:
    ages = ((one.bucket, one.invoice_count, one.principal_minor) for one in done.values["ages"])
    return age_totals(done, ages, done.labels["days"], "plain_amount")


def apart(done: Composed) -> Iterator[Block]:
    """Yield what is in dispute and what is not yet applied: shown, never deducted (R3.2, R5.5)."""
    letter, labels, f = _letter(done), done.labels, done.formats
    amount = amount_column(done, "plain_amount", 30)
    if letter.disputed:
        note = labels["disputed_note"]
        if any(part.bears_interest for part in letter.disputed):
            note = f"{note} {labels['disputed_interest']}"
        yield Heading(labels["disputed"])
        yield Paragraph(note, is_muted=True)
        yield Grid(
            (Column(labels["invoice"], 40), Column(labels["since"], 30), amount),
            tuple(
                Row(
                    (
                        Cell(part.invoice_id, po(done, part.po_number), is_strong=True),
                        Cell(f.day(part.since_on) if part.since_on else ""),
                        Cell(f.amount(part.disputed_minor)),
                    )
                )
                for part in letter.disputed
            ),
        )
    yield from unapplied(done, letter.unapplied, amount)


def _letter(done: Composed) -> Letter:
    assert isinstance(done.letter, Letter)
    return done.letter


def _new_charges(done: Composed) -> Iterator[Block]:
    labels, f = done.labels, done.formats
    columns = (
        Column(labels["invoice"], 21),
        Column(labels["reason"], 58),
        amount_column(done, "amount", 21),
    )
    yield Heading(labels["new_charges"])
    yield Grid(
        columns,
        tuple(
            Row(
                (
                    Cell(invoice_id, is_strong=True),
                    Cell(done.say.charge(charge)),
                    Cell(f.amount(charge.open_minor)),
                )
            )
            for invoice_id, charge in _letter(done).new_charges
        ),
    )


def _invoice_row(done: Composed, invoice: InvoiceLine) -> Row:
    f, say = done.formats, done.say
    stage = (say.stage(invoice.stage),) if invoice.stage else ()
    beside: tuple[str, ...] = ()
    if invoice.open_minor != invoice.original_minor:
        beside += (say.of(invoice.original_minor),)
    if invoice.disputed_minor:
        beside += (say.in_dispute(invoice.disputed_minor),)
    issued = f"{done.labels['issued']} {f.day(invoice.issued_on)}"
    return Row(
        (
            Cell(invoice.invoice_id, (*po(done, invoice.po_number), *stage), is_strong=True),
            Cell(f.day(invoice.due_on), (issued,)),
            Cell(str(invoice.days_past_due), (invoice.bucket,)),
            Cell(f.amount(invoice.asked_minor), beside),
        )
    )


def _charge_row(done: Composed, charge: ChargeLine) -> Row:
    return plain_row(done.say.charge(charge), done.formats.amount(charge.open_minor), 3, "sub")


def _sums(done: Composed) -> Iterator[Row]:
    letter, labels, f = _letter(done), done.labels, done.formats
    charges_minor = letter.total_minor - letter.principal_minor
    if charges_minor:
        yield plain_row(labels["invoices"], f.amount(letter.principal_minor), 3, "sum")
        yield plain_row(labels["charges"], f.amount(charges_minor), 3, "sum")
    yield total_row(done, "total", letter.total_minor, 3)
