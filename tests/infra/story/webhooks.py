"""A receiver of webhooks: told, asked to be told again, and told of what was lost on the way."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from chalicelib.flows.ports_webhooks import Delivery
from chalicelib.flows.webhook_book import WebhookBook
from chalicelib.store.records import DynamoRecords
from chalicelib.store.webhooks import DynamoDeliveries

from tests.infra.story.customer import AT
from tests.infra.story.seller import Seller, good

WEBHOOK = "/v1/webhooks/desk"


def tell(seller: Seller) -> None:
    """Enter a receiver, let something happen, look at what it was told, and tell it again."""
    url = f"https://{seller.receiver.host}:{seller.receiver.port}/hook"
    body: dict[str, Any] = {"url": url, "event_types": ["hold.placed"], "description": "Order desk"}
    secret = good(seller.admin.put(WEBHOOK, body))["secret"]
    hold = {"kind": "on_hold", "reason_code": "story", "note": "Told to the order desk."}
    good(seller.anna.post(f"{AT}/holds", hold))
    seller.settle()
    [(path, headers, posted)] = seller.receiver.got
    event = json.loads(posted)
    assert (path, event["type"], event["id"]) == ("/hook", "hold.placed", headers["webhook-id"])
    assert headers["webhook-signature"] == signed_by_hand(secret, headers, posted)
    [told] = good(seller.admin.get(f"{WEBHOOK}/deliveries"))["data"]

    good(seller.admin.post(f"{WEBHOOK}/deliveries/{told['event_id']}/redeliver", None))
    seller.settle()
    assert len(seller.receiver.got) == 2

    a_delivery_whose_message_was_lost_is_handed_over_again(seller)
    good(seller.admin.post(f"{WEBHOOK}/rotate_secret", {"overlap_hours": 0}))


def signed_by_hand(secret: str, headers: Mapping[str, str], body: bytes) -> str:
    """The signature as the page for receivers says it is made."""
    key = base64.b64decode(secret.removeprefix("whsec_"))
    signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    return "v1," + base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()


def a_delivery_whose_message_was_lost_is_handed_over_again(seller: Seller) -> None:
    table = seller.stage.table
    [webhook] = WebhookBook(DynamoRecords(table)).all()
    before = datetime.now(UTC) - timedelta(hours=1)  # noqa: TID251 - the deployed clock's past
    lost = Delivery("evt_lost", "hold.placed", "{}", before, before, next_at=before)
    assert DynamoDeliveries(table).keep(webhook.shelf, lost)

    assert seller.cloud.invoke("reconcile")["webhook_handed_over"] == 1
    seller.settle()
    assert "evt_lost" in {headers["webhook-id"] for _, headers, _ in seller.receiver.got}
