"""A receiver of webhooks: told, asked to be told again, and told of what was lost on the way."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

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
    body = {"url": url, "event_types": ["hold.placed"], "description": "Order desk"}
    good(seller.admin.put(WEBHOOK, body))
    hold = {"kind": "on_hold", "reason_code": "story", "note": "Told to the order desk."}
    good(seller.anna.post(f"{AT}/holds", hold))
    seller.settle()
    assert len(seller.receiver.got) == 1
    [told] = good(seller.admin.get(f"{WEBHOOK}/deliveries"))["data"]

    good(seller.admin.post(f"{WEBHOOK}/deliveries/{told['event_id']}/redeliver", None))
    seller.settle()
    assert len(seller.receiver.got) == 2

    a_delivery_whose_message_was_lost_is_handed_over_again(seller)
    good(seller.admin.post(f"{WEBHOOK}/rotate_secret", {"overlap_hours": 0}))


def a_delivery_whose_message_was_lost_is_handed_over_again(seller: Seller) -> None:
    table = seller.stage.table
    [webhook] = WebhookBook(DynamoRecords(table)).all()
    before = datetime.now(UTC) - timedelta(hours=1)  # noqa: TID251 - the deployed clock's past
    lost = Delivery("evt_lost", "hold.placed", "{}", before, before, next_at=before)
    assert DynamoDeliveries(table).keep(webhook.shelf, lost)

    assert seller.cloud.invoke("reconcile")["webhook_handed_over"] == 1
    seller.settle()
    assert "evt_lost" in {headers["webhook-id"] for _, headers, _ in seller.receiver.got}
