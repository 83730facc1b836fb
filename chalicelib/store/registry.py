"""Facts about the whole deployment in DynamoDB: kill switch, heartbeat, runs, policy versions."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import islice
from typing import Any, TypeVar

from pynamodb.exceptions import DoesNotExist, PutError, PynamoDBException
from pynamodb.expressions.condition import Condition

from chalicelib.core.errors import LimitError
from chalicelib.flows.policy_table import (
    PolicyTable,
    install,
    read_document,
    read_table,
    set_default,
)
from chalicelib.flows.ports import RunState
from chalicelib.flows.staff import Person, read_people
from chalicelib.store import keys
from chalicelib.store.codec import from_map, to_map
from chalicelib.store.errors import as_ours, code_of
from chalicelib.store.records import DynamoRecords
from chalicelib.store.tables import Item, Table

SWITCH_CACHED_S = 15.0  # R13.1
DEFAULT_SHARDS = 16
LET_GO = "running"  # the state of a run that was not stopped

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Switch:
    """Whether sending is paused."""

    paused: bool = False


@dataclass(frozen=True, slots=True)
class Heartbeat:
    """The last day that the ledger covers."""

    through: date


@dataclass(frozen=True, slots=True)
class TableFacts:
    """What can never change while there are rows."""

    shards: int


class DynamoRegistry:
    """`Registry` over one table. `monotonic` tells how old what is cached is, in seconds."""

    def __init__(self, table: Table, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._table = table
        self._monotonic = monotonic
        self._switch: tuple[float, bool] | None = None
        self._records = DynamoRecords(table)

    def sending_paused(self) -> bool:
        """Whether the kill switch is on, as it was at most 15 s ago (R13.1)."""
        now = self._monotonic()
        if self._switch is None or now - self._switch[0] >= SWITCH_CACHED_S:
            switch = self._get(keys.META, "SWITCH", Switch)
            self._switch = (now, switch is not None and switch.paused)
        return self._switch[1]

    def pause_sending(self, *, paused: bool) -> None:
        """Turn the kill switch on or off; here at once, elsewhere within 15 s."""
        self._put(keys.META, "SWITCH", Switch(paused))
        self._switch = None

    def fresh_through(self) -> date | None:
        """Return the last day that an import or a heartbeat covers, None for never (R13.1)."""
        beat = self._get(keys.META, "HEARTBEAT", Heartbeat)
        return None if beat is None else beat.through

    def beat(self, through: date) -> None:
        """Record that the ledger is complete through a day; never moves it back."""
        stored = self._table.content["through"]
        earlier = self._table.pk.does_not_exist() | (stored < through.isoformat())
        self._save(self._item(keys.META, "HEARTBEAT", Heartbeat(through)), earlier)

    def run_state(self, run_on: date) -> RunState | None:
        """Return what is known of a day's run."""
        return self._get(keys.META, f"RUN#{run_on}", RunState)

    def last_runs(self, before: date, most: int) -> Sequence[RunState]:
        """Return the runs before a day that were let go, newest first, at most `most`."""
        let_go = (run for run in self._runs(before) if run.state == LET_GO)
        return list(islice(let_go, most))

    def all_runs(self, before: date, most: int) -> Sequence[RunState]:
        """Return the runs before a day, let go or not, newest first, at most `most`."""
        return list(islice(self._runs(before), most))

    def _runs(self, before: date) -> Iterator[RunState]:
        days = self._table.sk.between("RUN#", f"RUN#{before}")
        try:
            for item in self._table.query(
                keys.META, days, consistent_read=True, scan_index_forward=False, page_size=50
            ):
                state = from_map(RunState, item.value())
                if state.run_on < before:
                    yield state
        except PynamoDBException as error:
            raise as_ours(error) from error

    def put_run(self, state: RunState) -> None:
        """Write a run's state."""
        self._put(keys.META, f"RUN#{state.run_on}", state)

    def policy_table(self) -> PolicyTable:
        """Return which policies there are, by day and version, and which accounts have them."""
        return read_table(self._records).value

    def policy_document(self, policy_id: str, version: str) -> bytes:
        """Return the document of a version of a policy.

        Raises:
            NotFoundError: there is no such version.
        """
        return read_document(self._records, policy_id, version)

    def people(self) -> tuple[Person, ...]:
        """Return the people, in order of their ids."""
        return read_people(self._records)

    def put_policy(self, policy_id: str, document: bytes) -> None:
        """Put a policy in force for every day, at once: for whoever sets a stage up.

        Raises:
            LimitError: packed, it is larger than a record may be.
        """
        install(self._records, policy_id, document)

    def set_default_policy_id(self, policy_id: str) -> None:
        """Say which policy is for accounts that name none: for whoever sets a stage up."""
        set_default(self._records, policy_id)

    def shards(self) -> int:
        """Return how many shards the due index has: 16 unless the table says otherwise."""
        facts = self._get(keys.META, "TABLE", TableFacts)
        return DEFAULT_SHARDS if facts is None else facts.shards

    def set_shards(self, shards: int) -> None:
        """Say how many shards the due index has, before there is any account.

        A table that has this number already is left as it is.

        Raises:
            LimitError: it has another number, and every account lies by it.
        """
        nothing = self._table.pk.does_not_exist()
        self._save(self._item(keys.META, "TABLE", TableFacts(shards)), nothing)
        there = self.shards()
        if there != shards:
            raise LimitError(f"the table has {there} shards, and accounts lie by them")

    def _get(self, pk: str, sk: str, kind: type[T]) -> T | None:
        item = self._item_at(pk, sk)
        return None if item is None else from_map(kind, item.value())

    def _item_at(self, pk: str, sk: str) -> Item | None:
        try:
            return self._table.get(pk, sk, consistent_read=True)
        except DoesNotExist:
            return None
        except PynamoDBException as error:
            raise as_ours(error) from error

    def _put(self, pk: str, sk: str, value: Any) -> None:
        self._save(self._item(pk, sk, value))

    def _item(self, pk: str, sk: str, value: Any) -> Item:
        # Never packed: conditions look into it. All of these are small.
        return self._table(pk=pk, sk=sk, content=to_map(value))

    def _save(self, item: Item, condition: Condition | None = None) -> None:
        """Put an item; leave what is there when the condition does not hold."""
        try:
            item.save(condition=condition)
        except PutError as error:
            if code_of(error) != "ConditionalCheckFailedException":
                raise as_ours(error) from error
