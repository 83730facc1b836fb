"""A letter as SES took it: read from the request, so that headers, tags and files are all there."""

from __future__ import annotations

import base64
import email
import email.policy
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Attachment:
    """A file that went with a letter."""

    filename: str
    media_type: str
    content: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """One accepted letter. `tags` come back with its events; `headers` are those the sender set."""

    message_id: str
    sent_at: datetime
    sender: str
    recipients: tuple[str, ...]
    reply_to: tuple[str, ...]
    subject: str
    text: str
    html: str
    headers: tuple[tuple[str, str], ...]
    attachments: tuple[Attachment, ...]
    tags: Mapping[str, str]
    configuration_set: str


def read_letter(request: Mapping[str, Any], message_id: str, sent_at: datetime) -> Letter:
    """Return the letter that a SendEmail request of SES v2 (JSON) sends, simple or raw."""
    content = request["Content"]
    read = _raw if "Raw" in content else _simple
    destination = request.get("Destination", {})
    recipients = [
        address
        for kind in ("ToAddresses", "CcAddresses", "BccAddresses")
        for address in destination.get(kind) or ()
    ]
    fields = read(content)
    if not fields["reply_to"]:
        fields["reply_to"] = tuple(request.get("ReplyToAddresses") or ())
    return Letter(
        message_id=message_id,
        sent_at=sent_at,
        sender=request.get("FromEmailAddress") or fields.pop("sender", ""),
        recipients=tuple(recipients) or fields.pop("recipients", ()),
        tags={tag["Name"]: tag["Value"] for tag in request.get("EmailTags") or ()},
        configuration_set=request.get("ConfigurationSetName") or "",
        **{name: value for name, value in fields.items() if name not in {"sender", "recipients"}},
    )


def _simple(content: Mapping[str, Any]) -> dict[str, Any]:
    simple = content["Simple"]
    body = simple["Body"]
    return {
        "reply_to": (),
        "subject": simple["Subject"]["Data"],
        "text": body.get("Text", {}).get("Data", ""),
        "html": body.get("Html", {}).get("Data", ""),
        "headers": tuple((pair["Name"], pair["Value"]) for pair in simple.get("Headers") or ()),
        "attachments": tuple(
            Attachment(
                filename=part["FileName"],
                media_type=part.get("ContentType") or "application/octet-stream",
                content=base64.b64decode(part["RawContent"]),
            )
            for part in simple.get("Attachments") or ()
        ),
    }


def _raw(content: Mapping[str, Any]) -> dict[str, Any]:
    message: EmailMessage = email.message_from_bytes(
        base64.b64decode(content["Raw"]["Data"]), policy=email.policy.default
    )
    text, html = message.get_body(("plain",)), message.get_body(("html",))
    return {
        "sender": str(message.get("From", "")),
        "recipients": tuple(
            address.addr_spec
            for name in ("To", "Cc")
            for header in message.get_all(name, [])
            for address in header.addresses
        ),
        "reply_to": tuple(
            address.addr_spec
            for header in message.get_all("Reply-To", [])
            for address in header.addresses
        ),
        "subject": str(message.get("Subject", "")),
        "text": text.get_content() if text else "",
        "html": html.get_content() if html else "",
        "headers": tuple((name, str(value)) for name, value in message.items()),
        "attachments": tuple(
            Attachment(
                filename=part.get_filename() or "",
                media_type=part.get_content_type(),
                content=_bytes(part),
            )
            for part in message.iter_attachments()
        ),
    }


def _bytes(part: EmailMessage) -> bytes:
    content = part.get_payload(decode=True)
    return content if isinstance(content, bytes) else b""
