"""Large changes that are answered when they are certain, and written out afterwards.

A payment over thousands of invoices does not fit one transaction. The store keeps such a change
whole, with its answer, in its first transaction; writing it out may come after the answer, by
whoever loads the account next: a reader, a worker, or the reconciler within a minute.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import islice

from chalicelib.core.account import Account
from chalicelib.core.apply import Booking
from chalicelib.flows.ports import Accounts

AT_ONCE_INVOICES_MAX = 200  # changed by one answer; more are written out after it
FINISHED_EACH_TIME_MAX = 25  # accounts; the next minute takes the rest


def written_later(before: Account) -> Callable[[Booking], bool]:
    """Return what tells of a booking on an account whether it is written out after its answer.

    It counts the invoices that changed. What it says is so: that many fit no transaction.
    """

    def is_large(booking: Booking) -> bool:
        return changed_invoices(before, booking.account) > AT_ONCE_INVOICES_MAX

    return is_large


def changed_invoices(before: Account, after: Account) -> int:
    """Return how many live invoices differ, came or went between two states of an account."""
    changed = sum(before.invoices.get(name) is not one for name, one in after.invoices.items())
    return changed + len(before.invoices.keys() - after.invoices.keys())


def unfinished(accounts: Accounts) -> Iterator[str]:
    """Yield some accounts that a large change is to be written out on."""
    yield from islice(accounts.unfinished(), FINISHED_EACH_TIME_MAX)
