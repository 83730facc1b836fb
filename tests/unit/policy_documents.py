"""Small policy documents for the tests of the loader, and the world they are read in."""

from collections.abc import Container
from datetime import date
from decimal import Decimal

from chalicelib.core.errors import PolicyError
from chalicelib.core.policy import Policy
from chalicelib.core.policy_load import load_policy
from chalicelib.core.rates import RateSpan, RateTable

DIGITS = {"USD": 2, "EUR": 2, "GBP": 2, "CAD": 2, "JPY": 0, "KWD": 3}
INDEPENDENCE_DAY = date(2024, 7, 4)
RATE_TABLES = {
    name: RateTable(
        name,
        title,
        f"https://{name}.example/",
        date(2024, 12, 31),
        (
            RateSpan(date(2023, 7, 1), date(2024, 6, 30), Decimal("0.04")),
            RateSpan(date(2024, 7, 1), date(2024, 12, 31), Decimal("0.0350")),
        ),
    )
    for name, title in (("gb_bank_rate", "Bank Rate"), ("ecb_mro", "ECB rate"))
}

MINIMAL = """
id = "smallest"
currencies = ["USD"]
[[stages]]
id = "reminder"
days = 15
"""


def holidays_for(country: str) -> Container[date] | None:
    known = {"US": {INDEPENDENCE_DAY}, "CA": set(), "CA-QC": set()}
    return frozenset(known[country]) if country in known else None


def load(text: str | bytes) -> Policy:
    document = text.encode() if isinstance(text, str) else text
    return load_policy(document, digits=DIGITS, holidays_for=holidays_for, rate_tables=RATE_TABLES)


def faults_of(text: str | bytes) -> list[tuple[str, str]]:
    """Where each fault of a document is and which it is; nothing for a document that loads."""
    try:
        load(text)
    except PolicyError as error:
        return [(fault.where, fault.code) for fault in error.faults]
    return []


def details_of(text: str | bytes) -> str:
    try:
        load(text)
    except PolicyError as error:
        return str(error)
    return ""


def with_stages(*stages: str, currencies: str = '["USD"]') -> str:
    """A document with these bodies of `[[stages]]`."""
    bodies = "".join(f"\n[[stages]]\n{body}\n" for body in stages)
    return f'id = "p"\ncurrencies = {currencies}\n{bodies}'


def with_charges(*charges: str, currencies: str = '["USD"]') -> str:
    """A document with one stage, `fee`, that has these charges."""
    listed = ", ".join(f"{{ {charge} }}" for charge in charges)
    return with_stages(f'id = "fee"\ndays = 30\ncharges = [{listed}]', currencies=currencies)
