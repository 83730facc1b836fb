"""What became of letters, and what was left behind, over one deployment's adapters."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime

from chalicelib import wiring_agency, wiring_webhooks
from chalicelib.alarms import tell_events_wait, tell_figures
from chalicelib.flows.bus import TellAgain
from chalicelib.flows.counts import Counts, add_up
from chalicelib.flows.export_feed import LedgerExport
from chalicelib.flows.lost_jobs import LostJobs
from chalicelib.flows.mail_events import LetterNews, MailEvents
from chalicelib.flows.reconcile import Reconcile
from chalicelib.flows.watch import Watch
from chalicelib.mail.events import ForeignMailEventError, parse_event
from chalicelib.telemetry import about, count
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
    about({"notice_id": event.notice_id})
    news = LetterNews(
        notice_id=event.notice_id,
        attempt=event.attempt,
        kind=event.kind.value,
        at=event.at,
        message_id=event.message_id,
        recipients=event.recipients,
        is_sandbox=event.is_sandbox,
    )
    return MailEvents(ports.bookings).book(news)


def reconcile(ports: Ports, now: datetime) -> Counts:
    """Tell what is late, hand over and settle what was left, and number what the ERP is to book.

    What fails with letters keeps back no job, and no line from the ERP. Listeners come last, and
    have a limited time: nothing else waits for them.

    Raises:
        Exception: the first failure, after all was tried.
    """
    parts: tuple[Callable[[], Counts], ...] = (
        lambda: watched(ports, now),
        lambda: LostJobs(ports.records, ports.job_queue).hand_over(now),
        lambda: Reconcile(ports.bookings, ports.registry, ports.queues, count).reconcile(now),
        lambda: ledger_export(ports).number(),
        lambda: wiring_agency.reconcile(ports).reconcile(now),
        lambda: wiring_webhooks.reconcile(ports, now),
        lambda: tell_again(ports, now),
    )
    counts: list[Counts] = []
    failures: list[Exception] = []
    for part in parts:
        try:
            counts.append(part())
        except Exception as error:  # raised at the end, whatever it is
            failures.append(error)
    if failures:
        count(add_up(counts))  # what was done is counted, whatever else failed
        raise failures[0]
    return add_up(counts)


def watched(ports: Ports, now: datetime) -> Counts:
    """Write the figures of what is behind at once; they are not among the invocation's own counts."""
    rows = ports.event_rows if ports.settings.event_bus_name else None
    watch = Watch(ports.accounts, ports.registry, ports.policies, rows, ports.day_of)
    figures = watch.look(now)
    tell_figures(figures)
    return {}


def tell_again(ports: Ports, now: datetime) -> Counts:
    """Put events that nobody told on the bus; where there is none, nothing waits."""
    if not ports.settings.event_bus_name:
        return {}
    return TellAgain(ports.bus, ports.event_rows, tell_events_wait, ports.monotonic).tell(now)


def ledger_export(ports: Ports) -> LedgerExport:
    """Return what reads and numbers the export feed."""
    return LedgerExport(ports.export_feed)
