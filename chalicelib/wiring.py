"""What the handlers call: `deps()` builds it from the settings on the first event, never at import.

Each function imports what it needs when it is first called, so that a worker loads its own part
only: mail alone loads templates, reports alone the archive.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, date, datetime
from functools import cache, cached_property
from typing import TYPE_CHECKING, Protocol

from chalicelib.messages import UploadMessage
from chalicelib.settings import Settings, settings

if TYPE_CHECKING:
    from chalicelib.wiring_ports import Ports

Counts = Mapping[str, int]


class Deps(Protocol):
    """One function for each handler. Counts are metric names with how many; they are logged.

    Every function may run any number of times with the same arguments. An exception means "not
    done": a queue tries the message again and puts it aside after its last try.
    """

    @property
    def ports(self) -> Ports:
        """The deployment's adapters: what the API's flows are built from."""
        ...

    def now(self) -> datetime:
        """Return the present instant, with its zone."""
        ...

    def run_date(self, at: datetime) -> date:
        """Return the day that an instant is in the seller's zone."""
        ...

    def sweep(self, run_on: date) -> Counts:
        """Start the run of a day: its gates (R13.1), then one message for each shard."""
        ...

    def sweep_shard(self, run_on: date, shard: int) -> Counts:
        """Hand out one work message for each account of the shard that is due on the day."""
        ...

    def work(self, run_on: date, account_id: str) -> Counts:
        """Decide one account for the day, commit, and hand its outbox rows over."""
        ...

    def mail(self, account_id: str, notice_id: str) -> Counts:
        """Read, render, claim, send and record one notice (R11.1, R11.3)."""
        ...

    def mail_event(self, body: str) -> Counts:
        """Book what one event of SES, as the topic delivers it, says of a notice (R11.3)."""
        ...

    def reconcile(self, now: datetime) -> Counts:
        """Hand over again what a lost hand-over left in the outbox; end expired leases."""
        ...

    def report(self, run_on: date) -> Counts:
        """Write the snapshot of the day's run, or begin it."""
        ...

    def report_part(self, run_on: date, start: str, stretch: int | None) -> Counts:
        """Do the next portion of a snapshot that was begun."""
        ...

    def job(self, job_id: str, step: int) -> Counts:
        """Do a step of a job, unless it was done."""
        ...

    def upload(self, told: UploadMessage) -> Counts:
        """Ask for the import of a file that was put into the bucket, if it is a ledger's."""
        ...

    def agency(self, agency_id: str) -> Counts:
        """Do what waits for an agency, and number its feed (R10.5). One at a time per agency."""
        ...

    def webhooks(self, body: str) -> Counts:
        """Hand an event out to webhooks, or try one delivery."""
        ...

    def authorize(self, token: str) -> Mapping[str, str]:
        """Return what a token grants, as `Grant.context` writes it.

        Raises:
            UnauthorizedError: it grants nothing; the message is for the log only.
            UnavailableError: whether it does cannot be found out now.
        """
        ...

    def health(self) -> Mapping[str, str]:
        """Return what the health answer says beside `status`; raise if a need is not met."""
        ...


