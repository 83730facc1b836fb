"""Booking what people and agencies say of placements: proposals and moves of their life (R10)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta

from chalicelib.core.account import Hold, Task
from chalicelib.core.assignees import sales_owner_for
from chalicelib.core.book import Book
from chalicelib.core.effects import HoldPlaced
from chalicelib.core.facts_placements import (
    PlacementAct,
    PlacementFact,
    PlacementProposed,
    RemittanceConfirmed,
    SettlementAnswered,
    SettlementProposed,
)
from chalicelib.core.placement_choice import choose_agency, terms_of
from chalicelib.core.placement_fees import post_fees, waive_fees
from chalicelib.core.placement_moves import Move, next_state
from chalicelib.core.placement_rules import placeable
from chalicelib.core.placement_settlements import (
    answer_settlement,
    confirm_remittance,
    propose_settlement,
)
from chalicelib.core.placement_steps import (
    AT_ONCE,
    COME_BACK,
    CREDITOR,
    ERROR,
    HELD_BY,
    HOLD_REASON,
    ask_owner,
    balance_of,
    consult_task,
    move,
    task_of,
    tell,
)
from chalicelib.core.placement_suspension import judge_suspension
from chalicelib.core.placements import (
    DRAFT,
    PROPOSED,
    RULE,
    Placement,
    Recall,
    placement_id,
)
from chalicelib.core.policy import Policy


def book_placement_fact(book: Book, fact: PlacementFact, policy: Policy) -> None:
    """Book one fact about a placement on a working copy. What is not there changes nothing."""
    match fact:
        case PlacementProposed():
            propose(book, fact, policy)
        case PlacementAct():
            act(book, fact, policy)
        case SettlementProposed():
            propose_settlement(book, fact, policy)
        case SettlementAnswered():
            answer_settlement(book, fact, policy)
        case RemittanceConfirmed():
            confirm_remittance(book, fact, policy)


def propose(book: Book, fact: PlacementProposed, policy: Policy) -> Placement | None:
    """Make a draft of what may be placed of a currency; a draft that is there gives way (R10.1).

    None, and nothing changes: nothing of it may be placed, or one of the currency waits for an
    approval.
    """
    mine = [p for p in book.placements.values() if p.currency == fact.currency]
    if any(one.state in PROPOSED and one.state != DRAFT for one in mine):
        return None
    wanted = frozenset(fact.invoice_ids) or None
    names = placeable(book, policy, fact.currency, fact.on, among=wanted)
    if not names:
        return None
    for draft in [one for one in mine if one.state == DRAFT]:
        move(book, draft, "lapse", fact.on, reason="replaced")
    new = Placement(
        id=_new_id(book, fact.currency, fact.on),
        currency=fact.currency,
        state=DRAFT,
        made_on=fact.on,
        made_by=fact.made_by,
        invoice_ids=frozenset(names),
    )
    new = replace(new, balance_minor=balance_of(book, new))
    new = replace(new, agency=fact.agency or choose_agency(book, new, policy))
    book.put_placement(new)
    tell(book, new, "propose", fact.on, reason=fact.made_by if fact.made_by == RULE else "")
    return new


def _new_id(book: Book, currency: str, on: date) -> str:
    """Return the id of the next placement of a currency that is made on a day."""
    number = 1
    while (found := placement_id(book.account_id, currency, on, number)) in book.placements:
        number += 1
    return found


def act(book: Book, fact: PlacementAct, policy: Policy) -> None:
    """Let a placement make a move, with what follows from it (R10.3, R10.4)."""
    placement = book.placements.get(fact.placement_id)
    if placement is None or next_state(placement.state, fact.move) is None:
        return
    _ACTS.get(fact.move, _plain)(book, placement, fact, policy)


def _plain(book: Book, placement: Placement, fact: PlacementAct, policy: Policy) -> None:
    ended = move(book, placement, fact.move, fact.on, reason=fact.reason)
    if fact.move in COME_BACK:
        ask_what_next(book, ended, policy, fact.on)
    if fact.move == "return" and fact.reason == ERROR:
        waive_fees(book, ended, fact.on, policy)  # it ended in error, whoever says so (R10.3)


def _submit(book: Book, placement: Placement, fact: PlacementAct, policy: Policy) -> None:
    """Ask for approval of what may be placed of a draft; nothing, if nothing may be (R10.1)."""
    names = placeable(book, policy, placement.currency, fact.on, among=placement.invoice_ids)
    if not names:
        return
    placement = replace(placement, invoice_ids=frozenset(names))
    moved = move(
        book,
        replace(placement, balance_minor=balance_of(book, placement)),
        "submit",
        fact.on,
        submitted_on=fact.on,
        submitted_by=fact.by,
    )
    task = Task(
        consult_task(book, moved.currency),
        "consult_owner",
        policy.calendar.business_day_from(fact.on),
        "All of the checklist holds: shall an external agency collect?",
        sales_owner_for(book, policy, fact.on),
        tuple(sorted(moved.invoice_ids)),
        subject=moved.id,
    )
    book.open_task(task, fact.on)


def _approve(book: Book, placement: Placement, fact: PlacementAct, policy: Policy) -> None:
    """Offer it: the account is held, and what is placed is dunned no more (R10.3).

    Only what the checklist lets be placed today is offered; nothing, if it does not hold any more,
    or to whoever proposed it (R10.2).
    """
    if fact.by not in ("", RULE) and fact.by in (placement.made_by, placement.submitted_by):
        return
    names = placeable(book, policy, placement.currency, fact.on, among=placement.invoice_ids)
    agency = fact.agency or placement.agency or choose_agency(book, placement, policy)
    if not names or not agency:
        return
    placement = replace(placement, invoice_ids=frozenset(names), agency=agency)
    balance = balance_of(book, placement)
    moved = move(
        book,
        replace(
            placement,
            balance_minor=balance,
            placed_minor=balance,
            offered_until=fact.on + timedelta(days=policy.escalation.offer_days),
        ),
        "approve",
        fact.on,
        approved_by=fact.by,
        offered_on=fact.on,
        terms=terms_of(book, placement, policy, fact.on, balance),
    )
    book.close_task(consult_task(book, moved.currency), fact.on, "approved")
    if HOLD_REASON not in book.holds:
        said = "Past-due invoices are with an external agency."
        first = tuple(sorted(moved.invoice_ids))[:20]
        book.holds[HOLD_REASON] = Hold(
            HOLD_REASON,
            fact.on,
            HELD_BY,
            first,
            said,
            more_invoices=len(moved.invoice_ids) - len(first),
        )
        book.effects.append(HoldPlaced(fact.on, book.account_id, HOLD_REASON, said))


def ask_what_next(book: Book, ended: Placement, policy: Policy, on: date) -> None:
    """Ask its owner what comes after a placement that came back (R10.4)."""
    why = f"Placement {ended.id} ended ({ended.outcome}): decide what comes next."
    ask_owner(book, ended, policy, on, "placement_ended", why)


def _decline(book: Book, placement: Placement, fact: PlacementAct, policy: Policy) -> None:
    move(book, placement, "decline", fact.on, reason=fact.reason)
    book.close_task(consult_task(book, placement.currency), fact.on, "declined")


def _lapse(book: Book, placement: Placement, fact: PlacementAct, policy: Policy) -> None:
    move(book, placement, "lapse", fact.on, reason=fact.reason)
    book.close_task(consult_task(book, placement.currency), fact.on, "lapsed")


def _accept(book: Book, placement: Placement, fact: PlacementAct, policy: Policy) -> None:
    """The agency works it from now on: the collection fee is posted (R10.3).

    After its last day an offer is accepted no more, also if no decision let it expire yet.
    """
    if placement.offered_until is not None and fact.on > placement.offered_until:
        return
    days, terms = policy.escalation.auto_recall_after_days, placement.terms
    if terms is not None and days is not None:
        terms = replace(terms, auto_recall_on=fact.on + timedelta(days=days))
    moved = move(
        book,
        placement,
        "accept",
        fact.on,
        accepted_on=fact.on,
        agency_reference=fact.reference,
        terms=terms,
    )
    post_fees(book, moved, policy, fact.on)


def _suspend(book: Book, placement: Placement, fact: PlacementAct, policy: Policy) -> None:
    why = placement.suspended_for | {CREDITOR}
    move(book, placement, "suspend", fact.on, reason=fact.reason, suspended_for=why)


def _resume(book: Book, placement: Placement, fact: PlacementAct, policy: Policy) -> None:
    """A person's word ends; while something else keeps it, it rests on."""
    left = placement.suspended_for - {CREDITOR}
    if left:
        book.put_placement(replace(placement, suspended_for=left))
        return
    move(book, placement, "resume", fact.on, reason=fact.reason, suspended_for=left)


