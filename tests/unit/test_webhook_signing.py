"""Signatures as Standard Webhooks 1.0 publishes them, and secrets that nobody stores."""

from __future__ import annotations

import base64
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from chalicelib.flows.ports_webhooks import Webhook
from chalicelib.flows.webhook_signing import headers_of, secret_of, secrets_of, signature

NOW = datetime(2024, 3, 18, 5, tzinfo=UTC)
KEY = b"k" * 64
ORDERS = Webhook("orders", "https://hooks.example.com/", NOW)


def test_the_published_message_has_its_published_signature() -> None:
    """The test vector of the standard's own libraries."""
    made = signature(
        "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
        "msg_p5jXN8AQM9LWM0D4loKWxJek",
        1614265330,
        b'{"test": 2432232314}',
    )

    assert made == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_a_secret_has_32_bytes_and_the_standards_prefix() -> None:
    secret = secret_of(KEY, ORDERS, 1)

    assert secret.startswith("whsec_")
    assert len(base64.b64decode(secret.removeprefix("whsec_"), validate=True)) == 32


def test_each_endpoint_generation_and_stage_has_a_secret_of_its_own() -> None:
    made_again = replace(ORDERS, created_at=NOW + timedelta(seconds=1))
    secrets = {
        secret_of(KEY, ORDERS, 1),
        secret_of(KEY, ORDERS, 2),
        secret_of(KEY, replace(ORDERS, id="crm"), 1),
        secret_of(KEY, made_again, 1),
        secret_of(b"l" * 64, ORDERS, 1),
    }

    assert len(secrets) == 5
    assert secret_of(KEY, replace(ORDERS, url="https://other.example/"), 1) in secrets


def test_the_old_secret_signs_beside_the_new_one_until_its_hour() -> None:
    rotated = replace(ORDERS, generation=2, old_until=NOW + timedelta(hours=24))

    both = secrets_of(KEY, rotated, NOW + timedelta(hours=23))
    after = secrets_of(KEY, rotated, NOW + timedelta(hours=24))

    assert both == [secret_of(KEY, ORDERS, 2), secret_of(KEY, ORDERS, 1)]
    assert after == both[:1]


def test_the_headers_name_message_and_attempt_and_have_every_signature() -> None:
    secrets = [secret_of(KEY, ORDERS, 2), secret_of(KEY, ORDERS, 1)]

    headers = headers_of(secrets, "evt_1", NOW, b"{}")

    at_s = int(NOW.timestamp())
    assert headers == {
        "webhook-id": "evt_1",
        "webhook-timestamp": str(at_s),
        "webhook-signature": " ".join(signature(one, "evt_1", at_s, b"{}") for one in secrets),
    }
