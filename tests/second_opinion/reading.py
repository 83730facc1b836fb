"""What the files of a ledger say, read by the standard library's means and nothing of the project.

A second, naive implementation of the rules, written from the specification alone, lives in this
folder. It derives everything again for every account on every day, keeps no wake list and no
caches, and must never import `chalicelib`: it is what the product is compared with.
"""

from __future__ import annotations

import calendar
import csv
import io
import json
import re
from dataclasses import dataclass, field
from datetime import date, timedelta
from fractions import Fraction
from functools import cache
from typing import Any

from iso4217 import Currency

ONE_DAY = timedelta(days=1)


def day(text: str) -> date:
    return date.fromisoformat(text)


def optional_day(text: str | None) -> date | None:
    return day(text) if text else None


@cache
def minor(text: str, currency: str) -> int:
    """Major units as minor units; a cent more than the currency has is an error."""
    exact = Fraction(str(text).strip()) * 10 ** (Currency(currency).exponent or 0)
    if exact.denominator != 1:
        raise ValueError(f"more digits than the currency has: {text} {currency}")
    return int(exact)


def half_up(exact: Fraction) -> int:
    """Round half-up; amounts are never below zero here."""
    return (exact + Fraction(1, 2)).__floor__()


def month_end(year: int, month: int) -> date:
    """The last day of a month; month 13 is the next January."""
    year, month = year + (month - 1) // 12, (month - 1) % 12 + 1
    return date(year, month, calendar.monthrange(year, month)[1])


def terms_due(terms: str, issued: date) -> date:
    """R3.5."""
    text = terms.strip().lower()
    year, month = issued.year, issued.month
    if text in ("cod", "prepaid"):
        return issued
    if match := re.fullmatch(r"net (\d+)", text):
        return issued + ONE_DAY * int(match[1])
    if match := re.fullmatch(r"eom\+(\d+)", text):
        return month_end(year, month) + ONE_DAY * int(match[1])
    if match := re.fullmatch(r"net (\d+) eom", text):
        moved = issued + ONE_DAY * int(match[1])
        return month_end(moved.year, moved.month)
    if match := re.fullmatch(r"months\+(\d+) eom", text):
        return month_end(year, month + int(match[1]))
    if match := re.fullmatch(r"day (\d+)", text):
        end = month_end(year, month + 1)
        return end.replace(day=min(int(match[1]), end.day))
    raise ValueError(f"terms: {terms}")


LATE_FEES = ("flat", "percent", "tiered")


@dataclass(eq=False)
class Charge:
    """A late fee, interest or compensation. Minor units."""

    id: str
    invoice: Invoice
    kind: str
    amount: int
    posted: date
    paid: int = 0
    taken_back: int = 0
    waived: int = 0
    capped_by: str | None = None

    @property
    def net(self) -> int:
        """The amount less what was taken back of it; what was waived counts."""
        return self.amount - self.taken_back

    @property
    def open(self) -> int:
        return self.net - self.waived - self.paid


@dataclass(frozen=True, order=True)
class Step:
    """One period of a stage; the key tells which were done."""

    days: int
    index: int
    period: int
    stage: dict[str, Any] = field(compare=False)

    @property
    def key(self) -> tuple[int, int]:
        return (self.index, self.period)


@dataclass(eq=False)
class PrincipalEntry:
    """Principal went down: `what` is payment, credit or short_payment.

    `disputed` is what a credit note or write-off took of a disputed part, `conceded` what it or a
    payment took of a dispute that is not over, `advanced` what of the advanced part.
    """

    value_on: date
    amount: int
    what: str
    disputed: int = 0
    conceded: int = 0
    advanced: int = 0
    payment_id: str = ""


@dataclass(frozen=True)
class Listing:
    """A notice that listed an invoice: did it announce charges, and which answers it asked for."""

    on: date
    announced: bool
    answer_days: list[int]


