"""What must hold between the keys of `[escalation]`: agencies' rules, bands of commission (R10)."""

from __future__ import annotations

from itertools import pairwise

from chalicelib.core.policy_check_charges import every_amount, in_order
from chalicelib.core.policy_reading import Reading, Section

BOUNDS = ("below_days", "below")
LAST = "must be left out: the last band is open, so that every placement has a commission"
ONLY_LAST = (
    "for every band but the last: only the last is open, and no placement comes to those after"
)


def check_escalation(escalation: Section, reading: Reading) -> None:
    """Note every fault between the keys of `[escalation]`."""
    for agency in escalation["agencies"] or ():
        _check_bounds(agency, reading)
        _check_currencies(agency, reading)
    if escalation["commission"]:
        _check_commission(escalation["commission"], reading)


def _check_bounds(agency: Section, reading: Reading) -> None:
    """A balance must be able to lie between the bounds of a rule."""
    for currency, least in (agency["at_least"] or {}).items():
        below = (agency["below"] or {}).get(currency)
        if below is not None and least >= below:
            reading.bad(
                f"{agency.at('at_least')}.{currency}",
                "min_above_max",
                "is not lower than below, so no balance ever comes to this agency",
            )


def _check_currencies(agency: Section, reading: Reading) -> None:
    """Bounds are of the currencies that the rule is for."""
    for name in ("at_least", "below"):
        for currency in agency[name] or {}:
            if agency["currencies"] and currency not in agency["currencies"]:
                only = ", ".join(agency["currencies"])
                reading.bad(
                    f"{agency.at(name)}.{currency}",
                    "stray",
                    f"is not used: this rule is only for placements in {only}",
                )


def _check_commission(bands: tuple[Section, ...], reading: Reading) -> None:
    """Only the last band is open, and all the others go up by age, or all by amount (R10.6)."""
    for name in BOUNDS:
        if name in bands[-1].given and bands[-1][name] != {}:
            reading.bad(bands[-1].at(name), "not_open", LAST)
    bounded = bands[:-1]
    by_age = any("below_days" in band.given for band in bounded)
    by_amount = any("below" in band.given for band in bounded)
    if by_age and by_amount:
        for band in bounded:
            if "below" in band.given:
                reading.bad(
                    band.at("below"),
                    "excludes",
                    "stands beside below_days: bands go by age or by amount, not both",
                )
    elif by_amount:
        for band in bounded:
            for where, code, detail in every_amount(band, "below", ONLY_LAST, reading):
                reading.bad(where, code, detail)
        for where, code, detail in in_order(bounded):
            reading.bad(where, code, detail)
    else:
        _check_ages(bounded, reading)


def _check_ages(bounded: tuple[Section, ...], reading: Reading) -> None:
    for band in bounded:
        if "below_days" not in band.given:
            reading.bad(band.at("below_days"), "missing", f"(or below) is needed {ONLY_LAST}")
    ages = [band for band in bounded if band["below_days"] is not None]
    for low, high in pairwise(ages):
        if high["below_days"] <= low["below_days"]:
            reading.bad(
                high.at("below_days"),
                "not_ascending",
                f"must be higher than {low['below_days']}, that of a band before it, or no placement "
                "ever comes here",
            )
