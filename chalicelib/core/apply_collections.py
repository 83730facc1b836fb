"""Booking facts about collections work: contacts, promises, plans, completed tasks (R6, R9)."""

from __future__ import annotations

from dataclasses import replace

from chalicelib.core.account import Task
from chalicelib.core.apply_disputes import reassign_dispute
from chalicelib.core.assignees import owner_of
from chalicelib.core.book import Book
from chalicelib.core.calls import count_call, reached
from chalicelib.core.facts import Contact, TaskOpened
from chalicelib.core.facts_collections import (
    CollectionsFact,
    DisputeReassigned,
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
from chalicelib.core.task_outcomes import complete_task
from chalicelib.core.tried import CALL_CHANNELS, try_on


def book_collections_fact(book: Book, fact: CollectionsFact, policy: Policy) -> None:
    """Book one fact of collections work on a working copy. What is not there changes nothing."""
    match fact:
        case PromiseWithdrawn():
            withdraw_promise(book, fact, policy)
        case PromiseApproved():
            approve_promise(book, fact, policy)
        case PlanMade():
            make_plan(book, fact, policy)
        case PlanApproved():
            approve_plan(book, fact, policy)
        case PlanCancelled():
            cancel_plan(book, fact)
        case TaskCompleted():
            complete_task(book, fact, policy)
        case DisputeReassigned():
            reassign_dispute(book, fact, policy)


def take_contact(book: Book, fact: Contact, policy: Policy) -> None:
    """A call counts for the guard and for the attempts; who writes or calls us is reached (R6.3).

    An inbound contact answers the final demands so far (R8.1), an outbound one is an attempt (R10.1).
    """
    if fact.direction == "out":
        try_on(book, fact.channel, fact.on, fact.contact_id)
        if fact.channel in CALL_CHANNELS:
            book.contacts = (*book.contacts, fact.on)
            count_call(book, policy, fact.outcome, fact.on)
        return
    reached(book, fact.on)
    for invoice in list(book.invoices.values()):
        demand = invoice.final_demand
        if demand is not None and demand.noticed_on <= fact.on and not demand.answered:
            book.put(invoice.having(final_demand=replace(demand, answered=True)))


def open_given_task(book: Book, fact: TaskOpened, policy: Policy) -> None:
    """Open a task that something outside a decision asks for; whose it is says R6.1."""
    owner = fact.assignee or owner_of(book, policy, fact.kind, fact.on)
    task = Task(fact.task_id, fact.kind, fact.due_on, fact.why, owner, fact.invoice_ids)
    book.open_task(task, fact.on)
