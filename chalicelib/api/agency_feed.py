"""An agency's feed: what changed, in order, until it is acknowledged (R10.5)."""

from __future__ import annotations

from chalice.app import Blueprint

from chalicelib.api.call import Call
from chalicelib.api.csv_answers import CSV, JSON, CsvReply
from chalicelib.api.operation import operation
from chalicelib.api.shapes.agency_feed import AckAnswer, AckBody, FeedAnswer
from chalicelib.api.shapes.base import ListQuery
from chalicelib.flows.agency_side_reads import event_cells, event_values
from chalicelib.flows.api_keys import READ
from chalicelib.flows.desk import Reply
from chalicelib.flows.principal import AGENCY

blueprint = Blueprint(__name__)
_FEED = "feed"  # its cursors are taken by the acknowledgement too
_COLUMNS = (
    "sequence", "id", "type", "at", "on", "placement_id", "status", "outcome", "because", "ref",
    "amount_minor", "balance_minor", "commission_minor", "currency", "effective_on",
)  # fmt: skip


@operation(
    blueprint,
    "GET",
    "/agency/v1/feed",
    summary="What changed, in order",
    roles={AGENCY},
    scope=READ,
    answers={200: FeedAnswer},
    query=ListQuery,
    media_types=(JSON, CSV),
)
def read_feed(call: Call) -> Reply:
    """Answers what changed after a cursor, in order, at least once; without one from the start.

    An event has its number before its placement's dossier can be older than it. Ask again with
    `next_cursor`, at once while `has_more`, else in a minute. Reads once.
    """
    query = call.query(ListQuery)
    after = int(call.signed(_FEED, query.cursor)) if query.cursor else 0
    events = call.shelf.feed(after, query.limit)
    cursor = call.sign(_FEED, str(events[-1].sequence if events else after))
    if call.wants_csv:
        return CsvReply(
            columns=_COLUMNS, rows=[event_cells(one) for one in events], next_cursor=cursor
        )
    has_more = len(events) == query.limit
    rows = [event_values(one) for one in events]
    return Reply(200, {"data": rows, "next_cursor": cursor, "has_more": has_more})


@operation(
    blueprint,
    "POST",
    "/agency/v1/feed/ack",
    summary="Acknowledge what has arrived",
    roles={AGENCY},
    scope=READ,
    answers={200: AckAnswer},
    body=AckBody,
)
def acknowledge_feed(call: Call) -> Reply:
    """Notes that all up to a cursor has arrived and is kept; it goes forward only.

    This is no business answer: an offer is accepted at its placement. What is left unacknowledged
    for long raises an alarm at the seller's.
    """
    sequence = int(call.signed(_FEED, call.body(AckBody).cursor))
    state = call.shelf.acknowledge(sequence, call.caller.at)
    return Reply(
        200,
        {
            "last": state.last,
            "acknowledged": state.acknowledged,
            "acknowledged_at": state.acknowledged_at,
        },
    )
