"""What every printed letter is set with: its words, its tables' parts, how to pay (R11.5)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from chalicelib.flows.letter_parts import UnappliedItem
from chalicelib.mail.pdf_parts import (
    Block,
    Bullets,
    Cell,
    Column,
    Facts,
    Grid,
    Heading,
    Paragraph,
    Row,
    RowLook,
)
from chalicelib.mail.render import Composed
from chalicelib.mail.sayings import environment


def words_of(texts: Iterable[str]) -> Iterator[Block]:
    """Yield paragraphs."""
    return (Paragraph(text) for text in texts)


def actions(done: Composed) -> Iterator[Block]:
    """Yield what happens next, how to pay and whom to contact; as the HTML has it."""
    letter, labels, words = done.letter, done.labels, done.words
    consequences = done.values["consequences"]
    if words.next or consequences:
        yield Heading(labels["next_title"])
        yield from words_of(words.next[:1])
        if consequences:
            yield Bullets(tuple(consequences))
        yield from words_of(words.next[1:])
    if done.values["payment_rows"]:
        yield Heading(labels["how_to_pay"])
        yield Facts(tuple(done.values["payment_rows"]))
    yield Heading(labels["contact_title"])
    yield from words_of(words.contact)
    who = letter.collector
    yield Paragraph(" · ".join(part for part in (who.name, who.email, who.phone) if part))


def amount_column(done: Composed, label: str, share: int) -> Column:
    """Return the column of amounts, headed by its currency."""
    return Column(f"{done.labels[label]} ({done.letter.currency})", share, is_right=True)


def total_row(done: Composed, label: str, minor: int, span: int) -> Row:
    """Return the row that a table ends with."""
    return Row((Cell(done.labels[label], span=span), Cell(done.formats.money(minor))), "total")


def plain_row(label: str, amount: str, span: int, look: RowLook = "plain") -> Row:
    """Return a row of a label over several columns, and an amount."""
    return Row((Cell(label, span=span), Cell(amount)), look)


def po(done: Composed, number: str) -> tuple[str, ...]:
    """Return a buyer's number with what it is, as small print; nothing for none."""
    if not number:
        return ()
    said: str = environment(escaped=False).filters["po"](number, done.labels["po"])
    return (said,)


def unapplied(done: Composed, items: Sequence[UnappliedItem], amount: Column) -> Iterator[Block]:
    """Yield what no invoice has taken yet: shown, not deducted (R3.2); nothing for none."""
    labels, f = done.labels, done.formats
    if not items:
        return
    yield Heading(labels["unapplied"])
    yield Paragraph(labels["unapplied_note"], is_muted=True)
    yield Grid(
        (Column(labels["reference"], 40), Column(labels["notice_date"], 30), amount),
        tuple(
            Row(
                (
                    Cell(
                        labels[f"unapplied_{item.kind}"],
                        (item.reference,) if item.reference else (),
                        is_strong=True,
                    ),
                    Cell(f.day(item.dated_on) if item.dated_on else ""),
                    Cell(f.amount(item.amount_minor)),
                )
            )
            for item in items
        ),
    )


def age_totals(
    done: Composed, ages: Iterable[tuple[str, int, int]], label: str, amount: str
) -> Iterator[Block]:
    """Yield the totals by age (name, invoices, minor units), the ages headed by `label`.

    Charges stand beside aging (R3.1); nothing for none.
    """
    rows = tuple(
        Row((Cell(name, is_strong=True), Cell(str(count)), Cell(done.formats.amount(minor))))
        for name, count, minor in ages
    )
    if not rows:
        return
    columns = (
        Column(label, 40),
        Column(done.labels["invoice_count"], 30, is_right=True),
        amount_column(done, amount, 30),
    )
    yield Heading(done.labels["ages_title"])
    yield Grid(columns, rows)
