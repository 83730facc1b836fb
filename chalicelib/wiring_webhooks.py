"""Webhooks over one deployment's adapters: what the worker does, and what the API asks for."""

from __future__ import annotations

from datetime import datetime

from chalicelib.core.errors import PastdueError
from chalicelib.flows.counts import Counts
from chalicelib.flows.registry_desk import RegistryDesk
from chalicelib.flows.webhook_book import WebhookBook
from chalicelib.flows.webhook_deliveries import WebhookDeliveries
from chalicelib.flows.webhook_desk import WebhookDesk
from chalicelib.flows.webhook_reconcile import WebhookReconcile
from chalicelib.flows.webhook_url import Rules
from chalicelib.flows.webhook_work import DISABLED, WebhookWork
from chalicelib.telemetry import logger
from chalicelib.wiring_ports import Ports

AGENT = "Pastdue-Webhooks/1.0"  # of the standard's version


def work(ports: Ports, body: str) -> Counts:
    """Do what a message of the webhooks' queue says.

    Raises:
        MessageError: it is no message of that queue; it is put aside.
        UnavailableError: the store, the queue or the key does not answer now.
    """
    counts = worker(ports).take(body)
    if DISABLED in counts:
        logger.error("an endpoint is sent nothing more")  # the line has its id
    return counts


def worker(ports: Ports) -> WebhookWork:
    """Return what brings events to receivers."""
    return WebhookWork(
        book=WebhookBook(ports.records),
        deliveries=ports.deliveries,
        queue=ports.webhook_queue,
        sender=ports.webhook_sender,
        key=lambda: ports.webhook_key,
        now=ports.now,
        agent=AGENT,
    )


def reconcile(ports: Ports, now: datetime) -> Counts:
    """Hand over the deliveries whose time has come."""
    book = WebhookBook(ports.records)
    queue = ports.webhook_queue
    return WebhookReconcile(book, ports.deliveries, queue, ports.monotonic).hand_over(now)


def desk(ports: Ports) -> WebhookDesk:
    """Return what keeps the endpoints."""
    return WebhookDesk(
        book=WebhookBook(ports.records),
        desk=RegistryDesk(ports.records),
        resolver=ports.resolver,
        rules=Rules({host: trial.port for host, trial in ports.webhook_trials.items()}),
        key=lambda: ports.webhook_key,
    )


def deliveries(ports: Ports) -> WebhookDeliveries:
    """Return what reads deliveries, and has them made again."""
    records = ports.records
    return WebhookDeliveries(
        WebhookBook(records), ports.deliveries, ports.webhook_queue, RegistryDesk(records), _untold
    )


def _untold(error: PastdueError) -> None:
    logger.warning("a delivery waits untold", extra={"code": error.code})
