"""Whether the agency may go on: a placement rests and resumes by itself (R10.4, R5.5)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date

from chalicelib.core.blocks import BLOCKS, coverings, marked
from chalicelib.core.book import Book
from chalicelib.core.placement_steps import CREDITOR, balance_of, move, tell
from chalicelib.core.placements import ACTIVE, RECALL_PENDING, SUSPENDED, Placement
from chalicelib.core.policy import Policy

# What keeps something from being placed, but is no reason to stop an agency that works it: that
# it is with the agency, that it was not delivered (it was, when it was placed), and what only says
# that little is left, or in which currency.
NOT_DUE = "not_due"  # the due date of something placed was extended (R5.9)
NO_REASON = frozenset({"placed", "not_delivered", "below_minimum", "currency_not_in_policy"})


def judge_suspension(book: Book, placement: Placement, policy: Policy, today: date) -> Placement:
    """Suspend a placement that is worked, or let it go on, as today's blocks say (R10.4).

    A person's word (`creditor`) is ended by a person only. What is asked back stays so, and its
    agency is told all the same to stop, or that it may go on: until the recall takes effect it may
    be calling. Placements in other states stay as they are. Return the placement as it now stands.
    """
    if placement.state not in (ACTIVE, SUSPENDED, RECALL_PENDING):
        return placement
    why = frozenset(_reasons(book, placement, policy, today))
    why |= placement.suspended_for & {CREDITOR}
    if placement.state == RECALL_PENDING:
        return _rest_until_recalled(book, placement, why, today)
    if placement.state == ACTIVE and why:
        return move(book, placement, "suspend", today, reason=min(why), suspended_for=why)
    if placement.state == SUSPENDED and not why:
        return move(book, placement, "resume", today, suspended_for=why)
    if why != placement.suspended_for:
        placement = replace(placement, suspended_for=why)
        book.put_placement(placement)
    return placement


def _rest_until_recalled(
    book: Book, placement: Placement, why: frozenset[str], today: date
) -> Placement:
    """Tell the agency of what is asked back that it stops, or goes on; the state stays."""
    if why == placement.suspended_for:
        return placement
    rested = replace(placement, suspended_for=why)
    book.put_placement(rested)
    if bool(why) != bool(placement.suspended_for):
        tell(book, rested, "suspend" if why else "resume", today, reason=min(why, default=""))
    return rested


def _reasons(book: Book, placement: Placement, policy: Policy, today: date) -> Iterator[str]:
    """Yield the blocks that lie on what is still open of it, or on its account and currency."""
    names = placement.invoice_ids
    if not any(name in book.invoices for name in names):
        return
    for block, covered in coverings(book, policy, today):
        if _stops(block) and any(name in names and name in book.invoices for name in covered):
            yield block
    for block in (*marked(book, None, today), *marked(book, placement.currency, today)):
        if _stops(block):
            yield block
    found = [book.invoices[name] for name in names if name in book.invoices]
    if any(invoice.disputed_minor for invoice in found):
        yield "disputed"
    if any(invoice.open_minor and today <= invoice.effective_due_on for invoice in found):
        yield NOT_DUE
    unapplied = book.unapplied.get(placement.currency, 0)
    if unapplied and 0 < balance_of(book, placement) <= unapplied:
        yield "cash_covers"


def _stops(block: str) -> bool:
    rule = BLOCKS.get(block)
    return block not in NO_REASON and (rule is None or rule.placement)
