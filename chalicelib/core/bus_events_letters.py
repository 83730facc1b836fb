"""Events of letters: what became of notices, and of the addresses that they went to (R11.3, R11.4)."""

from __future__ import annotations

from collections.abc import Iterator

from chalicelib.core.account import Account, Notice
from chalicelib.core.bus_events_values import Telling, code, told

_STATES = {
    "sent": "notice.sent",
    "unknown": "notice.unknown",
    "failed": "notice.failed",
    "counted": "notice.counted",
    "posted": "notice.posted",
    "cancelled": "notice.cancelled",
}  # that it waits or is under way is nobody's business
_OF_ATTEMPTS = ("sent", "unknown", "failed")
_SAID = {
    "delivered": "notice.delivered",
    "delayed": "notice.delayed",
    "complained": "notice.complained_of",
    "soft": "notice.bounced",
    "bounced": "notice.bounced",
    "suppressed": "notice.bounced",
    "rejected": "notice.rejected",
}


def letter_tellings(before: Account, after: Account) -> Iterator[Telling]:
    """Yield what became of notices, by their ids: what the mail service said, then their states."""
    if before.notices == after.notices and before.past_notices == after.past_notices:
        return
    had, has = before.past_notices | before.notices, after.past_notices | after.notices
    for name in sorted(has):
        old, new = had.get(name), has[name]
        if old is new or old == new:
            continue
        yield from _said(old, new)
        if name in before.past_notices and name in after.notices:
            yield _telling("notice.revived", new)
        elif new.state in _STATES and (old is None or old.state != new.state):
            yield _telling(_STATES[new.state], new, new.state in _OF_ATTEMPTS)


def _telling(name: str, notice: Notice, has_attempt: bool = False) -> Telling:
    attempt = notice.attempt if has_attempt else None
    return Telling(name, told(notice_id=notice.id, notice=code(notice.notice), attempt=attempt))


def _said(old: Notice | None, new: Notice) -> Iterator[Telling]:
    """Yield what is newly said of addressees; a copy in the house is none of them."""
    went_to = old.went_to if old is not None else ()
    known = {(one.attempt, one.digest): {what for what, _ in one.said} for one in went_to}
    for one in new.went_to:
        if one.is_copy:
            continue
        for what, on in one.said:
            if what not in _SAID or what in known.get((one.attempt, one.digest), ()):
                continue
            name = _SAID[what]
            data = told(
                notice_id=new.id,
                notice=code(new.notice),
                attempt=one.attempt,
                contact_id=one.contact_id,
                reason_code=what if name == "notice.bounced" else "",
            )
            yield Telling(name, data, on)


def address_tellings(before: Account, after: Account) -> Iterator[Telling]:
    """Yield which addresses nothing more is written to, and to which again: by the contact's id."""
    yield from _mark("", before.details.email_mark, after.details.email_mark)
    if before.contact_people is after.contact_people:
        return
    for name in sorted(after.contact_people):
        old, new = before.contact_people.get(name), after.contact_people[name]
        yield from _mark(name, old.mark if old else "", new.mark)


def _mark(contact_id: str, was: str, now: str) -> Iterator[Telling]:
    if was != now:
        name = "address.marked" if now else "address.cleared"
        yield Telling(name, told(mark=code(now), contact_id=contact_id))
