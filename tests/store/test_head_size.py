"""A head stays small, as it is read by the hundred (R8.7); what grows lies beside it, bounded."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from random import Random
from string import ascii_letters

import pytest
from chalicelib.core.account import (
    Account,
    AccountDetails,
    Case,
    Hold,
    InterestRest,
    Tried,
)
from chalicelib.core.head import head_of
from chalicelib.core.holds import RULES
from chalicelib.core.invoice import Charge, Invoice
from chalicelib.core.releases import (
    EVIDENCE_MAX,
    PERSONS_HOLDS_MAX,
    HeldInvoice,
    TemporaryRelease,
)
from chalicelib.core.suspensions import REST_INVOICES_MAX, RESTS_MAX
from chalicelib.core.tried import CHANNELS_MAX, PEOPLE_MAX
from chalicelib.core.workings import (
    QUOTES_KEPT,
    SEGMENTS_KEPT,
    Arithmetic,
    RateQuote,
    Segment,
    Working,
)
from chalicelib.store import rows
from chalicelib.store.chunks import ITEM_BYTES_MAX
from chalicelib.store.codec import to_map
from chalicelib.store.sizes import item_bytes
from chalicelib.store.tables import Table, bind

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


@pytest.fixture(scope="module")
def table() -> Table:
    return bind("head-sizes")


def long_rests() -> tuple[InterestRest, ...]:
    """As many rests as are kept, of as many invoices, with ids that cannot be packed well."""
    chance, each = Random(3), REST_INVOICES_MAX // RESTS_MAX
    names = ["".join(chance.choices(ascii_letters, k=64)) for _ in range(REST_INVOICES_MAX)]
    return tuple(
        InterestRest(
            DAY + timedelta(days=9 * number),
            DAY + timedelta(days=9 * number + 5),
            frozenset(names[each * number : each * (number + 1)]),
        )
        for number in range(RESTS_MAX)
    )


def everyone_tried() -> Case:
    """A case with as many channels and people tried as are kept."""
    attempts = {f"{n:040}": 10_000 for n in range(CHANNELS_MAX + 1)}
    people = frozenset(f"{n:064}" for n in range(PEOPLE_MAX))
    return Case("A1-C1", DAY, tried=Tried(attempts, people, sales_owner=True))


def interest(number: int) -> Charge:
    """Interest of which as many segments are kept as there can be."""
    source = "A reference rate with a long name, of somewhere 4.75% on 2024-12-31 + 8%"
    segments = tuple(
        Segment(DAY, DAY + timedelta(days=n), n, 10**9 + n, Decimal("0.1275"), f"{source} {n}")
        for n in range(SEGMENTS_KEPT)
    )
    rate = Decimal("0.0475")
    quotes = tuple(RateQuote(source[:43], rate, DAY, rate) for _ in range(QUOTES_KEPT))
    working = Working(segments, 365, 10**9 + number, 10**9, 10_000, quotes)
    return Charge(
        f"I:interest:interest:{number}", "interest", "interest", DAY, 5, 0, working=working,
        arithmetic=Arithmetic(10**9, 10**9, rate, 10**9, 10**9, 10**9, 10**9),
    )  # fmt: skip


def test_a_hundred_heads_with_every_hold_there_can_be_fit_one_answer() -> None:
    holds = [full(reason, "rule", "Why. " * 20) for reason in RULES]
    note = "\N{GRINNING FACE}\N{SNOWMAN}" * 1_000  # 2,000 characters, seven kilobytes
    holds += [full(f"{n:040}", "x" * 64, note) for n in range(PERSONS_HOLDS_MAX)]
    account = replace(
        Account("A1"),
        holds={hold.reason: hold for hold in holds},
        interest_rests=long_rests(),
        details=AccountDetails(country="DE", registration_no="9" * 40, address=("a" * 100,) * 6),
        case=everyone_tried(),
    )

    size = item_bytes(to_map(head_of(account, None)))  # before it is packed

    assert size * 100 < ANSWER_BYTES_MAX


def test_the_longest_rests_fit_an_item_of_their_own(table: Table) -> None:
    account = replace(Account("A1"), interest_rests=long_rests())
    (row,) = rows.small_rows(account).values()

    assert item_bytes(row.item(table).serialize()) < ITEM_BYTES_MAX * 0.75


def test_a_closed_invoice_with_interest_of_ten_years_of_months_fits_an_item(table: Table) -> None:
    invoice = Invoice("I", "USD", 1, 1, 0, DAY, DAY, DAY, DAY)
    invoice = invoice.having(charges=tuple(interest(number) for number in range(120)))

    item = rows.closed_row("A1", invoice, ()).item(table)

    assert item_bytes(to_map(invoice.charges[0])) < 20_000
    assert item_bytes(item.serialize()) < ITEM_BYTES_MAX / 4
