"""What worklists read: right in every store, and counted over a table (R6.1)."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
from chalicelib.core.account import Account, AccountDetails, Task
from chalicelib.core.head import head_of
from chalicelib.flows.policies import shipped_document
from chalicelib.flows.policy_shelf import PolicyShelf
from chalicelib.flows.ports import LARGE_ACCOUNT_INVOICES, Change
from chalicelib.flows.ports_tasks import OpenTask, TaskReads
from chalicelib.flows.registry_cache import RegistryCache
from chalicelib.flows.worklist import Asked, Worklist
from chalicelib.flows.worklist_rank import Moment
from chalicelib.store.archive import S3Archive
from chalicelib.store.clients import s3_client
from chalicelib.store.meter import metered
from chalicelib.store.rows import head_row, last_rows
from chalicelib.store.task_reads import DynamoTaskReads

from tests.contract.store import SHARDS, MemoryStore, Store, TableStore
from tests.fakes_tasks import MemoryTaskReads

TODAY = date(2024, 3, 18)
TOMORROW = TODAY + timedelta(days=1)
MANY = 120  # accounts: two batches of heads
both = pytest.mark.parametrize("store", ["memory", "moto"], indirect=True)


@pytest.fixture
def reads(store: Store) -> TaskReads:
    if isinstance(store, TableStore):
        return DynamoTaskReads(store.table)
    assert isinstance(store, MemoryStore)
    return MemoryTaskReads(store.accounts)


def call(account_id: str, assignee: str = "junior", due_on: date = TODAY) -> Task:
    return Task(f"{account_id}:call", "call", due_on, "A letter went out.", assignee)


def keep(store: Store, account_id: str, *tasks: Task) -> None:
    """Leave an account with these tasks open, and no others."""
    loaded = store.accounts.load(account_id)
    details = AccountDetails(name=f"Customer {account_id}")
    after = replace(loaded.account, details=details, tasks={task.id: task for task in tasks})
    store.accounts.commit(Change(loaded, after, None))


@both
def test_a_persons_tasks_come_first_due_first(store: Store, reads: TaskReads) -> None:
    late, now = call("A2", due_on=TODAY - timedelta(days=3)), call("A1")
    keep(store, "A1", now, replace(now, id="A1:review_account:x", kind="review_account"))
    keep(store, "A2", late)
    keep(store, "A3", call("A3", "senior"))

    found = reads.of_assignee("junior", TODAY, 10)

    assert found[0] == OpenTask("A2", late)
    assert [one.task.id for one in found] == ["A2:call", "A1:call", "A1:review_account:x"]
    assert [one.account_id for one in reads.of_assignee("junior", TODAY, 2)] == ["A2", "A1"]


@both
def test_what_is_due_later_is_left_out_until_it_is_asked_for(
    store: Store, reads: TaskReads
) -> None:
    keep(store, "A1", call("A1"))
    keep(store, "A2", call("A2", due_on=TOMORROW))

    assert [one.account_id for one in reads.of_assignee("junior", TODAY, 10)] == ["A1"]
    assert [one.account_id for one in reads.of_assignee("junior", TOMORROW, 10)] == ["A1", "A2"]
    assert len(reads.of_assignee("junior", date.max, 10)) == 2


@both
def test_what_nobody_owns_lies_under_its_kind_and_not_under_a_person_of_that_name(
    store: Store, reads: TaskReads
) -> None:
    keep(store, "A1", call("A1", ""))
    keep(store, "A2", replace(call("A2", ""), kind="review_account"))
    keep(store, "A3", call("A3", "call"))

    assert [one.account_id for one in reads.unassigned("call", TODAY, 10)] == ["A1"]
    assert [one.account_id for one in reads.of_assignee("call", TODAY, 10)] == ["A3"]


@both
def test_a_task_that_is_done_or_moved_leaves_the_list(store: Store, reads: TaskReads) -> None:
    keep(store, "A1", call("A1"))
    keep(store, "A2", call("A2"))

    keep(store, "A1")
    keep(store, "A2", call("A2", "senior"))

    assert list(reads.of_assignee("junior", TODAY, 10)) == []
    assert [one.account_id for one in reads.of_assignee("senior", TODAY, 10)] == ["A2"]


@pytest.mark.parametrize("tables", ["moto"], indirect=True)
def test_a_worklist_takes_a_query_and_a_request_for_each_hundred_accounts(
    tables: TableStore,
) -> None:
    tables.registry.put_policy("standard", shipped_document("standard"))
    with tables.table.batch_write() as batch:  # as many transactions would take a minute
        for number in range(MANY):
            name = f"A{number:03}"
            account = Account(name, AccountDetails(name), tasks={name: call(name)})
            head = head_row(name, head_of(account, None), SHARDS, LARGE_ACCOUNT_INVOICES)
            for row in (head, *last_rows(account, SHARDS).values()):
                batch.save(row.item(tables.table))
    registry = RegistryCache(tables.registry, lambda: 0.0)
    worklist = Worklist(
        DynamoTaskReads(tables.table),
        tables.accounts,
        registry,
        PolicyShelf(registry),
        S3Archive(s3_client(), "not-asked"),
    )
    asked = Asked(assignee="junior")

    with metered(tables.table) as cold:
        page = worklist.page(asked, "", 50, Moment(TODAY, "am"))
    with metered(tables.table) as warm:
        worklist.page(asked, "", 50, Moment(TODAY, "am"))

    assert (page.waiting, len(page.rows)) == (MANY, 50)
    assert warm.requests == {"Query": 1, "BatchGetItem": 2}
    # Cold, a process reads the people, the table of policies, and a policy.
    assert cold.requests == {"Query": 2, "BatchGetItem": 2, "GetItem": 2}
