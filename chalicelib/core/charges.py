"""Charges of kind `flat` and `percent` with their bounds and caps (R4.1, R4.2, R4.5)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from chalicelib.core.book import Book
from chalicelib.core.effects import ChargePosted, Entry
from chalicelib.core.invoice import Charge, Invoice
from chalicelib.core.money import floor_ratio, format_amount, round_down, round_half_up, share
from chalicelib.core.policy import Caps, ChargeRule, Policy, Step

_REVISION = re.compile(r":r\d+$")  # how the id of a charge's later revision ends (R4.2)


@dataclass(frozen=True, slots=True)
class ComputedCharge:
    """What a charge comes to. Amounts in minor units; `capped_by` names the last cap that lowered."""

    amount_minor: int
    capped_by: str | None
    basis: str


@dataclass(frozen=True, slots=True)
class ChargeBase:
    """What a charge is worked out from; amounts in minor units of `currency`, which has `digits`.

    `charged_minor` is the sum that the caps count: all late fees and interest of the invoice so
    far, net of reversals (R4.5).
    """

    currency: str
    digits: int
    undisputed_minor: int
    original_minor: int
    charged_minor: int
    days_past_due: int


def compute_charge(rule: ChargeRule, caps: Caps, base: ChargeBase) -> ComputedCharge | None:
    """Return what a charge comes to today, or None where nothing is charged (R4.1, R4.5).

    None: the base is under `skip_below`, or the amount comes to nothing without any cap.
    """
    currency, digits = base.currency, base.digits
    if base.undisputed_minor < rule.skip_below.get(currency, 0):
        return None
    if rule.kind == "flat":
        exact = Decimal(rule.amount[currency])
        line = "flat amount"
    else:
        exact = share(base.undisputed_minor, rule.rate)
        percent = format((rule.rate * 100).normalize(), "f")
        line = f"{percent}% of {currency} {format_amount(base.undisputed_minor, digits)}"
    line += f" = {format_amount(round_half_up(exact), digits)}"
    minimum = Decimal(rule.min.get(currency, 0))
    if 0 < exact < minimum:
        exact = minimum
        line += f", raised to the minimum {format_amount(int(minimum), digits)}"
    amount = round_half_up(exact)
    if amount == 0:
        return None
    capped_by = None
    for name, limit in _limits(rule, caps, base):
        if amount > max(limit, 0):  # a cap that finds nothing left has lowered nothing
            amount, capped_by = max(limit, 0), name
    if capped_by:
        line += f", limited by {capped_by} to {format_amount(amount, digits)}"
    return ComputedCharge(amount, capped_by, line)


def _limits(rule: ChargeRule, caps: Caps, base: ChargeBase) -> list[tuple[str, int]]:
    """Return the limits in the order of R4.5, each rounded down, less what already counts."""
    limits = []
    if base.currency in rule.max:
        limits.append(("max", rule.max[base.currency]))
    if caps.max_total_percent is not None:
        room = round_down(share(base.original_minor, caps.max_total_percent)) - base.charged_minor
        limits.append(("max_total_percent", room))
    if caps.max_annual_rate is not None:
        year = share(base.original_minor, caps.max_annual_rate * base.days_past_due)
        limits.append(("max_annual_rate", floor_ratio(year, 365) - base.charged_minor))
    return limits


def charge_id(invoice_id: str, step: Step, kind: str) -> str:
    """Return the id of a stage's charge (R4.2): `<invoice>:<stage>:<kind>[:<period>]`."""
    period = f":{step.period}" if step.period > 1 else ""
    return f"{invoice_id}:{step.stage.id}:{kind}{period}"


def next_revision(invoice: Invoice, charge_id: str) -> str:
    """Return the id under which a charge of an invoice is owed again (R4.2): `<first id>:r<n>`."""
    first = _REVISION.sub("", charge_id)
    revisions = sum(c.id == first or c.id.startswith(f"{first}:r") for c in invoice.charges)
    return f"{first}:r{revisions}"


def post_charges(book: Book, invoice: Invoice, step: Step, policy: Policy, today: date) -> Invoice:
    """Post the charges of a stage that applies to an invoice; return the invoice as it now stands.

    A charge capped to nothing is an effect of amount 0 and is not posted (R4.5).
    """
    for rule in step.stage.charges:
        base = ChargeBase(
            currency=invoice.currency,
            digits=policy.digits[invoice.currency],
            undisputed_minor=invoice.undisputed_minor,
            original_minor=invoice.amount_minor,
            charged_minor=sum(charge.counts_for_caps_minor for charge in invoice.charges),
            days_past_due=invoice.days_past_due(today),
        )
        computed = compute_charge(rule, policy.caps, base)
        if computed is None:
            continue
        identity = charge_id(invoice.id, step, rule.kind)
        book.effects.append(
            ChargePosted(
                today,
                book.account_id,
                identity,
                invoice.id,
                step.stage.id,
                rule.kind,
                computed.amount_minor,
                invoice.currency,
                computed.capped_by,
                computed.basis,
            )
        )
        if computed.amount_minor == 0:
            continue
        book.enter(
            Entry(
                "charge",
                today,
                today,
                invoice.currency,
                computed.amount_minor,
                identity,
                invoice.id,
                identity,
            )
        )
        charge = Charge(
            identity,
            step.stage.id,
            rule.kind,
            today,
            computed.amount_minor,
            computed.amount_minor,
            computed.capped_by,
            basis=computed.basis,
        )
        invoice = book.put_charge(invoice, charge)
    return invoice
