"""What a letter says of charges: of those that are there, and of those that will come (R4.1, R4.8)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from chalicelib.core.calendar import ONE_DAY
from chalicelib.core.charge_amounts import band_of
from chalicelib.core.charges import charge_id, first_id
from chalicelib.core.errors import RateUnknownError
from chalicelib.core.interest import half_year_start
from chalicelib.core.invoice import Charge, Invoice, Owed
from chalicelib.core.money import Amounts, format_amount
from chalicelib.core.policy import Band, Caps, ChargeRule, InterestRules, Policy, Stage, Step
from chalicelib.core.workings import percent_text
from chalicelib.flows.policy_words import listed

BANDS_TOLD = 6  # of a charge; with more, a letter only says what it goes by
_CHARGES = {
    "interest": "Interest",
    "compensation": "Compensation",
    "collection_fee": "Collection fee",
}
_CAPPED = re.compile(r"limited by (max\w*) to ([\d,.]*\d)")
_CAPS = {  # what the arithmetic calls by its key, and a customer does not know
    "max": "lowered to {}, the most that is charged",
    "max_total_percent": "lowered to {} by the cap on an invoice's charges",
    "max_annual_rate": "lowered to {} by the yearly cap on an invoice's charges",
}
_CAP_OF_INTEREST = (
    "lowered to {} by the cap on an invoice's interest"  # `max` is of all of it (R4.1)
)


def charge_label(charge: Charge) -> str:
    """Return what a customer calls a charge: "Late fee"."""
    return _CHARGES.get(charge.kind, "Late fee")


def charge_reason(charge: Charge, digits: int) -> str:
    """Return a charge's arithmetic in one line, with what was since taken back or waived of it."""
    caps = _CAPS | {"max": _CAP_OF_INTEREST} if charge.kind == "interest" else _CAPS
    line = _CAPPED.sub(lambda found: _cap_words(found, caps), charge.basis)
    for minor, what in ((charge.reversed_minor, "taken back"), (charge.waived_minor, "waived")):
        if minor:
            line += f", less {format_amount(minor, digits)} {what}"
    return line


def _cap_words(found: re.Match[str], caps: Mapping[str, str]) -> str:
    words = caps.get(found[1])
    return found[0] if words is None else words.format(found[2])


