"""What the sentences of the contract speak of: a store, what is booked in it, what it then holds."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime

from chalicelib.core.account import Account
from chalicelib.core.apply import apply_all
from chalicelib.core.decide import decide
from chalicelib.core.effects import Effect, Entry
from chalicelib.core.facts import Fact, InvoiceIssued, Payment
from chalicelib.core.policy import Policy
from chalicelib.flows.policies import load
from chalicelib.flows.ports import Accounts, Change, Loaded, OutboxRow, Registry, RunRow
from chalicelib.store import keys
from chalicelib.store.ledger import DynamoAccounts
from chalicelib.store.places import is_live
from chalicelib.store.reads import query_all
from chalicelib.store.registry import DynamoRegistry
from chalicelib.store.tables import Table
from chalicelib.store.writes import Limits

from tests.fakes_store import MemoryAccounts, MemoryRegistry

SHARDS = 4
NOON = datetime(2024, 2, 15, 12, tzinfo=UTC)
STANDARD: Policy = load("standard")


class Store:
    """The ports over one place. `another` is what another process has of it."""

    accounts: Accounts
    registry: Registry

    def another(self) -> Accounts:
        raise NotImplementedError

    def log(self, account_id: str) -> tuple[list[Entry], list[Effect]]:
        raise NotImplementedError


class MemoryStore(Store):
    def __init__(self) -> None:
        self.accounts: MemoryAccounts = MemoryAccounts(SHARDS)
        self.registry = MemoryRegistry()

    def another(self) -> Accounts:
        return self.accounts

    def log(self, account_id: str) -> tuple[list[Entry], list[Effect]]:
        kept = self.accounts.kept[account_id]
        return kept.entries, kept.effects


class TableStore(Store):
    registry: DynamoRegistry

    def __init__(self, table: Table, limits: Limits = Limits()) -> None:  # noqa: B008 - frozen
        self.table = table
        self.limits = limits
        self.accounts: DynamoAccounts = self.another()
        self.registry = DynamoRegistry(table)

    def another(self) -> DynamoAccounts:
        return DynamoAccounts(self.table, SHARDS, sleep=lambda _: None, limits=self.limits)

    def log(self, account_id: str) -> tuple[list[Entry], list[Effect]]:
        parts = list(self.accounts.log(account_id))
        entries = [entry for part in parts for entry in part.entries]
        return entries, [effect for part in parts for effect in part.effects]


def issued(name: str, amount_minor: int = 100_00, due_on: date = date(2024, 1, 31)) -> Fact:
    """An invoice of January in US dollars, delivered on its day."""
    day = date(2024, 1, 2)
    return InvoiceIssued(
        day, name, "USD", amount_minor, amount_minor, day, due_on, day, delivered_on=day
    )


def paid(name: str, amount_minor: int, *invoices: str, on: date = date(2024, 2, 20)) -> Payment:
    """A payment for the named invoices, received on the day it is booked."""
    return Payment(on, name, on, "USD", amount_minor, invoices)


def booked(loaded: Loaded, facts: Sequence[Fact], wake_on: date | None = None) -> Change:
    """The change that booking facts on an account makes."""
    result = apply_all(loaded.account, facts, STANDARD)
    return Change(loaded, result.account, wake_on, result.entries, result.effects)


def book(accounts: Accounts, account_id: str, *facts: Fact, wake_on: date | None = None) -> Loaded:
    """Load, book and commit, as the flows do."""
    return accounts.commit(booked(accounts.load(account_id, facts), facts, wake_on))


def decided(loaded: Loaded, today: date) -> Change:
    """The change that deciding an account makes, as a run commits it."""
    result = decide(loaded.account, STANDARD, today)
    outbox = [OutboxRow(n.id, "notice", n.id, NOON) for n in result.notices]
    return Change(
        loaded, result.account, result.wake_on, result.entries, result.effects, outbox,
        RunRow(today, {"decided": 1, "effects": len(result.effects)}),
    )  # fmt: skip


def run(accounts: Accounts, account_id: str, *days: date) -> Loaded:
    """Decide an account on some days."""
    loaded = accounts.load(account_id)
    for day in days:
        loaded = accounts.commit(decided(accounts.load(account_id), day))
    return loaded


def live_of(account: Account) -> Account:
    """An account without what was only at hand."""
    money = {k: m for k, m in account.money.items() if is_live(m, account.invoices)}
    return replace(account, closed={}, past_notices={}, money=money)


def forget(store: TableStore, account_id: str) -> None:
    """Take everything of an account away: moto copies the whole table for each transaction."""
    partitions = (keys.live(account_id), keys.history(account_id), keys.outbox(account_id))
    with store.table.batch_write() as batch:
        for partition in partitions:
            for item in query_all(store.table, partition):
                batch.delete(item)
