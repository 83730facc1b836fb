"""What is known of one letter after all its events so far, whatever their order (R11.3).

Each kind of event keeps its earliest instant, so that folding is a join: repeating an event changes
nothing, order does not matter, and nothing that was known is ever forgotten.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import datetime, timedelta

from chalicelib.mail.events import MailEvent, MailEventKind

BOUNCE_WINDOW = timedelta(hours=72)  # within it, a bounce means that sending came to nothing

_RANKS = {
    MailEventKind.SEND: 1,
    MailEventKind.DELIVERY_DELAY: 2,
    MailEventKind.DELIVERY: 3,
    MailEventKind.BOUNCE_SOFT: 4,
    MailEventKind.BOUNCE_HARD: 5,
    MailEventKind.REJECT: 6,
    MailEventKind.RENDERING_FAILURE: 7,
    MailEventKind.COMPLAINT: 8,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class SendRecord:
    """The first instant of each kind of event of one attempt; None for what was not reported.

    One record per notice and attempt: what became of the first contact says nothing of the next
    (R11.4). A notice counts as sent if any of its attempts does.
    """

    send_at: datetime | None = None
    delivery_at: datetime | None = None
    delivery_delay_at: datetime | None = None
    bounce_hard_at: datetime | None = None
    bounce_soft_at: datetime | None = None
    complaint_at: datetime | None = None
    reject_at: datetime | None = None
    rendering_failure_at: datetime | None = None

    @property
    def status(self) -> MailEventKind | None:
        """The highest-ranking thing reported, for display; None before the first event."""
        seen = (kind for kind in MailEventKind if self.first(kind) is not None)
        return max(seen, key=rank, default=None)

    @property
    def is_settled(self) -> bool:
        """Whether SES's own events say what became of a send whose outcome was unknown."""
        return self.status is not None

    def first(self, kind: MailEventKind) -> datetime | None:
        """Return the first instant at which this kind was reported."""
        at: datetime | None = getattr(self, f"{kind.value}_at")
        return at


def rank(kind: MailEventKind) -> int:
    """Return how much an event says about a letter's end; a shown state only ever moves up."""
    return _RANKS[kind]


def with_event(record: SendRecord, event: MailEvent) -> SendRecord:
    """Return the record after the event. The same event again changes nothing."""
    return merged(record, _record_of(event))


def merged(one: SendRecord, other: SendRecord) -> SendRecord:
    """Return what both records know together: commutative, associative, idempotent."""
    earliest: dict[str, datetime] = {}
    for field in fields(SendRecord):
        known = [at for at in (getattr(one, field.name), getattr(other, field.name)) if at]
        if known:
            earliest[field.name] = min(known)
    return SendRecord(**earliest)


def counts_as_sent_since(record: SendRecord) -> datetime | None:
    """Return the instant from which the notice counts as sent, or None if it does not (R11.3).

    That is its delivery; or 72 hours after it was sent, if no bounce came within them and SES did
    not reject it. The caller compares with its own now: the instant may still lie ahead.
    """
    instants = [record.delivery_at] if record.delivery_at else []
    if record.send_at and not record.reject_at and not record.rendering_failure_at:
        window_end = record.send_at + BOUNCE_WINDOW
        bounces = (record.bounce_hard_at, record.bounce_soft_at)
        if not any(at and at < window_end for at in bounces):
            instants.append(window_end)
    return min(instants, default=None)


def counts_as_sent(record: SendRecord, now: datetime) -> bool:
    """Return whether the notice counts as sent at `now` (R11.3)."""
    since = counts_as_sent_since(record)
    return since is not None and since <= now


def _record_of(event: MailEvent) -> SendRecord:
    return SendRecord(**{f"{event.kind.value}_at": event.at})
