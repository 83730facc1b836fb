"""What a case was paid, and whether it is thanked for when it closes (R6.5)."""

from __future__ import annotations

from dataclasses import replace

from chalicelib.core.account import CaseMoney, Notice, Thanks
from chalicelib.core.book import Book
from chalicelib.core.money import add
from chalicelib.core.policy import Policy


def watch_case(book: Book, policy: Policy) -> None:
    """Begin to follow what is paid while a case that opens is open, if it may be thanked for."""
    book.thanks = None
    if book.case is not None and policy.letters.thank_you:
        book.case = replace(book.case, money=CaseMoney(received(book)))


def note_reminder(book: Book, notice: Notice) -> None:
    """Remember that a stage notice of the open case counts as sent: only then is it thanked for."""
    case = book.case
    if case is None or case.money is None or case.money.reminded or not notice.stage:
        return
    if notice.created_on >= case.opened_on:
        book.case = replace(case, money=replace(case.money, reminded=True))


def note_write_off(book: Book) -> None:
    """Remember that something of the open case was given up: it is not thanked for."""
    case = book.case
    if case is not None and case.money is not None:
        book.case = replace(case, money=replace(case.money, given_up=True))


def owe_thanks(book: Book, policy: Policy) -> None:
    """Owe thanks for the case that is being closed, if it was paid (R6.5).

    At least one of its stage notices left, money came in since it opened, and a late invoice was
    closed by a payment meanwhile (R8.1); nothing was written off but short payments, nothing is
    with an agency, and nothing that a stage was applied to is merely due later now.
    """
    case = book.case
    if case is None or case.money is None or not policy.letters.thank_you:
        return
    gone = (one for one in book.notices.values() if one.stage and one.state == "sent")
    reminded = case.money.reminded or any(one.created_on >= case.opened_on for one in gone)
    paid = {
        currency: amount - case.money.before.get(currency, 0)
        for currency, amount in sorted(received(book).items())
        if amount > case.money.before.get(currency, 0)
    }
    settled = any(one.late and one.value_on >= case.opened_on for one in book.settlements)
    extended = any(one.applied and one.open_minor for one in book.invoices.values())
    is_placed = any(mark.block == "placed" for mark in book.marks) or any(
        one.is_with_agency for one in book.placements.values()
    )
    if reminded and paid and settled and not (case.money.given_up or extended or is_placed):
        book.thanks = Thanks(case.number, case.opened_on, paid, case.letters)


def received(book: Book) -> dict[str, int]:
    """Return what came in since ever, less what bounced, in minor units per currency (R7.5).

    In a mirror another system says that invoices went down; that counts as money, as it does for
    promises (R7.6).
    """
    totals = book.account.totals if book.totals is None else book.totals
    signs = {"payment": 1, "payment_reversal": -1, "external_decrease": 1, "external": -1}
    found: dict[str, int] = {}
    for currency, kinds in totals.items():
        for kind, sign in signs.items():
            add(found, currency, sign * kinds.get(kind, 0))
    return found
