"""What a day brings to placements: offers expire, recalls take effect, blocks suspend (R10)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date, timedelta

from chalicelib.core.account import Tried
from chalicelib.core.apply_placements import act, propose, take_back
from chalicelib.core.blocks import Survey
from chalicelib.core.book import Book
from chalicelib.core.calendar import ONE_DAY
from chalicelib.core.facts_placements import PlacementAct, PlacementProposed
from chalicelib.core.invoice import Invoice
from chalicelib.core.placement_choice import CAME_BACK, fitting_rules
from chalicelib.core.placement_moves import Move
from chalicelib.core.placement_rules import checklist, contacts_suffice, counted_demand, placeable
from chalicelib.core.placement_settlements import lapse_settlement
from chalicelib.core.placement_steps import ask_owner, balance_of
from chalicelib.core.placement_suspension import judge_suspension
from chalicelib.core.placements import (
    ACTIVE,
    CLOSED,
    CLOSING,
    DRAFT,
    OFFERED,
    PENDING,
    PROPOSED,
    RECALL_PENDING,
    RULE,
    SUSPENDED,
    Placement,
)
from chalicelib.core.policy import Policy

PLACEMENTS_KEPT = 20  # that are closed, of an account
NOTHING_OPEN = "nothing_open"
CHECKLIST = "checklist"  # it does not hold any more
AUTO = "auto"  # the recall that was agreed when the agency accepted
PAID = "paid"
BY_RULE = frozenset({NOTHING_OPEN, CHECKLIST, PAID, "replaced"})  # withdrawn, and by nobody's word


def judge_placements(book: Book, policy: Policy, today: date) -> None:
    """Make the moves that time brings; before the day's blocks are taken, like plans (R5.10).

    Of those that are closed the latest 20 are kept, and all for which money is not remitted.
    """
    if not book.placements:
        return
    for name in sorted(book.placements):
        before = None
        while (now := book.placements[name]) is not before:
            before = now
            _judge(book, now, policy, today)
    _forget(book)


def judge_candidates(book: Book, policy: Policy, found: Survey) -> None:
    """Propose what the checklist lets be placed, and ask its owner (R10.1, R10.2).

    Not while something of the currency is proposed, nor after an agency gave one back or a person
    took one back, until a person proposes again.
    """
    demanded = _demanded(book, policy)
    for currency in _currencies(book, policy, found.today, demanded):
        new = propose(book, PlacementProposed(found.today, currency, RULE), policy)
        if new is not None:
            act(book, PlacementAct(found.today, new.id, "submit", RULE), policy)


def placement_days(book: Book, policy: Policy, today: date) -> Iterator[date]:
    """Yield the days on which time alone moves a placement or makes a candidate, for the wake list."""
    for one in book.placements.values():
        yield from _days_of(one, policy, today)
        if one.state == PENDING and one.made_by == RULE and not _holds(book, one, policy, today):
            yield today + ONE_DAY  # what the day itself charged came after it was judged
    demanded = _demanded(book, policy)
    next_day = policy.calendar.processing_day_from
    for invoice in demanded:
        for notice in invoice.final_notices:
            if notice.respond_by >= today:
                yield next_day(notice.respond_by + ONE_DAY)
    for currency in _currencies(book, policy, today, demanded):
        if checklist(book, policy, currency, today).holds:
            yield next_day(today + ONE_DAY)  # no processing day, or it came to hold after its run


def _demanded(book: Book, policy: Policy) -> list[Invoice]:
    """Return the open invoices that a final demand listed, if the policy has any agency."""
    if not policy.escalation.agencies:
        return []
    return [one for one in book.invoices.values() if one.final_notices]


def _currencies(book: Book, policy: Policy, today: date, demanded: Sequence[Invoice]) -> list[str]:
    """Return the currencies of which a decision may propose something, in order.

    What costs little is asked here, before the whole checklist: nearly no account has got so far.
    """
    passed = set()
    for invoice in demanded:
        demand = counted_demand(invoice)
        if demand is not None and demand.respond_by < today:
            passed.add(invoice.currency)
    if not passed or not contacts_suffice(policy, book.case.tried if book.case else Tried()):
        return []
    return sorted(currency for currency in passed if not _rule_rests(book, currency))


def _rule_rests(book: Book, currency: str) -> bool:
    """Whether a currency waits for a person: something is proposed, or the last one came back."""
    mine = [one for one in book.placements.values() if one.currency == currency]
    if any(one.state in PROPOSED for one in mine):
        return True
    by_people = [one.made_on for one in mine if one.made_by != RULE and not _came_back(one)]
    last = max(by_people, default=date.min)
    return any(_came_back(one) and (one.ended_on or date.max) > last for one in mine)


def _came_back(placement: Placement) -> bool:
    """Whether it ended so that only a person proposes the currency again."""
    if placement.outcome == "withdrawn":
        return placement.reason not in BY_RULE
    return placement.outcome in CAME_BACK


def _judge(book: Book, placement: Placement, policy: Policy, today: date) -> None:
    """Make the next move of one placement that is due today, if there is one."""
    match placement.state:
        case "draft" | "pending_approval":
            _judge_proposed(book, placement, policy, today)
        case "offered":
            _judge_offered(book, placement, policy, today)
        case "active" | "suspended" | "recall_pending":
            _judge_worked(book, placement, policy, today)
        case "closing":
            _judge_closing(book, placement, policy, today)


def _judge_proposed(book: Book, placement: Placement, policy: Policy, today: date) -> None:
    """Let end what nothing is left of, and what by rule may not be placed any more; approve in time.

    What a person proposed waits for a person, less what is paid meanwhile.
    """
    still_open = {name for name in placement.invoice_ids if _is_open(book, name)}
    if not still_open:
        _do(book, placement, "lapse", NOTHING_OPEN, policy, today)
        return
    if placement.state == DRAFT:
        return
    if placement.made_by == RULE and not _holds(book, placement, policy, today):
        _do(book, placement, "lapse", CHECKLIST, policy, today)
    elif still_open != placement.invoice_ids:
        smaller = replace(placement, invoice_ids=frozenset(still_open))
        book.put_placement(replace(smaller, balance_minor=balance_of(book, smaller)))
    elif _approves_by_itself(placement, policy, today):
        _do(book, placement, "approve", "", policy, today)  # what may be placed of it, if anything


def _holds(book: Book, placement: Placement, policy: Policy, today: date) -> bool:
    """Whether all of what a rule proposed may be placed today, and with that agency (R10.1, R10.2)."""
    names = placeable(book, policy, placement.currency, today, among=placement.invoice_ids)
    rules = fitting_rules(book, policy, placement.currency, balance_of(book, placement))
    return placement.invoice_ids == set(names) and any(
        rule.agency == placement.agency for rule in rules
    )


def _approves_by_itself(placement: Placement, policy: Policy, today: date) -> bool:
    """Whether its time without a person's word is over; it is offered on processing days (R5.5)."""
    days = policy.escalation.auto_approve_after_days
    if not days or placement.submitted_on is None:
        return False
    is_due = today >= placement.submitted_on + timedelta(days=days)
    return is_due and policy.calendar.is_processing_day(today)


