"""The checklist before anything is placed (R10.1): what must hold, item by item, and for what."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from chalicelib.core.book import Book
from chalicelib.core.policy import Policy


@dataclass(frozen=True, slots=True)
class CheckItem:
    """One item of the checklist: whether it holds, and in words what is there or missing."""

    code: str
    holds: bool
    detail: str


@dataclass(frozen=True, slots=True)
class Checklist:
    """What stands for and against placing an account's past-due invoices of a currency (R10.1).

    `invoice_ids`: those that would be placed, oldest effective due date first, then id; `left_out`:
    past-due ones that would not, each with why. `balance_minor`: principal and charges of the former.
    """

    currency: str
    invoice_ids: tuple[str, ...]
    left_out: tuple[tuple[str, tuple[str, ...]], ...]
    balance_minor: int
    items: tuple[CheckItem, ...]

    @property
    def holds(self) -> bool:
        """Whether all of it holds: only then is anything placed."""
        return all(item.holds for item in self.items)

    @property
    def missing(self) -> tuple[CheckItem, ...]:
        """What does not hold."""
        return tuple(item for item in self.items if not item.holds)


def checklist(book: Book, policy: Policy, currency: str, today: date) -> Checklist:
    """Return the checklist of a currency as it stands today (R10.1)."""
    return Checklist(currency, (), (), 0, (CheckItem("not_built", holds=False, detail=""),))


def placeable(book: Book, policy: Policy, currency: str, today: date) -> list[str]:
    """Return the invoices that may be placed today, none unless the whole checklist holds (R10.1)."""
    found = checklist(book, policy, currency, today)
    return list(found.invoice_ids) if found.holds else []
