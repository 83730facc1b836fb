"""When an account's next statement goes, and what stands in its way: for explanations (R5.1, R13.3)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from chalicelib.core.blocks import BLOCKS
from chalicelib.core.book import Book
from chalicelib.core.policy import Policy
from chalicelib.core.statements import (
    NEVER,
    currencies_on_their_way,
    free_from_of,
    has_statements,
    is_due,
    next_statement_on,
    stopped_until,
)
from chalicelib.core.waits import Wait


@dataclass(frozen=True, slots=True)
class StatementOutlook:
    """The next statement's day, None if only a fact may bring one, and what stops or empties it."""

    next_on: date | None
    waits: tuple[Wait, ...]


def statement_outlook(book: Book, policy: Policy, today: date) -> StatementOutlook:
    """Return what the run would do about statements from today on, if nothing is booked."""
    if is_due(book, policy, today):
        return StatementOutlook(today, tuple(_waits(book, policy, today)))
    day = next_statement_on(book, policy, today)
    if day is not None and day <= today:  # it was due on a day without a run; today is a day off
        day = policy.calendar.processing_day_from(today)
    return StatementOutlook(day, tuple(_waits(book, policy, today)))


def _waits(book: Book, policy: Policy, today: date) -> Iterator[Wait]:
    """Yield the reasons; those about single invoices say how many they keep out of it."""
    if not has_statements(policy):
        yield Wait("no_statements", "R5.1", "The policy sends no statements.")
        return
    if today < (until := stopped_until(book)):
        sentence = f"{BLOCKS['legal_stop'].sentence} No statement goes while it lasts."
        yield Wait("legal_stop", "R5.5", sentence, _day(until))
    is_open = [i for i in book.invoices.values() if i.open_minor or i.open_charges_minor]
    if not is_open:
        yield Wait("nothing_open", "R5.1", "Nothing is open that a statement could tell of.")
    elif not policy.statements.monthly and not any(invoice.open_minor for invoice in is_open):
        sentence = "Only charges are open: the weekly statement is for invoices past due."
        yield Wait("nothing_past_due", "R5.1", sentence)
    free_from = free_from_of(book)
    ends = {invoice.id: free_from(invoice) for invoice in is_open}
    for code in ("placed", "not_delivered"):
        out = [
            ends[invoice.id]
            for invoice in is_open
            if today < ends[invoice.id]
            and (invoice.delivered_on is None) is (code == "not_delivered")
        ]
        if out:
            count = f"{len(out)} open invoice{'' if len(out) == 1 else 's'}"
            sentence = f"{BLOCKS[code].sentence} A statement leaves out {count} for that."
            yield Wait(code, "R5.5", sentence, _day(min(out)))
    for currency in currencies_on_their_way(book):
        sentence = f"The last statement in {currency} has not left yet: no other is made before."
        yield Wait("not_left", "R11.1", sentence)


def _day(day: date) -> date | None:
    return None if day == NEVER else day
