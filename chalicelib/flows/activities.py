"""Contacts with a customer, in and out, on any channel (R6.2), and the reply that then waits."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

from chalicelib.core.account import Account, Mark
from chalicelib.core.calls import UNREACHED
from chalicelib.core.errors import ConflictError, Fault, UnfitInputError
from chalicelib.core.facts import BlockEnded, BlockSet, Contact, Fact
from chalicelib.core.policy import Policy
from chalicelib.flows.desk import Caller, Desk, Reply, Ruling, event_of

OLDEST_DAYS = 366  # how long ago a contact may have been that is told now
WAITING = "reply_waiting"


@dataclass(frozen=True, slots=True)
class Activity:
    """One contact. `on` None: today."""

    channel: str
    direction: Literal["in", "out"]
    outcome: str
    contact_id: str = ""
    on: date | None = None
    note: str = ""


@dataclass(frozen=True, slots=True)
class Activities:
    """Records contacts with customers."""

    desk: Desk

    def record(self, account_id: str, caller: Caller, activity: Activity) -> Reply:
        """Record a contact; an inbound one answers the final demands so far (R8.1).

        An inbound one opens `reply_waiting` on the account. An outbound one that reached someone,
        on that day or later, ends it. An outbound call counts as a try, or as reaching (R6.3).

        Raises:
            NotFoundError: there is no such account.
            UnfitInputError: its day is to come or long ago, or its contact is not one.
        """

        def act(account: Account, _policy: Policy, today: date) -> Ruling:
            on = activity.on or today
            _check(account, activity, on, today)
            facts: list[Fact] = [
                Contact(
                    on,
                    activity.direction,
                    activity.channel,
                    activity.outcome,
                    activity.contact_id,
                )
            ]
            waits = bool(_waiting(account, today))
            if activity.direction == "in" and not waits:
                facts.append(BlockSet(on, WAITING))
                waits = True
            elif ends_waiting(account, activity, on, today):
                facts.append(BlockEnded(today, WAITING))
                waits = False
            figures = {
                "channel": activity.channel,
                "direction": activity.direction,
                "outcome": activity.outcome,
                "on": on.isoformat(),
            }
            said = {"note": activity.note, **figures}
            event = event_of(caller, today, "activity", activity.contact_id, **said)
            body = {
                "account_id": account_id,
                "contact_id": activity.contact_id or None,
                "note": activity.note,
                WAITING: waits,
                **figures,
            }
            return Ruling(facts, lambda _: Reply(201, body), (event,))

        return self.desk.book(account_id, caller, act)

    def end_waiting(self, account_id: str, caller: Caller, note: str) -> Reply:
        """End `reply_waiting`: nothing of the customer waits to be answered.

        Raises:
            NotFoundError: there is no such account.
            ConflictError: no reply waits.
        """

        def act(account: Account, _policy: Policy, today: date) -> Ruling:
            if not _waiting(account, today):
                raise ConflictError("no reply of the customer waits to be answered")
            event = event_of(caller, today, "reply_waiting_ended", note=note)
            body = {"account_id": account_id, WAITING: False}
            return Ruling((BlockEnded(today, WAITING),), lambda _: Reply(200, body), (event,))

        return self.desk.book(account_id, caller, act)


def _check(account: Account, activity: Activity, on: date, today: date) -> None:
    faults = []
    if on > today:
        faults.append(Fault("/on", "in_the_future", f"must not be after today, {today}"))
    elif on < today - timedelta(days=OLDEST_DAYS):
        faults.append(Fault("/on", "too_old", f"must be one of the last {OLDEST_DAYS} days"))
    if activity.contact_id and activity.contact_id not in account.contact_people:
        said = "is not a contact of the account"
        faults.append(Fault("/contact_id", "unknown_contact", said))
    if faults:
        raise UnfitInputError("the activity cannot be so", faults)


def _waiting(account: Account, today: date) -> list[Mark]:
    return [
        mark
        for mark in account.marks
        if mark.block == WAITING and (mark.until is None or today <= mark.until)
    ]


def ends_waiting(account: Account, activity: Activity, on: date, today: date) -> bool:
    """Return whether a reply waits, and an outbound contact reached someone after it had come."""
    waiting = _waiting(account, today)
    if not waiting or activity.direction == "in" or activity.outcome in UNREACHED:
        return False
    return all(mark.since is None or mark.since <= on for mark in waiting)