def rate_sources(charge: Charge) -> tuple[str, ...]:
    """Return where a charge's rates of interest are from, oldest first, a sentence each.

    What a contract says needs no source: its rate is in the arithmetic.
    """
    found = {}
    for one in charge.working.segments if charge.working is not None else ():
        rate = percent_text(one.rate)
        if not one.source.startswith(rate):
            found[f"{rate} a year is {one.source}."] = True
    return tuple(found)


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
    """Says which charges come, for the invoices that a letter lists, in one currency, on its day."""

    policy: Policy
    currency: str
    notice_on: date

    def in_words(self, rules: Sequence[ChargeRule], invoices: Sequence[Invoice]) -> str:
        """Begin "... to each invoice that is still open": "A late fee of 1.5% ... is added"."""
        said = " and ".join(self._of(rule, invoices) for rule in rules)
        return f"{said[:1].upper()}{said[1:]} {'are' if len(rules) > 1 else 'is'} added"

    def _of(self, rule: ChargeRule, invoices: Sequence[Invoice]) -> str:
        if rule.kind == "interest" and self.policy.interest is not None:
            return self._interest(rule, self.policy.interest, invoices)
        if rule.kind == "compensation":
            return self._compensation(rule, invoices)
        if rule.kind == "flat":
            return f"a late fee of {self._money(rule.amount.get(self.currency, 0))}"
        if rule.kind == "tiered":
            fee = f"a late fee {self._bands(rule.bands, 'amount then open')}"
        else:
            fee = f"a late fee of {percent_text(rule.rate)} of the amount then open"
        return fee + self._bounds(rule)

    def _bounds(self, rule: ChargeRule) -> str:
        said = bound(", at least", rule.min, self.currency, self.policy)
        said += bound(", at most", rule.max, self.currency, self.policy)
        return f"{said}," if said else ""

    def _interest(self, rule: ChargeRule, rules: InterestRules, invoices: Sequence[Invoice]) -> str:
        most = bound(" at most", rule.max, self.currency, self.policy)
        most = f"{most} in all," if most else ""
        counted = f"counted from the day after the due date,{most}"
        return f"interest at {self._rate(rules, invoices)} on the amount open, {counted}"

    def _rate(self, rules: InterestRules, invoices: Sequence[Invoice]) -> str:
        """Return the rate in words: a figure where it is one and the same for what is listed."""
        if rules.rates is None:
            return f"{percent_text(rules.annual_rate or Decimal(0))} a year"
        margin = format(((rules.margin or Decimal(0)) * 100).normalize(), "f")
        points = "percentage point" if margin == "1" else "percentage points"
        words = f"the {rules.rates.title} plus {margin} {points}"
        if rules.mode == "locked":
            starts = {half_year_start(one.effective_due_on + ONE_DAY) for one in invoices}
            figures = {_rate_on(rules, start - ONE_DAY) for start in starts}
            if len(figures) == 1 and (figure := figures.pop()) is not None:
                return f"{percent_text(figure)} a year ({words})"
            return f"{words} a year"
        now = _rate_on(rules, half_year_start(self.notice_on))
        return f"{words} a year" + ("" if now is None else f" (now {percent_text(now)})")

    def _compensation(self, rule: ChargeRule, invoices: Sequence[Invoice]) -> str:
        amounts = {_band_of(rule.bands, self.currency, one.amount_minor) for one in invoices}
        if len(amounts) == 1:
            return f"compensation of {self._money(amounts.pop())}"
        return f"compensation {self._bands(rule.bands, 'amount of the invoice')}"

    def _bands(self, bands: Sequence[Band], of_what: str) -> str:
        """Return bands in words: "by the amount of the invoice (below USD 9.00: USD 1.00; ...)"."""
        if len(bands) == 1:
            return f"of {self._band(bands[0], f'the {of_what}')}"
        if len(bands) > BANDS_TOLD:
            return f"by the {of_what}"
        parts = []
        for band in bands:
            limit = band.below.get(self.currency)
            until = "otherwise" if limit is None else f"below {self._money(limit)}"
            parts.append(f"{until}: {self._band(band)}")
        return f"by the {of_what} ({'; '.join(parts)})"

    def _band(self, band: Band, whole: str = "it") -> str:
        parts = []
        if band.amount.get(self.currency):
            parts.append(self._money(band.amount[self.currency]))
        if band.percent or not parts:
            parts.append(f"{percent_text(band.percent)} of {whole}")
        return listed(parts)

    def _money(self, minor: int) -> str:
        return self.policy.amount_in_words(minor, self.currency)


def _rate_on(rules: InterestRules, day: date) -> Decimal | None:
    """Return reference rate plus margin; None where the table does not reach: nothing is guessed."""
    assert rules.rates is not None
    try:
        return rules.rates.rate_on(day) + (rules.margin or Decimal(0))
    except RateUnknownError:
        return None


def _band_of(bands: Sequence[Band], currency: str, amount_minor: int) -> int:
    return band_of(tuple(bands), currency, amount_minor).amount.get(currency, 0)


def limit_words(caps: Caps, rules: Iterable[ChargeRule]) -> str:
    """Return in a sentence what caps leave of the charges of a stage, "" for no cap (R4.5).

    Compensation is outside them.
    """
    if all(rule.kind == "compensation" for rule in rules):
        return ""
    said = []
    if caps.max_total_percent is not None:
        said.append(f"{percent_text(caps.max_total_percent)} of its amount")
    if caps.max_annual_rate is not None:
        said.append(f"{percent_text(caps.max_annual_rate)} of its amount a year")
    if not said:
        return ""
    return f"All late fees and interest of an invoice together never exceed {' or '.join(said)}."


def bound(words: str, amounts: Amounts, currency: str, policy: Policy) -> str:
    """Return a bound in words, "" where the currency has none."""
    if currency not in amounts:
        return ""
    return f"{words} {policy.amount_in_words(amounts[currency], currency)}"
