"""Kinds of days in a policy: weekdays, holidays, aging edges, and so many of the last so many."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from chalicelib.core.calendar import WEEKDAYS
from chalicelib.core.policy_kinds import Choice, ListOf, Whole, shown, wrong_type
from chalicelib.core.policy_reading import BAD, Reading
from chalicelib.core.terms import KNOWN_TERMS, TermsError, due_date

ANY_DAY = date(2000, 1, 1)  # for judging terms: whether they are known does not depend on the day


@dataclass(frozen=True, slots=True)
class Weekdays:
    """The weekdays on which something happens, as Python counts them: Monday is 0."""

    @property
    def says(self) -> str:
        """Return what may be written, in words."""
        return "a list of weekdays, such as " + '["mon", "tue"]'

    def read(self, raw: object, where: str, reading: Reading) -> Any:
        """Return the weekdays as a frozenset; or note a fault and return `BAD`."""
        if raw == []:
            return reading.bad(where, "empty", "must name at least one weekday, or nothing happens")
        days = ListOf(Choice(WEEKDAYS), most=len(WEEKDAYS), plural="weekdays")
        names = days.read(raw, where, reading)
        return BAD if names is BAD else frozenset(WEEKDAYS.index(name) for name in names)


@dataclass(frozen=True, slots=True)
class TimeOfDay:
    """A time of day, in whole minutes."""

    @property
    def says(self) -> str:
        """Return what may be written, in words."""
        return 'a time of day, such as "08:30"'

    def read(self, raw: object, where: str, reading: Reading) -> Any:
        """Return the time; or note a fault and return `BAD`."""
        if not isinstance(raw, str):
            return wrong_type(self, raw, where, reading)
        try:
            return datetime.strptime(raw, "%H:%M").time()  # noqa: DTZ007 - a time has no zone
        except ValueError:
            return reading.bad(where, "not_a_time", f"must be {self.says}, not {shown(raw)}")


@dataclass(frozen=True, slots=True)
class Edges:
    """The upper edges of the aging buckets, in days."""

    most: int = 10

    @property
    def says(self) -> str:
        """Return what may be written, in words."""
        return f"a list of 1 to {self.most} numbers of days, each higher than the one before"

    def read(self, raw: object, where: str, reading: Reading) -> Any:
        """Return the edges as a tuple; or note a fault and return `BAD`."""
        edges = ListOf(Whole(1), 1, self.most, "edges").read(raw, where, reading)
        if edges is not BAD and list(edges) != sorted(edges):
            return reading.bad(where, "not_ascending", f"must be {self.says}")
        return edges


@dataclass(frozen=True, slots=True)
class LateOfLast:
    """`[n, m]`: n of the last m settled invoices were late (R8.1)."""

    most: int = 50

    @property
    def says(self) -> str:
        """Return what may be written, in words."""
        return f"[n, m], two whole numbers with 1 <= n <= m <= {self.most}"

    def read(self, raw: object, where: str, reading: Reading) -> Any:
        """Return n and m; or note a fault and return `BAD`."""
        whole = isinstance(raw, list) and all(type(one) is int for one in raw)
        if not isinstance(raw, list) or not whole or len(raw) != 2:  # noqa: PLR2004 - a pair
            return wrong_type(self, raw, where, reading)
        if not 1 <= raw[0] <= raw[1] <= self.most:
            return reading.bad(where, "out_of_range", f"must be {self.says}, not {shown(raw)}")
        return raw[0], raw[1]


@dataclass(frozen=True, slots=True)
class Country:
    """A country or subdivision whose public holidays count; read as its code and its holidays."""

    @property
    def says(self) -> str:
        """Return what may be written, in words."""
        return 'a country\'s ISO 3166 code, such as "US" or "GB-ENG", or "" for no holidays'

    def read(self, raw: object, where: str, reading: Reading) -> Any:
        """Return the code as written; or note a fault and return `BAD`."""
        if not isinstance(raw, str):
            return wrong_type(self, raw, where, reading)
        if raw and reading.holidays_for(raw) is None:
            no = f"no public holidays are known for {shown(raw)}; it must be {self.says}"
            return reading.bad(where, "unknown_country", no)
        return raw


@dataclass(frozen=True, slots=True)
class Terms:
    """Payment terms that name their mode (R3.5)."""

    @property
    def says(self) -> str:
        """Return what may be written, in words."""
        return f'payment terms, such as "eom+30", one of: {KNOWN_TERMS}; or "" for none'

    def read(self, raw: object, where: str, reading: Reading) -> Any:
        """Return the terms as written; or note a fault and return `BAD`."""
        if not isinstance(raw, str):
            return wrong_type(self, raw, where, reading)
        try:
            if raw:
                due_date(raw, ANY_DAY)
        except TermsError as error:
            return reading.bad(where, "bad_terms", str(error))
        return raw
