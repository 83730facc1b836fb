"""Rows: core values as items of the table, and back. Nothing of an account is lost on the way."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, TypeVar

from chalicelib.core.account import (
    Account,
    InterestRest,
    Money,
    Notice,
    Settlement,
)
from chalicelib.core.agreements import Plan, Promise
from chalicelib.core.disputes import Dispute
from chalicelib.core.effects import Effect, Entry, Event
from chalicelib.core.head import Head
from chalicelib.core.invoice import Charge, Invoice
from chalicelib.core.placements import CLOSED, Placement
from chalicelib.core.releases import ReleaseRequest
from chalicelib.flows.ports import LARGE_ACCOUNT_INVOICES, OutboxRow, Replay, RunRow
from chalicelib.store import keys
from chalicelib.store.codec import from_map, to_map
from chalicelib.store.tables import Item, Table

SENT_DOUBT = timedelta(hours=72)  # without a bounce a sent notice counts as sent (R11.3)
UNKNOWN_DOUBT = timedelta(hours=24)  # then a person looks at it (R11.3)
RUN_ROW_DAYS = 92  # what a run did is kept for a quarter; snapshots are kept for good

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class ChargeRow:
    """A charge of a live invoice, with its place among the invoice's charges."""

    invoice_id: str
    place: int
    charge: Charge


@dataclass(frozen=True, slots=True)
class ClosedInvoice:
    """A closed invoice with its charges and stages, and the keys of the money that touched it."""

    invoice: Invoice
    money_keys: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Settlements:
    """How the last invoices were closed (R8.1): apart from the head, for it changes seldom."""

    settled: tuple[Settlement, ...] = ()


@dataclass(frozen=True, slots=True)
class InterestRests:
    """On which days interest rested (R4.3): apart from the head, for they may name many invoices."""

    rests: tuple[InterestRest, ...] = ()


@dataclass(frozen=True, slots=True)
class StatementDue:
    """When an account's next statement is due (R5.1): it waits for its day apart from the wake list."""

    on: date


@dataclass(frozen=True, slots=True)
class LogPart:
    """Ledger entries, effects and events of one change; `policy`: the id and version they go by."""

    entries: tuple[Entry, ...] = ()
    effects: tuple[Effect, ...] = ()
    events: tuple[Event, ...] = ()
    policy: str = ""


@dataclass(frozen=True, slots=True)
class Outcomes:
    """What one change did in a run."""

    account_id: str
    outcomes: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Row:
    """An item before it is one of a table: its keys, its value, what indexes look at."""

    pk: str
    sk: str
    value: Any
    due_shard: str | None = None
    due_on: str | None = None
    policy_id: str | None = None
    work_queue: str | None = None
    work_rank: str | None = None
    expires_at: int | None = None

    def item(self, table: Table) -> Item:
        """Return the row as an item of a table."""
        item = table(
            pk=self.pk, sk=self.sk, due_shard=self.due_shard, due_on=self.due_on,
            policy_id=self.policy_id, work_queue=self.work_queue, work_rank=self.work_rank,
            expires_at=self.expires_at,
        )  # fmt: skip
        item.hold(to_map(self.value))
        return item


def invoice_row(account_id: str, invoice: Invoice) -> Row:
    """Return the row of a live invoice, without its charges."""
    return Row(keys.live(account_id), keys.invoice(invoice.id), replace(invoice, charges=()))


def charge_rows(account_id: str, invoice: Invoice) -> dict[str, Row]:
    """Return the rows of a live invoice's charges by sort key."""
    return {
        (sk := keys.charge(invoice.id, charge.id)): Row(
            keys.live(account_id), sk, ChargeRow(invoice.id, place, charge)
        )
        for place, charge in enumerate(invoice.charges)
    }


def closed_row(account_id: str, invoice: Invoice, money_keys: tuple[str, ...]) -> Row:
    """Return the row of a closed invoice: one group under one key in history."""
    value = ClosedInvoice(invoice, money_keys)
    return Row(keys.history(account_id), keys.invoice(invoice.id), value)


