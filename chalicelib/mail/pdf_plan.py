"""A letter about a payment plan as printed blocks: its schedule, and what it covers (R9.4)."""

from __future__ import annotations

from collections.abc import Iterator

from chalicelib.flows.letter_plan import PlanLetter, PlanLetterKind
from chalicelib.mail.pdf_blocks import actions, amount_column, po, total_row
from chalicelib.mail.pdf_dunning import SHORT_MAX
from chalicelib.mail.pdf_parts import Block, Cell, Column, Grid, Heading, Row
from chalicelib.mail.render import Composed


def plan_blocks(done: Composed) -> Iterator[Block]:
    """Yield what a letter about a plan shows under its opening, in the order of the HTML."""
    letter = _letter(done)
    is_short = len(letter.listed) <= SHORT_MAX
    if letter.kind.is_running:
        yield from _schedule(done)
    elif letter.listed and is_short:
        yield from _covered(done, is_whole=True)
    yield from actions(done)
    if letter.listed and (letter.kind.is_running or not is_short):
        yield from _covered(done, is_whole=not done.values["is_long"])


def plan_list(done: Composed) -> Iterator[Block]:
    """Yield every invoice that the plan covers or covered."""
    yield from _covered(done, is_whole=True)


def _letter(done: Composed) -> PlanLetter:
    assert isinstance(done.letter, PlanLetter)
    return done.letter


def _schedule(done: Composed) -> Iterator[Block]:
    letter, labels, f, say = _letter(done), done.labels, done.formats, done.say
    is_new = letter.kind is PlanLetterKind.AGREED
    rows = []
    for part in letter.instalments:
        if part.is_paid and not is_new:
            continue
        missed = (labels["missed"],) if part.is_missed and not part.is_paid else ()
        whole = (say.of(part.amount_minor),) if part.open_minor != part.amount_minor else ()
        name = str(part.number) if part.number else labels["down_payment"]
        rows.append(
            Row(
                (
                    Cell(name, missed, is_strong=True),
                    Cell(f.day(part.due_on)),
                    Cell(f.amount(part.open_minor), whole),
                )
            )
        )
    amount = "left" if letter.left_minor < letter.total_minor else "plain_amount"
    columns = (
        Column(labels["instalment"], 40),
        Column(labels["due"], 30),
        amount_column(done, amount, 30),
    )
    yield Heading(labels["schedule_title" if is_new else "schedule_left"])
    yield Grid(columns, (*rows, total_row(done, "left", letter.left_minor, 2)))


def _covered(done: Composed, *, is_whole: bool) -> Iterator[Block]:
    letter, labels, f, say = _letter(done), done.labels, done.formats, done.say
    rows = []
    for invoice in letter.listed if is_whole else ():
        beside: tuple[str, ...] = ()
        if invoice.charges_minor:
            beside += (say.with_charges(invoice.charges_minor),)
        if invoice.disputed_minor:
            beside += (say.in_dispute(invoice.disputed_minor),)
        rows.append(
            Row(
                (
                    Cell(invoice.invoice_id, po(done, invoice.po_number), is_strong=True),
                    Cell(f.day(invoice.due_on)),
                    Cell(f.amount(invoice.total_minor), beside),
                )
            )
        )
    columns = (
        Column(labels["invoice"], 40),
        Column(labels["due"], 30),
        amount_column(done, "open_amount", 30),
    )
    yield Heading(labels["covers_title" if letter.kind.is_running else "covered_title"])
    yield Grid(columns, (*rows, total_row(done, "open_total", letter.open_minor, 2)))
