"""The charges of stages with their bounds and caps (R4.1, R4.2, R4.5)."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from chalicelib.core.book import Book
from chalicelib.core.effects import ChargePosted, ChargeStopped, Entry
from chalicelib.core.errors import RateUnknownError
from chalicelib.core.interest import interest_on, posted_minor
from chalicelib.core.invoice import Charge, Invoice
from chalicelib.core.money import floor_ratio, format_amount, round_down, round_half_up, share
from chalicelib.core.policy import Band, Caps, ChargeRule, Policy, Step
from chalicelib.core.workings import Working, percent_text

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
    interest: Working | None = None  # the running total, of a charge of kind interest


def compute_charge(rule: ChargeRule, caps: Caps, base: ChargeBase) -> ComputedCharge | None:
    """Return what a charge comes to today, or None where nothing is charged (R4.1, R4.5).

    None: the base is under `skip_below`, or the amount comes to nothing without any cap. A charge
    of kind interest needs `base.interest`.
    """
    currency, digits = base.currency, base.digits
    if base.undisputed_minor < rule.skip_below.get(currency, 0):
        return None
    exact, line = exact_amount(rule, base)
    minimum = Decimal(rule.min.get(currency, 0))
    if 0 < exact < minimum:
        exact = minimum
        line += f", raised to the minimum {format_amount(int(minimum), digits)}"
    amount = round_half_up(exact)
    if amount <= 0:
        return None
    capped_by = None
    for name, limit in _limits(rule, caps, base):
        if amount > max(limit, 0):  # a cap that finds nothing left has lowered nothing
            amount, capped_by = max(limit, 0), name
    if capped_by:
        line += f", limited by {capped_by} to {format_amount(amount, digits)}"
    return ComputedCharge(amount, capped_by, line)


def exact_amount(rule: ChargeRule, base: ChargeBase) -> tuple[Decimal, str]:
    """Return what a charge comes to before its bounds, unrounded, and its arithmetic (R4.1)."""
    currency, digits = base.currency, base.digits
    if rule.kind == "interest":
        working = base.interest
        assert working is not None
        posted = working.running_minor - working.posted_before_minor
        return Decimal(posted), working.line(currency, digits)
    if rule.kind == "flat":
        exact = Decimal(rule.amount[currency])
        line = "flat amount"
    elif rule.kind == "percent":
        exact = share(base.undisputed_minor, rule.rate)
        line = (
            f"{percent_text(rule.rate)} of {currency} "
            f"{format_amount(base.undisputed_minor, digits)}"
        )
    elif rule.kind == "tiered":
        exact, line = _tiered(band_of(rule.bands, currency, base.undisputed_minor), base)
    else:
        exact = Decimal(band_of(rule.bands, currency, base.original_minor).amount[currency])
        original = format_amount(base.original_minor, digits)
        line = f"fixed sum for a debt of {currency} {original}"
    return exact, f"{line} = {format_amount(round_half_up(exact), digits)}"


def band_of(bands: tuple[Band, ...], currency: str, amount_minor: int) -> Band:
    """Return the band that an amount lies in: the first whose `below` is above it (R4.1)."""
    for band in bands:
        below = band.below.get(currency)
        if below is None or amount_minor < below:
            return band
    return bands[-1]


def _tiered(band: Band, base: ChargeBase) -> tuple[Decimal, str]:
    fixed = band.amount.get(base.currency, 0)
    whole = f"{base.currency} {format_amount(base.undisputed_minor, base.digits)}"
    exact = Decimal(fixed) + share(base.undisputed_minor, band.percent)
    parts = [format_amount(fixed, base.digits)] if fixed else []
    if band.percent or not fixed:
        parts.append(f"{percent_text(band.percent)} of {whole}")
    else:
        parts.append(f"for {whole}")
    return exact, " + ".join(parts) if band.percent else " ".join(parts)


def interest_to_post(book: Book, invoice: Invoice, policy: Policy, today: date) -> Working:
    """Return the running total of an invoice's interest today, and what was posted of it (R4.3).

    Within the days of grace there is none.

    Raises:
        RateUnknownError: the policy's table does not reach a day that is needed (R4.4).
    """
    working = interest_on(book, invoice, policy, today)
    posted = posted_minor(invoice)
    if policy.interest is None or invoice.days_past_due(today) <= policy.interest.grace_days:
        working = replace(working, segments=(), running_minor=0)
    return replace(working, posted_before_minor=posted)


def _limits(rule: ChargeRule, caps: Caps, base: ChargeBase) -> list[tuple[str, int]]:
    """Return the limits in the order of R4.5, each rounded down, less what already counts."""
    limits = []
    if base.currency in rule.max:
        before = base.interest.posted_before_minor if base.interest is not None else 0
        limits.append(("max", rule.max[base.currency] - before))
    if rule.kind == "compensation":  # outside both (R4.5)
        return limits
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
        if rule.debtor_kind not in ("", book.details.debtor_kind):
            continue
        base = ChargeBase(
            currency=invoice.currency,
            digits=policy.digits[invoice.currency],
            undisputed_minor=invoice.undisputed_minor,
            original_minor=invoice.amount_minor,
            charged_minor=sum(charge.counts_for_caps_minor for charge in invoice.charges),
            days_past_due=invoice.days_past_due(today),
        )
        identity = charge_id(invoice.id, step, rule.kind)
        if rule.kind == "interest":
            try:
                base = replace(base, interest=interest_to_post(book, invoice, policy, today))
            except RateUnknownError as error:
                stopped = ChargeStopped(
                    today, book.account_id, identity, invoice.id, step.stage.id, rule.kind,
                    error.code, str(error),
                )  # fmt: skip
                book.effects.append(stopped)
                continue
        computed = compute_charge(rule, policy.caps, base)
        if computed is None:
            continue
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
            working=base.interest,
        )
        invoice = book.put_charge(invoice, charge)
    return invoice
