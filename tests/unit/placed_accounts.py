"""Accounts whose placements are in any state, brought there by facts alone (R10.4)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from typing import Any

from chalicelib.core.account import Account
from chalicelib.core.apply import Booking, apply, apply_all
from chalicelib.core.decide import Decision, decide
from chalicelib.core.facts import Fact, InvoiceIssued, NoticeCounted
from chalicelib.core.facts_placements import PlacementAct, PlacementProposed
from chalicelib.core.placement_moves import Move
from chalicelib.core.placements import Placement, PlacementState
from chalicelib.core.policy import Policy
from chalicelib.core.policy_agencies import AgencyRule, EscalationRules
from tests.unit.accounts import DAY, account, days, invoice, policy

FINAL = """
[[stages]]
id = "final_demand"
days = 90
notice = "final_demand"
final = true
respond_within_days = 5
"""
RULES = EscalationRules(agencies=(AgencyRule("north"),), recall_days=10, closing_days=30)
PLACED_ON = DAY + days(6)  # the first day after the date for an answer
PATHS: dict[PlacementState, tuple[Move, ...]] = {
    "draft": (),
    "pending_approval": ("submit",),
    "offered": ("submit", "approve"),
    "active": ("submit", "approve", "accept"),
    "suspended": ("submit", "approve", "accept", "suspend"),
    "recall_pending": ("submit", "approve", "accept", "recall"),
    "closing": ("submit", "approve", "accept", "return"),
    "closed": ("submit", "approve", "accept", "return", "close"),
}
BY = {"submit": "anna", "approve": "ben"}


def placing(**changes: Any) -> Policy:
    """A policy with one final stage that places with `north`, but for what is changed."""
    return replace(policy(stages=FINAL), escalation=replace(RULES, **changes))


def demanded(rules: Policy, *facts: InvoiceIssued, counted: bool = True) -> Account:
    """An account whose invoices were in a final demand on `DAY`, to be answered within 5 days."""
    decision = decide(account(facts or (invoice("I1", 50_000, 100),), rules), rules, DAY)
    sent = [NoticeCounted(DAY, one.id) for one in decision.notices if counted]
    return apply_all(decision.account, sent, rules).account


def act(placement: Placement, move: Move, on: date = PLACED_ON, **changes: Any) -> PlacementAct:
    return PlacementAct(on, placement.id, move, BY.get(move, "carl"), **changes)


def proposed(before: Account, rules: Policy, *names: str, on: date = PLACED_ON) -> Account:
    return apply(before, PlacementProposed(on, "USD", "anna", names), rules).account


def one_of(there: Account) -> Placement:
    """The account's only placement."""
    (found,) = there.placements.values()
    return found


def brought(there: Account, rules: Policy, moves: Iterable[Move], on: date = PLACED_ON) -> Account:
    """The account with its only placement moved so, all on one day."""
    for move in moves:
        there = apply(there, act(one_of(there), move, on), rules).account
    return there


def in_state(state: PlacementState, rules: Policy, *facts: InvoiceIssued) -> Account:
    """An account whose only placement is in a state."""
    found = brought(proposed(demanded(rules, *facts), rules), rules, PATHS[state])
    assert one_of(found).state == state
    return found


def moved(there: Account, move: Move, rules: Policy, on: date = PLACED_ON, **more: Any) -> Booking:
    """What a move of the account's only placement books."""
    return apply(there, act(one_of(there), move, on, **more), rules)


def judged(there: Account, rules: Policy, on: date, *facts: Fact) -> Decision:
    """The decision of a day, after the day's facts."""
    return decide(apply_all(there, facts, rules).account, rules, on)
