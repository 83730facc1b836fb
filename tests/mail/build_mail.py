"""Builders of outgoing mail and of SES events."""

from __future__ import annotations

import json
from typing import Any

from chalicelib.flows.ports_mail import OutgoingMail
from chalicelib.mail.tags import encode_tag

NOTICE_ID = "A1:USD:2026-03-18"


def mail(**changes: Any) -> OutgoingMail:
    """Return a letter to one customer."""
    values: dict[str, Any] = {
        "notice_id": NOTICE_ID,
        "attempt": 1,
        "sender": "Harbor & Pine <ar@harborpine.example>",
        "to": ("ap@brightline.example",),
        "reply_to": ("maria.lopez@harborpine.example",),
        "subject": "Reminder: USD 1,240.50 past due [ACC-4711]",
        "text": "Dear Dana\n",
        "html": "<p>Dear Dana</p>\n",
    }
    return OutgoingMail(**(values | changes))


def ses_event(event_type: str, part: dict[str, Any] | None = None, **mail_changes: Any) -> str:
    """Return an SES event as its JSON text; `part` is the object that belongs to its type."""
    names = {"DeliveryDelay": "deliveryDelay", "Rendering Failure": "failure"}
    event = {
        "eventType": event_type,
        "mail": {
            "timestamp": "2026-03-18T07:00:00.000Z",
            "source": "ar@harborpine.example",
            "messageId": "0100-1",
            "destination": ["ap@brightline.example"],
            "tags": {
                "ses:configuration-set": ["pastdue-notices"],
                "pastdue_notice": [encode_tag(NOTICE_ID)],
                "pastdue_attempt": ["1"],
            },
        }
        | mail_changes,
        names.get(event_type, event_type.lower()): part or {},
    }
    return json.dumps(event)


def sns_envelope(message: str) -> str:
    """Return the body that a queue gets when SNS does not deliver raw."""
    return json.dumps(
        {"Type": "Notification", "MessageId": "7f", "TopicArn": "arn:aws:sns:x", "Message": message}
    )
