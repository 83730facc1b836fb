"""What the parameters of a stage must be: what the template allows, and what production needs."""

from __future__ import annotations

import re
import zoneinfo
from collections.abc import Iterator, Mapping
from typing import Any

from chalicelib.core.errors import Fault
from chalicelib.identity.issuers import read_issuers
from chalicelib.settings import ACCOUNT_PACING, PRODUCTION_STAGE, SettingsError

BY_HAND = "BY_HAND"  # of `schedules`: on one machine alone
NO_MAIL = "none"  # of `alarm_email`
# What may not be otherwise where letters go to customers, and why.
_OF_PRODUCTION = {
    "schedules": ("ENABLED", "a production whose schedules rest sends nothing; pause sending instead"),
    "mail_pacing": (ACCOUNT_PACING, "production keeps to the rate that SES allows the account"),
    "retry_after_seconds": ("0", "a message could be worked twice at once"),
    "events": ("on", "other systems would hear nothing of what happens"),
}  # fmt: skip


def parameter_faults(
    given: Mapping[str, str], declared: Mapping[str, Mapping[str, Any]]
) -> Iterator[Fault]:
    """Yield what is wrong with parameters, by the template's own declaration of each."""
    for key in sorted(given.keys() - declared.keys()):
        known = ", ".join(sorted(declared))
        yield Fault(f"parameters.{key}", "unknown_key", f"is no parameter; there are {known}")
    for key, declaration in sorted(declared.items()):
        value = given.get(key, "")
        if not value and "Default" not in declaration:
            yield Fault(f"parameters.{key}", "to_fill_in", f"fill in: {declaration['Description']}")
        elif key in given:
            yield from _value_faults(f"parameters.{key}", value, declaration)
    yield from _meaning_faults(given)


def stage_faults(stage: str, account_id: str, given: Mapping[str, str]) -> Iterator[Fault]:
    """Yield what production needs and does not have, and what only production may have (R13.4)."""
    if given.get("schedules") == BY_HAND:
        detail = "would try nothing again that failed; say DISABLED where days come by hand"
        yield Fault("parameters.schedules", "not_in_aws", detail)
        given = {key: value for key, value in given.items() if key != "schedules"}
    where = "parameters.production_account_id"
    named = given.get("production_account_id", "")
    if stage != PRODUCTION_STAGE:
        if named and named == account_id:
            detail = f"is this account, and {stage} is not production; leave it empty"
            yield Fault(where, "not_production", detail)
        return
    if not named:
        yield Fault(where, "to_fill_in", "fill in account_id once more: letters go to customers")
    elif named != account_id:
        yield Fault(
            where, "other_account", "must be account_id: letters go to customers from there"
        )
    if not given.get("alarm_email"):
        detail = f'fill in who hears of alarms; "{NO_MAIL}" if something else reads their topic'
        yield Fault("parameters.alarm_email", "to_fill_in", detail)
    for key, (only, why) in _OF_PRODUCTION.items():
        if given.get(key, only) != only:
            yield Fault(f"parameters.{key}", "not_in_production", f"must be {only}: {why}")


def _value_faults(where: str, value: str, declaration: Mapping[str, Any]) -> Iterator[Fault]:
    pattern = declaration.get("AllowedPattern")
    if pattern and not re.fullmatch(pattern, value):
        yield Fault(where, "invalid", f"{value!r} is not of the form {pattern}")
    allowed = declaration.get("AllowedValues")
    if allowed and value not in allowed:
        yield Fault(where, "invalid", f"{value!r} is none of {', '.join(allowed)}")
    if len(value) > int(declaration.get("MaxLength", len(value))):
        most = declaration["MaxLength"]
        yield Fault(where, "too_long", f"has {len(value)} characters; at most {most} are allowed")
    if declaration["Type"] == "Number":
        low, high = declaration.get("MinValue", 0), declaration.get("MaxValue", 2**31)
        if not value.isdecimal() or not int(low) <= int(value) <= int(high):
            yield Fault(where, "invalid", f"{value!r} is no whole number from {low} to {high}")


def _meaning_faults(given: Mapping[str, str]) -> Iterator[Fault]:
    zone = given.get("seller_zone", "")
    if zone and zone not in zoneinfo.available_timezones():
        yield Fault("parameters.seller_zone", "unknown_zone", f"{zone!r} is no IANA time zone")
    try:
        read_issuers(given.get("oidc_issuers") or "[]")
    except SettingsError as error:
        for fault in error.faults:
            yield Fault(f"parameters.oidc_issuers ({fault.where})", fault.code, fault.detail)
