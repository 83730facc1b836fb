"""One report of an agency on its way into an account: who says it, of what, and what it comes to."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from chalicelib.core.account import Account
from chalicelib.core.apply import Booking
from chalicelib.core.errors import Fault, RefusedError, UnfitInputError
from chalicelib.core.facts import Fact
from chalicelib.core.placements import Placement
from chalicelib.core.policy import Policy
from chalicelib.flows.auth_grant import AGENCY_PREFIX
from chalicelib.flows.desk import Caller, ReplayKey
from chalicelib.flows.ports_agency import Agency, AgencyReport
from chalicelib.flows.principal import AGENCY, Principal

PAST_DAYS_MAX = 366  # how long ago something may have happened that is reported today
AHEAD_DAYS_MAX = 366  # and how far ahead something may be promised
INVOICES_SHOWN = 20  # in a line of the timeline


@dataclass(frozen=True, slots=True)
class Told:
    """A report of an agency, read: `body` is what `flows.agency_side` says of its kind."""

    report: AgencyReport
    agency: Agency
    body: Mapping[str, Any]
    received_on: date  # the seller's day on which it came
    caller: Caller

    @property
    def happened_on(self) -> date:
        """The day that the report says it happened on; left out: the day on which it came."""
        on = self.body.get("on")
        return date.fromisoformat(on) if on else self.received_on


@dataclass(frozen=True, slots=True)
class Said:
    """What a report comes to: facts, and what the timeline tells beside who and which report.

    `must_change`: it is refused where the placement stays as it was. `is_large` says of what was
    booked whether it is finished later, if one transaction cannot hold it.
    """

    facts: Sequence[Fact] = ()
    reason_code: str = ""
    note: str = ""
    figures: Mapping[str, str] = field(default_factory=dict)
    must_change: bool = False
    is_large: Callable[[Booking], bool] = lambda _: False


Decide = Callable[[Told, Account, Placement, Policy, date], Said]


def told(report: AgencyReport, agency: Agency, now: datetime, received_on: date) -> Told:
    """Return a report as it is applied now: by the agency, and once under its own id (R10.5)."""
    return Told(
        report, agency, json.loads(report.body), received_on, caller_of(report, agency, now)
    )


def caller_of(report: AgencyReport, agency: Agency, now: datetime, part: str = "") -> Caller:
    """Return who does what an agency reported; no person can have such an id.

    `part` tells the changes apart that one report makes on several accounts.
    """
    principal = Principal(AGENCY_PREFIX + agency.id, frozenset({AGENCY}), agency_id=agency.id)
    return Caller(
        principal,
        now,
        request_id=report.id,
        replay_key=ReplayKey(replay_id(agency.id, report, part), report.digest),
    )


def replay_id(agency_id: str, report: AgencyReport, part: str = "") -> str:
    """Return under what the account remembers that a report was applied."""
    ended = f":{part}" if part else ""
    return f"{AGENCY_PREFIX}{agency_id}:{report.kind}:{report.id}{ended}"


def refuse(message: str, faults: Iterator[Fault]) -> None:
    """Refuse with every fault, if there is any.

    Raises:
        UnfitInputError: there is.
    """
    found = list(faults)
    if found:
        raise UnfitInputError(message, found)


def currency_faults(value: Mapping[str, Any], placement: Placement) -> Iterator[Fault]:
    """Yield what is wrong with an amount's currency and sign."""
    if value["currency"] != placement.currency:
        said = f"is {value['currency']}, and the placement is in {placement.currency}"
        yield Fault("/amount/currency", "other_currency", said)
    if value["amount_minor"] <= 0:
        yield Fault("/amount/amount_minor", "not_positive", "must be above 0")


def past_faults(where: str, day: date, today: date) -> Iterator[Fault]:
    """Yield what is wrong with the day of something that has happened."""
    if day > today:
        yield Fault(where, "in_the_future", f"is after {today}: it has not happened")
    elif day < today - timedelta(days=PAST_DAYS_MAX):
        yield Fault(where, "too_old", f"is over {PAST_DAYS_MAX} days ago")


def ahead_faults(where: str, day: date, since: date) -> Iterator[Fault]:
    """Yield what is wrong with a day by which something shall be, said on the day `since`."""
    latest = since + timedelta(days=AHEAD_DAYS_MAX)
    if not since <= day <= latest:
        yield Fault(where, "out_of_range", f"must be from {since} through {latest}")


def placed_faults(invoice_ids: Sequence[str], placement: Placement) -> Iterator[Fault]:
    """Yield a fault for each named invoice that is not placed: nothing is told of others."""
    for index, name in enumerate(invoice_ids):
        if name not in placement.invoice_ids:
            yield Fault(f"/invoice_ids/{index}", "not_placed", "is no invoice of the placement")


def named(invoice_ids: Sequence[str]) -> dict[str, str]:
    """Return the named invoices as the timeline tells them, the first 20."""
    if not invoice_ids:
        return {}
    more = len(invoice_ids) - INVOICES_SHOWN
    return {
        "invoice_ids": " ".join(invoice_ids[:INVOICES_SHOWN]) + (f" +{more}" if more > 0 else "")
    }


def amount_figures(value: Mapping[str, Any]) -> dict[str, str]:
    """Return an amount as the timeline tells it."""
    return {"amount_minor": str(value["amount_minor"]), "currency": value["currency"]}


def check_changed(before: Placement, booking: Booking) -> None:
    """Make sure that a report did something to its placement.

    Raises:
        RefusedError: it stayed as it was: a rule took nothing of it.
    """
    if booking.account.placements.get(before.id) == before:
        raise RefusedError(f"placement {before.id} cannot take this now: nothing would change")
