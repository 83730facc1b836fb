"""What became of letters, and what was left behind, over one deployment's adapters."""

from __future__ import annotations

from collections.abc import Mapping

from chalicelib.flows.export_feed import LedgerExport
from chalicelib.flows.mail_events import LetterNews, MailEvents
from chalicelib.flows.reconcile import Reconcile
from chalicelib.mail.events import ForeignMailEventError, parse_event
from chalicelib.wiring_ports import Ports


def mail_event(ports: Ports, body: str) -> Mapping[str, int]:
    """Book one event of SES; one about none of our letters is only counted.

    Raises:
        MailEventError: the message is not an event; the queue puts it aside.
    """
    try:
        event = parse_event(body)
    except ForeignMailEventError:
        return {"mail_event_foreign": 1}
    news = LetterNews(
        notice_id=event.notice_id,
        attempt=event.attempt,
        kind=event.kind.value,
        at=event.at,
        message_id=event.message_id,
    )
    return MailEvents(ports.bookings).book(news)


def reconcile(ports: Ports) -> Reconcile:
    """Return what hands over and settles what was left."""
    return Reconcile(ports.bookings, ports.registry, ports.queues)


def ledger_export(ports: Ports) -> LedgerExport:
    """Return what reads and numbers the export feed."""
    return LedgerExport(ports.export_feed)
