"""What a letter tells of charges: of those that are there, and of those that will come (R4.1, R4.8).

Values only; the words are in the templates.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from chalicelib.core.calendar import ONE_DAY
from chalicelib.core.charge_amounts import band_of
from chalicelib.core.charges import charge_id, first_id
from chalicelib.core.errors import RateUnknownError
from chalicelib.core.interest import half_year_start
from chalicelib.core.invoice import Charge, Invoice, Owed
from chalicelib.core.policy import Caps, ChargeRule, InterestRules, Policy, Stage, Step
from chalicelib.core.workings import percent_text
from chalicelib.flows.letter_parts import (
    ChargeLimit,
    ChargeLine,
    ComingBand,
    ComingCharge,
    ComingRate,
    RateSource,
)

BANDS_TOLD = 6  # of a charge; with more, a letter only says what it goes by


def charge_line(charge: Charge, *, is_new: bool) -> ChargeLine:
    """Return a charge as letters show it: its arithmetic, and what was since taken off it."""
    left_minor = charge.amount_minor - charge.reversed_minor - charge.waived_minor
    return ChargeLine(
        charge_id=charge.id,
        kind=charge.kind,
        posted_on=charge.posted_on,
        amount_minor=max(left_minor, charge.open_minor),
        open_minor=charge.open_minor,
        is_new=is_new,
        arithmetic=charge.arithmetic,
        working=charge.working,
        capped_by=charge.capped_by or "",
        basis=charge.basis,
        reversed_minor=charge.reversed_minor,
        waived_minor=charge.waived_minor,
        rate_sources=rate_sources(charge),
    )


def rate_sources(charge: Charge) -> tuple[RateSource, ...]:
    """Return where a charge's rates of interest are from, oldest first.

    What a contract says needs no source: its rate is in the arithmetic.
    """
    working = charge.working
    if working is None:
        return ()
    if working.quotes:
        return tuple(
            RateSource(
                rate=one.rate,
                title=one.title,
                reference=one.reference,
                on=one.on,
                margin=one.margin,
            )
            for one in working.quotes
        )
    of_old = {
        one.source: RateSource(rate=one.rate, told=one.source)
        for one in working.segments
        if not one.source.startswith(percent_text(one.rate))  # so begins what a contract says
    }
    return tuple(of_old.values())


def new_charges(invoice: Invoice, settled: Iterable[Owed], policy: Policy) -> frozenset[str]:
    """Return the ids of an invoice's charges that came with the stages that a notice settles."""
    steps = [_step(policy.stage_by_id[owed.stage], owed) for owed in settled
             if owed.stage in policy.stage_by_id]  # fmt: skip
    return frozenset(
        charge.id
        for charge in invoice.charges
        for step in steps
        if charge.stage == step.stage.id
        and first_id(charge.id) == charge_id(invoice.id, step, charge.kind)
    )


def _step(stage: Stage, owed: Owed) -> Step:
    every = stage.repeat_every_days
    return Step(stage, 1 if every is None else (owed.days - stage.days) // every + 1, owed.days)


@dataclass(frozen=True, slots=True)
class ComingCharges:
    """Tells which charges come, for the invoices that a letter lists, in one currency, on its day."""

    policy: Policy
    currency: str
    notice_on: date

    def of(
        self, rules: Sequence[ChargeRule], invoices: Sequence[Invoice]
    ) -> tuple[ComingCharge, ...]:
        """Return what the rules of a stage will add to each of the invoices."""
        return tuple(self._of(rule, invoices) for rule in rules)

    def _of(self, rule: ChargeRule, invoices: Sequence[Invoice]) -> ComingCharge:
        most = rule.max.get(self.currency)
        if rule.kind == "interest" and self.policy.interest is not None:
            rate = self._rate(self.policy.interest, invoices)
            return ComingCharge(kind=rule.kind, interest=rate, max_minor=most)
        if rule.kind == "compensation":
            return self._compensation(rule, invoices)
        if rule.kind == "flat":
            return ComingCharge(kind=rule.kind, amount_minor=rule.amount.get(self.currency, 0))
        least = rule.min.get(self.currency)
        if rule.kind == "tiered":
            return self._banded(rule, min_minor=least, max_minor=most)
        return ComingCharge(kind=rule.kind, rate=rule.rate, min_minor=least, max_minor=most)

    def _rate(self, rules: InterestRules, invoices: Sequence[Invoice]) -> ComingRate:
        """Return the rate, with a figure where it is one and the same for what is listed."""
        if rules.rates is None:
            return ComingRate(figure=rules.annual_rate or Decimal(0))
        title, margin = rules.rates.title, rules.margin or Decimal(0)
        if rules.mode == "locked":
            starts = {half_year_start(one.effective_due_on + ONE_DAY) for one in invoices}
            figures = {_rate_on(rules, start - ONE_DAY) for start in starts}
            figure = figures.pop() if len(figures) == 1 else None
            return ComingRate(figure=figure, title=title, margin=margin)
        now = _rate_on(rules, half_year_start(self.notice_on))
        return ComingRate(figure=None, title=title, margin=margin, current=now)

    def _compensation(self, rule: ChargeRule, invoices: Sequence[Invoice]) -> ComingCharge:
        bands = [band_of(rule.bands, self.currency, one.amount_minor) for one in invoices]
        amounts = {band.amount.get(self.currency, 0) for band in bands}
        if len(amounts) == 1:
            return ComingCharge(kind=rule.kind, amount_minor=amounts.pop())
        return self._banded(rule)

    def _banded(
        self, rule: ChargeRule, min_minor: int | None = None, max_minor: int | None = None
    ) -> ComingCharge:
        bands = tuple(
            ComingBand(
                below_minor=band.below.get(self.currency),
                amount_minor=band.amount.get(self.currency, 0),
                percent=band.percent,
            )
            for band in rule.bands
        )
        told = bands if len(bands) <= BANDS_TOLD else ()
        return ComingCharge(
            kind=rule.kind, bands=told, is_banded=True, min_minor=min_minor, max_minor=max_minor
        )


def _rate_on(rules: InterestRules, day: date) -> Decimal | None:
    """Return reference rate plus margin; None where the table does not reach: nothing is guessed."""
    assert rules.rates is not None
    try:
        return rules.rates.rate_on(day) + (rules.margin or Decimal(0))
    except RateUnknownError:
        return None


def charge_limit(caps: Caps, rules: Iterable[ChargeRule]) -> ChargeLimit | None:
    """Return what caps leave of the charges of a stage, None for no cap (R4.5).

    Compensation is outside them.
    """
    if all(rule.kind == "compensation" for rule in rules):
        return None
    limit = ChargeLimit(percent=caps.max_total_percent, annual_rate=caps.max_annual_rate)
    return None if limit == ChargeLimit() else limit