def money_row(account_id: str, money: Money, *, live: bool) -> Row:
    """Return the row of a payment or credit note, in live state or in history."""
    pk = keys.live(account_id) if live else keys.history(account_id)
    return Row(pk, keys.money(money.key), money)


def notice_row(account_id: str, notice: Notice, shards: int) -> Row:
    """Return the row of a notice that is not done yet; in the due index while it is in doubt."""
    pk, sk = keys.live(account_id), keys.notice(notice.id)
    at = doubt_at(notice)
    if at is None:
        return Row(pk, sk, notice)
    shard = keys.due_shard(keys.LEASE, keys.shard_of(account_id, shards))
    return Row(pk, sk, notice, due_shard=shard, due_on=keys.instant(at))


def past_notice_row(account_id: str, notice: Notice) -> Row:
    """Return the row in history of a notice that counts as sent or was cancelled."""
    return Row(keys.history(account_id), keys.notice(notice.id), notice)


def doubt_at(notice: Notice) -> datetime | None:
    """Return when a notice's state is to be looked at again (R11.3), None for never by time."""
    if notice.state == "sending":
        return notice.lease_until
    if notice.state_at is None:
        return None
    if notice.state == "sent":
        return notice.state_at + SENT_DOUBT
    return notice.state_at + UNKNOWN_DOUBT if notice.state == "unknown" else None


def small_rows(account: Account) -> dict[str, Row]:
    """Return the rows of promises, plans, disputes, pauses, contacts and so on by sort key."""
    pk = keys.live(account.id)
    found: dict[str, Row] = {}
    lists: tuple[tuple[str, tuple[Any, ...]], ...] = (
        ("PAUSE", account.pauses), ("MARK", account.marks),
    )  # fmt: skip
    for prefix, values in lists:
        for index, value in enumerate(values):
            sk = keys.numbered(prefix, index)
            found[sk] = Row(pk, sk, value)
    named: tuple[tuple[str, Iterable[Promise | Plan | Dispute]], ...] = (
        ("PTP", account.promises),
        ("PLAN", account.plans.values()),
        ("DSP", account.disputes.values()),
    )
    for prefix, ones in named:
        for one in ones:
            sk = f"{prefix}#{keys.safe(one.id)}"
            found[sk] = Row(pk, sk, one)
    for contact in account.contact_people.values():
        sk = keys.contact(contact.id)
        found[sk] = Row(pk, sk, contact)
    if account.settlements:
        found[keys.SETTLEMENTS] = Row(pk, keys.SETTLEMENTS, Settlements(account.settlements))
    if account.interest_rests:
        rests = InterestRests(account.interest_rests)
        found[keys.INTEREST_RESTS] = Row(pk, keys.INTEREST_RESTS, rests)
    return found


def last_rows(account: Account, shards: int) -> dict[str, Row]:
    """Return the rows of notices, holds and tasks by sort key: what is written last."""
    pk = keys.live(account.id)
    found: dict[str, Row] = {}
    for notice in account.notices.values():
        row = notice_row(account.id, notice, shards)
        found[row.sk] = row
    if account.statement_on is not None:
        row = statement_row(account, account.statement_on, shards)
        found[row.sk] = row
    for hold in account.holds.values():
        sk = f"HOLD#{keys.safe(hold.reason)}"
        found[sk] = Row(pk, sk, hold)
    for request in account.release_requests.values():
        row = release_request_row(account.id, request)
        found[row.sk] = row
    for news in account.credit_news.values():
        sk = f"NEWS#{keys.safe(news.id)}"
        found[sk] = Row(pk, sk, news)
    for placement in account.placements.values():
        row = placement_row(account.id, placement)
        found[row.sk] = row
    for task in account.tasks.values():
        sk = f"TASK#{keys.safe(task.id)}"
        owner = task.assignee
        queue = keys.tasks(owner) if owner else keys.unassigned_tasks(task.kind)
        rank = keys.task_rank(task.due_on, task.id)
        found[sk] = Row(pk, sk, task, work_queue=queue, work_rank=rank)
    return found


