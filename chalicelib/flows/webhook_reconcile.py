"""Every minute: hands over the deliveries whose time has come, each endpoint's by itself."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from chalicelib.flows.counts import Counts
from chalicelib.flows.ports_webhooks import Deliveries, Webhook, WebhookQueue
from chalicelib.flows.webhook_book import WebhookBook
from chalicelib.flows.webhook_retries import is_resting, needs_a_trial

A_MINUTE = 500  # deliveries of one endpoint that are handed over in a minute


@dataclass(frozen=True, slots=True)
class WebhookReconcile:
    """Tells the worker of what is due: retries, and what a crash left behind."""

    book: WebhookBook
    deliveries: Deliveries
    queue: WebhookQueue

    def hand_over(self, now: datetime) -> Counts:
        """Hand over what is due by now; of an endpoint that failed often, one to try it with.

        Raises:
            UnavailableError: the store or the queue does not answer now; the same again is right.
        """
        handed = 0
        for webhook in self.book.all():
            if webhook.is_enabled:
                handed += self._of(webhook, now)
        return {"webhook_handed_over": handed} if handed else {}

    def _of(self, webhook: Webhook, now: datetime) -> int:
        due = self.deliveries.due(webhook.shelf, now, A_MINUTE)
        if not due:
            return 0  # most minutes: nothing more is read
        health = self.book.health(webhook).value
        if is_resting(health, now):
            return 0
        if needs_a_trial(health):
            due = due[:1]
        self.queue.send_deliveries(webhook.id, due)
        return len(due)
