"""What must hold between the keys of a charge and of its bands (R2.1, R4.1)."""

from __future__ import annotations

from collections.abc import Iterator

from chalicelib.core.policy_reading import Reading, Section

# Which keys of a charge belong to which kinds; the others belong to all.
KINDS_OF_KEY = {
    "amount": ("flat",),
    "rate": ("percent",),
    "bands": ("tiered", "compensation"),
    "min": ("flat", "percent", "tiered", "compensation"),
}
WHY_STRAY = {
    ("min", "interest"): "interest is what the days come to, and is never raised to a minimum",
    ("amount", "tiered"): "an amount of a tiered charge stands in its bands",
    ("amount", "compensation"): "an amount of compensation stands in its bands",
    ("rate", "interest"): "the rate of interest is that of [interest]",
    ("rate", "tiered"): "the rate of a tiered charge is the percent of a band",
}

Found = Iterator[tuple[str, str, str]]  # where, code and detail of faults


def check_charges(charges: tuple[Section, ...], reading: Reading) -> None:
    """Note every fault between the charges of a stage and inside each."""
    _check_twice(charges, reading)
    for charge in charges:
        kind = charge["kind"]
        if kind is not None:
            for found in (_needs, _strays, _bounds):
                for where, code, detail in found(charge, kind, reading):
                    reading.bad(where, code, detail)


def _check_twice(charges: tuple[Section, ...], reading: Reading) -> None:
    seen: set[str] = set()
    for charge in charges:
        kind = charge["kind"]
        if kind in seen:
            reading.bad(
                charge.at("kind"),
                "twice",
                f'is the second charge of kind "{kind}" in this stage; a stage has one of each',
            )
        if kind is not None:
            seen.add(kind)


def _needs(charge: Section, kind: str, reading: Reading) -> Found:
    if kind == "percent" and "rate" not in charge.given:
        yield charge.at("rate"), "missing", "is needed for a charge of kind percent"
    elif kind == "flat":
        yield from every_amount(charge, "amount", "for a charge of kind flat", reading)
    elif kind in KINDS_OF_KEY["bands"]:
        bands = charge["bands"]
        if "bands" not in charge.given or bands == ():
            yield charge.at("bands"), "missing", f"are needed for a charge of kind {kind}"
        elif bands:
            yield from _bands(bands, kind, reading)


def _strays(charge: Section, kind: str, _reading: Reading) -> Found:
    for name, kinds in KINDS_OF_KEY.items():
        if name in charge.given and kind not in kinds:
            *most, last = kinds
            of = f"{', '.join(most)} or {last}" if most else last
            why = WHY_STRAY.get((name, kind))
            more = f": {why}" if why else ""
            yield charge.at(name), "stray", f"belongs to charges of kind {of}, not {kind}{more}"


def _bounds(charge: Section, _kind: str, _reading: Reading) -> Found:
    for currency, low in (charge["min"] or {}).items():
        high = (charge["max"] or {}).get(currency)
        if high is not None and low > high:
            where = f"{charge.at('min')}.{currency}"
            yield where, "min_above_max", f"is above max, which is the limit in {currency}"


def every_amount(section: Section, name: str, what_for: str, reading: Reading) -> Found:
    """Yield what is missing of amounts that are needed in each of the policy's currencies."""
    amounts = section[name]
    if name not in section.given:
        yield section.at(name), "missing", f"is needed {what_for}"
    elif amounts is not None:
        for currency in reading.currencies:
            if currency not in amounts:
                where = f"{section.at(name)}.{currency}"
                yield where, "missing", f"is needed: the policy is also for {currency}"


def _bands(bands: tuple[Section, ...], kind: str, reading: Reading) -> Found:
    for band in bands:
        yield from _worth(band, kind, reading)
    why = "for every band but the last: only the last is open, and no amount comes to those after"
    for band in bands[:-1]:
        yield from every_amount(band, "below", why, reading)
    if bands[-1]["below"]:
        yield (
            bands[-1].at("below"),
            "not_open",
            "must be left out: the last band is open, so that every amount has a band",
        )
    yield from in_order(bands[:-1])


def _worth(band: Section, kind: str, reading: Reading) -> Found:
    """Yield what a band lacks to come to an amount, in each of the policy's currencies."""
    if kind == "compensation":
        if "percent" in band.given:
            yield (
                band.at("percent"),
                "stray",
                "belongs to bands of kind tiered: compensation is a fixed sum",
            )
        yield from every_amount(band, "amount", "in every band of a compensation", reading)
    elif "percent" not in band.given:
        free = 'a percent, which may be "0"'
        if "amount" not in band.given:
            where = band.where
            yield where, "missing", f"needs an amount or {free}: nothing says what it charges"
        else:
            what_for = f"in every band that has not {free}"
            yield from every_amount(band, "amount", what_for, reading)


def in_order(bounded: tuple[Section, ...]) -> Found:
    """Yield the bounds that do not go beyond those of every band before, per currency."""
    highest: dict[str, tuple[int, int]] = {}  # by currency: the bound, and the number of its band
    for number, band in enumerate(bounded, 1):
        for currency, below in (band["below"] or {}).items():
            reached, by = highest.get(currency, (0, 0))
            where = f"{band.at('below')}.{currency}"
            if below == 0:
                yield where, "out_of_range", "must be above zero, or no amount ever comes here"
            elif below <= reached:
                yield where, "not_ascending", _overlap(below, reached, by)
            else:
                highest[currency] = (below, number)


def _overlap(below: int, reached: int, by: int) -> str:
    how = "is the same as" if below == reached else "is lower than"
    return (
        f"{how} in band {by}, so the two overlap and no amount ever comes here; bands go from the "
        "lowest to the highest"
    )
