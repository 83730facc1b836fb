"""Kinds of values in a policy: how each is read from TOML and what it is called in the reference.

Every kind says in `says` what may be written, and `read` returns the value, or notes a fault and
returns `BAD`. Kinds of days are in `policy_kinds_days`, those of money in `policy_kinds_money`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, Protocol

from chalicelib.core.policy_reading import BAD, Reading, nearest

DAYS_MAX = 3650
TEXT_CHARS_MAX = 200
ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,63}")
AGENCY = re.compile(r"[a-z0-9-]{1,20}")
SHOWN_CHARS_MAX = 40


class Kind(Protocol):
    """A kind of value."""

    @property
    def says(self) -> str:
        """Return what may be written, in words."""
        ...

    def read(self, raw: object, where: str, reading: Reading) -> Any:
        """Return the value that `raw` stands for, or note what is wrong and return `BAD`."""
        ...


def shown(raw: object) -> str:
    """Return what was written, for a message: short, and in TOML's own words for yes and no."""
    if isinstance(raw, bool):
        return str(raw).lower()
    text = f'"{raw}"' if isinstance(raw, str) else str(raw)
    return text if len(text) <= SHOWN_CHARS_MAX else text[:SHOWN_CHARS_MAX] + "..."


def wrong_type(kind: Kind, raw: object, where: str, reading: Reading) -> object:
    """Note that `raw` is of another type than the kind's."""
    what = "a table" if isinstance(raw, dict) else shown(raw)
    return reading.bad(where, "wrong_type", f"must be {kind.says}, not {what}")


@dataclass(frozen=True, slots=True)
class Text:
    """A line of text."""

    most: int = TEXT_CHARS_MAX
    empty_ok: bool = True

    @property
    def says(self) -> str:
        """Return what may be written, in words."""
        return f"text of at most {self.most} characters"

    def read(self, raw: object, where: str, reading: Reading) -> Any:
        """Return the text as written; or note a fault and return `BAD`."""
        if not isinstance(raw, str):
            return wrong_type(self, raw, where, reading)
        if len(raw) > self.most:
            return reading.bad(where, "too_long", f"is longer than {self.most} characters")
        if not raw and not self.empty_ok:
            return reading.bad(where, "empty", "must not be empty")
        return raw


@dataclass(frozen=True, slots=True)
class Identifier:
    """A short name that becomes part of ids, so its characters are limited."""

    @property
    def says(self) -> str:
        """Return what may be written, in words."""
        return "a name of letters, digits, '_', '.' and '-', at most 64 characters"

    def read(self, raw: object, where: str, reading: Reading) -> Any:
        """Return the name as written; or note a fault and return `BAD`."""
        if not isinstance(raw, str):
            return wrong_type(self, raw, where, reading)
        if not ID.fullmatch(raw):
            return reading.bad(where, "bad_name", f"must be {self.says}, not {shown(raw)}")
        return raw


@dataclass(frozen=True, slots=True)
class AgencyName:
    """The id of an external agency, which is written on all that is for it."""

    @property
    def says(self) -> str:
        """Return what may be written, in words."""
        return "an agency's id of small letters, digits and '-', at most 20 characters"

    def read(self, raw: object, where: str, reading: Reading) -> Any:
        """Return the id as written; or note a fault and return `BAD`."""
        if not isinstance(raw, str):
            return wrong_type(self, raw, where, reading)
        if not AGENCY.fullmatch(raw):
            return reading.bad(where, "bad_name", f"must be {self.says}, not {shown(raw)}")
        return raw


@dataclass(frozen=True, slots=True)
class CountryCode:
    """A country by its code of two capital letters."""

    @property
    def says(self) -> str:
        """Return what may be written, in words."""
        return 'a country\'s ISO 3166-1 code, such as "US"'

    def read(self, raw: object, where: str, reading: Reading) -> Any:
        """Return the code as written; or note a fault and return `BAD`."""
        if not isinstance(raw, str):
            return wrong_type(self, raw, where, reading)
        if not reading.is_country(raw):
            return reading.bad(where, "unknown_country", f"must be {self.says}, not {shown(raw)}")
        return raw


@dataclass(frozen=True, slots=True)
class Flag:
    """Yes or no."""

    @property
    def says(self) -> str:
        """Return what may be written, in words."""
        return "true or false"

    def read(self, raw: object, where: str, reading: Reading) -> Any:
        """Return the flag; or note a fault and return `BAD`."""
        return raw if isinstance(raw, bool) else wrong_type(self, raw, where, reading)


@dataclass(frozen=True, slots=True)
class Whole:
    """A whole number within bounds."""

    least: int = 0
    most: int = DAYS_MAX
    unit: str = "days"

    @property
    def says(self) -> str:
        """Return what may be written, in words."""
        unit = f" of {self.unit}" if self.unit else ""
        return f"a whole number{unit} from {self.least} to {self.most}"

    def read(self, raw: object, where: str, reading: Reading) -> Any:
        """Return the number; or note a fault and return `BAD`."""
        if not isinstance(raw, int) or isinstance(raw, bool):
            return wrong_type(self, raw, where, reading)
        if not self.least <= raw <= self.most:
            return reading.bad(where, "out_of_range", f"must be {self.says}, not {shown(raw)}")
        return raw


@dataclass(frozen=True, slots=True)
class Choice:
    """One of a few words; `none_word` is the one that means "off"."""

    options: tuple[str, ...]
    none_word: str | None = None

    @property
    def says(self) -> str:
        """Return what may be written, in words."""
        return "one of " + ", ".join(f'"{option}"' for option in self.options)

    def read(self, raw: object, where: str, reading: Reading) -> Any:
        """Return the word, None for the one that means "off"; or note a fault, return `BAD`."""
        if not isinstance(raw, str):
            return wrong_type(self, raw, where, reading)
        if raw not in self.options:
            hint = nearest(raw, self.options)
            more = f'; did you mean "{hint}"?' if hint else ""
            return reading.bad(
                where, "unknown_value", f"must be {self.says}, not {shown(raw)}{more}"
            )
        return None if raw == self.none_word else raw


@dataclass(frozen=True, slots=True)
class ListOf:
    """A list of values of one kind, none twice."""

    item: Kind
    least: int = 0
    most: int = 50
    plural: str = "values"

    @property
    def says(self) -> str:
        """Return what may be written, in words."""
        some = f"at least {self.least} and " if self.least else ""
        return f"a list of {some}at most {self.most} {self.plural}, each {self.item.says}"

    def read(self, raw: object, where: str, reading: Reading) -> Any:
        """Return the values as a tuple; or note a fault and return `BAD`."""
        if not isinstance(raw, list):
            return wrong_type(self, raw, where, reading)
        if not self.least <= len(raw) <= self.most:
            short = f"must name {self.least} to {self.most} {self.plural}, not {len(raw)}"
            return reading.bad(where, "out_of_range", short)
        values = [self.item.read(one, f"{where}[{n}]", reading) for n, one in enumerate(raw, 1)]
        twice = [one for n, one in enumerate(values) if one is not BAD and one in values[:n]]
        if twice:
            return reading.bad(where, "twice", f"names {shown(twice[0])} twice")
        return BAD if BAD in values else tuple(values)
