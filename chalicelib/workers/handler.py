"""The two shapes of handler: one that is invoked, one that a queue feeds.

A worker is deployed under its own module, so `app.py` and its middleware are never loaded there;
these decorators bring what middleware would: log context, metrics, partial batch failures.
"""

from __future__ import annotations

import functools
import json
from collections.abc import Callable, Mapping
from typing import Any

from aws_lambda_powertools.utilities.batch import (
    BatchProcessor,
    EventType,
    process_partial_response,
)
from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord
from chalice.app import SQSEvent

from chalicelib.correlation import ATTRIBUTE, sent_along
from chalicelib.log_lines import InvocationFailedError, code_of
from chalicelib.telemetry import about, count, follow, logger, metrics

Answer = dict[str, Any]
Counts = Mapping[str, int]


def invoked(answer: Callable[[Mapping[str, Any]], Counts]) -> Callable[[Any, Any], Answer]:
    """Return a handler that gives a scheduled or direct event to `answer` and returns its counts.

    What `answer` raises fails the invocation, which the scheduler tries again.
    """

    @functools.wraps(answer)
    def handler(event: Any, context: Any) -> Answer:
        return _observed(_once)(event, context)

    def _once(event: Mapping[str, Any], context: Any) -> Answer:
        follow(context.aws_request_id)
        return dict(_told(answer.__name__, lambda: answer(event)))

    return handler


def queued(book: Callable[[str], Counts]) -> Callable[[SQSEvent], Answer]:
    """Return a handler that gives each message's body to `book` and reports which ones failed.

    Lines carry the id that came with the message, else the message's own: what a batch has in
    common is only that it was fetched at once.
    Only the failed messages come back to the queue (R13.1: one bad account stops no other).
    """

    @functools.wraps(book)
    def handler(event: SQSEvent) -> Answer:
        return _observed(_batch)(event.to_dict(), event.context)

    def _batch(event: dict[str, Any], context: Any) -> Answer:
        processor = BatchProcessor(EventType.SQS, raise_on_entire_batch_failure=False)
        response = process_partial_response(
            event=event, record_handler=_record, processor=processor, context=context
        )
        return dict(response)

    def _record(record: SQSRecord) -> None:
        sent = record.raw_event["messageAttributes"].get(ATTRIBUTE, {}).get("stringValue")
        follow(sent_along(sent, record.message_id))
        about(_read(record.body))
        tries = record.attributes.approximate_receive_count
        logger.append_keys(message_id=record.message_id, tries=tries)
        _told(book.__name__, lambda: book(record.body))

    return handler


def _read(body: str) -> Mapping[str, Any]:
    """Return what a message's body says, nothing if it is no object: its reader will say so."""
    try:
        values = json.loads(body)
    except ValueError:
        return {}
    return values if isinstance(values, dict) else {}


def _told(name: str, call: Callable[[], Counts]) -> Counts:
    """Return what the call returns; log and count what became of it.

    Raises:
        InvocationFailedError: the call failed; the queue or the scheduler tries again. What it
            raised is not raised on: the runtime would print its message, with whatever it quotes.
    """
    try:
        counts = call()
    except Exception as error:
        logger.exception(f"{name} failed", extra={"code": code_of(error) or type(error).__name__})
        count({f"{name}_failed": 1})
        failed = InvocationFailedError(name, error)
    else:
        logger.info(f"{name} done", extra={"counts": dict(counts)})
        count({f"{name}_done": 1, **counts})
        return counts
    raise failed  # not from within: it would carry what it stands for


def _observed(run: Callable[[Any, Any], Answer]) -> Callable[[Any, Any], Answer]:
    """Return `run` with the invocation's ids in every log line, its metrics written at its end."""
    measured = metrics.log_metrics(run)
    with_context: Callable[[Any, Any], Answer] = logger.inject_lambda_context(
        measured, clear_state=True
    )
    return with_context
