"""The second opinion's simulation: every account, every day, everything again. No `chalicelib`."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date
from typing import Any

from tests.second_opinion.bookings import book_day
from tests.second_opinion.holds import judge_holds
from tests.second_opinion.ladder import take_stages
from tests.second_opinion.notices import create_notices
from tests.second_opinion.reading import (
    ONE_DAY,
    credit_note_of,
    facts_of,
    invoice_of,
    payment_of,
    rows,
)
from tests.second_opinion.rules import (
    Customer,
    Rules,
    World,
    blocks_of,
    currency_blocks,
    stopped_by_law,
    unapplied,
)

SORTED_BY = ("on", "account_id", "kind", "id", "invoice_id", "stage", "block", "reason")


def customers_of(files: Mapping[str, str]) -> dict[str, Customer]:
    """The accounts of a ledger: its files by name."""
    customers: dict[str, Customer] = {}

    def customer(account_id: str) -> Customer:
        return customers.setdefault(account_id, Customer(account_id))

    for row in rows(files["invoices.csv"], "invoice_id"):
        here = customer(row["account_id"])
        here.account_class = row.get("account_class") or here.account_class
        here.debtor_kind = row.get("debtor_kind") or here.debtor_kind
        here.to_come.append(invoice_of(row))
    for row in rows(files.get("payments.csv", ""), "payment_id"):
        customer(row["account_id"]).money.append(payment_of(row))
    for row in rows(files.get("credit_notes.csv", ""), "credit_note_id"):
        customer(row["account_id"]).money.append(credit_note_of(row))
    for fact in facts_of(files.get("facts.jsonl", "")):
        customer(fact["account_id"]).facts.append(fact)
    return customers


def decide(world: World, customer: Customer, today: date) -> None:
    blocks = currency_blocks(world.rules, customer, today)
    stopped = stopped_by_law(customer, today)
    invoices = sorted(customer.invoices.values(), key=lambda i: (i.effective, i.id))
    act = world.rules.is_processing_day(today)
    for invoice in invoices:
        here = blocks_of(customer, invoice, today) | blocks[invoice.currency] | stopped
        invoice.skipped &= here if invoice.open else set()
        if act:
            take_stages(world, customer, invoice, here, today)
    if act and not stopped:
        create_notices(world, customer, blocks, today)
    judge_holds(world, customer, blocks, today)


def check_identity(customer: Customer, today: date) -> None:
    """R7.5: nothing is lost and nothing made up."""
    for currency in {invoice.currency for invoice in customer.invoices.values()}:
        here = [i for i in customer.invoices.values() if i.currency == currency]
        billed = sum(
            i.opened
            + sum(charge.net - charge.waived for charge in i.charges)
            - sum(
                entry.amount for entry in i.entries if entry.what in ("short_payment", "write_off")
            )
            for i in here
        )
        came_in = sum(
            money.amount
            for money in customer.money
            if money.currency == currency and money.booked_on <= today and not money.bounced
        )
        left_open = sum(invoice.open + invoice.open_charges for invoice in here)
        assert billed - came_in == left_open - unapplied(customer, currency)


def first_day_of(customers: Mapping[str, Customer], first: date) -> date:
    days = [first]
    for customer in customers.values():
        days += [invoice.issued for invoice in customer.to_come]
        days += [money.booked_on for money in customer.money]
        days += [fact["on"] for fact in customer.facts]
    return min(days)


def second_opinion(files: Mapping[str, str], policy: str, first: date, last: date) -> list[str]:
    """The lines that `effects.jsonl` should have."""
    world = World(Rules(policy), first, last)
    customers = customers_of(files)
    today = first_day_of(customers, first)
    while today <= last:
        for customer in customers.values():
            book_day(world, customer, today)
            if today >= first:
                decide(world, customer, today)
            if today.day == 1 or today == last:
                check_identity(customer, today)
        today += ONE_DAY
    world.effects.sort(key=lambda effect: [effect.get(name, "") for name in SORTED_BY])
    return [line_of(effect) for effect in world.effects]


def line_of(effect: dict[str, Any]) -> str:
    return json.dumps(effect, ensure_ascii=False) + "\n"
