"""Brings events to receivers: an event becomes a delivery for each endpoint, each tried by itself.

Whatever comes twice is done once: a delivery is kept under its event's id, and an attempt is begun
by whoever writes it down first.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from http import HTTPStatus

from chalicelib.flows.counts import Counts
from chalicelib.flows.ports_webhooks import (
    Answer,
    Deliveries,
    Delivery,
    DeliveryState,
    Health,
    Sender,
    Webhook,
    WebhookQueue,
)
from chalicelib.flows.webhook_book import WebhookBook
from chalicelib.flows.webhook_retries import (
    AGE_MAX,
    LEASE,
    REST_MAX,
    after_failure,
    asked_wait,
    is_hopeless,
    is_resting,
    needs_a_trial,
    next_attempt,
)
from chalicelib.flows.webhook_signing import headers_of, secrets_of
from chalicelib.messages_webhooks import DeliveryMessage, EventMessage, read_webhook_message

HANDED_OVER = timedelta(minutes=5)  # a first attempt that was not begun by then is told of again
SOON_S = 60  # what is due earlier than this does not wait for the reconcile
GONE, FAILING = "gone", "failing"
DISABLED, GIVEN_UP = "webhook_endpoint_disabled", "webhook_given_up"  # infra/webhooks.yaml: alarms
_ASKS_TO_WAIT = (HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE)


@dataclass(frozen=True, slots=True)
class WebhookWork:
    """Does what a message of the webhooks' queue says. `key` reads the stage's webhook key."""

    book: WebhookBook
    deliveries: Deliveries
    queue: WebhookQueue
    sender: Sender
    key: Callable[[], bytes]
    now: Callable[[], datetime]
    agent: str

    def take(self, body: str) -> Counts:
        """Hand an event out to the endpoints that want it, or try one delivery.

        Raises:
            MessageError: the message is neither.
            UnavailableError: the store or the queue does not answer now; the same again is right.
        """
        message = read_webhook_message(body)
        if isinstance(message, EventMessage):
            return self.tell(message)
        return self.deliver(message)

    def tell(self, event: EventMessage) -> Counts:
        """Keep a delivery for each endpoint that wants the event, and hand it over."""
        told = 0
        now = self.now()
        for webhook in self.book.all():
            if webhook.wants(event.type) and self._begin(webhook, event, now):
                self.queue.send_deliveries(webhook.id, [event.id])
                told += 1
        return {"webhook_deliveries": told}

    def _begin(self, webhook: Webhook, event: EventMessage, now: datetime) -> bool:
        """Keep a new delivery; return whether its first attempt is still to come."""
        new = Delivery(event.id, event.type, event.body, event.at, now, next_at=now + HANDED_OVER)
        if self.deliveries.keep(webhook.shelf, new):
            return True
        there = self.deliveries.find(webhook.shelf, event.id)
        return there is not None and there.state == "pending" and there.attempts == 0

    def deliver(self, message: DeliveryMessage) -> Counts:
        """Make one attempt, if one is due, and keep what came of it."""
        found = self.book.find(message.webhook_id)
        if found is None or not found.value.is_enabled:
            return {"webhook_not_wanted": 1}
        webhook, now = found.value, self.now()
        delivery = self.deliveries.find(webhook.shelf, message.event_id)
        if delivery is None or delivery.next_at is None:
            return {"webhook_done_before": 1}
        if delivery.attempts and delivery.next_at > now:
            return {"webhook_too_early": 1}
        if now - delivery.began_at > AGE_MAX:
            return self._end(webhook, delivery, Answer(delivery.last_status, "too_old"))
        return self._attempt(webhook, delivery, now)

    def _attempt(self, webhook: Webhook, delivery: Delivery, now: datetime) -> Counts:
        health = self.book.health(webhook)
        if is_resting(health.value, now):
            return {"webhook_resting": 1}  # what is due stays so, and is told of after the rest
        if needs_a_trial(health.value) and not self.book.claim_trial(health, now + LEASE):
            return {"webhook_resting": 1}
        attempts = delivery.attempts + 1
        taken = replace(delivery, attempts=attempts, last_at=now, next_at=now + LEASE)
        if not self.deliveries.keep(webhook.shelf, taken):
            return {"webhook_taken_before": 1}
        answer = self._post(webhook, taken, now)
        return self._settle(webhook, replace(taken, revision=taken.revision + 1), answer)

    def _post(self, webhook: Webhook, delivery: Delivery, now: datetime) -> Answer:
        body = delivery.body.encode()
        signed = headers_of(secrets_of(self.key(), webhook, now), delivery.event_id, now, body)
        told = {"content-type": "application/json", "user-agent": self.agent}
        return self.sender.post(webhook.url, signed | told, body)

    def _settle(self, webhook: Webhook, delivery: Delivery, answer: Answer) -> Counts:
        at = self.now()
        code = code_of(answer)
        if not code:
            done = _over(delivery, answer.status, "", is_delivered=True)
            self.deliveries.keep(webhook.shelf, done)
            self.book.note(webhook, lambda _: Health())
            return {"webhook_delivered": 1}
        if code == GONE:
            return self._end(webhook, delivery, Answer(answer.status, GONE))
        asked = answer.retry_after if answer.status in _ASKS_TO_WAIT else ""
        health = self.book.note(webhook, lambda was: _worse(was, at, asked))
        when = next_attempt(delivery.event_id, webhook.shelf, delivery.attempts, at, asked)
        counts: dict[str, int] = {"webhook_attempt_failed": 1}
        if when is None:
            counts |= self._end(webhook, delivery, Answer(answer.status, code))
        else:
            left = replace(delivery, next_at=when, last_status=answer.status, last_code=code)
            self.deliveries.keep(webhook.shelf, left)
            wait_s = int((when - at).total_seconds()) + 1
            if wait_s < SOON_S and not is_resting(health, when):
                self.queue.send_deliveries(webhook.id, [delivery.event_id], wait_s)
        if is_hopeless(health, at) and self.book.disable(webhook, FAILING):
            counts[DISABLED] = 1
        return counts

    def _end(self, webhook: Webhook, delivery: Delivery, answer: Answer) -> Counts:
        """Give a delivery up; a receiver that said it is gone gets nothing more."""
        self.deliveries.keep(webhook.shelf, _over(delivery, answer.status, answer.code))
        counts = {GIVEN_UP: 1}
        if answer.code == GONE and self.book.disable(webhook, GONE):
            counts[DISABLED] = 1
        return counts


def code_of(answer: Answer) -> str:
    """Return why an answer is no success, "" when it is one."""
    status = answer.status
    if not status:
        return answer.code or "no_answer"
    if 200 <= status < 300:  # noqa: PLR2004 - what HTTP calls successful
        return ""
    if status == HTTPStatus.GONE:
        return GONE
    kinds = {3: "redirect", 4: "client_error", 5: "server_error"}
    return kinds.get(status // 100, "strange_status")


def _over(delivery: Delivery, status: int, code: str, *, is_delivered: bool = False) -> Delivery:
    state: DeliveryState = "delivered" if is_delivered else "failed"
    return replace(delivery, state=state, next_at=None, last_status=status, last_code=code)


def _worse(was: Health, at: datetime, asked: str) -> Health:
    """Return an endpoint's health after a failure; one that asked for time rests for it."""
    health = after_failure(was, at)
    wait = min(asked_wait(asked, at), REST_MAX)
    if not wait:
        return health
    return replace(health, rests_until=max(health.rests_until or at, at + wait))