def _judge_offered(book: Book, placement: Placement, policy: Policy, today: date) -> None:
    """Withdraw an offer of which nothing is open any more; one that nobody answered expires."""
    if not any(_is_open(book, name) for name in placement.invoice_ids):
        _do(book, placement, "withdraw", PAID, policy, today)
    elif placement.offered_until is not None and today > placement.offered_until:
        _do(book, placement, "expire", "", policy, today)


def _judge_worked(book: Book, placement: Placement, policy: Policy, today: date) -> None:
    offer = placement.settlement
    if offer is not None and today > offer.pay_by:
        lapse_settlement(book, placement, today)
    elif _is_due_back(placement, today):
        take_back(book, placement, policy, today)
    elif _is_recalled_by_itself(placement, today):
        _do(book, placement, "recall", AUTO, policy, today)
    else:
        judge_suspension(book, placement, policy, today)


def _is_due_back(placement: Placement, today: date) -> bool:
    if placement.state != RECALL_PENDING or placement.recall is None:
        return False
    return placement.recall.effective_on <= today


def _is_recalled_by_itself(placement: Placement, today: date) -> bool:
    on = None if placement.terms is None else placement.terms.auto_recall_on
    return placement.state != RECALL_PENDING and on is not None and today >= on


def _judge_closing(book: Book, placement: Placement, policy: Policy, today: date) -> None:
    """Close it once its money is settled and no more is to be expected; else ask for it, once."""
    due_on = _closes_on(placement, policy)
    if today < due_on:
        return
    if not placement.unremitted_minor:
        _do(book, placement, "close", placement.reason, policy, today)
    elif book.last_decided_on is None or book.last_decided_on < due_on:
        amount = policy.amount_in_words(placement.unremitted_minor, placement.currency)
        why = f"Placement {placement.id} ended, and the agency has not remitted {amount}."
        ask_owner(book, placement, policy, today, "not_remitted", why)


def _closes_on(placement: Placement, policy: Policy) -> date:
    assert placement.ended_on is not None
    return placement.ended_on + timedelta(days=policy.escalation.closing_days)


def _do(
    book: Book, placement: Placement, what: Move, reason: str, policy: Policy, today: date
) -> None:
    act(book, PlacementAct(today, placement.id, what, RULE, reason), policy)


def _is_open(book: Book, name: str) -> bool:
    invoice = book.invoices.get(name)
    return invoice is not None and invoice.open_minor > 0


def _days_of(placement: Placement, policy: Policy, today: date) -> Iterator[date]:
    """Yield the days on which time moves one placement."""
    next_day = policy.calendar.processing_day_from
    if placement.state == PENDING:
        days = policy.escalation.auto_approve_after_days
        if days and placement.submitted_on is not None:
            due_on = placement.submitted_on + timedelta(days=days)
            yield next_day(max(due_on, today + ONE_DAY))
    elif placement.state == OFFERED and placement.offered_until is not None:
        yield placement.offered_until + ONE_DAY
    elif placement.state == CLOSING:
        yield _closes_on(placement, policy)
    if placement.state == RECALL_PENDING and placement.recall is not None:
        yield placement.recall.effective_on
    terms = placement.terms if placement.state in (ACTIVE, SUSPENDED) else None
    if terms is not None and terms.auto_recall_on is not None:
        yield terms.auto_recall_on
    if placement.settlement is not None:
        yield placement.settlement.pay_by + ONE_DAY


def _forget(book: Book) -> None:
    """Keep the latest of those that are closed, and each that the agency still owes money for."""
    if len(book.placements) <= PLACEMENTS_KEPT:
        return
    over = [one for one in book.placements.values() if one.state == CLOSED]
    over.sort(key=lambda one: (one.closed_on or one.made_on, one.made_on, one.id))
    gone = {one.id for one in over[:-PLACEMENTS_KEPT] if not one.unremitted_minor}
    if gone:
        book.placements = {name: one for name, one in book.placements.items() if name not in gone}
