"""What a charge comes to, with its bounds and the caps: pure amounts (R4.1, R4.5)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import Decimal

from chalicelib.core.money import floor_ratio, format_amount, round_down, round_half_up, share
from chalicelib.core.policy import Band, Caps, ChargeRule
from chalicelib.core.workings import Arithmetic, Working, percent_text


@dataclass(frozen=True, slots=True)
class ComputedCharge:
    """What a charge comes to. Amounts in minor units; `capped_by` names the last cap that lowered.

    `basis` is the arithmetic in one line, `arithmetic` its values.
    """

    amount_minor: int
    capped_by: str | None
    basis: str
    arithmetic: Arithmetic


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
    exact, line, values = _exact_amount(rule, base)
    minimum = Decimal(rule.min.get(currency, 0))
    if 0 < exact < minimum:
        exact = minimum
        values = replace(values, raised_to_minor=int(minimum))
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
        values = replace(values, limited_to_minor=amount)
    return ComputedCharge(amount, capped_by, line, values)


def _exact_amount(rule: ChargeRule, base: ChargeBase) -> tuple[Decimal, str, Arithmetic]:
    """Return what a charge comes to before its bounds, unrounded, and its arithmetic (R4.1)."""
    currency, digits = base.currency, base.digits
    if rule.kind == "interest":
        working = base.interest
        assert working is not None
        posted = working.running_minor - working.posted_before_minor
        return Decimal(posted), working.line(currency, digits), Arithmetic(posted)
    if rule.kind == "flat":
        exact = Decimal(rule.amount[currency])
        line, values = "flat amount", Arithmetic(0, fixed_minor=rule.amount[currency])
    elif rule.kind == "percent":
        exact = share(base.undisputed_minor, rule.rate)
        values = Arithmetic(0, base.undisputed_minor, rule.rate)
        line = (
            f"{percent_text(rule.rate)} of {currency} "
            f"{format_amount(base.undisputed_minor, digits)}"
        )
    elif rule.kind == "tiered":
        band = band_of(rule.bands, currency, base.undisputed_minor)
        exact, line = _tiered(band, base)
        fixed_minor = band.amount.get(currency, 0)
        values = Arithmetic(0, base.undisputed_minor, band.percent, fixed_minor)
    else:
        fixed_minor = band_of(rule.bands, currency, base.original_minor).amount[currency]
        exact = Decimal(fixed_minor)
        values = Arithmetic(0, base.original_minor, fixed_minor=fixed_minor)
        original = format_amount(base.original_minor, digits)
        line = f"fixed sum for a debt of {currency} {original}"
    rounded = round_half_up(exact)
    line = f"{line} = {format_amount(rounded, digits)}"
    return exact, line, replace(values, sum_minor=rounded)


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
