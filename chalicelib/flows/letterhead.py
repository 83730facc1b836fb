"""Who writes the seller's letters: the seller, how to pay, and the people behind collectors' ids."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from chalicelib.core.addresses import is_address
from chalicelib.core.errors import Fault, InvalidInputError, NotFoundError
from chalicelib.flows.letter_parts import Collector, PaymentInstruction, Seller
from chalicelib.flows.ports import Archive
from chalicelib.flows.staff import Person

KEY = "settings/letterhead.json"


class LetterheadError(InvalidInputError):
    """The letterhead's file does not hold together; every fault is listed."""

    code = "invalid_letterhead"


@dataclass(frozen=True, slots=True, kw_only=True)
class Letterhead:
    """`people` by the id that policies and accounts use; `address` answers for whoever has none."""

    seller: Seller
    address: str
    payment: tuple[PaymentInstruction, ...] = ()
    people: Mapping[str, Collector] = field(default_factory=dict)

    def collector(self, person: str) -> Collector:
        """Return who a letter names and is answered by; without a name: nobody is known (R6.1)."""
        known = self.people.get(person)
        if known is not None:
            return known
        if is_address(person):
            return Collector(name=person, email=person)
        return Collector(name="", email=self.address)


def letterhead(archive: Archive, sender_address: str) -> Letterhead:
    """Return the letterhead kept under `settings/letterhead.json`, else a plain one.

    The plain one names the seller by the domain that letters come from: letters can go, and show
    at once that nobody has said who writes them.

    Raises:
        LetterheadError: the file does not hold together.
        UnavailableError: the archive does not answer now.
    """
    try:
        document = archive.get(KEY)
    except NotFoundError:
        return Letterhead(
            seller=Seller(name=sender_address.partition("@")[2]), address=sender_address
        )
    return read_letterhead(document, sender_address)


def with_people(head: Letterhead, people: Iterable[Person]) -> Letterhead:
    """Return a letterhead with the people of the registry, who win over those of its file."""
    known = {
        person.id: Collector(name=person.name, email=person.email, phone=person.phone)
        for person in people
    }
    return replace(head, people={**head.people, **known})


def read_letterhead(document: bytes, sender_address: str) -> Letterhead:
    """Return the letterhead that a JSON document spells.

    `{"seller": {"name", "address_lines": [], "phone"}, "payment": [{"label", "value"}],
    "people": {id: {"name", "email", "phone"}}}`; only the seller's name is required.

    Raises:
        LetterheadError: it is not such a document; every fault is listed.
    """
    try:
        values = json.loads(document)
    except ValueError:
        raise LetterheadError("the letterhead is not JSON") from None
    faults = tuple(_faults(values))
    if faults:
        raise LetterheadError("the letterhead cannot be used", faults)
    seller = values["seller"]
    return Letterhead(
        seller=Seller(
            name=seller["name"],
            address_lines=tuple(seller.get("address_lines", ())),
            phone=seller.get("phone", ""),
        ),
        address=sender_address,
        payment=tuple(PaymentInstruction(**line) for line in values.get("payment", ())),
        people={name: Collector(**person) for name, person in values.get("people", {}).items()},
    )


def _faults(values: Any) -> Iterator[Fault]:
    if not isinstance(values, dict) or not isinstance(values.get("seller"), dict):
        yield Fault("seller", "missing", "the letterhead needs a seller with a name")
        return
    for key in values.keys() - {"seller", "payment", "people"}:
        yield Fault(key, "unknown_key", "is not a part of a letterhead")
    seller = values["seller"]
    lines = seller.get("address_lines", [])
    yield from _texts("seller", {k: v for k, v in seller.items() if k != "address_lines"},
                      required={"name"}, optional={"phone"})  # fmt: skip
    if not isinstance(lines, list) or not all(isinstance(line, str) for line in lines):
        yield Fault("seller.address_lines", "not_texts", "must be a list of texts")
    payment, people = values.get("payment", []), values.get("people", {})
    if not isinstance(payment, list) or not isinstance(people, dict):
        yield Fault("payment", "wrong_shape", "payment is a list, people a table by id")
        return
    for index, line in enumerate(payment):
        yield from _texts(f"payment.{index}", line, required={"label", "value"}, optional=set())
    for name, person in people.items():
        yield from _texts(f"people.{name}", person, required={"name", "email"}, optional={"phone"})
        if isinstance(person, dict) and not is_address(str(person.get("email", ""))):
            yield Fault(f"people.{name}.email", "not_an_address", "must be an e-mail address")


def _texts(
    where: str, values: object, *, required: set[str], optional: set[str]
) -> Iterator[Fault]:
    """Yield what is wrong with a table of texts."""
    if not isinstance(values, dict):
        yield Fault(where, "wrong_shape", "must be a table of texts")
        return
    for key in sorted(required):
        if not isinstance(values.get(key), str) or not values[key].strip():
            yield Fault(f"{where}.{key}", "missing", "must be a text that says something")
    for key in sorted(values.keys() - required):
        if key not in optional or not isinstance(values[key], str):
            yield Fault(f"{where}.{key}", "unknown_key", "is not known here, or not a text")
