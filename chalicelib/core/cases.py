"""Cases: what happens to an account from its first stage until nothing is past due (R6.5, R6.4)."""

from __future__ import annotations

from chalicelib.core.account import Case
from chalicelib.core.blocks import Survey
from chalicelib.core.book import Book
from chalicelib.core.effects import CaseClosed, CaseOpened
from chalicelib.core.policy import Policy


def judge_case(book: Book, policy: Policy, found: Survey) -> None:
    """Open a case, or close the open one: one open case per account, never two (R6.5)."""
    if book.case is not None:
        if not found.past_due:
            book.effects.append(CaseClosed(found.today, book.account_id, book.case.number))
            book.case = None
        return
    if _opens(book, policy, found):
        book.cases_opened += 1
        number = f"{book.account_id}-C{book.cases_opened}"
        book.case = Case(number, found.today)
        book.unreached_calls = 0
        book.effects.append(CaseOpened(found.today, book.account_id, number))


def _opens(book: Book, policy: Policy, found: Survey) -> bool:
    """Whether the account has a stage behind it on something that is still past due (R6.5)."""
    return any(book.invoices[invoice.id].applied for invoice in found.past_due)
