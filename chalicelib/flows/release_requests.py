"""Release requests: an order waits for a hold to be lifted; asked, and answered once (R8.5)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any, Literal

from chalicelib.core.account import Account
from chalicelib.core.aging import past_due_by_currency
from chalicelib.core.apply import Booking
from chalicelib.core.errors import (
    BlockedError,
    Blocker,
    ConflictError,
    Fault,
    InvalidInputError,
    LimitError,
    NotFoundError,
    SecondPersonError,
)
from chalicelib.core.facts import Fact
from chalicelib.core.facts_holds import HoldsReleasedUntil, ReleaseAnswered, ReleaseRequested
from chalicelib.core.holds import may_ship
from chalicelib.core.money import format_amount
from chalicelib.core.people import collector_of
from chalicelib.core.policy import Policy
from chalicelib.core.releases import (
    EVIDENCE_MAX,
    OPEN_REQUESTS_MAX,
    ReleaseRequest,
    TemporaryRelease,
)
from chalicelib.flows.currencies import CURRENCY_DIGITS
from chalicelib.flows.desk import Caller, Desk, Reply, Ruling, check_match, event_of
from chalicelib.flows.hold_desk import Why, check_until
from chalicelib.flows.release_lists import request_values

SUNDAY = 6  # of `date.weekday`


@dataclass(frozen=True, slots=True)
class Order:
    """The order that waits: its total in minor units, and the caller's reference for it."""

    amount_minor: int
    currency: str
    reference: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class ReleaseDesk:
    """Books release requests and their answers."""

    desk: Desk

    def ask(self, account_id: str, caller: Caller, order: Order) -> Reply:
        """Ask the account's collector (R6.1) to let an order through, as a task for today.

        Raises:
            InvalidInputError: the currency is none.
            BlockedError: nothing holds the account today.
            ConflictError: a request for this reference waits already.
            LimitError: 20 requests of the account wait already.
        """
        if order.currency not in CURRENCY_DIGITS:
            fault = Fault("/order_total/currency", "unknown_currency", "is no currency of ISO 4217")
            raise InvalidInputError("the request cannot be taken", [fault])

        def act(account: Account, policy: Policy, today: date) -> Ruling:
            _check_askable(account, order, today)
            asked = _asked(account, caller, order, policy, today)
            amount = format_amount(order.amount_minor, CURRENCY_DIGITS[order.currency])
            why = f"Order {order.reference} of {order.currency} {amount} waits for a release."
            due_on = policy.calendar.business_day_from(today)
            event = event_of(
                caller, today, "release_requested", asked.id, note=order.note,
                reference=order.reference, amount_minor=str(order.amount_minor),
                currency=order.currency,
            )  # fmt: skip

            def reply(booking: Booking) -> Reply:
                where = f"/v1/accounts/{account.id}/release_requests/{asked.id}"
                return Reply(201, _values_of(booking.account, asked, today), where)

            return Ruling((ReleaseRequested(today, asked, due_on, why),), reply, (event,))

        return self.desk.book(account_id, caller, act)

    def approve(
        self, account_id: str, caller: Caller, request_id: str, until: date | None, why: Why
    ) -> Reply:
        """Let the account be shipped to through a day, by default this week's Sunday (R8.4, R8.5).

        Every hold in place is released until then, unless it is for longer already.

        Raises:
            NotFoundError: the account keeps no such request.
            ConflictError: it was answered before.
            SecondPersonError: who answers is who asked.
            PreconditionFailedError: the request is not as the caller read it.
            InvalidInputError: the day is past, or more than 92 days ahead.
        """

        def act(account: Account, _policy: Policy, today: date) -> Ruling:
            last = week_end(today) if until is None else until
            check_until(last, today)
            request = _to_answer(account, caller, request_id, today)
            answered = _answered(request, caller, "approved", why, last)
            facts: list[Fact] = [ReleaseAnswered(today, answered)]
            shorter = tuple(
                reason
                for reason, hold in sorted(account.holds.items())
                if hold.release is None or hold.release.until < last
            )
            if shorter:
                by = caller.principal.id
                release = TemporaryRelease(last, today, by, why.reason_code)
                facts.append(HoldsReleasedUntil(today, shorter, release))
            event = event_of(
                caller, today, "release_approved", request_id, reason_code=why.reason_code,
                note=why.note, until=last.isoformat(), holds=", ".join(shorter),
            )  # fmt: skip
            return Ruling(facts, lambda booking: _reply(booking, answered, today), (event,))

        return self.desk.book(account_id, caller, act)

    def decline(self, account_id: str, caller: Caller, request_id: str, why: Why) -> Reply:
        """Decline a request; the account stays as it is (R8.5).

        Raises:
            NotFoundError, ConflictError, SecondPersonError, PreconditionFailedError: as in
                `approve`.
        """

        def act(account: Account, _policy: Policy, today: date) -> Ruling:
            request = _to_answer(account, caller, request_id, today)
            answered = _answered(request, caller, "declined", why, None)
            event = event_of(
                caller, today, "release_declined", request_id, reason_code=why.reason_code,
                note=why.note,
            )  # fmt: skip
            fact = ReleaseAnswered(today, answered)
            return Ruling((fact,), lambda booking: _reply(booking, answered, today), (event,))

        return self.desk.book(account_id, caller, act)


