"""Whether the agency may go on: a placement rests and resumes by itself (R10.4, R5.5)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date

from chalicelib.core.blocks import BLOCKS, coverings, marked
from chalicelib.core.book import Book
from chalicelib.core.placement_steps import CREDITOR, balance_of, move
from chalicelib.core.placements import ACTIVE, SUSPENDED, Placement
from chalicelib.core.policy import Policy

# What keeps something from being placed, but is no reason to stop an agency that works it: that
# it is with the agency, that it was not delivered (it was, when it was placed), and what only says
# that little is left, or in which currency.
NO_REASON = frozenset({"placed", "not_delivered", "below_minimum", "currency_not_in_policy"})


def judge_suspension(book: Book, placement: Placement, policy: Policy, today: date) -> Placement:
    """Suspend a placement that is worked, or let it go on, as today's blocks say (R10.4).

    A person's word (`creditor`) is ended by a person only. Placements in other states stay as they
    are: what is recalled has its own end. Return the placement as it now stands.
    """
    if placement.state not in (ACTIVE, SUSPENDED):
        return placement
    why = frozenset(_reasons(book, placement, policy, today))
    why |= placement.suspended_for & {CREDITOR}
    if placement.state == ACTIVE:
        if not why:
            return placement
        return move(book, placement, "suspend", today, reason=min(why), suspended_for=why)
    if not why:
        return move(book, placement, "resume", today, suspended_for=why)
    if why != placement.suspended_for:
        placement = replace(placement, suspended_for=why)
        book.put_placement(placement)
    return placement


def _reasons(book: Book, placement: Placement, policy: Policy, today: date) -> Iterator[str]:
    """Yield the blocks that lie on what is still open of it, or on its account and currency."""
    still_open = {
        name: book.invoices[name] for name in placement.invoice_ids if name in book.invoices
    }
    if not still_open:
        return
    for block, names in coverings(book, policy, today):
        if _stops(block) and not still_open.keys().isdisjoint(names):
            yield block
    for block in (*marked(book, None, today), *marked(book, placement.currency, today)):
        if _stops(block):
            yield block
    if any(invoice.disputed_minor for invoice in still_open.values()):
        yield "disputed"
    if 0 < balance_of(book, placement) <= book.unapplied.get(placement.currency, 0):
        yield "cash_covers"


def _stops(block: str) -> bool:
    rule = BLOCKS.get(block)
    return block not in NO_REASON and (rule is None or rule.placement)
