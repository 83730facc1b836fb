"""Promises to pay as people say them: made, withdrawn, approved by a second person (R6.6)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from chalicelib.core.account import Account
from chalicelib.core.apply import Booking
from chalicelib.core.effects import Event
from chalicelib.core.errors import SecondPersonError
from chalicelib.core.facts import Fact, PromiseMade
from chalicelib.core.facts_collections import PromiseApproved, PromiseWithdrawn
from chalicelib.core.policy import Policy
from chalicelib.core.promises import next_promise_id
from chalicelib.flows.desk import Caller, Desk, Reply, Ruling, check_match, event_of
from chalicelib.flows.invoice_act import Why, event_with
from chalicelib.flows.promise_rules import Promised, check_open, check_promise
from chalicelib.flows.promise_view import find_promise, promise_body


@dataclass(frozen=True, slots=True)
class PromiseDesk:
    """Books what customers promise, and what people decide about it."""

    desk: Desk

    def make(self, account_id: str, promised: Promised, note: str, caller: Caller) -> Reply:
        """Take a promise; after too many broken ones it waits for an approval (R6.6).

        Raises:
            NotFoundError: there is no such account.
            UnfitInputError: it cannot be so; every fault is named.
            LimitError: the account has 50 promises that have not ended.
        """

        def act(account: Account, policy: Policy, today: date) -> Ruling:
            check_promise(account, promised, today)
            promise_id = next_promise_id(account.promises, today)
            fact = PromiseMade(
                today,
                promised.currency,
                promised.amount_minor,
                promised.by,
                promised.invoice_ids,
                caller.principal.person,
            )
            figures = {
                "amount_minor": str(promised.amount_minor),
                "currency": promised.currency,
                "by": promised.by.isoformat(),
            }
            event = event_of(caller, today, "promise_made", promise_id, note=note, **figures)

            def reply(booking: Booking) -> Reply:
                made = find_promise(booking.account, promise_id)
                where = f"/v1/accounts/{account.id}/promises/{promise_id}"
                return Reply(201, promise_body(booking.account, made, policy, today), where)

            return Ruling((fact,), reply, (event,))

        return self.desk.book(account_id, caller, act)

    def withdraw(self, account_id: str, promise_id: str, why: Why, caller: Caller) -> Reply:
        """Take a promise back that has not ended; it is not broken, and dunning resumes (R5.6).

        Raises:
            NotFoundError: there is no such account, or it keeps no such promise.
            PreconditionFailedError: the promise is not as the caller read it.
            BlockedError: it has ended.
        """

        def act(account: Account, policy: Policy, today: date) -> Ruling:
            promise = find_promise(account, promise_id)
            check_match(caller, promise_body(account, promise, policy, today))
            check_open(promise, policy.promises.grace_days, today, "withdrawn")
            event = event_with(caller, today, "promise_withdrawn", promise_id, why)
            fact = PromiseWithdrawn(today, promise_id)
            return _ruling(fact, promise_id, policy, today, event)

        return self.desk.book(account_id, caller, act)

    def approve(self, account_id: str, promise_id: str, why: Why, caller: Caller) -> Reply:
        """Let a promise that waits block its invoices; a second person does it (R6.6).

        Raises:
            NotFoundError: there is no such account, or it keeps no such promise.
            PreconditionFailedError: the promise is not as the caller read it.
            BlockedError: it has ended, or needs no approval.
            SecondPersonError: who approves is who took it.
        """

        def act(account: Account, policy: Policy, today: date) -> Ruling:
            promise = find_promise(account, promise_id)
            check_match(caller, promise_body(account, promise, policy, today))
            check_open(promise, policy.promises.grace_days, today, "approved")
            if promise.made_by == caller.principal.person:
                raise SecondPersonError("a promise is approved by someone other than who took it")
            event = event_with(caller, today, "promise_approved", promise_id, why)
            return _ruling(PromiseApproved(today, promise_id), promise_id, policy, today, event)

        return self.desk.book(account_id, caller, act)


def _ruling(fact: Fact, promise_id: str, policy: Policy, today: date, event: Event) -> Ruling:
    """Return what an act on a promise comes to, answered with the promise as it then is."""

    def reply(booking: Booking) -> Reply:
        promise = find_promise(booking.account, promise_id)
        return Reply(200, promise_body(booking.account, promise, policy, today))

    return Ruling((fact,), reply, (event,))
