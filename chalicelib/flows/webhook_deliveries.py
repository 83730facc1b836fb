"""The deliveries of an endpoint as people see them: listed, tried out, sent again, recovered."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from chalicelib.core.errors import (
    Fault,
    NotFoundError,
    PastdueError,
    UnfitInputError,
    WrongStateError,
)
from chalicelib.flows.desk import Caller, Reply
from chalicelib.flows.ports_webhooks import Deliveries, Delivery, Webhook, WebhookQueue
from chalicelib.flows.registry_desk import RegistryDesk, Rule
from chalicelib.flows.webhook_book import WebhookBook
from chalicelib.flows.webhook_desk import act_about, at_text
from chalicelib.flows.webhook_work import HANDED_OVER
from chalicelib.messages_webhooks import read_event

PING = "ping"
KEPT_FOR = timedelta(days=30)
LOOKED_AT_MAX = 1_000  # deliveries that one answer looks at
RECOVERED_MAX = 200  # and that one call sends again
_PART = 200


@dataclass(frozen=True, slots=True)
class WebhookDeliveries:
    """Reads the deliveries of endpoints, and has them made again."""

    book: WebhookBook
    deliveries: Deliveries
    queue: WebhookQueue
    desk: RegistryDesk
    untold: Callable[[PastdueError], None]

    def page(
        self, webhook_id: str, before: str, limit: int, state: str | None
    ) -> tuple[list[dict[str, Any]], str | None]:
        """Return deliveries of the last 30 days, newest first, and the mark of the next page.

        Of one state a page may have fewer rows than there are: 1,000 are looked at for it.

        Raises:
            NotFoundError: there is no such endpoint.
        """
        shelf = self.book.get(webhook_id).value.shelf
        rows: list[Delivery] = []
        mark: str | None = before
        looked_at = 0
        while mark is not None and len(rows) < limit and looked_at < LOOKED_AT_MAX:
            found = self.deliveries.newest(shelf, mark, limit - len(rows) if not state else _PART)
            for row in found.rows:
                looked_at += 1
                if len(rows) < limit:
                    mark = row.mark
                    if state in (None, row.state):
                        rows.append(row)
            is_last = found.mark is None and (not found.rows or mark == found.rows[-1].mark)
            if is_last:
                mark = None
        return [delivery_body(row) for row in rows], mark

    def test(self, caller: Caller, webhook_id: str) -> Reply:
        """Send an endpoint a `ping`, whatever types it wants.

        Raises:
            NotFoundError: there is no such endpoint.
            WrongStateError: it is disabled.
        """

        def rule() -> Rule:
            webhook = self._enabled(webhook_id)
            ping = ping_of(webhook, caller)
            self.deliveries.keep(webhook.shelf, ping)
            return self._asked(caller, webhook, ping, "webhook_tested")

        return self._told(self.desk.act(caller, rule), webhook_id)

    def redeliver(self, caller: Caller, webhook_id: str, event_id: str) -> Reply:
        """Begin a delivery anew, whatever became of it; the receiver knows it by its id.

        Raises:
            NotFoundError: there is no such endpoint, or no such delivery in the last 30 days.
            WrongStateError: the endpoint is disabled.
        """

        def rule() -> Rule:
            webhook = self._enabled(webhook_id)
            found = self.deliveries.find(webhook.shelf, event_id)
            if found is None:
                raise NotFoundError(f"webhook {webhook_id} has no delivery {event_id[:100]!r}")
            again = anew(found, caller.at)
            self.deliveries.keep(webhook.shelf, again)
            return self._asked(caller, webhook, again, "webhook_redelivered")

        return self._told(self.desk.act(caller, rule), webhook_id)

    def recover(self, caller: Caller, webhook_id: str, since: datetime) -> Reply:
        """Begin the failed deliveries of events since an instant anew, at most 200 in one call.

        They are handed over within minutes. The answer says from when on to ask again, if there is
        more.

        Raises:
            NotFoundError: there is no such endpoint.
            UnfitInputError: it is more than 30 days ago, or still to come.
            WrongStateError: the endpoint is disabled.
        """
        if not caller.at - KEPT_FOR <= since <= caller.at:
            detail = "must be in the last 30 days: deliveries are kept for that long"
            raise UnfitInputError("nothing is recovered", [Fault("/since", "not_kept", detail)])

        def rule() -> Rule:
            webhook = self._enabled(webhook_id)
            recovered, goes_on = self._recover(webhook, since, caller.at)
            body = {"recovered": recovered, "next_since": at_text(goes_on)}
            figures = {"recovered": str(recovered), "since": since.isoformat()}
            act = act_about(caller, webhook_id, "webhook_recovered", **figures)
            return Rule((), Reply(202, body), (act,))

        return self.desk.act(caller, rule)

    def _recover(
        self, webhook: Webhook, since: datetime, now: datetime
    ) -> tuple[int, datetime | None]:
        recovered = looked_at = 0
        mark: str | None = ""
        while mark is not None:
            found = self.deliveries.since(webhook.shelf, since, mark, _PART)
            for row in found.rows:
                if recovered >= RECOVERED_MAX or looked_at >= LOOKED_AT_MAX:
                    return recovered, row.happened_at
                looked_at += 1
                if row.state == "failed":
                    recovered += self.deliveries.keep(webhook.shelf, anew(row, now, timedelta()))
            mark = found.mark
        return recovered, None

    def _enabled(self, webhook_id: str) -> Webhook:
        webhook = self.book.get(webhook_id).value
        if not webhook.is_enabled:
            raise WrongStateError(
                "the webhook is disabled: enable it before anything is sent to it",
                allowed_actions=("enable",),
            )
        return webhook

    def _asked(self, caller: Caller, webhook: Webhook, delivery: Delivery, kind: str) -> Rule:
        act = act_about(caller, webhook.id, kind, event=delivery.event_id)
        where = f"/v1/webhooks/{webhook.id}/deliveries"
        return Rule((), Reply(202, delivery_body(delivery), where), (act,))

    def _told(self, reply: Reply, webhook_id: str) -> Reply:
        """Hand a delivery over now; if that fails it waits for the reconcile, minutes later."""
        try:
            self.queue.send_deliveries(webhook_id, [reply.body["event_id"]])
        except PastdueError as error:
            self.untold(error)
        return reply


def ping_of(webhook: Webhook, caller: Caller) -> Delivery:
    """Return the delivery of a `ping`, under an id made from the call that asks for it."""
    call = caller.replay_key.id if caller.replay_key else caller.request_id
    meaning = f"{webhook.shelf} {call} {caller.at.isoformat()}"
    event_id = f"evt_ping_{hashlib.sha256(meaning.encode()).hexdigest()[:24]}"
    at = at_text(caller.at)
    values = {"id": event_id, "type": PING, "timestamp": at, "data": {"webhook_id": webhook.id}}
    event = read_event(values)
    return Delivery(
        event_id, PING, event.body, caller.at, caller.at, next_at=caller.at + HANDED_OVER
    )


def anew(delivery: Delivery, at: datetime, wait: timedelta = HANDED_OVER) -> Delivery:
    """Return a delivery as it begins again: pending, with all its attempts before it.

    After `wait` the reconcile hands it over, if nobody did.
    """
    return replace(delivery, state="pending", attempts=0, began_at=at, next_at=at + wait)


def delivery_body(delivery: Delivery) -> dict[str, Any]:
    """Return a delivery as plain values, without the event's own."""
    return {
        "event_id": delivery.event_id,
        "event_type": delivery.event_type,
        "happened_at": at_text(delivery.happened_at),
        "began_at": at_text(delivery.began_at),
        "state": delivery.state,
        "attempts": delivery.attempts,
        "last_attempt_at": at_text(delivery.last_at),
        "last_status": delivery.last_status or None,
        "last_code": delivery.last_code or None,
        "next_attempt_at": at_text(delivery.next_at),
    }
