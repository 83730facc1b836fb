"""Who writes the seller's letters."""

from __future__ import annotations

import json
from typing import Any

import pytest
from chalicelib.flows.letter_parts import Collector, Seller
from chalicelib.flows.letterhead import (
    KEY,
    Letterhead,
    LetterheadError,
    letterhead,
    read_letterhead,
    with_people,
)
from chalicelib.flows.staff import Person
from tests.fakes_store import MemoryArchive

SENDER = "billing@seller.example"
WHOLE: dict[str, Any] = {
    "seller": {"name": "Harbor & Pine", "address_lines": ["1200 Wharf Street"], "phone": "+1 503"},
    "payment": [{"label": "Account number", "value": "0045 7711 02"}],
    "people": {"junior": {"name": "Dana Reyes", "email": "dana@seller.example", "phone": "+1"}},
}


def test_a_letterhead_is_read_whole() -> None:
    archive = MemoryArchive()
    archive.put(KEY, json.dumps(WHOLE).encode(), "application/json")

    head = letterhead(archive, SENDER)

    assert (head.seller.name, head.seller.address_lines) == (
        "Harbor & Pine",
        ("1200 Wharf Street",),
    )
    assert head.payment[0].value == "0045 7711 02"
    assert head.collector("junior").name == "Dana Reyes"


def test_without_a_letterhead_letters_come_from_the_senders_domain() -> None:
    head = letterhead(MemoryArchive(), SENDER)

    assert head.seller.name == "seller.example"
    assert head.collector("junior").email == SENDER


@pytest.mark.parametrize(
    ("values", "where"),
    [
        ([], ["seller"]),
        ({"seller": {}}, ["seller.name"]),
        ({"seller": {"name": " "}, "logo": "x"}, ["logo", "seller.name"]),
        ({"seller": {"name": "S", "address_lines": "one"}}, ["seller.address_lines"]),
        ({"seller": {"name": "S"}, "payment": {}}, ["payment"]),
        ({"seller": {"name": "S"}, "payment": ["x"]}, ["payment.0"]),
        ({"seller": {"name": "S"}, "payment": [{"label": "x"}]}, ["payment.0.value"]),
        (
            {"seller": {"name": "S"}, "people": {"mo": {"name": "Mo", "email": "mo"}}},
            ["people.mo.email"],
        ),
        ({"seller": {"name": "S"}, "people": {"mo": {"name": "Mo", "email": "mo@s.example",
                                                     "age": "7"}}}, ["people.mo.age"]),
    ],
)  # fmt: skip
def test_every_fault_of_a_letterhead_is_named(values: object, where: list[str]) -> None:
    with pytest.raises(LetterheadError) as refused:
        read_letterhead(json.dumps(values).encode(), SENDER)

    assert [fault.where for fault in refused.value.faults] == where


def test_what_is_not_json_is_no_letterhead() -> None:
    with pytest.raises(LetterheadError):
        read_letterhead(b"{", SENDER)


def test_the_people_of_the_registry_win_over_those_of_the_file() -> None:
    head = Letterhead(
        seller=Seller(name="Harbor & Pine"),
        address="billing@seller.example",
        people={
            "junior": Collector(name="Old", email="old@seller.example"),
            "senior": Collector(name="Sam", email="sam@seller.example"),
        },
    )

    people = with_people(head, [Person("junior", "Dana", "dana@seller.example", "+49 30 1")])

    assert people.collector("junior").email == "dana@seller.example"
    assert people.collector("senior").name == "Sam"
