"""The ledger of accounts in DynamoDB: load, commit, and what waits to be done."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime

from chalicelib.core.account import Account, ContactPerson, Money
from chalicelib.core.effects import Effect
from chalicelib.core.facts import Fact
from chalicelib.core.head import Head
from chalicelib.core.invoice import Invoice
from chalicelib.flows.ports import (
    LARGE_ACCOUNT_INVOICES,
    Change,
    DueAccount,
    Loaded,
    LogLines,
    OutboxRow,
    Page,
    Place,
    Replay,
    RunRow,
)
from chalicelib.flows.ports_events import EventRow
from chalicelib.store import keys, rows, rows_read
from chalicelib.store.changes import Plan, is_empty, plan_of
from chalicelib.store.chunks import Chunks, check_sizes, fits, is_unfinished
from chalicelib.store.codec import from_map
from chalicelib.store.due import Due
from chalicelib.store.event_rows import Moment
from chalicelib.store.lookups import Lookups
from chalicelib.store.past import past_of
from chalicelib.store.reads import query_all
from chalicelib.store.rows import LogPart
from chalicelib.store.tables import Item, Table
from chalicelib.store.writes import HeadWrite, Limits, Writer, unavailable

LOAD_TRIES = 5


def utc_day(at: datetime) -> date:
    """Return the day of an instant in UTC."""
    return at.astimezone(UTC).date()


@dataclass(frozen=True, slots=True)
class EventTelling:
    """How the outside is told of changes: the present instant (UTC), and what puts rows on the bus.

    `day_of` gives the seller's day of an instant.
    Of a change in chunks nobody is told at once: its rows wait for the reconcile's next minutes.
    """

    present: Callable[[], datetime]
    tell: Callable[[Sequence[EventRow]], None]
    day_of: Callable[[datetime], date] = utc_day

    def moment(self) -> Moment:
        """Return the present moment."""
        at = self.present()
        return Moment(at, self.day_of(at))


class DynamoAccounts:
    """`Accounts` over one table. Hold one for the process; it may be used by several threads.

    `told` is called with the effects of each change that was written, `handed` with the agencies
    that have new lines to be numbered, `telling` with the events; None: none are written. None of
    them may raise: what was written stays written.
    """

    def __init__(
        self,
        table: Table,
        shards: int,
        sleep: Callable[[float], None] = time.sleep,
        limits: Limits = Limits(),  # noqa: B008 - frozen
        told: Callable[[Sequence[Effect]], None] = lambda _: None,
        handed: Callable[[Sequence[str]], None] = lambda _: None,
        telling: EventTelling | None = None,
    ) -> None:
        self._table = table
        self._shards = shards
        self._told = told
        self._writer = Writer(table, sleep, limits=limits)
        self._handed = handed
        self._telling = telling
        self._chunks = Chunks(self._writer, handed)
        self._due = Due(table, shards)
        self._lookups = Lookups(table, self._settle)

    def load(self, account_id: str, facts: Sequence[Fact] = ()) -> Loaded:
        """Return the account as the port says: head first, then the pages, then what facts name."""
        for _ in range(LOAD_TRIES):
            head = self._writer.head(account_id)
            if head is None:
                return Loaded(Account(account_id), 0)
            if is_unfinished(head):
                self._chunks.finish(account_id)
                continue
            items = query_all(self._table, keys.live(account_id))
            now = next((item for item in items if item.sk == keys.HEAD), None)
            if now is None or now.version != head.version:
                continue  # someone wrote while the pages were read
            return self._loaded(account_id, head, items, facts)
        raise unavailable(f"account {account_id} is changed faster than it can be read")

    def summary(self, account_id: str) -> Head | None:
        """Return the head alone, in one consistent read (R8.7); None if the account is not there.

        Raises:
            UnavailableError: the store does not answer now.
        """
        head = self._writer.head(account_id)
        return None if head is None else from_map(Head, head.value())

    def log(self, account_id: str) -> Iterator[LogPart]:
        """Yield the ledger entries and effects of an account, one change after the other."""
        return self._due.log(account_id)

    def commit(self, change: Change) -> Loaded:
        """Write a change whole, or nothing, as the port says."""
        if is_empty(change):
            return change.loaded
        committed = self._commit(change)
        self._told(change.effects)
        return committed

    def _commit(self, change: Change) -> Loaded:
        account_id = change.after.id
        telling = self._telling
        told = telling.moment() if telling is not None else None
        plan = plan_of(change, self._table, self._shards, told)
        check_sizes(account_id, plan)
        if fits(plan, self._writer.limits):
            version = self._commit_at_once(account_id, change.loaded.version, plan)
            if plan.agencies:
                self._handed(plan.agencies)
            if telling is not None and plan.events:
                telling.tell(plan.events)
        else:
            large = len(change.after.invoices) > LARGE_ACCOUNT_INVOICES
            shard = rows.wake_shard(account_id, large, self._shards)
            finish = not change.finish_later
            version = self._chunks.commit(
                account_id, change.loaded.version, plan, shard, finish=finish
            )
            return Loaded(change.after, version, change.wake_on, is_finished=finish)
        return Loaded(change.after, version, change.wake_on)

    def _commit_at_once(self, account_id: str, version: int, plan: Plan) -> int:
        table, token = self._table, self._writer.token()
        plan.head.version, plan.head.change_id = version + 1, token
        condition = table.pk.does_not_exist()
        if version:
            condition = (table.version == version) & table.unfinished.does_not_exist()
        head = HeadWrite(account_id, condition, item=plan.head)
        self._writer.write(token, head, [*plan.at_once, *plan.ops], plan.absent)
        return version + 1

    def _loaded(
        self, account_id: str, item: Item, items: Sequence[Item], facts: Sequence[Fact]
    ) -> Loaded:
        head = from_map(Head, item.value())
        live = [item for item in items if item.sk != keys.HEAD]
        account = rows_read.account_of(account_id, head, live)
        past = past_of(self._table, account, facts)
        money = account.money | past.money
        account = replace(account, closed=past.closed, money=money, past_notices=past.notices)
        return Loaded(account, item.version, head.wake_on)

    def due(self, shard: int, on: date) -> Iterator[DueAccount]:
        """Yield the accounts of a shard that are due, oldest `wake_on` first."""
        return self._due.accounts(shard, on)

    def count_due(self, shard: int, on: date) -> int:
        """Return how many accounts of a shard are due, from the index alone (R13.1)."""
        return self._due.count(shard, on)

    def oldest_wake(self, before: date) -> date | None:
        """Return the oldest `wake_on` of all before a day: one entry of each shard is read."""
        return self._due.oldest_wake(before)

    def statements_due(self, shard: int, on: date) -> Iterator[DueAccount]:
        """Yield the accounts of a shard whose next statement is due, oldest first (R5.1)."""
        return self._due.statements(shard, on)

    def count_statements_due(self, shard: int, on: date) -> int:
        """Return how many accounts of a shard wait for a statement, from the index alone."""
        return self._due.count_statements(shard, on)

    def shards(self) -> int:
        """Return how many shards the due index has."""
        return self._shards

    def heads(self, account_ids: Sequence[str]) -> Mapping[str, Head]:
        """Return the heads of the accounts that are there, in one read for each 100 (R8.7)."""
        return self._lookups.heads(account_ids)

    def replay(self, replay_id: str) -> Replay | None:
        """Return the answer kept under an idempotency key, expired or not."""
        return self._lookups.replay(replay_id)

    def find_invoice(self, account_id: str, invoice_id: str) -> Invoice | None:
        """Return one invoice with its charges, open or closed."""
        return self._lookups.find_invoice(account_id, invoice_id)

    def find_money(self, account_id: str, money_key: str) -> Money | None:
        """Return one payment or credit note, live or past."""
        return self._lookups.find_money(account_id, money_key)

    def invoices(self, account_id: str, place: Place, after: str, limit: int) -> Page[Invoice]:
        """Return a page of invoices of one place by id, with their charges."""
        return self._lookups.invoices(account_id, place, after, limit)

    def money(self, account_id: str, place: Place, after: str, limit: int) -> Page[Money]:
        """Return a page of payments and credit notes of one place by kind and id."""
        return self._lookups.money(account_id, place, after, limit)

    def money_of_kind(self, account_id: str, kind: str, after: str, limit: int) -> Page[Money]:
        """Return a page of payments or credit notes, live and past, by id."""
        return self._lookups.money_of_kind(account_id, kind, after, limit)

    def unfinished(self) -> Iterator[str]:
        """Yield the accounts whose last change is stored and not written out."""
        return self._due.unfinished()

    def contact_people(self, account_id: str) -> Sequence[ContactPerson]:
        """Return the contacts of an account by id."""
        return self._lookups.contact_people(account_id)

    def timeline(self, account_id: str, before: str, limit: int) -> Page[LogLines]:
        """Return a page of what changes wrote into the log, newest first."""
        return self._lookups.timeline(account_id, before, limit)

    def _settle(self, account_id: str) -> None:
        """Finish a stored change, so that nobody reads half of it: one request if there is none."""
        head = self._writer.head(account_id)
        if head is not None and is_unfinished(head):
            self._chunks.finish(account_id)

    def outbox_before(self, at: datetime) -> Iterator[tuple[str, OutboxRow]]:
        """Yield (account id, row) of what waited until before an instant and was not delivered."""
        return self._due.outbox_before(at)

    def put_off(self, account_id: str, outbox_id: str, until: datetime) -> None:
        """Let an outbox row wait until an instant; one that is gone stays gone."""
        self._due.put_off(account_id, outbox_id, until)

    def count_outbox(self, most: int) -> int:
        """Return how many outbox rows wait, at most `most`."""
        return self._due.count_outbox(most)

    def delivered(self, account_id: str, outbox_id: str) -> None:
        """Forget an outbox row. Any number of times."""
        self._due.delivered(account_id, outbox_id)

    def notices_in_doubt(self, at: datetime) -> Iterator[tuple[str, str]]:
        """Yield (account id, notice id) of the sends that are to be looked at by an instant."""
        return self._due.notices_in_doubt(at)

    def run_rows(self, run_on: date) -> Iterator[tuple[str, RunRow]]:
        """Yield (account id, row) of a run; the counts of several changes are added up."""
        return self._due.run_rows(run_on)

    def account_ids(self) -> Iterator[str]:
        """Yield every account id there is, by a scan."""
        return self._due.account_ids()
