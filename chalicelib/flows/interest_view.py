"""Interest as it is answered: terms, segments, the line, and what rounding did (R4.3, R4.4)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import ROUND_DOWN, Decimal
from typing import Any

from chalicelib.core.invoice import Charge, Invoice
from chalicelib.core.money import EXACT
from chalicelib.core.policy import Policy
from chalicelib.core.workings import Segment, Working
from chalicelib.flows.currencies import CURRENCY_DIGITS
from chalicelib.flows.interest_sum import Sum
from chalicelib.flows.interest_worth import Worth, rules_of
from chalicelib.flows.invoice_view import charge_body, money

SEGMENTS_IN_LISTS = 20  # of one row of a list; an answer about one thing has all that are kept
MORE_DIGITS = 6  # of an amount before rounding, beyond those of its currency
ROUNDING = "The exact sum over the segments is rounded once, half-up."


def terms_body(policy: Policy, debtor_kind: str = "company") -> dict[str, Any] | None:
    """Return a policy's terms of interest, None where it states none.

    `stages` are those that charge interest to debtors of a kind: with none, nothing is ever posted.
    """
    rules = policy.interest
    if rules is None:
        return None
    return {
        "annual_rate": _text(rules.annual_rate),
        "table": None if rules.rates is None else {
            "id": rules.rates.id,
            "title": rules.rates.title,
            "source": rules.rates.source,
            "retrieved_on": rules.rates.retrieved_on.isoformat(),
            "known_through": rules.rates.known_through.isoformat(),
        },
        "margin": _text(rules.margin),
        "mode": rules.mode,
        "day_count": rules.day_count,
        "grace_days": rules.grace_days,
        "stages": [stage.id for stage, _ in rules_of("interest", policy, debtor_kind)],
    }  # fmt: skip


def worth_body(asked: Sum, policy: Policy, found: Worth) -> dict[str, Any]:
    """Return what a sum comes to under a policy."""
    currency = asked.currency
    working = found.accrued
    return {
        "principal": money(asked.principal_minor, currency),
        "from_on": asked.due_on.isoformat(),
        "to_on": asked.through.isoformat(),
        "days": asked.days,
        "payments": [
            {"value_on": day.isoformat(), "amount": money(amount, currency)}
            for day, amount in asked.payments
        ],
        "debtor_kind": asked.debtor_kind,
        "policy": {"id": policy.id, "version": policy.version},
        "terms": terms_body(policy, asked.debtor_kind),
        "interest": {
            "amount": money(found.interest_minor, currency),
            "accrued": money(working.running_minor, currency),
            "capped_by": found.limited_by,
            "line": working.line(currency, CURRENCY_DIGITS[currency]),
            "working": working_body(working, currency),
        },
        "compensation": {
            "amount": money(found.compensation_minor, currency),
            "charges": [
                {
                    "stage": one.stage,
                    "due_on": one.due_on.isoformat(),
                    "times": one.times,
                    "each": money(one.each_minor, currency),
                    "amount": money(one.due_minor, currency),
                    "line": one.line,
                }
                for one in found.compensation
            ],
        },
        "total": money(found.total_minor, currency),
    }


def working_body(working: Working, currency: str, most: int | None = None) -> dict[str, Any]:
    """Return how an amount of interest was worked out: `most` segments, the last one included.

    `unrounded` is the exact sum in major units, cut after the currency's digits and six more; None
    where segments were left out when the charge was posted.
    """
    shown, left_out = _shown(working.segments, most)
    unrounded = None
    if not working.more_segments:
        product = Decimal(0)
        for one in working.segments:
            product = EXACT.add(product, one.product)
        unrounded = unrounded_text(product, working.year_days, currency)
    return {
        "segments": [segment_body(one, working.year_days, currency) for one in shown],
        "more_segments": left_out + working.more_segments,
        "year_days": working.year_days,
        "unrounded": unrounded,
        "rounding": ROUNDING,
        "running": money(working.running_minor, currency),
        "posted_before": money(working.posted_before_minor, currency),
    }


def segment_body(one: Segment, year_days: int, currency: str) -> dict[str, Any]:
    """Return days in a row with one base and one rate, and what they come to before rounding."""
    return {
        "from_on": one.since.isoformat(),
        "through_on": one.through.isoformat(),
        "days": one.days,
        "base": money(one.base_minor, currency),
        "annual_rate": _text(one.rate),
        "source": one.source,
        "unrounded": unrounded_text(one.product, year_days, currency),
    }


def unrounded_text(product: Decimal, year_days: int, currency: str) -> str:
    """Return an exact amount of interest in major units, cut, never rounded: `17.46575342`."""
    digits = CURRENCY_DIGITS.get(currency, 2)
    exact = EXACT.divide(product, Decimal(year_days)).scaleb(-digits, EXACT)
    last = Decimal(1).scaleb(-digits - MORE_DIGITS)
    return format(exact.quantize(last, rounding=ROUND_DOWN, context=EXACT), "f")


def charge_answer(invoice: Invoice, charge: Charge, most: int | None = None) -> dict[str, Any]:
    """Return a charge as it is answered by itself: with `working`, how interest was worked out.

    Of the working `most` segments are shown. Other kinds say it all in `basis`.
    """
    working = charge.working
    shown = None if working is None else working_body(working, invoice.currency, most)
    return charge_body(invoice, charge) | {"working": shown}


def span_body(since: date, through: date) -> dict[str, str]:
    """Return days in a row, both ends included."""
    return {"from_on": since.isoformat(), "through_on": through.isoformat()}


def _shown(segments: Sequence[Segment], most: int | None) -> tuple[Sequence[Segment], int]:
    if most is None or len(segments) <= most:
        return segments, 0
    return (*segments[: most - 1], segments[-1]), len(segments) - most


def _text(rate: Decimal | None) -> str | None:
    return None if rate is None else format(rate, "f")
