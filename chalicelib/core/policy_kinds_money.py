"""Kinds of money in a policy: currencies, amounts per currency, rates.

Amounts and rates are decimal texts: a TOML number with a point is binary and cannot hold every
decimal exactly, so numbers are refused rather than guessed at.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from chalicelib.core.money import AmountError, parse_amount, parse_rate
from chalicelib.core.policy_kinds import ListOf, Text, shown, wrong_type
from chalicelib.core.policy_reading import BAD, Reading, nearest

CURRENCIES_MAX = 50
DECIMAL = re.compile(r"-?[0-9]+(\.[0-9]+)?")
ONE = Decimal(1)


def _quoted(raw: object, says: str, where: str, reading: Reading) -> Any:
    """Return a decimal text; a bare number is refused with how to write it instead."""
    if isinstance(raw, str):
        return raw
    if isinstance(raw, int | float) and not isinstance(raw, bool):
        how = f'write {where.rpartition(".")[2]} = "{raw}", in quotes'
        why = "a bare number cannot hold every decimal exactly"
        return reading.bad(where, "not_quoted", f"{how}: {why}")
    what = "a table" if isinstance(raw, dict) else shown(raw)
    return reading.bad(where, "wrong_type", f"must be {says}, not {what}")


def unknown_currency(code: str, known: Iterable[str]) -> str:
    """Return what is wrong with a currency code that is not in ISO 4217, with the nearest one."""
    hint = nearest(code.upper(), known)
    more = f'; did you mean "{hint}"?' if hint else ""
    return f"{shown(code)} is not a currency of ISO 4217{more}"


@dataclass(frozen=True, slots=True)
class Currencies:
    """The currencies a policy is for."""

    @property
    def says(self) -> str:
        """Return what may be written, in words."""
        return f'a list of 1 to {CURRENCIES_MAX} ISO 4217 codes, such as ["USD", "EUR"]'

    def read(self, raw: object, where: str, reading: Reading) -> Any:
        """Return the codes as a tuple; or note a fault and return `BAD`."""
        codes = ListOf(Text(), 1, CURRENCIES_MAX, "currencies").read(raw, where, reading)
        if codes is BAD:
            return BAD
        wrong = [code for code in codes if code not in reading.digits]
        for code in wrong:
            reading.bad(where, "unknown_currency", unknown_currency(code, reading.digits))
        return BAD if wrong else codes


@dataclass(frozen=True, slots=True)
class PolicyCurrency:
    """One of the policy's own currencies."""

    @property
    def says(self) -> str:
        """Return what may be written, in words."""
        return "one of the policy's currencies"

    def read(self, raw: object, where: str, reading: Reading) -> Any:
        """Return the code as written; or note a fault and return `BAD`."""
        if not isinstance(raw, str):
            return wrong_type(self, raw, where, reading)
        if raw not in reading.digits:
            return reading.bad(where, "unknown_currency", unknown_currency(raw, reading.digits))
        return raw if _is_ours(raw, where, reading) else BAD


def _is_ours(code: str, where: str, reading: Reading) -> bool:
    """Return whether a currency is one of the policy's own, or note that it is not."""
    if not reading.currencies or code in reading.currencies:
        return True
    ours = ", ".join(reading.currencies)
    no = f"{code} is not one of this policy's currencies ({ours})"
    reading.bad(where, "currency_not_in_policy", no)
    return False


@dataclass(frozen=True, slots=True)
class AmountsKind:
    """An amount for each of some currencies; read as minor units by currency."""

    @property
    def says(self) -> str:
        """Return what may be written, in words."""
        return 'a table of amounts per currency, such as { USD = "25.00" }'

    def read(self, raw: object, where: str, reading: Reading) -> Any:
        """Return minor units by currency; or note a fault and return `BAD`."""
        if not isinstance(raw, dict):
            return wrong_type(self, raw, where, reading)
        read = {code: _amount(code, one, f"{where}.{code}", reading) for code, one in raw.items()}
        return BAD if BAD in read.values() else read


def _amount(code: str, raw: object, where: str, reading: Reading) -> Any:
    """Return one amount in minor units; every fault about it is noted, that of its currency too."""
    if code not in reading.digits:
        return reading.bad(where, "unknown_currency", unknown_currency(code, reading.digits))
    if not _is_ours(code, where, reading):
        return BAD
    text = _quoted(raw, 'an amount such as "25.00"', where, reading)
    if text is BAD:
        return BAD
    try:
        minor = parse_amount(text, reading.digits[code])
    except AmountError as error:
        return reading.bad(where, "bad_amount", str(error))
    if minor < 0:
        return reading.bad(where, "negative", f"must not be below zero, but is {shown(text)}")
    return minor


@dataclass(frozen=True, slots=True)
class Rate:
    """A rate; `off_ok` allows "" for "off"."""

    most: Decimal = ONE
    off_ok: bool = False
    least: Decimal = Decimal(0)

    @property
    def says(self) -> str:
        """Return what may be written, in words."""
        off = ', or "" for off' if self.off_ok else ""
        return f'a decimal in quotes from "{self.least}" to "{self.most}" ("0.015" is 1.5%){off}'

    def read(self, raw: object, where: str, reading: Reading) -> Any:
        """Return the rate as a `Decimal`, or None for "off"; or note a fault and return `BAD`."""
        text = _quoted(raw, self.says, where, reading)
        if text is BAD or (text == "" and self.off_ok):
            return BAD if text is BAD else None
        try:
            rate = parse_rate(text) if DECIMAL.fullmatch(text) else None
        except AmountError as error:
            return reading.bad(where, "bad_rate", str(error))
        if rate is None:
            return reading.bad(where, "bad_rate", f"must be {self.says}, not {shown(text)}")
        if rate < 0:
            return reading.bad(where, "negative", f"must not be below zero, but is {shown(text)}")
        if not self.least <= rate <= self.most:
            return reading.bad(where, "out_of_range", f"must be {self.says}, not {shown(text)}")
        return rate
