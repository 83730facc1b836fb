"""Every minute: hands over the deliveries whose time has come, each endpoint's by itself."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from chalicelib.flows.counts import Counts
from chalicelib.flows.ports_webhooks import Deliveries, Webhook, WebhookQueue
from chalicelib.flows.webhook_book import WebhookBook
from chalicelib.flows.webhook_retries import is_resting, needs_a_trial

A_MINUTE = 500  # deliveries of one endpoint that are handed over in a minute
TIME_S = 15.0  # of the reconcile's minute, for all of them
SLICE = 100  # deliveries between two looks at the clock


@dataclass(frozen=True, slots=True)
class WebhookReconcile:
    """Tells the worker of what is due: retries, and what a crash left behind.

    `monotonic` gives seconds.
    """

    book: WebhookBook
    deliveries: Deliveries
    queue: WebhookQueue
    monotonic: Callable[[], float]

    def hand_over(self, now: datetime) -> Counts:
        """Hand over what is due by now; of an endpoint that failed often, one to try it with.

        It ends after 15 s; the next minute goes on, and begins with another endpoint.

        Raises:
            UnavailableError: the store or the queue does not answer now; the same again is right.
        """
        handed = 0
        until = self.monotonic() + TIME_S
        webhooks = [webhook for webhook in self.book.all() if webhook.is_enabled]
        first = int(now.timestamp()) // 60 % max(len(webhooks), 1)  # so that each is the first once
        for webhook in (*webhooks[first:], *webhooks[:first]):
            if self.monotonic() >= until:
                break
            handed += self._of(webhook, now, until)
        return {"webhook_handed_over": handed} if handed else {}

    def _of(self, webhook: Webhook, now: datetime, until: float) -> int:
        due = self.deliveries.due(webhook.shelf, now, A_MINUTE)
        if not due:
            return 0  # most minutes: nothing more is read
        health = self.book.health(webhook).value
        if is_resting(health, now):
            return 0
        if needs_a_trial(health):
            due = due[:1]
        handed = 0
        while handed < len(due) and (not handed or self.monotonic() < until):
            some = due[handed : handed + SLICE]
            self.queue.send_deliveries(webhook.id, some)
            handed += len(some)
        return handed
