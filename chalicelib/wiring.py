"""What the handlers call: `deps()` builds it from the settings on the first event, never at import.

TEMPORARY: the functions below hand messages on but decide nothing. They prove the machine's shell
and are replaced, behind the same `Deps`, by the flows over the store.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, date, datetime
from functools import cache
from typing import Protocol

from chalicelib.messages import ShardMessage, WorkMessage
from chalicelib.settings import Settings, settings
from chalicelib.store.queues import send_messages, sqs_client

Counts = Mapping[str, int]


class Deps(Protocol):
    """One function for each handler. Counts are metric names with how many; they are logged.

    Every function may run any number of times with the same arguments. An exception means "not
    done": a queue tries the message again and puts it aside after its last try.
    """

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
        """Write the snapshot of the day's run."""
        ...

    def health(self) -> Mapping[str, str]:
        """Return what the health answer says beside `status`; raise if a need is not met."""
        ...


class _Shell:
    """TEMPORARY: moves messages, decides nothing. Two shards, one account in each."""

    def __init__(self, values: Settings) -> None:
        self._settings = values
        self._sqs = sqs_client()

    def now(self) -> datetime:
        return datetime.now(UTC)

    def run_date(self, at: datetime) -> date:
        return at.astimezone(self._settings.seller_zone).date()

    def sweep(self, run_on: date) -> Counts:
        bodies = [ShardMessage(run_on, shard).to_json() for shard in range(2)]
        send_messages(self._sqs, self._settings.sweep_shard_queue_url, bodies)
        return {"shards": len(bodies)}

    def sweep_shard(self, run_on: date, shard: int) -> Counts:
        body = WorkMessage(run_on, f"A{shard}").to_json()
        send_messages(self._sqs, self._settings.work_queue_url, [body])
        return {"accounts_due": 1}

    def work(self, run_on: date, account_id: str) -> Counts:
        del run_on, account_id
        return {"accounts_decided": 1}

    def mail(self, account_id: str, notice_id: str) -> Counts:
        del account_id, notice_id
        return {}

    def mail_event(self, body: str) -> Counts:
        del body
        return {"mail_events": 1}

    def reconcile(self, now: datetime) -> Counts:
        del now
        return {}

    def report(self, run_on: date) -> Counts:
        del run_on
        return {}

    def health(self) -> Mapping[str, str]:
        return {"stage": self._settings.stage}


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
    return _Shell(settings())
