"""Webhooks: endpoints put in and listed, their secrets rotated, their deliveries seen and repeated."""

from __future__ import annotations

from chalice.app import Blueprint

from chalicelib import wiring_webhooks
from chalicelib.api.call import Call
from chalicelib.api.operation import operation
from chalicelib.api.roles import ADMINS, READERS
from chalicelib.api.shapes.base import Listed
from chalicelib.api.shapes.webhooks import (
    DeliveriesQuery,
    DeliveryAnswer,
    NewSecretAnswer,
    RecoverBody,
    RecoveredAnswer,
    RotateSecretBody,
    WebhookAnswer,
    WebhookBody,
    WebhookRemoved,
    WebhooksQuery,
    WebhookTold,
)
from chalicelib.flows.desk import Reply
from chalicelib.flows.principal import ADMIN
from chalicelib.flows.webhook_desk import GUARDED, Said

blueprint = Blueprint(__name__)


@operation(
    blueprint,
    "GET",
    "/v1/webhooks",
    summary="List the webhooks",
    roles=READERS,
    answers={200: Listed[WebhookAnswer]},
    query=WebhooksQuery,
)
def list_webhooks(call: Call) -> Reply:
    """Answers the endpoints by id, without their secrets. One query.

    Who is no administrator sees of a URL the scheme and the host.
    """
    desk = wiring_webhooks.desk(call.ports)
    is_whole = ADMIN in call.principal.roles
    rows, mark = desk.page(call.mark(), call.query(WebhooksQuery).limit, is_whole=is_whole)
    return Reply(200, call.listed(rows, mark))


@operation(
    blueprint,
    "GET",
    "/v1/webhooks/{webhook_id}",
    summary="Read a webhook",
    roles=READERS,
    answers={200: WebhookTold},
    etag=GUARDED,
    problems=(404,),
)
def read_webhook(call: Call) -> Reply:
    """Answers an endpoint without its secret, how it does, and what was done about it.

    Who is no administrator sees of its URL the scheme and the host.
    """
    is_whole = ADMIN in call.principal.roles
    found = wiring_webhooks.desk(call.ports).one(call.path("webhook_id"), is_whole=is_whole)
    return Reply(200, found)


@operation(
    blueprint,
    "PUT",
    "/v1/webhooks/{webhook_id}",
    summary="Put a webhook in, or change one",
    roles=ADMINS,
    answers={200: NewSecretAnswer, 201: NewSecretAnswer},
    body=WebhookBody,
    etag=GUARDED,
)
def put_webhook(call: Call) -> Reply:
    """Takes an endpoint as a whole; the answer to a new one has its signing secret, this once.

    Its id is of small letters, digits and hyphens, 40 at most. The address must be HTTPS on port
    443, under a name whose addresses are all public; it is judged again before each attempt.
    """
    body = call.body(WebhookBody)
    said = Said(body.url, body.event_types or (), body.description, body.enabled)
    return wiring_webhooks.desk(call.ports).put(call.caller, call.path("webhook_id"), said)


@operation(
    blueprint,
    "DELETE",
    "/v1/webhooks/{webhook_id}",
    summary="Remove a webhook",
    roles=ADMINS,
    answers={200: WebhookRemoved},
    problems=(404,),
)
def remove_webhook(call: Call) -> Reply:
    """Takes an endpoint away: what waits for it is not sent, and its secrets are never used again."""
    return wiring_webhooks.desk(call.ports).remove(call.caller, call.path("webhook_id"))


@operation(
    blueprint,
    "POST",
    "/v1/webhooks/{webhook_id}/rotate_secret",
    summary="Rotate a webhook's secret",
    roles=ADMINS,
    answers={200: NewSecretAnswer},
    body=RotateSecretBody,
    needs_key=True,
    problems=(404,),
)
def rotate_webhook_secret(call: Call) -> Reply:
    """Makes a new signing secret, shown in this answer alone; older ones sign beside it for a day.

    With `overlap_hours` 0 every older one ends at once. The answer to the same call again has no
    secret: whoever lost it rotates once more.
    """
    hours = call.body(RotateSecretBody).overlap_hours
    return wiring_webhooks.desk(call.ports).rotate(call.caller, call.path("webhook_id"), hours)


@operation(
    blueprint,
    "POST",
    "/v1/webhooks/{webhook_id}/test",
    summary="Send a webhook a ping",
    roles=ADMINS,
    answers={202: DeliveryAnswer},
    problems=(404, 409),
)
def test_webhook(call: Call) -> Reply:
    """Sends a `ping`, signed as every event is; what became of it stands among the deliveries."""
    return wiring_webhooks.deliveries(call.ports).test(call.caller, call.path("webhook_id"))


@operation(
    blueprint,
    "GET",
    "/v1/webhooks/{webhook_id}/deliveries",
    summary="List a webhook's deliveries",
    roles=READERS,
    answers={200: Listed[DeliveryAnswer]},
    query=DeliveriesQuery,
    problems=(404,),
)
def list_deliveries(call: Call) -> Reply:
    """Answers what was sent in the last 30 days, the newest event first; a moment late.

    Of one state a part of the list may be short, or empty, and not the last: `next_cursor` says.
    """
    query = call.query(DeliveriesQuery)
    rows, mark = wiring_webhooks.deliveries(call.ports).page(
        call.path("webhook_id"), call.mark(), query.limit, query.state
    )
    return Reply(200, call.listed(rows, mark))


@operation(
    blueprint,
    "POST",
    "/v1/webhooks/{webhook_id}/deliveries/{event_id}/redeliver",
    summary="Deliver an event again",
    roles=ADMINS,
    answers={202: DeliveryAnswer},
    problems=(404, 409),
)
def redeliver_event(call: Call) -> Reply:
    """Begins a delivery anew, whatever became of it; its `webhook-id` and body stay the same."""
    return wiring_webhooks.deliveries(call.ports).redeliver(
        call.caller, call.path("webhook_id"), call.path("event_id")
    )


@operation(
    blueprint,
    "POST",
    "/v1/webhooks/{webhook_id}/recover",
    summary="Deliver again what failed",
    roles=ADMINS,
    answers={202: RecoveredAnswer},
    body=RecoverBody,
    problems=(404, 409),
)
def recover_deliveries(call: Call) -> Reply:
    """Begins the failed deliveries of events since an instant anew, 200 at most in one call.

    They leave within minutes.
    """
    since = call.body(RecoverBody).since
    return wiring_webhooks.deliveries(call.ports).recover(
        call.caller, call.path("webhook_id"), since
    )
