"""Compares a restored table with the live one, and makes the live one equal to it.

Both directions stream: a page of one table, the same keys of the other. What is equal is left alone,
so doing it again goes on where it stopped, and a pass that finds nothing proves the tables equal.
"""

from __future__ import annotations

import random
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from functools import partial
from itertools import islice
from typing import Any

from chalicelib.core.errors import UnavailableError
from chalicelib.flows.erasure_order import ERASE_KIND
from chalicelib.flows.jobs import DONE
from chalicelib.flows.webhook_book import BOOK as WEBHOOKS
from chalicelib.store import keys
from chalicelib.store.errors import NewerFormatError
from chalicelib.store.tables import FORMAT

Item = Mapping[str, Any]  # as DynamoDB writes it, with type letters
READ_AT_ONCE, WRITTEN_AT_ONCE = 100, 25
TRIES = 10
FIRST_WAIT_S, LONGEST_WAIT_S = 0.05, 5.0
CHANGED, MISSING, ADDED = "changed", "missing", "added"
# Never taken back: the kill switch, what a restore notes, API keys (a revoked one would come to
# life), webhooks with their secrets and what they were sent (a rotated secret and a removed endpoint
# would come back), and the logs of what people did.
KEPT_META = ("SWITCH", "RESTORED")
KEPT_BOOKS = (keys.KEYS, WEBHOOKS)
KEPT_PARTITIONS = ("K#", "LOG#", "WH#")
# Between the versions of an account in two histories: ids of events are made from versions.
VERSION_GAP = 1_000_000
NEVER = datetime(1970, 1, 1, tzinfo=UTC)  # when nothing had expired yet
SENT_STATES = ("sent", "counted")
LEDGER_ITEMS = ("INV#", "CASH#")  # what was imported or entered by hand


@dataclass(slots=True)
class Differences:
    """What a pass found: items by what is to be done and by the kind of their partition.

    `changed` and `missing` items of the live table are to be put, `added` ones to be taken away.
    `erasures`: account and contact of what is known as erased now and would be brought back.
    `ledger`: keys of invoices and money that differ, each with what is to be done.
    `well`: notices of the live table, with their attempts, that were sent and did not come back.
    `run_days`: days under whose runs accounts were decided in the history that is taken back.
    """

    items: Counter[tuple[str, str]] = field(default_factory=Counter)
    accounts: set[str] = field(default_factory=set)
    erasures: set[tuple[str, str]] = field(default_factory=set)
    ledger: set[tuple[str, str, str]] = field(default_factory=set)
    well: set[tuple[str, int]] = field(default_factory=set)
    run_days: set[date] = field(default_factory=set)
    read: int = 0

    @property
    def total(self) -> int:
        """Return how many items differ."""
        return self.items.total()

    def values(self) -> dict[str, Any]:
        """Return the differences as plain values; of the accounts only how many."""
        named = sorted(self.items.items())
        return {
            "items_read": self.read,
            "items_that_differ": self.total,
            "accounts_that_differ": len(self.accounts),
            "erasures_taken_back": [
                {"account_id": account_id, "contact_id": contact_id}
                for account_id, contact_id in sorted(self.erasures)
            ],
            "by_partition": {
                family: {how: n for (what, how), n in named if what == family}
                for family in sorted({what for (what, _), _ in named})
            },
        }


