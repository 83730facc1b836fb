"""`Deliveries` over one table: each endpoint's in a partition of its own, found by id, time and due."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import islice
from typing import Any

from pynamodb.exceptions import DoesNotExist, PutError, PynamoDBException

from chalicelib.flows.ports import Page
from chalicelib.flows.ports_webhooks import Delivery
from chalicelib.messages_webhooks import DeliveryMessage
from chalicelib.store import keys
from chalicelib.store.codec import from_map, to_map
from chalicelib.store.errors import as_ours, code_of
from chalicelib.store.queues import DELAY_S_MAX, SqsClient, send_entries
from chalicelib.store.tables import DueIndex, Item, Table, WorkIndex

DUE, WORK = DueIndex.Meta.index_name, WorkIndex.Meta.index_name
KEPT_FOR = timedelta(days=30)
FAMILY, _EVENT = "webhook", "EVT#"


class DynamoDeliveries:
    """Deliveries in one table. A pending one is in the due index, under its endpoint."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def keep(self, shelf: str, delivery: Delivery) -> bool:
        """Keep a delivery unless it has changed since it was read; return whether it was kept."""
        item = self._table(pk=partition(shelf), sk=_EVENT + delivery.event_id)
        item.version = delivery.revision + 1
        item.hold(to_map(replace(delivery, revision=0)))
        item.work_queue, item.work_rank = partition(shelf), delivery.mark
        item.expires_at = int((delivery.began_at + KEPT_FOR).timestamp())
        if delivery.next_at is not None:
            item.due_shard = f"{FAMILY}#{shelf}"
            item.due_on = keys.instant(delivery.next_at)
        same = self._table.version == delivery.revision
        condition = same if delivery.revision else self._table.pk.does_not_exist()
        try:
            item.save(condition=condition)
        except PutError as error:
            if code_of(error) != "ConditionalCheckFailedException":
                raise as_ours(error) from error
            return False
        return True

    def find(self, shelf: str, event_id: str) -> Delivery | None:
        """Return a delivery as it is now, None when there is none."""
        try:
            item = self._table.get(partition(shelf), _EVENT + event_id, consistent_read=True)
        except DoesNotExist:
            return None
        except PynamoDBException as error:
            raise as_ours(error) from error
        return _delivery(item)

    def newest(self, shelf: str, before: str, limit: int) -> Page[Delivery]:
        """Return deliveries, newest first, from before a mark."""
        marks = self._table.work_rank < before if before else None
        return self._page(shelf, marks, limit, is_forward=False)

    def since(self, shelf: str, at: datetime, after: str, limit: int) -> Page[Delivery]:
        """Return deliveries of events since an instant, oldest first, from after a mark."""
        rank = self._table.work_rank
        marks = rank > after if after else rank >= keys.instant(at)
        return self._page(shelf, marks, limit, is_forward=True)

    def _page(self, shelf: str, marks: Any, limit: int, *, is_forward: bool) -> Page[Delivery]:
        try:
            found = self._table.query(
                partition(shelf),
                marks,
                index_name=WORK,
                scan_index_forward=is_forward,
                page_size=limit + 1,
            )
            rows = [_delivery(item) for item in islice(found, limit + 1)]
        except PynamoDBException as error:
            raise as_ours(error) from error
        return Page(rows[:limit], rows[limit - 1].mark if len(rows) > limit else None)

    def due(self, shelf: str, by: datetime, most: int) -> Sequence[str]:
        """Return the event ids of pending deliveries that are due by an instant, oldest first."""
        until = self._table.due_on <= keys.instant(by)
        try:
            found = self._table.query(f"{FAMILY}#{shelf}", until, index_name=DUE, limit=most)
            return [item.sk.removeprefix(_EVENT) for item in found]
        except PynamoDBException as error:
            raise as_ours(error) from error


class SqsWebhookQueue:
    """`WebhookQueue` over SQS. An endpoint is its messages' group: a slow one's wait for the others'.

    The queue is a standard one: a group there is whose share is held fair, and orders nothing.
    """

    def __init__(self, client: SqsClient, queue_url: str) -> None:
        self._client = client
        self._queue_url = queue_url

    def send_deliveries(self, webhook_id: str, event_ids: Sequence[str], delay_s: int = 0) -> None:
        """Send one message per delivery, to be seen after `delay_s` (at most 900).

        Raises:
            QueueError: not every message was taken; the same again is right.
        """
        messages = [
            {
                "MessageBody": DeliveryMessage(webhook_id, event_id).to_json(),
                "DelaySeconds": min(delay_s, DELAY_S_MAX),
                "MessageGroupId": webhook_id,
            }
            for event_id in event_ids
        ]
        send_entries(self._client, self._queue_url, messages)


def partition(shelf: str) -> str:
    """Return the partition of an endpoint's deliveries, and of their list in the work index."""
    return f"WH#{shelf}"


def _delivery(item: Item) -> Delivery:
    return replace(from_map(Delivery, item.value()), revision=item.version or 0)
