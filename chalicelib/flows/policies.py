"""Loads a policy, shipped or given, with the world it needs: currencies and public holidays."""

from __future__ import annotations

from collections.abc import Container
from datetime import date
from functools import cache
from importlib.resources import files

import holidays

from chalicelib.core.errors import NotFoundError
from chalicelib.core.policy import Policy
from chalicelib.core.policy_load import load_policy
from chalicelib.core.policy_reading import nearest
from chalicelib.flows.countries import is_country
from chalicelib.flows.currencies import CURRENCY_DIGITS
from chalicelib.flows.rates import shipped_rates

SHIPPED_PACKAGE = "chalicelib.policies"
SUFFIX = ".toml"


class PublicHolidays(Container[date]):
    """The public holidays of a country or subdivision, observed days included (R5.4).

    Each year is worked out when it is first asked for, so that asking again is one look-up.
    """

    def __init__(self, country: str, subdivision: str | None) -> None:
        self._country = country
        self._subdivision = subdivision
        self._years: dict[int, frozenset[date]] = {}

    def __contains__(self, day: object) -> bool:
        if not isinstance(day, date):
            return False
        known = self._years.get(day.year)
        if known is None:
            known = self._years[day.year] = self._of(day.year)
        return day in known

    def _of(self, year: int) -> frozenset[date]:
        found = holidays.country_holidays(self._country, subdiv=self._subdivision, years=year)
        return frozenset(found)


@cache
def holidays_for(country: str) -> Container[date] | None:
    """Return the public holidays of "US" or "GB-ENG", none for "", None for a place not known."""
    if not country:
        return frozenset()
    code, dash, subdivision = country.partition("-")
    known = holidays.list_supported_countries().get(code)
    if known is None or (dash and subdivision not in known):
        return None
    return PublicHolidays(code, subdivision or None)


def shipped_ids() -> tuple[str, ...]:
    """Return the ids of the policies that come with Pastdue (R2.3), in order."""
    names = (entry.name for entry in files(SHIPPED_PACKAGE).iterdir())
    return tuple(sorted(name.removesuffix(SUFFIX) for name in names if name.endswith(SUFFIX)))


def shipped_document(policy_id: str) -> bytes:
    """Return the TOML document of a shipped policy.

    Raises:
        NotFoundError: no policy of this id is shipped; the message names those that are.
    """
    known = shipped_ids()
    if policy_id not in known:
        hint = nearest(policy_id, known)
        ask = f'; did you mean "{hint}"?' if hint else ""
        listed = ", ".join(known)
        raise NotFoundError(f'no policy "{policy_id[:64]}" is shipped (shipped: {listed}){ask}')
    return (files(SHIPPED_PACKAGE) / f"{policy_id}{SUFFIX}").read_bytes()


def load(id_or_document: str | bytes) -> Policy:
    """Return a shipped policy by its id, or the policy of a TOML document given as bytes (R2.1).

    Raises:
        NotFoundError: no policy of this id is shipped.
        PolicyError: the document does not hold together; `faults` names everything that is wrong.
    """
    if isinstance(id_or_document, str):
        id_or_document = shipped_document(id_or_document)
    return load_policy(
        id_or_document,
        digits=CURRENCY_DIGITS,
        holidays_for=holidays_for,
        rate_tables=shipped_rates(),
        is_country=is_country,
    )
