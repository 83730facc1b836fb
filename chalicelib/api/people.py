"""People: collectors, who stands in for them, and when they are out of office (R6.1)."""

from __future__ import annotations

from chalice.app import Blueprint

from chalicelib.api.call import Call
from chalicelib.api.operation import operation
from chalicelib.api.roles import ADMINS, READERS
from chalicelib.api.shapes.base import Listed, ListQuery
from chalicelib.api.shapes.people import PersonAnswer, PersonBody
from chalicelib.flows.desk import Reply
from chalicelib.flows.people_book import GUARDED, PeopleBook
from chalicelib.flows.registry_desk import RegistryDesk
from chalicelib.flows.staff import Away, Person
from chalicelib.wiring_ports import Ports

blueprint = Blueprint(__name__)


def _book(ports: Ports) -> PeopleBook:
    return PeopleBook(ports.records, RegistryDesk(ports.records))


@operation(
    blueprint,
    "GET",
    "/v1/people",
    summary="People",
    roles=READERS,
    answers={200: Listed[PersonAnswer]},
    query=ListQuery,
)
def list_people(call: Call) -> Reply:
    """Answers the people by id, with who acts for each today. One query."""
    most = call.query(ListQuery).limit
    rows, mark = _book(call.ports).list(call.mark(), most, call.ports.today())
    return Reply(200, call.listed(rows, mark))


@operation(
    blueprint,
    "GET",
    "/v1/people/{person_id}",
    summary="A person",
    roles=READERS,
    answers={200: PersonAnswer},
    etag=GUARDED,
    problems=(404,),
)
def get_person(call: Call) -> Reply:
    """Answers a person, with who acts for them today. One query."""
    return Reply(200, _book(call.ports).get(call.path("person_id"), call.ports.today()))


@operation(
    blueprint,
    "PUT",
    "/v1/people/{person_id}",
    summary="Put a person in, or change one",
    roles=ADMINS,
    answers={200: PersonAnswer, 201: PersonAnswer},
    body=PersonBody,
    etag=GUARDED,
)
def put_person(call: Call) -> Reply:
    """Takes a person as a whole. Who has left is not deleted but not `active`, and counts as away."""
    body = call.body(PersonBody)
    person = Person(
        id=call.path("person_id"),
        name=body.name,
        email=body.email,
        phone=body.phone,
        stand_ins=body.stand_ins,
        away=tuple(Away(span.from_on, span.through_on) for span in body.away),
        active=body.active,
    )
    return _book(call.ports).put(call.caller, person, call.ports.today())
