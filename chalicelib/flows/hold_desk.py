"""What people do to credit holds: place them, release them, release them until a day (R8.1-R8.4)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta

from chalicelib.core.account import Account, Hold
from chalicelib.core.apply import Booking
from chalicelib.core.errors import (
    ConflictError,
    Fault,
    InvalidInputError,
    LimitError,
    NotFoundError,
)
from chalicelib.core.facts_holds import HoldOverruled, HoldSet, HoldsReleasedUntil
from chalicelib.core.head import head_of
from chalicelib.core.holds import PREPAID, RULES, resting_on
from chalicelib.core.placement_steps import HELD_BY, HOLD_REASON
from chalicelib.core.policy import Policy
from chalicelib.core.releases import PERSONS_HOLDS_MAX, RELEASE_DAYS_MAX, TemporaryRelease
from chalicelib.flows.desk import Caller, Desk, Reply, Ruling, check_match, event_of
from chalicelib.flows.hold_lookup import hold_answer, hold_values

RESERVED = frozenset({*RULES, HOLD_REASON})  # of the rules and of placements


@dataclass(frozen=True, slots=True)
class Why:
    """An override's reason: a stable code, and the words of who decides."""

    reason_code: str
    note: str


@dataclass(frozen=True, slots=True)
class HoldDesk:
    """Books what people decide about holds."""

    desk: Desk

    def place(self, account_id: str, caller: Caller, held_as: str, why: Why) -> Reply:
        """Place a person's hold, "on_hold" or "prepaid"; its reason is the reason code (R8.1).

        Its evidence is what is past due today. There is one hold per account and reason.

        Raises:
            InvalidInputError: the reason is a rule's own, or does not go with the kind.
            ConflictError: the account has a hold of this reason.
            LimitError: it has 10 of people's holds.
        """
        check_reason(why.reason_code, held_as)

        def act(account: Account, policy: Policy, today: date) -> Ruling:
            reason = why.reason_code
            if reason in account.holds:
                raise ConflictError(f"the account has a hold for {reason} already")
            theirs = [hold for hold in account.holds.values() if hold.by not in ("rule", HELD_BY)]
            if len(theirs) >= PERSONS_HOLDS_MAX:
                raise LimitError(f"an account may have {PERSONS_HOLDS_MAX} holds by people")
            hold = _persons_hold(account, caller, held_as, why, today)
            event = event_of(
                caller, today, "hold_placed", hold.id, reason_code=reason, note=why.note,
                held_as=held_as,
            )  # fmt: skip

            def reply(booking: Booking) -> Reply:
                head = head_of(booking.account, None)
                where = f"/v1/accounts/{account.id}/holds/{hold.id}"
                return Reply(201, hold_values(hold, head, policy, today), where)

            return Ruling((HoldSet(today, hold),), reply, (event,))

        return self.desk.book(account_id, caller, act)

    def release(self, account_id: str, caller: Caller, hold_id: str, why: Why) -> Reply:
        """Release a hold for good; a rule's is not placed again until it was untrue once (R8.3).

        Raises:
            NotFoundError: the account has no such hold, or has it no longer.
            PreconditionFailedError: the hold is not as the caller read it.
        """

        def act(account: Account, policy: Policy, today: date) -> Ruling:
            hold = _hold_of(account, hold_id)
            _check_match(caller, hold, account, policy, today)
            event = event_of(
                caller, today, "hold_released", hold.id, reason_code=why.reason_code,
                note=why.note, placed_by=hold.by,
            )  # fmt: skip
            fact = HoldOverruled(today, hold.reason)
            return Ruling((fact,), answering(policy, today), (event,))

        return self.desk.book(account_id, caller, act)

    def release_until(
        self, account_id: str, caller: Caller, hold_id: str, until: date, why: Why
    ) -> Reply:
        """Let a hold not count through a day; then it counts again by itself (R8.4).

        A release that is there gives way. Shipping needs every hold released.

        Raises:
            NotFoundError: the account has no such hold, or has it no longer.
            PreconditionFailedError: the hold is not as the caller read it.
            InvalidInputError: the day is past, or more than 92 days ahead.
        """

        def act(account: Account, policy: Policy, today: date) -> Ruling:
            check_until(until, today)
            hold = _hold_of(account, hold_id)
            _check_match(caller, hold, account, policy, today)
            release = TemporaryRelease(until, today, caller.principal.id, why.reason_code)
            event = event_of(
                caller, today, "hold_released_until", hold.id, reason_code=why.reason_code,
                note=why.note, until=until.isoformat(),
            )  # fmt: skip
            fact = HoldsReleasedUntil(today, (hold.reason,), release)
            return Ruling((fact,), answering(policy, today), (event,))

        return self.desk.book(account_id, caller, act)


def answering(policy: Policy, today: date) -> Callable[[Booking], Reply]:
    """Return what answers with the account's look-up as it then stands (R8.7)."""

    def reply(booking: Booking) -> Reply:
        account = booking.account
        return Reply(200, hold_answer(account.id, head_of(account, None), policy, today))

    return reply


def check_until(until: date, today: date) -> None:
    """Refuse a last day of a temporary release that is past or too far away.

    Raises:
        InvalidInputError: it is.
    """
    last = today + timedelta(days=RELEASE_DAYS_MAX)
    if not today <= until <= last:
        detail = f"must be a day from {today} to {last}"
        fault = Fault("/until", "not_in_range", detail)
        raise InvalidInputError("the account cannot be released until that day", [fault])


def check_reason(reason: str, held_as: str) -> None:
    """Check the reason of a hold that a person places.

    Raises:
        InvalidInputError: it is one of holds that come by rule, or does not go with the kind.
    """
    faults = []
    if reason in RESERVED:
        faults.append(
            Fault("/reason_code", "reserved", f"{reason} is the reason of holds that come by rule")
        )
    if reason == PREPAID and held_as != PREPAID:
        faults.append(Fault("/kind", "not_prepaid", "a hold for prepaid is of the kind prepaid"))
    if faults:
        raise InvalidInputError("the hold cannot be placed", faults)


def _persons_hold(account: Account, caller: Caller, held_as: str, why: Why, today: date) -> Hold:
    past_due = [one for one in account.invoices.values() if one.is_past_due(today)]
    past_due.sort(key=lambda one: (one.effective_due_on, one.id))
    evidence = resting_on(why.note, past_due)
    return Hold(
        reason=why.reason_code,
        since=today,
        by=caller.principal.id,
        invoice_ids=tuple(line.invoice_id for line in evidence.invoices),
        evidence=evidence.sentence,
        held_as=held_as,
        invoices=evidence.invoices,
        more_invoices=evidence.more_invoices,
    )


def _hold_of(account: Account, hold_id: str) -> Hold:
    for hold in account.holds.values():
        if hold.id == hold_id:
            return hold
    raise NotFoundError(f"the account has no hold {hold_id[:200]!r}")


def _check_match(caller: Caller, hold: Hold, account: Account, policy: Policy, on: date) -> None:
    check_match(caller, hold_values(hold, head_of(account, None), policy, on))
