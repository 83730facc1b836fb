"""Notices, as the second opinion creates them (R5.3, R4.8). Imports no `chalicelib`."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from tests.second_opinion.reading import ONE_DAY, Invoice, Listing, Step
from tests.second_opinion.rules import Customer, Letter, World, blocks_of, demandable


def create_notices(
    world: World, customer: Customer, blocks: dict[str, set[str]], today: date
) -> None:
    """Currency by currency; unconsolidated, highest stage first."""
    for currency in sorted(blocks):
        if blocks[currency]:
            continue
        listed = [
            invoice
            for invoice in customer.invoices.values()
            if invoice.currency == currency
            and invoice.is_past_due(today)
            and not blocks_of(customer, invoice, today)
        ]
        listed.sort(key=lambda invoice: (invoice.effective, invoice.id))
        owing = [invoice for invoice in listed if invoice.owed]
        if not owing:
            continue
        if world.rules.dunning.get("consolidate", True):
            create_notice(world, customer, listed, today, whole=True)
            continue
        for invoice in sorted(owing, key=lambda i: (-highest([i]).days, i.effective, i.id)):
            create_notice(world, customer, [invoice], today, whole=False)


def highest(invoices: Iterable[Invoice]) -> Step:
    owed = (step for invoice in invoices for step in invoice.owed.values())
    return max(owed, key=lambda step: step.days)


def create_notice(
    world: World, customer: Customer, listed: list[Invoice], today: date, *, whole: bool
) -> None:
    """Create one notice unless the interval or the contact guard delays it."""
    currency, ids = listed[0].currency, [invoice.id for invoice in listed]
    owing = [invoice for invoice in listed if invoice.owed]
    top = highest(owing)
    final = bool(top.stage.get("final"))
    if is_too_soon(world, customer, currency, None if whole else ids, final=final, today=today):
        return
    if is_guarded(world, customer, today):
        report_guard(world, customer, owing, today)
        return
    if whole:
        asked = demandable(customer, currency, today)
    else:
        asked = listed[0].undisputed + listed[0].open_charges
    announced = any(step.stage.get("announces") for i in owing for step in i.owed.values())
    customer.letters.append(Letter(today, currency, final, ids))
    for invoice in listed:
        settle(invoice, today, announced=announced)
    suffix = "" if whole else f":{ids[0]}"
    world.emit(
        today, customer, "notice", id=f"{customer.id}:{currency}:{today.isoformat()}{suffix}",
        notice=top.stage["notice"], stage=top.stage["id"], currency=currency, invoice_ids=ids,
        past_due_minor=asked,
    )  # fmt: skip


def is_too_soon(
    world: World,
    customer: Customer,
    currency: str,
    ids: list[str] | None,
    *,
    final: bool,
    today: date,
) -> bool:
    """The interval, per currency or per invoice; a final notice waits only for final ones."""
    return any(
        (today - letter.on).days < world.rules.interval
        for letter in customer.letters
        if (letter.currency == currency if ids is None else letter.invoice_ids == ids)
        and (letter.final or not final)
    )


def is_guarded(world: World, customer: Customer, today: date) -> bool:
    """Whether the account was contacted often enough: notices, and calls we made."""
    most = world.rules.dunning.get("max_contacts", 0)
    since = today - ONE_DAY * (world.rules.dunning.get("contact_window_days", 7) - 1)
    calls = (
        contact["on"]
        for contact in customer.contacts
        if contact["direction"] in ("out", "outbound") and contact["channel"] in ("call", "phone")
    )
    days = [letter.on for letter in customer.letters] + list(calls)
    return bool(most) and sum(since <= on <= today for on in days) >= most


def report_guard(world: World, customer: Customer, owing: list[Invoice], today: date) -> None:
    for invoice in owing:
        if not invoice.guard_written:
            stage = highest([invoice]).stage["id"]
            world.emit(
                today, customer, "skip",
                invoice_id=invoice.id, stage=stage, block="contact_guard",
            )  # fmt: skip
            invoice.guard_written = True


def settle(invoice: Invoice, today: date, *, announced: bool) -> None:
    finals = [step.stage for step in invoice.owed.values() if step.stage.get("final")]
    answers = [s["respond_within_days"] for s in finals if "respond_within_days" in s]
    invoice.listings.append(Listing(today, announced, answers))
    invoice.owed = {}
    invoice.guard_written = False
