"""Signatures of webhooks as Standard Webhooks 1.0 has them, and the secrets they are made with.

A few lines of our own: the standard's library brings an HTTP client along, and derives no secrets.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from datetime import datetime

from chalicelib.flows.ports_webhooks import Webhook

PREFIX = "whsec_"
VERSION = "v1"


def secret_of(key: bytes, webhook: Webhook, generation: int) -> str:
    """Return an endpoint's signing secret of a generation: `whsec_` and 32 bytes in base64.

    It is derived from the stage's key, so that no secret is stored; another endpoint, even one that
    gets the same id later, and another generation have another.
    """
    made = hmac.new(key, f"{webhook.shelf}:{generation}".encode(), hashlib.sha256).digest()
    return PREFIX + base64.b64encode(made).decode()


def secrets_of(key: bytes, webhook: Webhook, at: datetime) -> list[str]:
    """Return the secrets that sign now: the present one first, then older ones in their last hours."""
    return [secret_of(key, webhook, generation) for generation in webhook.signing(at)]


def signature(secret: str, message_id: str, at_s: int, body: bytes) -> str:
    """Return the signature of a message sent at `at_s` (seconds since 1970): `v1,` and base64."""
    key = base64.b64decode(secret.removeprefix(PREFIX))
    signed = f"{message_id}.{at_s}.".encode() + body
    made = hmac.new(key, signed, hashlib.sha256).digest()
    return f"{VERSION},{base64.b64encode(made).decode()}"


def headers_of(secrets: list[str], message_id: str, at: datetime, body: bytes) -> dict[str, str]:
    """Return the three headers of the standard; one signature for each secret, parted by spaces."""
    at_s = int(at.timestamp())
    made = (signature(secret, message_id, at_s, body) for secret in secrets)
    return {
        "webhook-id": message_id,
        "webhook-timestamp": str(at_s),
        "webhook-signature": " ".join(made),
    }