@dataclass(frozen=True, slots=True)
class TableCopy:
    """A restored table beside the live one. `client` is a DynamoDB client, safe for threads.

    What has expired by `now` is in neither table: DynamoDB takes it away some time.
    """

    client: Any
    restored: str
    live: str
    segments: int = 4
    wait: Callable[[float], None] = time.sleep
    now: datetime = NEVER

    def compare(self) -> Differences:
        """Return what differs; nothing is written.

        Raises:
            NewerFormatError: either table has items that this version does not know.
            UnavailableError: DynamoDB does not answer now.
        """
        return self._all(writes=False)

    def apply(self) -> Differences:
        """Make the live table equal to the restored one; return what was put and taken away.

        Raises: as `compare`; the same again goes on.
        """
        return self._all(writes=True)

    def never_equal(self) -> UnavailableError:
        """Return what to say when each pass finds something anew."""
        return UnavailableError(f"{self.live} is still being written to; the same again goes on")

    def _all(self, *, writes: bool) -> Differences:
        found = Differences()
        passes = (partial(self._bring_back, writes=writes), partial(self._take_away, writes=writes))
        with ThreadPoolExecutor(self.segments) as pool:
            for one_pass in passes:  # what is missing first: after a crash nothing is lost
                for part in pool.map(one_pass, range(self.segments)):
                    found.items += part.items
                    found.accounts |= part.accounts
                    found.erasures |= part.erasures
                    found.ledger |= part.ledger
                    found.well |= part.well
                    found.run_days |= part.run_days
                    found.read += part.read
        return found

    def _bring_back(self, segment: int, *, writes: bool) -> Differences:
        """Put what the live table lacks, or has otherwise."""
        found = Differences()
        for items in _batches(self._scan(self.restored, segment), READ_AT_ONCE):
            there = {_key(item): item for item in self._get(self.live, items)}
            wanted = [_beyond(item, there.get(_key(item))) for item in items]
            different = [item for item in wanted if there.get(_key(item)) != item]
            for item in different:
                _note(found, item, CHANGED if _key(item) in there else MISSING)
                found.erasures |= _erased(there.get(_key(item), {}))
                found.well |= _sent_well(there.get(_key(item), {}))
            found.read += len(items)
            if writes:
                self._write([{"PutRequest": {"Item": item}} for item in different])
        return found

    def _take_away(self, segment: int, *, writes: bool) -> Differences:
        """Take away what only the live table has."""
        found = Differences()
        for items in _batches(self._scan(self.live, segment), READ_AT_ONCE):
            kept = self._get(self.restored, items, keys_only=True)
            there = {_key(item) for item in kept if not self._is_expired(item)}
            added = [item for item in items if _key(item) not in there]
            for item in added:
                _note(found, item, ADDED)
                found.erasures |= _erased(item)
                found.well |= _sent_well(item)
            if writes:
                self._write([{"DeleteRequest": {"Key": _key_of(item)}} for item in added])
        return found

    def _scan(self, table: str, segment: int) -> Iterator[Item]:
        request: dict[str, Any] = {
            "TableName": table, "Segment": segment, "TotalSegments": self.segments,
            "ConsistentRead": True,
        }  # fmt: skip
        while True:
            answer = self.client.scan(**request)
            for item in answer["Items"]:
                _check_format(table, item)
                if not is_kept(item) and not self._is_expired(item):
                    yield item
            if "LastEvaluatedKey" not in answer:
                return
            request["ExclusiveStartKey"] = answer["LastEvaluatedKey"]

    def _is_expired(self, item: Item) -> bool:
        return "expires_at" in item and int(item["expires_at"]["N"]) <= self.now.timestamp()

    def _get(self, table: str, like: Sequence[Item], *, keys_only: bool = False) -> Iterator[Item]:
        asked: dict[str, Any] = {"Keys": [_key_of(item) for item in like], "ConsistentRead": True}
        if keys_only:
            asked["ProjectionExpression"] = "pk, sk, expires_at"
        left: Any = {table: asked}
        for tries in range(TRIES):
            answer = self.client.batch_get_item(RequestItems=left)
            yield from answer["Responses"].get(table, [])
            left = answer.get("UnprocessedKeys")
            if not left:
                return
            self._back_off(tries)
        raise UnavailableError(f"{table} does not give some items now; the same again goes on")

    def _write(self, requests: Sequence[Any]) -> None:
        for batch in _batches(requests, WRITTEN_AT_ONCE):
            left: Any = {self.live: batch}
            for tries in range(TRIES):
                left = self.client.batch_write_item(RequestItems=left).get("UnprocessedItems")
                if not left:
                    break
                self._back_off(tries)
            else:
                raise UnavailableError(f"{self.live} does not take all; the same again goes on")

    def _back_off(self, tries: int) -> None:
        longest = min(LONGEST_WAIT_S, FIRST_WAIT_S * 2**tries)
        self.wait(random.uniform(longest / 2, longest))


def is_kept(item: Item) -> bool:
    """Return whether an item stays as it is, whatever the restored table has."""
    pk, sk = _key(item)
    if pk == keys.META:
        return sk.startswith(KEPT_META)
    return pk in KEPT_BOOKS or pk.startswith(KEPT_PARTITIONS)


def _beyond(item: Item, there: Item | None) -> Item:
    """Return what the live table is to have of a restored item.

    A head's version is raised beyond what the live one reached, and stays so: what the account does
    next has ids that nothing in the history taken back had.
    """
    pk, sk = _key(item)
    if sk != keys.HEAD or not pk.startswith(keys.live("")) or "version" not in item:
        return item
    was = int(item["version"]["N"])
    now = was + 1 if there is None or "version" not in there else int(there["version"]["N"])
    if now <= was:
        return item
    if there is not None and (now - was) % VERSION_GAP == 0:
        raised = {**item, "version": {"N": str(now)}}
        if raised == there:  # by an earlier pass
            return there
    gaps = (now - was) // VERSION_GAP + 1
    return {**item, "version": {"N": str(was + gaps * VERSION_GAP)}}


def _check_format(table: str, item: Item) -> None:
    written = int(item["v"]["N"]) if "v" in item else FORMAT
    if written > FORMAT:
        raise NewerFormatError(
            f"{table} has items of format {written}; this version knows format {FORMAT}: "
            "use the version that the stage runs"
        )


def _note(found: Differences, item: Item, how: str) -> None:
    pk, sk = _key(item)
    family, _, rest = pk.partition("#")
    found.items[family, how] += 1
    if family in ("A", "H", "O"):
        found.accounts.add(rest)
    if family in ("A", "H") and sk.startswith(LEDGER_ITEMS):
        found.ledger.add((pk, sk, how))
    if family == "R" and how != MISSING:
        found.run_days.add(date.fromisoformat(rest.partition("#")[0]))


def _erased(item: Item) -> set[tuple[str, str]]:
    """Return whom a job erased, by account and contact; nobody if it is no such job, or not done."""
    job = item.get("content", {}).get("M", {})
    if job.get("kind", {}).get("S") != ERASE_KIND or job.get("state", {}).get("S") != DONE:
        return set()
    said = job["arguments"]["M"]
    return {(said["account_id"]["S"], said["contact_id"]["S"])}


def _sent_well(item: Item) -> set[tuple[str, int]]:
    """Return a notice with its attempt if all that is known of it says that it arrived."""
    notice = item.get("content", {}).get("M", {})
    if not item or not _key(item)[1].startswith(keys.notice("")):
        return set()
    is_well = notice.get("state", {}).get("S") in SENT_STATES
    if not is_well or any(int(notice.get(n, {}).get("N", 0)) for n in ("returns", "soft_returns")):
        return set()
    return {(notice["id"]["S"], int(notice.get("attempt", {}).get("N", 0)))}


def _key(item: Item) -> tuple[str, str]:
    return item["pk"]["S"], item["sk"]["S"]


def _key_of(item: Item) -> Item:
    return {"pk": item["pk"], "sk": item["sk"]}


def _batches(items: Iterable[Any], size: int) -> Iterator[list[Any]]:
    those = iter(items)
    while batch := list(islice(those, size)):
        yield batch
