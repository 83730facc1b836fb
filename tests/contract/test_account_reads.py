"""How many requests the answers about one account take: as each route says."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pytest
from chalicelib.core.account import ContactPerson
from chalicelib.core.facts_details import ContactSaved
from chalicelib.flows.account_view import AccountView
from chalicelib.flows.block_list import BlockList
from chalicelib.flows.contact_book import ContactBook
from chalicelib.flows.desk import Caller, Desk
from chalicelib.flows.legal_stops import LegalStops
from chalicelib.flows.policies import shipped_document
from chalicelib.flows.policy_shelf import PolicyShelf
from chalicelib.flows.principal import COLLECTOR, Principal
from chalicelib.flows.timeline import CHANGES_PER_READ, Timeline
from chalicelib.store.meter import metered

from tests.contract.store import NOON, TableStore, book, issued
from tests.fakes_store import MemoryRegistry

TODAY = NOON.date()
CALLER = Caller(Principal("anna", frozenset({COLLECTOR})), NOON, "request-1")
WHY = {"reason_code": "court", "note": "By letter."}


class Office:
    """The flows of one account over a table; what of the deployment they need is in memory."""

    def __init__(self, store: TableStore) -> None:
        registry = MemoryRegistry()
        registry.put_policy("standard", shipped_document("standard"))
        policies = PolicyShelf(registry)
        for number in range(CHANGES_PER_READ + 1):
            book(store.accounts, "A1", issued(f"I{number}"))
        jo = ContactPerson("jo", email="jo@customer.example")
        book(store.accounts, "A1", ContactSaved(TODAY, jo))
        desk = Desk(store.accounts, policies, lambda at: at.date())
        self.view = AccountView(store.accounts, policies)
        self.blocks = BlockList(store.accounts, policies)
        self.contacts = ContactBook(desk, lambda _: True)
        self.timeline = Timeline(store.accounts)
        self.stops = LegalStops(desk)


TWO = {"GetItem": 1, "Query": 1}
ANSWERS: dict[str, tuple[Mapping[str, int], Callable[[Office], Any]]] = {
    "account": ({"BatchGetItem": 1}, lambda office: office.view.get("A1", TODAY)),
    "contacts": (TWO, lambda office: office.contacts.page("A1", "", 50)),
    "contact": (TWO, lambda office: office.contacts.get("A1", "jo")),
    "blocks": (TWO, lambda office: office.blocks.page("A1", TODAY, "", 50)),
    "timeline": (TWO, lambda office: office.timeline.page("A1", "", 10)),
    "more of it": (
        {"GetItem": 2, "Query": 2},
        lambda office: office.timeline.page("A1", "", CHANGES_PER_READ + 1),
    ),
    "a change": (
        TWO | {"TransactWriteItems": 1},
        lambda office: office.stops.set("A1", CALLER, "lawsuit", "", WHY),
    ),
}


@pytest.mark.parametrize("tables", ["moto"], indirect=True)
@pytest.mark.parametrize("name", ANSWERS)
def test_an_answer_takes_so_many_requests(tables: TableStore, name: str) -> None:
    office = Office(tables)
    requests, answer = ANSWERS[name]

    with metered(tables.table) as usage:
        found = answer(office)

    assert found
    assert usage.requests == requests


@pytest.mark.parametrize("tables", ["moto"], indirect=True)
def test_a_timeline_of_the_table_is_paged_without_a_gap(tables: TableStore) -> None:
    office = Office(tables)
    found, mark = [], ""
    while True:
        rows, more = office.timeline.page("A1", mark, 4)
        found += [row["subject"] for row in rows]
        if more is None:
            break
        mark = more

    assert found == [f"I{number}" for number in range(CHANGES_PER_READ, -1, -1)]
