"""What must hold for interest: its rate, the caps beside it, and the law of Canada (R4.3-R4.5)."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from chalicelib.core.policy_reading import Reading, Section, nearest
from chalicelib.core.workings import percent_text

CANADA, CANADIAN_DOLLAR = "CA", "CAD"


def check_interest(policy: Section, reading: Reading) -> None:
    """Note every fault of `[interest]`, alone and beside stages, caps and calendar."""
    interest = policy["interest"]
    if interest is not None:
        _check_table(interest, reading)
        _check_rate(interest, reading)
        _check_caps(interest, policy["caps"], reading)
    if interest is not None or "interest" not in policy.given:  # else it was refused as a whole
        _check_charged(interest or Section("[interest]"), policy["stages"] or (), reading)
        _check_canada(interest or Section("[interest]"), policy, reading)


def _check_table(interest: Section, reading: Reading) -> None:
    table = interest["table"]
    if table is not None and table not in reading.rate_tables:
        hint = nearest(table, reading.rate_tables)
        more = f'; did you mean "{hint}"?' if hint else ""
        known = ", ".join(sorted(reading.rate_tables)) or "none"
        reading.bad(
            interest.at("table"),
            "unknown_table",
            f'there is no table of rates "{table}" (there are: {known}){more}',
        )


def _check_rate(interest: Section, reading: Reading) -> None:
    """Contractual and statutory interest exclude each other (R4.4)."""
    given = interest.given
    if {"annual_rate", "table"} <= given:
        reading.bad(
            interest.at("table"),
            "excludes",
            "stands beside annual_rate: interest is either contractual (annual_rate) or statutory "
            "(table, margin, mode), never both",
        )
        return
    for name in ("margin", "mode"):
        if "table" in given and name not in given:
            reading.bad(interest.at(name), "missing", "is needed when a table of rates is named")
        if name in given and "table" not in given:
            reading.bad(interest.at(name), "excludes", "means nothing without a table of rates")


def _check_caps(interest: Section, caps: Section | None, reading: Reading) -> None:
    cap: Decimal | None = None if caps is None else caps["max_annual_rate"]
    for name in ("annual_rate", "margin"):
        rate: Decimal | None = interest[name]
        if cap is not None and rate is not None and rate > cap:
            reading.bad(
                interest.at(name),
                "above_cap",
                f"is {percent_text(rate)} a year, more than [caps].max_annual_rate allows "
                f"({percent_text(cap)})",
            )


def _check_charged(interest: Section, stages: tuple[Section, ...], reading: Reading) -> None:
    """A stage that charges interest needs a rate."""
    charging = [stage for stage in stages if "interest" in _kinds(stage)]
    if charging and not interest.given & {"annual_rate", "table"}:
        named = ", ".join(stage.where for stage in charging)
        verb = "charges" if len(charging) == 1 else "charge"
        reading.bad(
            interest.at("annual_rate"),
            "missing",
            f"is needed, or a table of rates with margin and mode: {named} {verb} interest",
        )


def _check_canada(interest: Section, policy: Section, reading: Reading) -> None:
    """A policy for Canada that charges by a rate needs the annual rate stated (R4.4)."""
    calendar = policy["calendar"]
    country = (calendar and calendar["country"]) or ""
    canadian = country.partition("-")[0] == CANADA or CANADIAN_DOLLAR in reading.currencies
    by_rate = any(_charges_by_rate(stage) for stage in policy["stages"] or ())
    refused = "annual_rate_stated" in interest.given and interest["annual_rate_stated"] is None
    if canadian and by_rate and not refused and not interest["annual_rate_stated"]:
        reading.bad(
            interest.at("annual_rate_stated"),
            "not_stated",
            "must be true for Canada, where a charge by a rate counts only up to 5% a year unless "
            "the contract states what it comes to a year: state it there, then say so here",
        )


def _kinds(stage: Section) -> Iterator[str]:
    return (charge["kind"] for charge in stage["charges"] or ())


def _charges_by_rate(stage: Section) -> bool:
    by_band = (
        band["percent"]
        for charge in stage["charges"] or ()
        if charge["kind"] == "tiered"
        for band in charge["bands"] or ()
    )
    return any(kind in ("percent", "interest") for kind in _kinds(stage)) or any(by_band)
