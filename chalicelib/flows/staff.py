"""The people behind the ids that policies and accounts name: who they are, and when they are in."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date

from chalicelib.core.policy import Staff
from chalicelib.flows.ports_registry import RecordKey, Records

BOOK = "PEOPLE"
PEOPLE_MAX = 500
EVER = (date.min, date.max)
ROLL_KEY = RecordKey("META", "STAFF")


@dataclass(frozen=True, slots=True)
class Away:
    """Out of office, from a day through a day."""

    from_on: date
    through_on: date


@dataclass(frozen=True, slots=True)
class Person:
    """A collector or another person who acts (R6.1). `stand_ins` in the order in which they do."""

    id: str
    name: str
    email: str
    phone: str = ""
    stand_ins: tuple[str, ...] = ()
    away: tuple[Away, ...] = ()
    active: bool = True

    def is_in(self, on: date) -> bool:
        """Return whether the person is in on a day."""
        return self.active and not any(a.from_on <= on <= a.through_on for a in self.away)


@dataclass(frozen=True, slots=True)
class StaffRoll:
    """Who is away and who stands in, of everyone: one record, kept right with each person's own.

    So a hold look-up reads it together with the heads, instead of everybody (R8.7).
    """

    away: dict[str, tuple[tuple[date, date], ...]] = field(default_factory=dict)
    stand_ins: dict[str, tuple[str, ...]] = field(default_factory=dict)

    def staff(self) -> Staff:
        """Return it as a policy's rules read it."""
        return Staff(self.away, self.stand_ins)


def roll_of(people: Iterable[Person]) -> StaffRoll:
    """Return the roll of everyone."""
    staff = staff_of(people)
    return StaffRoll(dict(staff.away), dict(staff.stand_ins))


def staff_of(people: Iterable[Person]) -> Staff:
    """Return who is away and who stands in, as a policy's rules read it."""
    known = tuple(people)
    away = {
        person.id: tuple((a.from_on, a.through_on) for a in person.away)
        if person.active
        else (EVER,)
        for person in known
        if person.away or not person.active
    }
    return Staff(away, {p.id: p.stand_ins for p in known if p.stand_ins})


def read_people(records: Records) -> tuple[Person, ...]:
    """Return everyone, in order of their ids."""
    return tuple(row.value for row in records.list(BOOK, Person, most=PEOPLE_MAX))


def key_of(person_id: str) -> RecordKey:
    """Return where a person is kept."""
    return RecordKey(BOOK, person_id)
