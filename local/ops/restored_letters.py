"""The letters that left after the instant that a table was restored to: never to be sent again."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from chalicelib.core.account import WentTo
from chalicelib.flows.restored import BOOK, POINT, LetterFence
from chalicelib.wiring_ports import Ports

PREFIX, RECORD = "notices/", ".json"
PAGE = 1_000


@dataclass(frozen=True, slots=True)
class Accounted:
    """How many letters of the history taken back the ledger knows again, and which it does not."""

    known: int
    unknown: tuple[str, ...]


def letters_between(s3: Any, bucket: str, since: datetime, until: datetime) -> list[LetterFence]:
    """Return a fence for each letter whose kept record was written in a span of time.

    Lists every kept letter, a thousand files a call, and reads the records of the span.
    """
    found: list[LetterFence] = []
    pages = s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=PREFIX)
    for page in pages:
        for file in page.get("Contents", []):
            key = file["Key"]
            # Each attempt has a copy of its own, one folder down; the last one's is enough.
            is_record = key.endswith(RECORD) and "/" not in key.removeprefix(PREFIX)
            if is_record and since <= file["LastModified"] <= until:
                body = s3.get_object(Bucket=bucket, Key=key)["Body"].read()
                found += _fences(json.loads(body))
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


def _fences(record: dict[str, Any]) -> Iterator[LetterFence]:
    if record.get("way") != "mail" or not record.get("attempt"):
        return  # posted or cancelled: nothing left by itself
    attempt = int(record["attempt"])
    went_to = [
        WentTo(attempt, one["contact_id"], one["digest"], is_copy=is_copy)
        for name, is_copy in (("to", False), ("cc", True))
        for one in record.get(name, [])
    ]
    yield LetterFence(record["notice_id"], attempt, record.get("message_id", ""), tuple(went_to))


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