def statement_row(account: Account, on: date, shards: int) -> Row:
    """Return the row of an account's next statement, in the due index under a family of its own."""
    shard = keys.due_shard(keys.STATEMENTS, keys.shard_of(account.id, shards))
    is_large = len(account.invoices) > LARGE_ACCOUNT_INVOICES
    sk = keys.LARGE_STATEMENT if is_large else keys.STATEMENT
    return Row(keys.live(account.id), sk, StatementDue(on), shard, on.isoformat())


def release_request_row(account_id: str, request: ReleaseRequest) -> Row:
    """Return the row of a release request; in its assignee's list until it is answered (R8.5)."""
    pk, sk = keys.live(account_id), keys.release_request(request.id)
    if request.state != "open":
        return Row(pk, sk, request)
    rank = f"{keys.instant(request.asked_at)}#{keys.safe(account_id)}#{request.id}"
    return Row(pk, sk, request, work_queue=keys.releases(request.assignee), work_rank=rank)


def placement_row(account_id: str, placement: Placement) -> Row:
    """Return the row of a placement; in the list of its state until it is closed (R10.4)."""
    pk, sk = keys.live(account_id), keys.placement(placement.id)
    if placement.state == CLOSED:
        return Row(pk, sk, placement)
    rank = f"{placement.made_on.isoformat()}#{keys.safe(account_id)}#{placement.id}"
    return Row(pk, sk, placement, work_queue=keys.placements(placement.state), work_rank=rank)


def outbox_row(account_id: str, row: OutboxRow, shards: int) -> Row:
    """Return the row of what must reach the outside, in the due index until it is delivered."""
    shard = keys.due_shard(keys.OUTBOX, keys.shard_of(account_id, shards))
    # The index alone says when: so putting it off changes nothing else.
    return Row(
        keys.outbox(account_id), keys.safe(row.id), replace(row, due_at=None), due_shard=shard,
        due_on=keys.instant(row.waits_until),
    )  # fmt: skip


def run_row(account_id: str, row: RunRow, version: int, shards: int) -> Row:
    """Return the row of what a change did in a run; a second change has a row of its own."""
    pk = keys.run(row.run_on, keys.shard_of(account_id, shards))
    sk = f"{keys.safe(account_id)}#{version:010d}"
    ends = datetime.combine(row.run_on + timedelta(days=RUN_ROW_DAYS), time(), UTC)
    value = Outcomes(account_id, dict(row.outcomes))
    return Row(pk, sk, value, expires_at=int(ends.timestamp()))


def run_date_rows(items: Iterable[Item]) -> Iterable[Outcomes]:
    """Yield what each row of a run says, as it lies."""
    return (from_map(Outcomes, item.value()) for item in items)


def head_row(account_id: str, head: Head, shards: int, large_over: int) -> Row:
    """Return the row of the head: in the wake list while it is awake (`wake_on`)."""
    due_shard = due_on = None
    if head.wake_on is not None:
        due_shard = wake_shard(account_id, head.open_invoices > large_over, shards)
        due_on = head.wake_on.isoformat()
    return Row(
        keys.live(account_id), keys.HEAD, head, due_shard, due_on, head.details.policy_id or None
    )


def wake_shard(account_id: str, is_large: bool, shards: int) -> str:
    """Return the partition of the due index that an account is awake in."""
    family = keys.LARGE if is_large else keys.WAKE
    return keys.due_shard(family, keys.shard_of(account_id, shards))


def on_of(lines: Iterable[Entry | Effect | Event]) -> date | None:
    """Return the last day that a change booked something on."""
    return max((line.on for line in lines), default=None)


def replay_row(replay: Replay) -> Row:
    """Return the row of an answer that may be asked for again; it goes when it has expired."""
    expires_at = int(replay.expires_at.timestamp())
    return Row(keys.replay(replay.id), keys.HEAD, replay, expires_at=expires_at)
