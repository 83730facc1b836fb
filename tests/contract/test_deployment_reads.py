"""How many requests the answers about the deployment take: as each route says."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from chalicelib.flows.desk import Caller
from chalicelib.flows.jobs import Jobs
from chalicelib.flows.lost_jobs import LostJobs
from chalicelib.flows.people_book import PeopleBook
from chalicelib.flows.policies import shipped_document
from chalicelib.flows.policy_assignments import PolicyAssignments
from chalicelib.flows.policy_reads import PolicyReads
from chalicelib.flows.policy_shelf import PolicyShelf
from chalicelib.flows.policy_versions import PolicyVersions
from chalicelib.flows.ports import RunState
from chalicelib.flows.ports_registry import Put
from chalicelib.flows.principal import ADMIN, Principal
from chalicelib.flows.registry_desk import RegistryDesk
from chalicelib.flows.run_requests import RunRequests
from chalicelib.flows.sending import Sending
from chalicelib.flows.staff import Person, key_of
from chalicelib.flows.sweep import Sweep
from chalicelib.store.meter import metered
from chalicelib.store.records import DynamoRecords

from tests.contract.store import SHARDS, TableStore, book, issued
from tests.fakes_mail import FakeQuota
from tests.fakes_registry import MemoryJobQueue
from tests.fakes_store import MemoryArchive, MemoryQueues

TODAY = date(2024, 3, 18)
NOW = datetime(2024, 3, 18, 5, tzinfo=UTC)
CALLER = Caller(Principal("anna", frozenset({ADMIN})), NOW, "request-1")
NEXT = shipped_document("standard").decode() + "# next\n"
WHY = ("why", "Because.")


class Office:
    """The flows of the deployment over a table, with something of each kind in it."""

    def __init__(self, store: TableStore) -> None:
        records = DynamoRecords(store.table)
        desk = RegistryDesk(records)
        store.registry.put_policy("standard", shipped_document("standard"))
        store.registry.put_run(RunState(TODAY, "running", 1))
        records.write(Put(key_of("junior"), Person("junior", "Dana", "dana@seller.example")))
        book(store.accounts, "A1", issued("I1"), wake_on=TODAY)
        self.jobs = Jobs(records, MemoryJobQueue(), MemoryArchive())
        self.job = self.jobs.submit("dry_run", {}, CALLER.principal, "key", NOW)
        versions = PolicyVersions(records, desk, self.jobs)
        proposed = versions.propose(CALLER, "standard", NEXT, None, TODAY)
        self.version = str(proposed.body["version"])
        self.policies = PolicyReads(records)
        self.assignments = PolicyAssignments(records, desk, self.jobs)
        self.people = PeopleBook(records, desk)
        self.sending = Sending(store.registry, records, desk, store.accounts, FakeQuota())
        sweep = Sweep(store.accounts, store.registry, MemoryQueues(), PolicyShelf(store.registry))
        self.runs = RunRequests(store.accounts, store.registry, records, desk, sweep, self.jobs)


ANSWERS: dict[str, tuple[int, Callable[[Office], Any]]] = {
    "policies": (1, lambda office: office.policies.list("", 50, TODAY)),
    "policy": (4, lambda office: office.policies.get("standard", TODAY)),
    "version": (3, lambda office: office.policies.get_version("standard", office.version, TODAY)),
    "assignments": (2, lambda office: office.assignments.get()),
    "people": (1, lambda office: office.people.list("", 50, TODAY)),
    "person": (1, lambda office: office.people.get("junior", TODAY)),
    "sending": (2 + SHARDS, lambda office: office.sending.get()),  # what waits, of each shard
    "job": (1, lambda office: office.jobs.get(office.job.id)),
    "runs": (1, lambda office: office.runs.list("", 50)),
    # State and log; of each shard its rows, two counts of the wake list, and one of statements.
    "run": (2 + 4 * SHARDS, lambda office: office.runs.get(TODAY.isoformat())),
}


@pytest.mark.parametrize("name", ANSWERS)
def test_an_answer_takes_so_many_requests(tables: TableStore, name: str) -> None:
    office = Office(tables)
    most, answer = ANSWERS[name]

    with metered(tables.table) as usage:
        found = answer(office)

    assert found
    assert sum(usage.requests.values()) == most


@pytest.mark.parametrize("begun", [False, True])
def test_a_minute_in_which_no_job_was_lost_takes_one_request(
    tables: TableStore, *, begun: bool
) -> None:
    office = Office(tables)
    if begun:
        office.jobs.begin(office.jobs.open(office.job.id))

    with metered(tables.table) as usage:
        counts = LostJobs(office.jobs.records, office.jobs.queue).hand_over(NOW)

    assert (counts, dict(usage.requests)) == ({}, {"Query": 1})


def test_a_job_is_begun_in_one_write_and_waits_no_more(tables: TableStore) -> None:
    office = Office(tables)
    record = office.jobs.open(office.job.id)

    with metered(tables.table) as usage:
        begun = office.jobs.begin(record)

    assert dict(usage.requests) == {"TransactWriteItems": 1}
    assert office.jobs.open(office.job.id) == begun
    later = NOW + timedelta(hours=1)
    assert LostJobs(office.jobs.records, office.jobs.queue).hand_over(later) == {}


def test_publishing_writes_all_of_it_in_one_transaction(tables: TableStore) -> None:
    office = Office(tables)
    bert = Caller(Principal("bert", frozenset({ADMIN})), NOW, "request-2")
    desk = RegistryDesk(office.policies.records)
    versions = PolicyVersions(office.policies.records, desk, office.jobs)

    with metered(tables.table) as usage:
        versions.approve(bert, "standard", office.version, WHY, TODAY)

    # The version with its log, and the job that wakes the accounts.
    assert usage.requests["TransactWriteItems"] == 1
    assert office.policies.get("standard", TODAY)["scheduled"]
