"""The exchange rates of the reporting currency, as the seller states them (R3.3).

One JSON document in the archive; without it there is no reporting currency. The snapshot of a run
takes the rates of its own day, so that a rate that is stated later changes no past report.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from chalicelib.core.aging import AgingRow
from chalicelib.core.errors import Fault, InvalidInputError, NotFoundError
from chalicelib.core.money import EXACT, AmountError, parse_rate, round_half_up
from chalicelib.flows.currencies import CURRENCY_DIGITS
from chalicelib.flows.ports import Archive

KEY = "settings/reporting_rates.json"
RATES_MAX = 10_000
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


class RatesError(InvalidInputError):
    """The document of exchange rates cannot be used."""

    code = "invalid_rates"


@dataclass(frozen=True, slots=True)
class Rate:
    """From a day on, what one unit of a currency is worth in the reporting currency."""

    on: date
    rate: Decimal


@dataclass(frozen=True, slots=True)
class ReportingRates:
    """The reporting currency, and by currency its rates of a day."""

    currency: str
    rates: Mapping[str, Rate]

    def convert(self, minor: int, currency: str) -> int:
        """Return minor units of the reporting currency, rounded once, half-up.

        Raises:
            KeyError: there is no rate for the currency.
        """
        if currency == self.currency:
            return minor
        shift = CURRENCY_DIGITS[self.currency] - CURRENCY_DIGITS[currency]
        exact = EXACT.multiply(Decimal(minor), self.rates[currency].rate)
        return round_half_up(exact.scaleb(shift, context=EXACT))

    def total(self, rows: Mapping[str, AgingRow], width: int) -> AgingRow | None:
        """Return the sum of aging totals by currency, of `width` buckets; None without a rate.

        Each bucket, the charges and the cash of each currency are rounded once; the sum is of what
        was rounded, so that it adds up as it is shown.
        """
        if any(code not in self.rates and code != self.currency for code in rows):
            return None
        buckets = [0] * width
        charges = unapplied = 0
        for code, row in rows.items():
            for index, minor in enumerate(row.buckets):
                buckets[index] += self.convert(minor, code)
            charges += self.convert(row.charges_minor, code)
            unapplied += self.convert(row.unapplied_minor, code)
        return AgingRow("", self.currency, tuple(buckets), charges, unapplied)


def rates_of(archive: Archive, on: date) -> ReportingRates | None:
    """Return the rates of a day: of each currency the newest of that day or before it.

    None when the seller states none. Reads one file.

    Raises:
        RatesError: the document is not such a document; every fault is named.
        UnavailableError: the archive does not answer now.
    """
    try:
        document = archive.get(KEY)
    except NotFoundError:
        return None
    return read_rates(document, on)


def read_rates(document: bytes, on: date) -> ReportingRates:
    """Return the rates of a day that a JSON document spells.

    `{"currency": "EUR", "rates": [{"on": "2024-03-18", "currency": "USD", "rate": "0.92"}]}`: one
    unit of `currency` in a rate is worth `rate` units of the reporting currency, from `on` until
    the next.

    Raises:
        RatesError: it is not such a document; every fault is named.
    """
    try:
        values = json.loads(document)
    except ValueError:
        raise RatesError("the exchange rates are not JSON") from None
    faults = tuple(_faults(values))
    if faults:
        raise RatesError("the exchange rates cannot be used", faults)
    newest: dict[str, Rate] = {}
    for one in values["rates"]:
        found = Rate(date.fromisoformat(one["on"]), parse_rate(one["rate"]))
        known = newest.get(one["currency"])
        if found.on <= on and (known is None or known.on < found.on):
            newest[one["currency"]] = found
    return ReportingRates(values["currency"], newest)


def _faults(values: Any) -> Iterator[Fault]:
    if not isinstance(values, dict) or values.keys() != {"currency", "rates"}:
        yield Fault("", "wrong_shape", 'must be {"currency": ..., "rates": [...]}')
        return
    if not _is_currency(values["currency"]):
        yield Fault("/currency", "unknown_currency", "must be a code of ISO 4217")
    rates = values["rates"]
    if not isinstance(rates, list) or len(rates) > RATES_MAX:
        yield Fault("/rates", "wrong_shape", f"must be a list of at most {RATES_MAX} rates")
        return
    seen: set[tuple[str, str]] = set()
    for index, one in enumerate(rates):
        where = f"/rates/{index}"
        if not isinstance(one, dict) or one.keys() != {"on", "currency", "rate"}:
            yield Fault(where, "wrong_shape", 'must be {"on": ..., "currency": ..., "rate": ...}')
            continue
        yield from _rate_faults(one, where)
        key = (str(one["currency"]), str(one["on"]))
        if key in seen:
            yield Fault(where, "given_twice", f"{key[0]} has two rates on {key[1]}")
        seen.add(key)


def _rate_faults(one: dict[str, Any], where: str) -> Iterator[Fault]:
    if not _is_currency(one["currency"]):
        yield Fault(f"{where}/currency", "unknown_currency", "must be a code of ISO 4217")
    if not _is_day(one["on"]):
        yield Fault(f"{where}/on", "not_a_date", "must be a date such as 2024-03-18")
    if not _is_rate(one["rate"]):
        yield Fault(f"{where}/rate", "bad_rate", 'must be a decimal above 0 in quotes: "0.92"')


def _is_currency(value: object) -> bool:
    return isinstance(value, str) and value in CURRENCY_DIGITS


def _is_day(value: object) -> bool:
    if not isinstance(value, str) or not _DAY.fullmatch(value):
        return False
    try:
        date.fromisoformat(value)
    except ValueError:
        return False
    return True


def _is_rate(value: object) -> bool:
    if not isinstance(value, str):
        return False
    try:
        return parse_rate(value) > 0
    except AmountError:
        return False
