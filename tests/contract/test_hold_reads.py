"""What the order desk's questions read: right in every store, and counted over a table (R8.7)."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from chalicelib.core.facts_holds import ReleaseAnswered, ReleaseRequested
from chalicelib.core.head import head_of
from chalicelib.core.releases import ReleaseRequest
from chalicelib.flows.desk import Caller
from chalicelib.flows.hold_lookup import HoldLookup
from chalicelib.flows.people_book import PeopleBook
from chalicelib.flows.policies import shipped_document
from chalicelib.flows.ports import LARGE_ACCOUNT_INVOICES
from chalicelib.flows.ports_holds import HoldReads
from chalicelib.flows.principal import Principal
from chalicelib.flows.registry_desk import RegistryDesk
from chalicelib.flows.release_lists import ReleaseLists
from chalicelib.flows.staff import Away, Person
from chalicelib.settings import PRODUCTION_STAGE
from chalicelib.store.hold_reads import DynamoHoldReads
from chalicelib.store.meter import Usage, metered
from chalicelib.store.records import DynamoRecords
from chalicelib.store.rows import head_row
from chalicelib.wiring_ports import Ports

from tests.contract.store import SHARDS, MemoryStore, Store, TableStore, book, issued, run
from tests.fakes_holds import MemoryHoldReads
from tests.workers.deployment import SETTINGS

NOON = datetime(2024, 3, 18, 12, tzinfo=UTC)
TODAY = NOON.date()


@pytest.fixture
def reads(store: Store) -> HoldReads:
    if isinstance(store, TableStore):
        return DynamoHoldReads(store.table)
    assert isinstance(store, MemoryStore)
    return MemoryHoldReads(store.accounts, store.registry)


def request(number: int, assignee: str = "senior", at: datetime = NOON) -> ReleaseRequest:
    return ReleaseRequest(
        f"rls_{number}", at.date(), at + timedelta(minutes=number), "key-1", "olga", 100, "USD",
        f"SO-{number}", assignee=assignee, past_due={"USD": 5}, undelivered=("I1",),
    )  # fmt: skip


def ask(store: Store, account_id: str, *requests: ReleaseRequest) -> None:
    book(store.accounts, account_id, *(ReleaseRequested(TODAY, r, TODAY, "why") for r in requests))


def test_heads_come_with_the_table_of_policies(store: Store, reads: HoldReads) -> None:
    store.registry.put_policy("standard", shipped_document("standard"))
    book(store.accounts, "A1", issued("I1", 250_00))

    found = reads.look(["A1", "A9"])

    assert {name: head.past_due(TODAY) for name, head in found.heads.items()} == {
        "A1": {"USD": 250_00}
    }
    assert found.policies == store.registry.policy_table()


def test_a_head_holds_the_holds_as_they_are(store: Store, reads: HoldReads) -> None:
    book(store.accounts, "A1", issued("I1", 250_00, date(2024, 1, 31)))
    run(store.accounts, "A1", date(2024, 2, 1), TODAY)

    heads = reads.look(["A1"]).heads

    assert heads["A1"].holds == tuple(store.accounts.load("A1").account.holds.values())
    assert heads["A1"].holds[0].invoices[0].open_minor == 250_00


def test_an_accounts_requests_come_oldest_first(store: Store, reads: HoldReads) -> None:
    ask(store, "A1", request(2), request(1))

    assert list(reads.release_requests("A1")) == [request(1), request(2)]
    assert list(reads.release_requests("A9")) == []


def test_what_waits_for_someone_comes_page_by_page_and_goes_when_it_is_answered(
    store: Store, reads: HoldReads
) -> None:
    ask(store, "A1", request(1), request(4))
    ask(store, "A2", request(2), request(3, assignee="junior"))
    answered = replace(request(4), state="declined", answered_at=NOON)
    book(store.accounts, "A1", ReleaseAnswered(TODAY, answered))

    first = reads.to_answer("senior", "", 1)
    assert first.mark is not None
    rest = reads.to_answer("senior", first.mark, 1)

    assert [*first.rows, *rest.rows] == [("A1", request(1)), ("A2", request(2))]
    assert rest.mark is None


def test_a_request_survives_its_row(store: Store) -> None:
    ask(store, "A1", request(1))

    assert store.accounts.load("A1").account.release_requests == {"rls_1": request(1)}


class Production(Ports):
    """The real adapters of production, over one table, at one time."""

    def __init__(self, store: TableStore) -> None:
        values = replace(
            SETTINGS,
            stage=PRODUCTION_STAGE,
            production_account_id=SETTINGS.account_id,
            table_name=store.table.Meta.table_name,
        )
        self.seconds = 0.0
        super().__init__(values, lambda: NOON, lambda: self.seconds)
        self._table = store.table


@pytest.fixture
def ports(tables: TableStore) -> Production:
    """A deployment with a policy, people, and 200 accounts, each with an invoice past due."""
    tables.registry.put_policy("standard", shipped_document("standard"))
    anna = Person("junior", "Dana", "dana@seller.example", away=(Away(TODAY, TODAY),))
    records = DynamoRecords(tables.table)
    office = Caller(Principal("boss", frozenset({"admin"})), NOON)
    PeopleBook(records, RegistryDesk(records)).put(office, anna, TODAY)
    one = book(tables.accounts, "A0", issued("I1", 250_00)).account
    with tables.table.batch_write() as batch:  # as many transactions would take a minute
        for number in range(1, 200):
            head = head_row(f"A{number}", head_of(one, None), SHARDS, LARGE_ACCOUNT_INVOICES)
            batch.save(head.item(tables.table))
    return Production(tables)


def counted(ports: Production, call: Any) -> Usage:
    with metered(ports._table) as usage:
        call()
    return usage


def lookup(ports: Ports) -> HoldLookup:
    return HoldLookup(ports.hold_reads, ports.policies)


def one(ports: Ports) -> Any:
    return lambda: lookup(ports).look_up("A1", ports.today())


def many(ports: Ports) -> Any:
    return lambda: lookup(ports).look_up_many([f"A{n}" for n in range(200)], ports.today())


@pytest.mark.parametrize("tables", ["moto"], indirect=True)
def test_a_look_up_takes_two_requests_at_most(ports: Production) -> None:
    cold = counted(ports, one(ports))
    warm = counted(ports, one(ports))
    ports.seconds += 16  # everything that is cached is too old
    later = counted(ports, one(ports))

    assert warm.requests == {"BatchGetItem": 1}
    assert later.requests == {"BatchGetItem": 1}
    assert cold.requests == {"BatchGetItem": 1, "GetItem": 1}  # a process reads the policy once


@pytest.mark.parametrize("tables", ["moto"], indirect=True)
def test_two_hundred_look_ups_take_four_requests_at_most(ports: Production) -> None:
    cold = counted(ports, many(ports))
    ports.seconds += 16
    warm = counted(ports, many(ports))

    assert cold.requests == {"BatchGetItem": 3, "GetItem": 1}
    assert warm.requests == {"BatchGetItem": 3}


@pytest.mark.parametrize("tables", ["moto"], indirect=True)
def test_lists_of_release_requests_take_few_requests(ports: Production, tables: TableStore) -> None:
    for number in range(5):
        ask(tables, f"B{number}", request(number))
    lists = ReleaseLists(ports.hold_reads)

    of_account = counted(ports, lambda: lists.of_account("B1", TODAY))
    to_answer = counted(ports, lambda: lists.to_answer("senior", "", 50, TODAY))

    assert of_account.requests == {"BatchGetItem": 1, "Query": 1}
    assert to_answer.requests == {"BatchGetItem": 1, "Query": 1}


@pytest.mark.parametrize("tables", ["moto"], indirect=True)
def test_the_collector_who_is_away_is_not_who_to_call(ports: Production) -> None:
    assert lookup(ports).look_up("A1", TODAY)["collector"] == "manager"
