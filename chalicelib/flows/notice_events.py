"""What became of notices and addresses, as lines of the timeline: ids only (R11.3, R11.4, R13.3)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime

from chalicelib.core.account import Account, Notice
from chalicelib.core.effects import Event
from chalicelib.core.erasure import is_erased

ACTOR = "pastdue"
# What the mail service said of an addressee, and the kind of the event that tells it.
_SAID = {
    "delivered": "notice_delivered",
    "delayed": "notice_delayed",
    "complained": "notice_complained_of",
    "soft": "notice_returned",
    "bounced": "notice_returned",
    "suppressed": "notice_returned",
    "rejected": "notice_rejected",
}
_STATES = {
    "sent": "notice_sent",
    "unknown": "notice_unknown",
    "failed": "notice_failed",
    "counted": "notice_counted",
    "posted": "notice_posted",
    "cancelled": "notice_cancelled",
}


def events_between(before: Account, after: Account, on: date, at: datetime) -> tuple[Event, ...]:
    """Return the events of one change of an account, in the order of what led to what.

    Claims are not told: what came of them is. An addressee is told by the contact's id, "" for the
    account's own address.
    """
    found: list[Event] = []
    had = before.past_notices | before.notices
    has = after.past_notices | after.notices
    for name in sorted(has):
        old, new = had.get(name), has[name]
        if old is not None and old != new:
            found += _said(old, new, on, at)
            found += _moved(old, new, on, at)
    found += _marked(before, after, on, at)
    return tuple(found)


def _said(old: Notice, new: Notice, on: date, at: datetime) -> Iterator[Event]:
    known = {(one.attempt, one.digest): {what for what, _ in one.said} for one in old.went_to}
    for one in new.went_to:
        for what, _ in one.said:
            kind = _SAID.get(what)
            if kind is None or what in known.get((one.attempt, one.digest), ()):
                continue
            figures = {"contact_id": one.contact_id, "attempt": str(one.attempt), "said": what}
            if one.is_copy:
                kind, figures = kind.replace("notice_", "copy_", 1), figures | {"contact_id": ""}
            yield _event(on, at, kind, new.id, figures)


def _moved(old: Notice, new: Notice, on: date, at: datetime) -> Iterator[Event]:
    if new.hand_overs > old.hand_overs:
        figures = {"attempt": str(new.attempt)}
        if new.lease_until is not None:
            figures["not_before"] = new.lease_until.isoformat()
        yield _event(on, at, "notice_goes_again", new.id, figures)
        return
    kind = _STATES.get(new.state)
    if kind is None or new.state == old.state:
        return
    figures = {"attempt": str(new.attempt)} if new.attempt else {}
    if kind == "notice_sent":
        figures["contact_ids"] = ", ".join(one.contact_id or "(account)" for one in new.to)
    yield _event(on, at, kind, new.id, figures)


def _marked(before: Account, after: Account, on: date, at: datetime) -> Iterator[Event]:
    if after.contact_people is not before.contact_people:
        for name in sorted(after.contact_people):
            old, new = before.contact_people.get(name), after.contact_people[name]
            is_new = old is None or old.mark != new.mark
            if new.mark and is_new and not is_erased(new):
                yield _event(on, at, "address_marked", name, {"mark": new.mark})
    mark = after.details.email_mark
    if mark and mark != before.details.email_mark:
        yield _event(on, at, "address_marked", "", {"mark": mark, "address": "account"})


def _event(on: date, at: datetime, kind: str, subject: str, figures: dict[str, str]) -> Event:
    told = {name: value for name, value in figures.items() if value}
    return Event(on, at, kind, ACTOR, subject, figures=told)