@dataclass(eq=False)
class Invoice:
    """An invoice and all that has happened to it. Minor units."""

    id: str
    currency: str
    issued: date
    effective: date
    amount: int
    opened: int
    open: int
    advanced: int
    delivered_on: date | None
    disputed_in_file: int
    disputed: int = 0
    ever_disputed: bool = False
    delivered: bool = False
    entries: list[PrincipalEntry] = field(default_factory=list)
    done: set[tuple[int, int]] = field(default_factory=set)
    owed: dict[tuple[int, int], Step] = field(default_factory=dict)
    listings: list[Listing] = field(default_factory=list)
    charges: list[Charge] = field(default_factory=list)
    interest_rules: list[dict[str, Any]] = field(default_factory=list)  # of stages that applied
    skipped: set[str] = field(default_factory=set)
    dropped: dict[tuple[int, int], Step] = field(default_factory=dict)  # owed when it was paid
    guard_written: bool = False
    pauses: list[date] = field(default_factory=list)

    def days_past_due(self, today: date) -> int:
        return (today - self.effective).days

    def is_past_due(self, today: date) -> bool:
        return self.open > 0 and self.days_past_due(today) > 0

    @property
    def undisputed(self) -> int:
        return self.open - min(self.disputed, self.open)

    @property
    def open_charges(self) -> int:
        return sum(charge.open for charge in self.charges)


def invoice_of(row: dict[str, str]) -> Invoice:
    currency = row["currency"]

    def amount(column: str, otherwise: int) -> int:
        return minor(row[column], currency) if row.get(column) else otherwise

    issued = day(row["issued_on"])
    due = day(row["due_on"]) if row.get("due_on") else terms_due(row["terms"], issued)
    whole = minor(row["amount"], currency)
    opened = amount("open_amount", whole)
    delivered = row.get("delivered_on") or ""
    disputed = (row.get("disputed") or "").lower() == "yes"
    return Invoice(
        id=row["invoice_id"],
        currency=currency,
        issued=issued,
        effective=optional_day(row.get("extended_due_on")) or due,
        amount=whole,
        opened=opened,
        open=opened,
        advanced=min(amount("advanced_amount", 0), opened),
        delivered_on=None if delivered == "never" else optional_day(delivered) or issued,
        disputed_in_file=min(opened, amount("disputed_amount", opened)) if disputed else 0,
    )


@dataclass(eq=False)
class MoneyIn:
    """A payment or credit note; `rest` is what waits for an invoice that is not there."""

    id: str
    account_id: str
    value_on: date
    booked_on: date
    currency: str
    amount: int
    names: list[str]
    is_credit: bool = False
    rest: int = 0
    taken: bool = False
    bounced: bool = False
    took_back: list[tuple[Charge, int]] = field(default_factory=list)


def payment_of(row: dict[str, str]) -> MoneyIn:
    received = day(row["received_on"])
    return MoneyIn(
        row["payment_id"],
        row["account_id"],
        received,
        optional_day(row.get("booked_on")) or received,
        row["currency"],
        minor(row["amount"], row["currency"]),
        row.get("invoice_ids", "").split(),
    )


def credit_note_of(row: dict[str, str]) -> MoneyIn:
    on = day(row["issued_on"])
    names = [row["invoice_id"]] if row.get("invoice_id") else []
    amount = minor(row["amount"], row["currency"])
    return MoneyIn(
        row["credit_note_id"], row["account_id"], on, on, row["currency"], amount, names, True
    )


def rows(content: str, key: str) -> list[dict[str, str]]:
    """The rows of a CSV file, the first of each id."""
    found: dict[str, dict[str, str]] = {}
    for row in csv.DictReader(io.StringIO(content)):
        plain = {name: (value or "").strip() for name, value in row.items() if name}
        found.setdefault(plain[key], plain)
    return list(found.values())


def facts_of(content: str) -> list[dict[str, Any]]:
    facts = [json.loads(line) for line in content.splitlines() if line.strip()]
    return [fact | {"on": day(fact["on"])} for fact in facts]