def week_end(today: date) -> date:
    """Return this week's Sunday, today if it is one."""
    return today + timedelta(days=SUNDAY - today.weekday())


def _values_of(account: Account, request: ReleaseRequest, today: date) -> dict[str, Any]:
    return request_values(account.id, request, past_due_by_currency(account, today))


def _reply(booking: Booking, answered: ReleaseRequest, today: date) -> Reply:
    return Reply(200, _values_of(booking.account, answered, today))


def _check_askable(account: Account, order: Order, today: date) -> None:
    if may_ship(account.holds.values(), today):
        blocker = Blocker("may_ship", "No hold stops shipping today.")
        raise BlockedError("there is nothing to release", [blocker], ["ship"])
    waiting = [one for one in account.release_requests.values() if one.state == "open"]
    if any(one.reference == order.reference for one in waiting):
        raise ConflictError(f"a request for {order.reference} waits for its answer already")
    if len(waiting) >= OPEN_REQUESTS_MAX:
        raise LimitError(f"{OPEN_REQUESTS_MAX} requests of the account wait for an answer")


def _asked(
    account: Account, caller: Caller, order: Order, policy: Policy, today: date
) -> ReleaseRequest:
    assert caller.replay_key is not None  # the route needs one; it names the request
    identity = f"rls_{caller.replay_key.id[:24]}"
    if identity in account.release_requests:
        raise ConflictError("this Idempotency-Key was used for a request that is still kept")
    past_due = past_due_by_currency(account, today)
    undelivered = _undelivered(account, today)
    return ReleaseRequest(
        id=identity,
        asked_on=today,
        asked_at=caller.at,
        by=caller.principal.id,
        person=caller.principal.person,
        amount_minor=order.amount_minor,
        currency=order.currency,
        reference=order.reference,
        note=order.note,
        assignee=collector_of(
            policy.people, past_due, named=account.details.collector, today=today
        ),
        past_due=past_due,
        undelivered=tuple(undelivered[:EVIDENCE_MAX]),
        undelivered_count=len(undelivered),
    )


def _undelivered(account: Account, today: date) -> Sequence[str]:
    """Return the ids of the past-due invoices that were never sent, oldest first."""
    found = [
        one
        for one in account.invoices.values()
        if one.is_past_due(today) and one.delivered_on is None
    ]
    return [one.id for one in sorted(found, key=lambda one: (one.effective_due_on, one.id))]


def _to_answer(account: Account, caller: Caller, request_id: str, today: date) -> ReleaseRequest:
    request = account.release_requests.get(request_id)
    if request is None:
        raise NotFoundError(f"the account keeps no release request {request_id[:64]!r}")
    check_match(caller, _values_of(account, request, today))
    if request.state != "open":
        raise ConflictError(f"the request was {request.state} already")
    if request.person == caller.principal.person:
        raise SecondPersonError("a request is answered by someone other than who asked")
    return request


def _answered(
    request: ReleaseRequest,
    caller: Caller,
    state: Literal["approved", "declined"],
    why: Why,
    until: date | None,
) -> ReleaseRequest:
    return replace(
        request,
        state=state,
        answered_by=caller.principal.id,
        answered_at=caller.at,
        until=until,
        reason_code=why.reason_code,
        answer_note=why.note,
    )
