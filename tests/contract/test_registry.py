"""What every registry does: kill switch, heartbeat, runs, policies."""

from datetime import date, timedelta

import pytest
from chalicelib.core.errors import LimitError, NotFoundError
from chalicelib.flows.ports import RunState
from chalicelib.store.registry import DynamoRegistry

from tests.contract.store import Store, TableStore

MON = date(2024, 3, 4)


def test_sending_is_not_paused_until_someone_pauses_it(store: Store) -> None:
    assert not store.registry.sending_paused()
    store.registry.pause_sending(paused=True)
    assert store.registry.sending_paused()
    store.registry.pause_sending(paused=False)
    assert not store.registry.sending_paused()


def test_the_heartbeat_never_goes_back(store: Store) -> None:
    assert store.registry.fresh_through() is None
    for day in (MON, MON - timedelta(days=3), MON + timedelta(days=1), MON):
        store.registry.beat(day)
    assert store.registry.fresh_through() == MON + timedelta(days=1)


def test_a_run_is_what_was_last_written_of_it(store: Store) -> None:
    assert store.registry.run_state(MON) is None
    store.registry.put_run(RunState(MON, "waiting", 900, "growth"))
    approved = RunState(MON, "running", 900, "", 900)
    store.registry.put_run(approved)
    assert store.registry.run_state(MON) == approved


def test_the_last_runs_are_those_let_go_newest_first(store: Store) -> None:
    days = [MON + timedelta(days=n) for n in range(6)]
    states = ["running", "refused", "running", "waiting", "running", "running"]
    for number, (day, state) in enumerate(zip(days, states, strict=True)):
        store.registry.put_run(RunState(day, state, number))
    found = store.registry.last_runs(days[5], 2)
    assert [run.accounts_due for run in found] == [4, 2]
    assert [run.accounts_due for run in store.registry.last_runs(days[5], 8)] == [4, 2, 0]
    assert list(store.registry.last_runs(MON, 8)) == []


def test_the_last_document_that_was_installed_is_in_force_on_every_day(store: Store) -> None:
    with pytest.raises(NotFoundError, match="rapid"):
        store.registry.policy_table().version_on("rapid", MON)
    for document in (b'id = "rapid"', "# Zürich\n".encode() * 20_000):
        store.registry.put_policy("rapid", document)
        version = store.registry.policy_table().version_on("rapid", MON)
        assert store.registry.policy_document("rapid", version) == document


def test_a_version_that_was_replaced_is_kept(store: Store) -> None:
    store.registry.put_policy("rapid", b"one")
    version = store.registry.policy_table().version_on("rapid", MON)
    store.registry.put_policy("rapid", b"two")
    assert store.registry.policy_document("rapid", version) == b"one"
    with pytest.raises(NotFoundError, match="no version"):
        store.registry.policy_document("rapid", "000000000000")


def test_the_default_policy_is_standard_until_another_is_named(store: Store) -> None:
    assert store.registry.policy_table().default == "standard"
    store.registry.set_default_policy_id("rapid")
    assert store.registry.policy_table().default == "rapid"


def test_the_kill_switch_is_known_elsewhere_within_15_seconds(tables: TableStore) -> None:
    now = 100.0
    other = DynamoRegistry(tables.table, monotonic=lambda: now)
    assert not other.sending_paused()
    tables.registry.pause_sending(paused=True)
    now = 114.9
    assert not other.sending_paused()
    now = 115.0
    assert other.sending_paused()


def test_a_table_keeps_the_number_of_its_shards(tables: TableStore) -> None:
    assert tables.registry.shards() == 16
    tables.registry.set_shards(4)
    tables.registry.set_shards(4)
    with pytest.raises(LimitError, match="4 shards"):
        tables.registry.set_shards(8)
    assert tables.registry.shards() == 4
