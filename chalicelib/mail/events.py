"""What SES reports of a letter, as plain values (R11.3, R11.4). Comes by SNS and SQS.

Events arrive at least once and in any order; `chalicelib.flows.notice_state` folds them.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parseaddr
from enum import StrEnum
from typing import Any

from chalicelib.core.errors import InvalidInputError
from chalicelib.flows.ports_mail import InvalidMailError
from chalicelib.mail.tags import ATTEMPT_TAG, NOTICE_TAG, SANDBOX_TAG, decode_tag

BODY_CHARACTERS_MAX = 262_144  # a queue message cannot be longer
_FIRST_YEAR = 2000
_LAST_YEAR = 2999


class MailEventError(InvalidInputError):
    """A message is not an event of SES; trying it again does not help."""

    code = "malformed_mail_event"


class ForeignMailEventError(MailEventError):
    """A message of the mail service that is about none of our notices: to be passed over."""

    code = "foreign_mail_event"


class MailEventKind(StrEnum):
    """What happened to a letter."""

    SEND = "send"
    DELIVERY = "delivery"
    DELIVERY_DELAY = "delivery_delay"
    BOUNCE_HARD = "bounce_hard"
    BOUNCE_SOFT = "bounce_soft"
    BOUNCE_SUPPRESSED = "bounce_suppressed"
    COMPLAINT = "complaint"
    REJECT = "reject"
    RENDERING_FAILURE = "rendering_failure"


@dataclass(frozen=True, slots=True, kw_only=True)
class MailEvent:
    """One event. `recipients` are the addresses it is about; `detail` is SES's own short reason."""

    notice_id: str
    attempt: int
    kind: MailEventKind
    at: datetime
    message_id: str
    recipients: tuple[str, ...]
    detail: str = ""
    is_sandbox: bool = False


@dataclass(frozen=True, slots=True)
class _Shape:
    """Where an event type keeps its parts: its object, its recipients, its reason."""

    part: str
    recipients: str = ""
    detail: tuple[str, ...] = ()


_SHAPES = {
    "Send": (MailEventKind.SEND, _Shape("send")),
    "Delivery": (MailEventKind.DELIVERY, _Shape("delivery", "recipients")),
    "DeliveryDelay": (
        MailEventKind.DELIVERY_DELAY,
        _Shape("deliveryDelay", "delayedRecipients", ("delayType",)),
    ),
    "Bounce": (
        MailEventKind.BOUNCE_SOFT,
        _Shape("bounce", "bouncedRecipients", ("bounceType", "bounceSubType")),
    ),
    "Complaint": (
        MailEventKind.COMPLAINT,
        _Shape("complaint", "complainedRecipients", ("complaintFeedbackType",)),
    ),
    "Reject": (MailEventKind.REJECT, _Shape("reject", detail=("reason",))),
    "Rendering Failure": (
        MailEventKind.RENDERING_FAILURE,
        _Shape("failure", detail=("errorMessage",)),
    ),
}


_OF_ALL = frozenset(MailEventKind) - {
    MailEventKind.BOUNCE_HARD, MailEventKind.BOUNCE_SUPPRESSED, MailEventKind.BOUNCE_SOFT,
    MailEventKind.COMPLAINT,
}  # fmt: skip
# SES did not try: the address is on its suppression list, or on the account's own.
_SUPPRESSED = frozenset({"Suppressed", "OnAccountSuppressionList"})


