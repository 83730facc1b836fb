"""The letters that left after the instant that a table was restored to: never to be sent again."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from chalicelib.core.account import WentTo
from chalicelib.flows.restored import BOOK, POINT, LetterFence
from chalicelib.wiring_ports import Ports

PREFIX = "notices/"
OF_AN_ATTEMPT = re.compile(r"^notices/[^/]+/[0-9]+\.json$")
PAGE = 1_000


@dataclass(frozen=True, slots=True)
class Accounted:
    """How many letters of the history taken back the ledger knows again, and which it does not."""

    known: int
    unknown: tuple[str, ...]


def letters_since(
    s3: Any, bucket: str, since: datetime, well: Collection[tuple[str, int]] = ()
) -> list[LetterFence]:
    """Return a fence for each letter of which a record was written since an instant: its last attempt.

    `well`: notices and attempts of which it is known that they did not come back; all others are
    doubtful. Lists every kept letter, a thousand files a call, and reads the records since then.
    """
    found: dict[str, LetterFence] = {}
    pages = s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=PREFIX)
    for page in pages:
        for file in page.get("Contents", []):
            key = file["Key"]
            # The copy of each attempt, one folder down: where a letter bounced and was left to post,
            # the last record tells only of the post.
            if OF_AN_ATTEMPT.search(key) and since <= file["LastModified"]:
                body = s3.get_object(Bucket=bucket, Key=key)["Body"].read()
                for fence in _fences(json.loads(body), well):
                    there = found.get(fence.notice_id)
                    if there is None or there.attempt < fence.attempt:
                        found[fence.notice_id] = fence
    return list(found.values())


def days_of(fences: Iterable[LetterFence]) -> set[date]:
    """Return the days under which letters were written, where their ids end with one."""
    found = set()
    for fence in fences:
        with suppress(ValueError):
            found.add(date.fromisoformat(fence.notice_id.rpartition(":")[2]))
    return found


def accounted_for(ports: Ports) -> Accounted:
    """Return which of the fenced letters the ledger has as sent again. One load for each letter."""
    known, unknown = 0, []
    for fence in _all_fences(ports):
        if _knows(ports, fence):
            known += 1
        else:
            unknown.append(fence.notice_id)
    return Accounted(known, tuple(unknown))


def _fences(record: dict[str, Any], well: Collection[tuple[str, int]]) -> Iterator[LetterFence]:
    if record.get("way") != "mail" or not record.get("attempt"):
        return  # posted or cancelled: nothing left by itself
    notice_id, attempt = record["notice_id"], int(record["attempt"])
    went_to = [
        WentTo(attempt, one["contact_id"], one["digest"], is_copy=is_copy)
        for name, is_copy in (("to", False), ("cc", True))
        for one in record.get(name, [])
    ]
    is_doubtful = (notice_id, attempt) not in well
    yield LetterFence(notice_id, attempt, record.get("message_id", ""), tuple(went_to), is_doubtful)


def _all_fences(ports: Ports) -> Iterator[LetterFence]:
    after = f"{POINT}#"
    while True:
        rows = ports.records.list(BOOK, LetterFence, prefix=f"{POINT}#", after=after, most=PAGE)
        yield from (row.value for row in rows)
        if len(rows) < PAGE:
            return
        after = rows[-1].key.name


def _knows(ports: Ports, fence: LetterFence) -> bool:
    """Return whether an account has the notice, with the attempt that was sent or a later one."""
    parts = fence.notice_id.split(":")
    accounts = [":".join(parts[:end]) for end in range(1, len(parts))]  # ids may hold colons
    for account_id in ports.accounts.heads(accounts):
        account = ports.bookings.load(account_id, fence.notice_id).account
        notice = (account.past_notices | account.notices).get(fence.notice_id)
        if notice is not None and notice.attempt >= fence.attempt:
            return True
    return False
