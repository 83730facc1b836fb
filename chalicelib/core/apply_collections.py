"""Booking facts about collections work: contacts, promises, plans, completed tasks (R6, R9)."""

from __future__ import annotations

from dataclasses import replace

from chalicelib.core.book import Book
from chalicelib.core.calls import complete_task
from chalicelib.core.facts import Contact
from chalicelib.core.facts_collections import (
    CollectionsFact,
    PlanApproved,
    PlanCancelled,
    PlanMade,
    PromiseApproved,
    PromiseWithdrawn,
    TaskCompleted,
)
from chalicelib.core.plans import approve_plan, cancel_plan, make_plan
from chalicelib.core.policy import Policy
from chalicelib.core.promises import approve_promise, withdraw_promise

CALL_CHANNELS = frozenset({"call", "phone"})


def book_collections_fact(book: Book, fact: CollectionsFact, policy: Policy) -> None:
    """Book one fact of collections work on a working copy. What is not there changes nothing."""
    match fact:
        case PromiseWithdrawn():
            withdraw_promise(book, fact)
        case PromiseApproved():
            approve_promise(book, fact, policy)
        case PlanMade():
            make_plan(book, fact, policy)
        case PlanApproved():
            approve_plan(book, fact)
        case PlanCancelled():
            cancel_plan(book, fact)
        case TaskCompleted():
            complete_task(book, fact, policy)


def take_contact(book: Book, fact: Contact) -> None:
    """An inbound contact answers the final demands so far (R8.1); a call counts for the guard."""
    if fact.direction == "out":
        if fact.channel in CALL_CHANNELS:
            book.contacts = (*book.contacts, fact.on)
        return
    for invoice in list(book.invoices.values()):
        demand = invoice.final_demand
        if demand is not None and demand.noticed_on <= fact.on and not demand.answered:
            book.put(invoice.having(final_demand=replace(demand, answered=True)))