def _recall(book: Book, placement: Placement, fact: PlacementAct, policy: Policy) -> None:
    """Ask for it back: on a day, or at once where the agency must not go on (R10.4)."""
    effective_on = fact.effective_on
    if effective_on is None:
        wait = 0 if fact.reason in AT_ONCE else policy.escalation.recall_days
        effective_on = fact.on + timedelta(days=wait)
    recall = Recall(fact.on, fact.reason, effective_on, fact.by)
    moved = move(book, placement, "recall", fact.on, reason=fact.reason, recall=recall)
    if effective_on <= fact.on:
        take_back(book, moved, policy, fact.on)


def take_back(book: Book, placement: Placement, policy: Policy, on: date) -> Placement:
    """Let a recall take effect; the fee of what was placed in error is waived (R10.3, R10.4)."""
    assert placement.recall is not None
    reason = placement.recall.reason
    moved = move(book, placement, "recalled", on, reason=reason)
    ask_what_next(book, moved, policy, on)
    if reason == ERROR:
        waive_fees(book, moved, on, policy)
    return moved


def _object(book: Book, placement: Placement, fact: PlacementAct, policy: Policy) -> None:
    assert placement.recall is not None
    recall = replace(placement.recall, objection=fact.reason, objected_on=fact.on)
    move(book, placement, "object", fact.on, reason=fact.reason, recall=recall)
    why = f"The agency objects to the recall of placement {placement.id} ({fact.reason})."
    book.close_task(task_of(book, placement, "recall_objected"), fact.on, "objected_again")
    ask_owner(book, placement, policy, fact.on, "recall_objected", why)


