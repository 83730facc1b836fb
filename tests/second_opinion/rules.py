"""The policy as the second opinion reads it, and the account it keeps. Imports no `chalicelib`."""

from __future__ import annotations

import tomllib
from collections import defaultdict
from collections.abc import Container
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import holidays
from tests.second_opinion.reading import Charge, Invoice, MoneyIn, Step, minor

WEEKDAYS = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
WATERFALL = ["collection_fee", "advanced", "principal", "interest", "late_fee", "compensation"]


class Rules:
    """One policy document; a table that is not given is empty."""

    def __init__(self, document: str) -> None:
        policy = tomllib.loads(document)
        self.currencies: list[str] = policy["currencies"]
        self.stages: list[dict[str, Any]] = policy["stages"]
        self.dunning: dict[str, Any] = policy.get("dunning", {})
        self.holds: dict[str, Any] = policy.get("holds", {})
        self.cash: dict[str, Any] = policy.get("cash", {})
        self.caps: dict[str, Any] = policy.get("caps", {})
        self.promises: dict[str, Any] = policy.get("promises", {})
        self.interest: dict[str, Any] = policy.get("interest", {})
        self.calendar: dict[str, Any] = policy.get("calendar", {})
        self.waterfall: list[str] = self.cash.get("waterfall", WATERFALL)
        self.interval: int = self.dunning.get("min_days_between_notices", 6)
        self.by_steps: bool = self.dunning.get("catch_up", "step") == "step"
        self.public: Container[date] = ()
        country, _, part = self.calendar.get("country", "").partition("-")
        if country:
            self.public = holidays.country_holidays(country, subdiv=part or None)

    def is_processing_day(self, today: date) -> bool:
        """R5.4."""
        name = WEEKDAYS[today.weekday()]
        return name in self.calendar.get("processing_days", WEEKDAYS) and today not in self.public

    def bound(self, table: dict[str, Any] | None, currency: str) -> int | None:
        """A limit per currency; a currency that is missing has none (R2.1)."""
        return minor(table[currency], currency) if table and currency in table else None

    def steps(self, up_to_days: int) -> list[Step]:
        """The series of stages that are reached at so many days, ascending (R4.2)."""
        found = []
        for index, stage in enumerate(self.stages):
            last = index + 1 == len(self.stages)
            every = stage.get("repeat_every_days", 0)
            days, period = stage["days"], 1
            while days <= up_to_days and (last or days < self.stages[index + 1]["days"]):
                found.append(Step(days, index, period, stage))
                if not every:
                    break
                days, period = days + every, period + 1
        return sorted(found)


@dataclass
class Allocation:
    """A part of a payment, on an invoice or one of its charges."""

    invoice_id: str
    amount: int
    payment: MoneyIn
    charge_id: str = ""


@dataclass(eq=False)
class PromiseToPay:
    """R6.6. It is in force from `since` (none: nobody has approved it) through `last`."""

    id: str
    amount: int
    since: date | None
    ends_on: date
    last: date
    invoice_ids: set[str]
    allocations_before: int
    active: bool = True
    broken: bool = False

    def covers(self, invoice_id: str, on: date) -> bool:
        there = self.since is not None and self.since <= on <= self.last
        return there and invoice_id in self.invoice_ids


@dataclass(eq=False)
class Mark:
    """A legal stop, or invoices in a payment plan: on the named invoices, or (None) on all."""

    block: str
    since: date
    until: date | None
    invoice_ids: set[str] | None
    ended_on: date | None = None

    def covers(self, invoice_id: str, on: date) -> bool:
        """Whether it lies on an invoice on a day: through `until`, through the day before its end."""
        if on < self.since or (self.until and on > self.until):
            return False
        if self.ended_on and on >= self.ended_on:
            return False
        return self.invoice_ids is None or invoice_id in self.invoice_ids


@dataclass(frozen=True)
class Letter:
    """A stage notice that went out."""

    on: date
    currency: str
    final: bool
    invoice_ids: list[str]