class Machine:
    """The use cases over the store, the queues and SES, as these settings say."""

    def __init__(self, values: Settings, ports: Ports | None = None) -> None:
        self._settings = values
        self._given_ports = ports

    @cached_property
    def ports(self) -> Ports:
        """The store's and the queues' adapters, connected on first use."""
        if self._given_ports is not None:
            return self._given_ports
        from chalicelib.wiring_ports import Ports  # noqa: PLC0415 - loads the store's client

        return Ports(self._settings, self.now, time.monotonic)

    def now(self) -> datetime:
        """Return the present instant in UTC: the one place that reads the clock."""
        return datetime.now(UTC)

    def run_date(self, at: datetime) -> date:
        """Return the day that an instant is in the seller's zone."""
        return at.astimezone(self._settings.seller_zone).date()

    def sweep(self, run_on: date) -> Counts:
        """Start the run of a day."""
        from chalicelib import wiring_run  # noqa: PLC0415 - the decision code, for runs only

        return wiring_run.sweep(self.ports).start(run_on)

    def sweep_shard(self, run_on: date, shard: int) -> Counts:
        """Hand out a shard's work."""
        from chalicelib import wiring_run  # noqa: PLC0415 - the decision code, for runs only

        return wiring_run.sweep_of_workers(self.ports).hand_out(run_on, shard)

    def work(self, run_on: date, account_id: str) -> Counts:
        """Decide one account."""
        from chalicelib import wiring_run  # noqa: PLC0415 - the decision code, for runs only

        return wiring_run.work(self.ports).decide_account(run_on, account_id)

    def mail(self, account_id: str, notice_id: str) -> Counts:
        """Deliver one notice, or one piece of news for customer service."""
        from chalicelib import wiring_mail  # noqa: PLC0415 - loads templates and locales

        return wiring_mail.send(self.ports, account_id, notice_id)

    def mail_event(self, body: str) -> Counts:
        """Book one event of SES."""
        from chalicelib import wiring_events  # noqa: PLC0415 - needs no templates

        return wiring_events.mail_event(self.ports, body)

    def reconcile(self, now: datetime) -> Counts:
        """Hand over and settle what was left."""
        from chalicelib import wiring_events  # noqa: PLC0415 - needs no templates

        return wiring_events.reconcile(self.ports, now)

    def report(self, run_on: date) -> Counts:
        """Write a run's snapshot."""
        from chalicelib import wiring_read  # noqa: PLC0415 - reports only

        return wiring_read.report(self.ports).write(run_on)

    def report_part(self, run_on: date, start: str, stretch: int | None) -> Counts:
        """Go on with a run's snapshot."""
        from chalicelib import wiring_read  # noqa: PLC0415 - reports only

        return wiring_read.report(self.ports).go_on(run_on, start, stretch)

    def job(self, job_id: str, step: int) -> Counts:
        """Do a step of a job."""
        from chalicelib import wiring_jobs  # noqa: PLC0415 - the decision code, for jobs only

        return wiring_jobs.worker(self.ports).work(job_id, step)

    def upload(self, told: UploadMessage) -> Counts:
        """Ask for an uploaded file's import."""
        from chalicelib.flows.uploads import Upload, Uploads  # noqa: PLC0415 - its worker only

        upload = Upload(told.key, told.etag, told.size_bytes, told.at)
        return Uploads(self.ports.jobs).take(upload)

    def agency(self, agency_id: str) -> Counts:
        """Do what waits for an agency."""
        from chalicelib import wiring_agency  # noqa: PLC0415 - the agencies' worker only

        return wiring_agency.work(self.ports, agency_id)

    def webhooks(self, body: str) -> Counts:
        """Do what a message of the webhooks' queue says."""
        from chalicelib import wiring_webhooks  # noqa: PLC0415 - the webhooks' worker only

        return wiring_webhooks.work(self.ports, body)

    def authorize(self, token: str) -> Mapping[str, str]:
        """Find out who calls."""
        from chalicelib import wiring_auth  # noqa: PLC0415 - the authorizer only

        return wiring_auth.authorize(self._settings).grant(token, self.now()).context()

    def health(self) -> Mapping[str, str]:
        """Return the stage, after a read of the table; what it raises is the answer's fault."""
        paused = self.ports.registry.sending_paused()
        return {"stage": self._settings.stage, "sending": "paused" if paused else "on"}


_given: ContextVar[Deps | None] = ContextVar("given", default=None)


def deps() -> Deps:
    """Return this process's dependencies, built on first use.

    Raises:
        SettingsError: the environment is not complete.
    """
    return _given.get() or _built()


@contextmanager
def using(dependencies: Deps) -> Iterator[None]:
    """Let the handlers use these dependencies while the context lasts."""
    token = _given.set(dependencies)
    try:
        yield
    finally:
        _given.reset(token)


@cache
def _built() -> Deps:
    return Machine(settings())
