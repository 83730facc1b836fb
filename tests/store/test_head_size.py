"""A head stays small, whatever people write about holds: it is read by the hundred (R8.7)."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

from chalicelib.core.account import Account, Hold
from chalicelib.core.head import head_of
from chalicelib.core.holds import RULES
from chalicelib.core.releases import (
    EVIDENCE_MAX,
    PERSONS_HOLDS_MAX,
    HeldInvoice,
    TemporaryRelease,
)
from chalicelib.store.codec import to_map
from chalicelib.store.sizes import item_bytes

DAY = date(2024, 3, 18)
ANSWER_BYTES_MAX = 16_000_000  # of DynamoDB, for a batch of 100


def full(reason: str, by: str, note: str) -> Hold:
    """A hold with the longest ids, texts and evidence that are let in."""
    lines = tuple(
        HeldInvoice(f"{number:064}", DAY - timedelta(days=number), 10**15 - 1, "USD")
        for number in range(EVIDENCE_MAX)
    )
    release = TemporaryRelease(DAY, DAY, "x" * 64, "r" * 40)
    ids = tuple(line.invoice_id for line in lines)
    return Hold(reason, DAY, by, ids, note, invoices=lines, more_invoices=9_980, release=release)


def test_a_hundred_heads_with_every_hold_there_can_be_fit_one_answer() -> None:
    holds = [full(reason, "rule", "Why. " * 20) for reason in RULES]
    note = "\N{GRINNING FACE}\N{SNOWMAN}" * 1_000  # 2,000 characters, seven kilobytes
    holds += [full(f"{n:040}", "x" * 64, note) for n in range(PERSONS_HOLDS_MAX)]
    account = replace(Account("A1"), holds={hold.reason: hold for hold in holds})

    size = item_bytes(to_map(head_of(account, None)))  # before it is packed

    assert size * 100 < ANSWER_BYTES_MAX