@dataclass(eq=False)
class Customer:
    """An account: what it will be sent, and all that has happened so far."""

    id: str
    account_class: str = "standard"
    debtor_kind: str = "company"
    to_come: list[Invoice] = field(default_factory=list)
    invoices: dict[str, Invoice] = field(default_factory=dict)
    money: list[MoneyIn] = field(default_factory=list)
    facts: list[dict[str, Any]] = field(default_factory=list)
    unapplied: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    waiting: list[MoneyIn] = field(default_factory=list)
    allocations: list[Allocation] = field(default_factory=list)
    taken_back: dict[str, tuple[Charge, int]] = field(default_factory=dict)  # today
    promises: list[PromiseToPay] = field(default_factory=list)
    marks: list[Mark] = field(default_factory=list)
    broken_on: list[date] = field(default_factory=list)
    pauses: list[date] = field(default_factory=list)
    contacts: list[dict[str, Any]] = field(default_factory=list)
    letters: list[Letter] = field(default_factory=list)
    holds: set[str] = field(default_factory=set)
    under_review: set[str] = field(default_factory=set)
    first_day: date | None = None
    onboarded_past_due: bool = False
    first_seen_today: list[Invoice] = field(default_factory=list)


@dataclass(eq=False)
class World:
    """The policy, the span of days, and the effects so far."""

    rules: Rules
    first: date
    last: date
    effects: list[dict[str, Any]] = field(default_factory=list)

    def emit(self, today: date, customer: Customer, kind: str, **rest: Any) -> None:
        self.effects.append(
            {"on": today.isoformat(), "account_id": customer.id, "kind": kind, **rest}
        )


def blocks_of(customer: Customer, invoice: Invoice, today: date) -> set[str]:
    """The blocks of an invoice by itself (R5.5)."""
    found = set()
    if invoice.open > 0 and invoice.disputed > 0 and invoice.undisputed == 0:
        found.add("disputed")
    for made in customer.promises:
        if made.active and made.covers(invoice.id, today):
            found.add("promised")
    for mark in customer.marks:
        if mark.block == "in_plan" and mark.covers(invoice.id, today):
            found.add("in_plan")
    for until in invoice.pauses + customer.pauses:
        if today <= until:
            found.add("paused")
    if not invoice.delivered:
        found.add("not_delivered")
    return found


def stopped_by_law(customer: Customer, today: date) -> set[str]:
    """The block of the whole account that leaves what is demandable and the holds alone (R5.5)."""
    stops = (mark for mark in customer.marks if mark.block == "legal_stop")
    return {"legal_stop"} if any(mark.covers("", today) for mark in stops) else set()


def demandable(customer: Customer, currency: str, today: date) -> int:
    """R3.6."""
    total = 0
    for invoice in customer.invoices.values():
        if invoice.currency != currency or blocks_of(customer, invoice, today):
            continue
        total += invoice.open_charges
        if invoice.is_past_due(today):
            total += invoice.undisputed
    return total


def unapplied(customer: Customer, currency: str) -> int:
    waiting = (money.rest for money in customer.waiting if money.currency == currency)
    return customer.unapplied[currency] + sum(waiting)


def currency_blocks(rules: Rules, customer: Customer, today: date) -> dict[str, set[str]]:
    """The blocks of whole currencies (R5.5, R5.8), taken once a day."""
    found: dict[str, set[str]] = {}
    for currency in {invoice.currency for invoice in customer.invoices.values()}:
        blocks = found.setdefault(currency, set())
        asked = demandable(customer, currency, today)
        if currency in rules.currencies:
            least = rules.bound(rules.dunning.get("minimum_past_due"), currency)
            if least is not None and 0 < asked < least:
                blocks.add("below_minimum")
        else:
            blocks.add("currency_not_in_policy")
        if 0 < asked <= unapplied(customer, currency):
            blocks.add("cash_covers")
    return found
