"""The store's ports in memory, for tests of the flows. The contract suite keeps them honest."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from zlib import crc32

from chalicelib.core.account import Account, ContactPerson, Money
from chalicelib.core.agency_lines import AgencyLine, agency_lines
from chalicelib.core.effects import Effect, Entry
from chalicelib.core.errors import ConflictError, NotFoundError, StaleVersionError
from chalicelib.core.export_lines import ExportLine, export_lines
from chalicelib.core.facts import Fact
from chalicelib.core.head import Head, head_of
from chalicelib.core.invoice import Invoice
from chalicelib.flows.policy_table import (
    PolicyTable,
    install,
    read_document,
    read_table,
    set_default,
)
from chalicelib.flows.ports import (
    LARGE_ACCOUNT_INVOICES,
    REPLAYED_FOR,
    Change,
    DueAccount,
    Loaded,
    LogLines,
    OutboxRow,
    Page,
    Place,
    Replay,
    RunRow,
    RunState,
)
from chalicelib.flows.ports_agency import ROW_LINES_MAX
from chalicelib.flows.ports_events import EventRow
from chalicelib.flows.ports_registry import Put
from chalicelib.flows.staff import Person, read_people
from chalicelib.store import keys
from chalicelib.store.event_rows import event_rows
from chalicelib.store.ledger import EventTelling
from chalicelib.store.places import is_live, named_by

from tests.fakes_registry import MemoryRecords
from tests.fakes_whole import at_hand, is_empty, merged, page, refuse_doubles

DOUBT_HOURS = {"sent": 72, "unknown": 24}


@dataclass(slots=True)
class Kept:
    """One account with everything that ever was, and its version."""

    account: Account
    version: int
    wake_on: date | None
    entries: list[Entry] = field(default_factory=list)
    effects: list[Effect] = field(default_factory=list)
    log: list[LogLines] = field(default_factory=list)  # oldest first


class MemoryAccounts:
    """`Accounts` in memory. `kept`, `outbox` and `runs` are open to assertions."""

    def __init__(
        self,
        shard_count: int = 16,
        handed: Callable[[Sequence[str]], None] = lambda _: None,
        telling: EventTelling | None = None,
    ) -> None:
        self.shard_count = shard_count
        self.telling = telling  # None: no events are written
        self.event_rows: dict[tuple[str, str], EventRow] = {}
        self.handed = handed  # called with the agencies that a change has lines for
        self.kept: dict[str, Kept] = {}
        self.outbox: dict[str, dict[str, OutboxRow]] = {}
        self.runs: dict[date, dict[str, dict[str, int]]] = {}
        self.replays: dict[str, Replay] = {}
        self.export_lines: list[ExportLine] = []  # what waits for its number in the export feed
        self.agency_rows: dict[str, list[tuple[AgencyLine, ...]]] = {}  # waiting, by agency
        self.stored_only: set[str] = set()  # accounts whose last change may be finished later

    def load(self, account_id: str, facts: Sequence[Fact] = ()) -> Loaded:
        self.stored_only.discard(account_id)
        kept = self.kept.get(account_id)
        if kept is None:
            return Loaded(Account(account_id), 0)
        closed, keys = at_hand(kept.account, facts)
        whole = kept.account
        money = {
            key: money
            for key, money in whole.money.items()
            if key in keys or is_live(money, whole.invoices)
        }
        named = named_by(facts).notice_ids
        past = {name: one for name, one in whole.past_notices.items() if name in named}
        whole = replace(whole, closed=closed, money=money, past_notices=past)
        return Loaded(whole, kept.version, kept.wake_on)

    def commit(self, change: Change) -> Loaded:
        account_id = change.after.id
        if is_empty(change):
            return change.loaded
        kept = self.kept.get(account_id)
        if (kept.version if kept else 0) != change.loaded.version:
            raise StaleVersionError(f"account {account_id} was changed by someone else")
        if kept is not None:
            refuse_doubles(kept.account, change)
        self._keep_replay(change)
        if kept is None:
            kept = self.kept[account_id] = Kept(Account(account_id), 0, None)
        kept.account = merged(kept.account, change.after)
        kept.version += 1
        kept.wake_on = change.wake_on
        kept.entries.extend(change.entries)
        kept.effects.extend(change.effects)
        lines = (*change.entries, *change.effects, *change.events)
        if lines:
            key = f"LOG#{max(line.on for line in lines)}#{kept.version:010d}#0000"
            parts = (tuple(change.entries), tuple(change.effects), tuple(change.events))
            kept.log.append(LogLines(key, *parts, change.policy))
        before = change.loaded.account
        self.export_lines.extend(export_lines(before, change.after, change.entries, kept.version))
        self._hand(agency_lines(before, change.after, change.effects, kept.version))
        for row in change.outbox:
            self.outbox.setdefault(account_id, {})[row.id] = row
        self._tell(change)
        if change.run_row is not None:
            counts = self.runs.setdefault(change.run_row.run_on, {}).setdefault(account_id, {})
            for code, count in change.run_row.outcomes.items():
                counts[code] = counts.get(code, 0) + count
        if change.finish_later:
            self.stored_only.add(account_id)
        return Loaded(
            change.after, kept.version, change.wake_on, is_finished=not change.finish_later
        )

    def _hand(self, lines: Sequence[AgencyLine]) -> None:
        agencies = tuple(dict.fromkeys(line.agency for line in lines))
        for name in agencies:
            own = [line for line in lines if line.agency == name]
            rows = self.agency_rows.setdefault(name, [])
            for start in range(0, len(own), ROW_LINES_MAX):
                rows.append(tuple(own[start : start + ROW_LINES_MAX]))
        if agencies:
            self.handed(agencies)

    def _tell(self, change: Change) -> None:
        if self.telling is None:
            return
        rows = event_rows(change, self.telling.moment())
        self.event_rows |= {(row.account_id, row.id): row for row in rows}
        if rows and not change.finish_later:
            self.telling.tell(rows)

    def unfinished(self) -> Iterator[str]:
        yield from sorted(self.stored_only)

    def _keep_replay(self, change: Change) -> None:
        new = change.replay
        if new is None:
            return
        there = self.replays.get(new.id)
        if there is not None and there.expires_at >= new.expires_at - REPLAYED_FOR:
            raise ConflictError(f"an answer is kept under {new.id}")
        self.replays[new.id] = new

    def heads(self, account_ids: Sequence[str]) -> Mapping[str, Head]:
        found = {name: self.kept[name] for name in account_ids if name in self.kept}
        return {name: head_of(kept.account, kept.wake_on) for name, kept in found.items()}

    def replay(self, replay_id: str) -> Replay | None:
        return self.replays.get(replay_id)

    def find_invoice(self, account_id: str, invoice_id: str) -> Invoice | None:
        kept = self.kept.get(account_id)
        if kept is None:
            return None
        return kept.account.invoices.get(invoice_id) or kept.account.closed.get(invoice_id)

    def find_money(self, account_id: str, money_key: str) -> Money | None:
        kept = self.kept.get(account_id)
        return kept.account.money.get(money_key) if kept else None

    def invoices(self, account_id: str, place: Place, after: str, limit: int) -> Page[Invoice]:
        kept = self.kept.get(account_id)
        if kept is None:
            return Page([])
        found = kept.account.invoices if place == "live" else kept.account.closed
        return page({keys.invoice(name): invoice for name, invoice in found.items()}, after, limit)

    def money(self, account_id: str, place: Place, after: str, limit: int) -> Page[Money]:
        kept = self.kept.get(account_id)
        if kept is None:
            return Page([])
        live = kept.account.invoices
        found = {
            keys.money(key): money
            for key, money in kept.account.money.items()
            if is_live(money, live) == (place == "live")
        }
        return page(found, after, limit)

    def money_of_kind(self, account_id: str, kind: str, after: str, limit: int) -> Page[Money]:
        kept = self.kept.get(account_id)
        known = kept.account.money if kept else {}
        found = {keys.money(key): money for key, money in known.items() if money.kind == kind}
        return page(found, after, limit)

    def contact_people(self, account_id: str) -> Sequence[ContactPerson]:
        kept = self.kept.get(account_id)
        found = kept.account.contact_people if kept else {}
        return sorted(found.values(), key=lambda contact: keys.contact(contact.id))

    def timeline(self, account_id: str, before: str, limit: int) -> Page[LogLines]:
        kept = self.kept.get(account_id)
        lines = sorted(kept.log if kept else [], key=lambda line: line.key, reverse=True)
        found = [line for line in lines if not before or line.key < before]
        mark = found[limit - 1].key if len(found) > limit else None
        return Page(found[:limit], mark)

    def due(self, shard: int, on: date) -> Iterator[DueAccount]:
        yield from self._waiting(shard, on, lambda kept: kept.wake_on)

    def count_due(self, shard: int, on: date) -> int:
        return sum(1 for _ in self.due(shard, on))

    def oldest_wake(self, before: date) -> date | None:
        days = (kept.wake_on for kept in self.kept.values())
        return min((day for day in days if day is not None and day < before), default=None)

    def statements_due(self, shard: int, on: date) -> Iterator[DueAccount]:
        waiting = self._waiting(shard, on, lambda kept: kept.account.statement_on)
        yield from (replace(row, policy_id="") for row in waiting)

    def count_statements_due(self, shard: int, on: date) -> int:
        return sum(1 for _ in self.statements_due(shard, on))

    def _waiting(
        self, shard: int, on: date, day_of: Callable[[Kept], date | None]
    ) -> list[DueAccount]:
        found = [
            DueAccount(
                name,
                day,
                kept.account.details.policy_id,
                len(kept.account.invoices) > LARGE_ACCOUNT_INVOICES,
            )
            for name, kept in self.kept.items()
            if (day := day_of(kept)) is not None and day <= on and self.shard_of(name) == shard
        ]
        return sorted(found, key=lambda row: (row.wake_on, row.account_id))

    def shards(self) -> int:
        return self.shard_count

    def shard_of(self, account_id: str) -> int:
        return crc32(account_id.encode()) % self.shard_count

    def outbox_before(self, at: datetime) -> Iterator[tuple[str, OutboxRow]]:
        for name, rows in sorted(self.outbox.items()):
            for row in list(rows.values()):
                if row.waits_until < at:
                    yield name, row

    def put_off(self, account_id: str, outbox_id: str, until: datetime) -> None:
        rows = self.outbox.get(account_id, {})
        if outbox_id in rows:
            rows[outbox_id] = replace(rows[outbox_id], due_at=until)

    def count_outbox(self, most: int) -> int:
        return min(most, sum(len(rows) for rows in self.outbox.values()))

    def delivered(self, account_id: str, outbox_id: str) -> None:
        self.outbox.get(account_id, {}).pop(outbox_id, None)

    def notices_in_doubt(self, at: datetime) -> Iterator[tuple[str, str]]:
        for name, kept in sorted(self.kept.items()):
            for notice in kept.account.notices.values():
                until = notice.lease_until if notice.state == "sending" else None
                if notice.state in DOUBT_HOURS and notice.state_at is not None:
                    until = notice.state_at + timedelta(hours=DOUBT_HOURS[notice.state])
                if until is not None and until <= at:
                    yield name, notice.id

    def run_rows(self, run_on: date) -> Iterator[tuple[str, RunRow]]:
        for name, counts in sorted(self.runs.get(run_on, {}).items()):
            yield name, RunRow(run_on, dict(counts))

    def account_ids(self) -> Iterator[str]:
        yield from sorted(self.kept)


class MemoryRegistry:
    """`Registry` in memory; nothing is cached."""

    def __init__(self) -> None:
        self.records = MemoryRecords()
        self.paused = False
        self.through: date | None = None
        self.runs: dict[date, RunState] = {}

    def sending_paused(self) -> bool:
        return self.paused

    def pause_sending(self, *, paused: bool) -> None:
        self.paused = paused

    def fresh_through(self) -> date | None:
        return self.through

    def beat(self, through: date) -> None:
        self.through = through if self.through is None else max(through, self.through)

    def run_state(self, run_on: date) -> RunState | None:
        return self.runs.get(run_on)

    def last_runs(self, before: date, most: int) -> Sequence[RunState]:
        let_go = (day for day in self.runs if day < before and self.runs[day].state == "running")
        return [self.runs[day] for day in sorted(let_go, reverse=True)[:most]]

    def all_runs(self, before: date, most: int) -> Sequence[RunState]:
        days = sorted((day for day in self.runs if day < before), reverse=True)
        return [self.runs[day] for day in days[:most]]

    def drop_policy(self, policy_id: str) -> None:
        """Take a policy out, which nobody can; for tests of what then fails."""
        record = read_table(self.records)
        policies = {k: v for k, v in record.value.policies.items() if k != policy_id}
        after = replace(record.value, policies=policies)
        self.records.write(Put(record.key, after, record.revision))

    def put_run(self, state: RunState) -> None:
        self.runs[state.run_on] = state

    def policy_table(self) -> PolicyTable:
        return read_table(self.records).value

    def policy_document(self, policy_id: str, version: str) -> bytes:
        return read_document(self.records, policy_id, version)

    def people(self) -> tuple[Person, ...]:
        return read_people(self.records)

    def put_policy(self, policy_id: str, document: bytes) -> None:
        install(self.records, policy_id, document)

    def set_default_policy_id(self, policy_id: str) -> None:
        set_default(self.records, policy_id)


class MemoryQueues:
    """`Queues` in memory: what was sent, in order."""

    def __init__(self) -> None:
        self.shards: list[tuple[date, int]] = []
        self.work: list[tuple[date, str]] = []
        self.large: list[tuple[date, str]] = []
        self.mail: list[tuple[str, str]] = []
        self.delays: list[int] = []  # of `mail`, in seconds, one for one

    def send_shards(self, run_on: date, shards: Sequence[int]) -> None:
        self.shards.extend((run_on, shard) for shard in shards)

    def send_work(self, run_on: date, due: Sequence[DueAccount]) -> None:
        for row in due:
            (self.large if row.is_large else self.work).append((run_on, row.account_id))

    def send_mail(self, account_id: str, notice_ids: Sequence[str], delay_s: int = 0) -> None:
        self.mail.extend((account_id, notice_id) for notice_id in notice_ids)
        self.delays.extend(delay_s for _ in notice_ids)


class MemoryArchive:
    """`Archive` in memory."""

    def __init__(self) -> None:
        self.files: dict[str, tuple[bytes, str]] = {}

    def put(self, key: str, content: bytes, media_type: str) -> None:
        self.files[key] = (content, media_type)

    def get(self, key: str) -> bytes:
        if key not in self.files:
            raise NotFoundError(f"there is no file {key!r}")
        return self.files[key][0]