def _move_recall(book: Book, placement: Placement, fact: PlacementAct, policy: Policy) -> None:
    assert placement.recall is not None
    on = fact.effective_on or placement.recall.effective_on
    recall = replace(placement.recall, effective_on=on)
    moved = move(book, placement, "move_recall", fact.on, reason=fact.reason, recall=recall)
    book.close_task(task_of(book, placement, "recall_objected"), fact.on, "moved")
    if on <= fact.on:
        take_back(book, moved, policy, fact.on)


def _cancel_recall(book: Book, placement: Placement, fact: PlacementAct, policy: Policy) -> None:
    """It goes on, and rests again if anything keeps it from being worked; in the first days only.

    A day on which it would have been recalled by itself, and that has come, is past with it.
    """
    assert placement.recall is not None
    if fact.on > placement.recall.cancel_by:
        return
    terms = placement.terms
    if terms is not None and terms.auto_recall_on is not None and terms.auto_recall_on <= fact.on:
        terms = replace(terms, auto_recall_on=None)
    moved = move(
        book, placement, "cancel_recall", fact.on, reason=fact.reason, recall=None, terms=terms
    )
    judge_suspension(book, moved, policy, fact.on)
    book.close_task(task_of(book, placement, "recall_objected"), fact.on, "cancelled")


def _recalled(book: Book, placement: Placement, fact: PlacementAct, policy: Policy) -> None:
    take_back(book, placement, policy, fact.on)


_ACTS: dict[Move, Callable[[Book, Placement, PlacementAct, Policy], None]] = {
    "submit": _submit,
    "approve": _approve,
    "decline": _decline,
    "lapse": _lapse,
    "accept": _accept,
    "suspend": _suspend,
    "resume": _resume,
    "recall": _recall,
    "object": _object,
    "move_recall": _move_recall,
    "cancel_recall": _cancel_recall,
    "recalled": _recalled,
}