def parse_event(body: str) -> MailEvent:
    """Return the event in a queue message's body, SNS's envelope around it or not.

    Raises:
        MailEventError: the body is not an event of a kind we know, or a part of it is missing.
        ForeignMailEventError: it is sound, but carries no notice's tag.
    """
    if len(body) > BODY_CHARACTERS_MAX:
        raise MailEventError(f"the message has more than {BODY_CHARACTERS_MAX} characters")
    event = _inner_event(_json_object(body))
    mail = _object(event, "mail")
    kind, shape = _shape_of(event)
    tags = mail.get("tags")
    tag = _first_tag(tags, NOTICE_TAG)
    if tag is None:
        raise ForeignMailEventError(f"a {kind} event about none of our notices")
    part = event.get(shape.part)
    part = part if isinstance(part, dict) else {}
    if kind is MailEventKind.BOUNCE_SOFT:
        kind = _bounce(part)
    named = _recipients(part.get(shape.recipients))
    if not named and kind in _OF_ALL:
        named = _recipients(mail.get("destination"))
    return MailEvent(
        notice_id=_notice_id(tag),
        attempt=_attempt(_first_tag(tags, ATTEMPT_TAG)),
        kind=kind,
        at=_instant(part.get("timestamp") or mail.get("timestamp")),
        message_id=_text(mail, "messageId"),
        recipients=named,
        detail="/".join(str(part[name]) for name in shape.detail if part.get(name))[:200],
        is_sandbox=_first_tag(tags, SANDBOX_TAG) is not None,
    )


def _bounce(part: Mapping[str, Any]) -> MailEventKind:
    """Return which kind of bounce it is: for good, for now, or one that SES answers itself."""
    if part.get("bounceSubType") in _SUPPRESSED:
        return MailEventKind.BOUNCE_SUPPRESSED
    is_hard = part.get("bounceType") == "Permanent"
    return MailEventKind.BOUNCE_HARD if is_hard else MailEventKind.BOUNCE_SOFT


def _inner_event(outer: dict[str, Any]) -> dict[str, Any]:
    if "eventType" in outer:
        return outer
    if outer.get("Type") != "Notification" or not isinstance(outer.get("Message"), str):
        raise MailEventError("the message is neither an event nor an SNS notification of one")
    if outer["Message"].startswith("Successfully validated SNS topic"):
        raise ForeignMailEventError("the mail service tried its topic")
    return _json_object(outer["Message"])


def _json_object(text: str) -> dict[str, Any]:
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        raise MailEventError("the message is not JSON") from None
    if not isinstance(value, dict):
        raise MailEventError("the message is not a JSON object")
    return value


def _shape_of(event: Mapping[str, Any]) -> tuple[MailEventKind, _Shape]:
    event_type = event.get("eventType")
    if not isinstance(event_type, str) or event_type not in _SHAPES:
        raise MailEventError(f"an event of the unknown type {str(event_type)[:40]!r}")
    return _SHAPES[event_type]


def _object(event: Mapping[str, Any], name: str) -> dict[str, Any]:
    value = event.get(name)
    if not isinstance(value, dict):
        raise MailEventError(f"the event has no {name!r}")
    return value


def _text(values: Mapping[str, Any], name: str) -> str:
    value = values.get(name)
    if not isinstance(value, str) or not value:
        raise MailEventError(f"the event has no {name!r}")
    return value


def _first_tag(tags: object, name: str) -> str | None:
    values = tags.get(name) if isinstance(tags, dict) else None
    first = values[0] if isinstance(values, list) and values else None
    return first if isinstance(first, str) else None


def _notice_id(tag: str) -> str:
    try:
        return decode_tag(tag)
    except InvalidMailError:
        raise MailEventError("the notice's tag cannot be read") from None


def _attempt(tag: str | None) -> int:
    if tag is None or not (tag.isascii() and tag.isdigit()):
        raise MailEventError("the attempt's tag is missing or not a number")
    return int(tag[:9])


def _instant(value: object) -> datetime:
    try:
        at = datetime.fromisoformat(value if isinstance(value, str) else "")
        at = at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)
    except (ValueError, OverflowError):
        raise MailEventError("the event's time is missing or not a time") from None
    if (
        not _FIRST_YEAR <= at.year <= _LAST_YEAR
    ):  # hours are counted from it, which must not overflow
        raise MailEventError(f"the event's time lies in the year {at.year}")
    return at


def _recipients(value: object) -> tuple[str, ...]:
    """Return the bare addresses; a mail server may name them as `Name <address>`."""
    items = value if isinstance(value, list) else []
    found = (item.get("emailAddress") if isinstance(item, dict) else item for item in items)
    texts = (text for text in found if isinstance(text, str) and text)
    return tuple(parseaddr(text)[1] or text for text in texts)
