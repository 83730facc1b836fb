"""Who the people are: put in, and told of, with who acts for them today (R6.1).

A person is put in whole. Nobody is taken out: what was done stays theirs; who has left is not
active, and counts as away.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from chalicelib.core.addresses import is_address
from chalicelib.core.errors import Fault, InvalidInputError, LimitError, NotFoundError
from chalicelib.flows.desk import Caller, Reply, check_match
from chalicelib.flows.ports_registry import Put, Records
from chalicelib.flows.registry_desk import RegistryDesk, Rule, act_of
from chalicelib.flows.staff import (
    PEOPLE_MAX,
    ROLL_KEY,
    Person,
    StaffRoll,
    key_of,
    read_people,
    roll_of,
)

# What a person's ETag stands for: what an administrator can change, not who happens to be in.
GUARDED = ("person_id", "name", "email", "phone", "stand_ins", "away", "active")


@dataclass(frozen=True, slots=True)
class PeopleBook:
    """Keeps the people, and who changed what of them."""

    records: Records
    desk: RegistryDesk

    def get(self, person_id: str, today: date) -> dict[str, Any]:
        """Return a person as plain values, with who acts for them today.

        Raises:
            NotFoundError: there is no such person.
        """
        everyone = {person.id: person for person in read_people(self.records)}
        if person_id not in everyone:
            raise NotFoundError(f"there is no person {person_id[:64]!r}")
        return values_of(everyone[person_id], everyone, today)

    def list(self, after: str, most: int, today: date) -> tuple[list[dict[str, Any]], str | None]:
        """Return people in order of their ids, and the mark of the next page."""
        everyone = {person.id: person for person in read_people(self.records)}
        ids = [name for name in everyone if name > after]
        rows = [values_of(everyone[name], everyone, today) for name in ids[:most]]
        return rows, ids[most - 1] if len(ids) > most else None

    def put(self, caller: Caller, person: Person, today: date) -> Reply:
        """Put a person in, or another state of one; 201 for a new one.

        Raises:
            InvalidInputError: stand-ins or absences do not hold together; every fault at once.
            PreconditionFailedError, PreconditionRequiredError: as api.md says of `If-Match`.
            LimitError: there would be more than 500 people.
        """

        def rule() -> Rule:
            everyone = {one.id: one for one in read_people(self.records)}
            there = self.records.read(key_of(person.id), Person)
            seen = values_of(there.value, everyone, today) if there is not None else None
            if there is None or there.value != person:
                check_match(caller, seen and {name: seen[name] for name in GUARDED})
            _check(person, everyone)
            everyone[person.id] = person
            body = values_of(person, everyone, today)
            if there is not None and there.value == person:
                return Rule((), Reply(200, body))
            roll = self.records.read(ROLL_KEY, StaffRoll)
            return Rule(
                (
                    Put(key_of(person.id), person, there.revision if there else 0),
                    Put(ROLL_KEY, roll_of(everyone.values()), roll.revision if roll else 0),
                ),
                Reply(200 if there else 201, body, f"/v1/people/{person.id}"),
                (act_of(caller, "people", "person_put", person.id),),
            )

        return self.desk.act(caller, rule)


def values_of(person: Person, everyone: Mapping[str, Person], today: date) -> dict[str, Any]:
    """Return a person as plain values. `acts_today`: they, or the first stand-in who is in, or null."""
    line = (person.id, *person.stand_ins)
    acts = next((p for p in line if p not in everyone or everyone[p].is_in(today)), None)
    return {
        "person_id": person.id,
        "name": person.name,
        "email": person.email,
        "phone": person.phone,
        "stand_ins": list(person.stand_ins),
        "away": [
            {"from_on": a.from_on.isoformat(), "through_on": a.through_on.isoformat()}
            for a in person.away
        ],
        "active": person.active,
        "is_in_today": person.is_in(today),
        "acts_today": acts,
    }


def _check(person: Person, everyone: Mapping[str, Person]) -> None:
    if person.id not in everyone and len(everyone) >= PEOPLE_MAX:
        raise LimitError(f"there may be {PEOPLE_MAX} people")
    faults = []
    if not is_address(person.email):
        faults.append(Fault("/email", "not_an_address", "must be an e-mail address"))
    for index, name in enumerate(person.stand_ins):
        if name == person.id or name in person.stand_ins[:index]:
            detail = f"{name} cannot stand in for themselves, or twice"
            faults.append(Fault(f"/stand_ins/{index}", "stands_in_twice", detail))
        elif name not in everyone:
            detail = f"there is no person {name!r}; put them in first"
            faults.append(Fault(f"/stand_ins/{index}", "unknown_person", detail))
    for index, span in enumerate(person.away):
        if span.through_on < span.from_on:
            detail = f"ends on {span.through_on}, before it begins on {span.from_on}"
            faults.append(Fault(f"/away/{index}/through_on", "ends_before_it_begins", detail))
    if faults:
        raise InvalidInputError("the person cannot be put in", faults)
