"""One account of a run: decided once, committed whole, its notices handed over."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from chalicelib.core.errors import NotFoundError, StaleVersionError, UnavailableError
from chalicelib.core.facts import Payment
from chalicelib.flows.ports import Change, Loaded
from chalicelib.flows.timeline import Timeline
from chalicelib.flows.work import TRIES, Work
from tests.fakes_store import MemoryAccounts, MemoryQueues
from tests.flows.machine import NOW, TODAY, Machine, invoice

NOTICE = "A1:USD:2024-03-18"
DECIDED = {"accounts_decided": 1, "stages": 1, "notices": 1, "cases_opened": 1}


def test_a_due_account_is_decided_and_its_notice_handed_over() -> None:
    machine = Machine()
    machine.take_in("A1", invoice("I1", 15))

    counts = machine.decide("A1")

    assert counts == DECIDED
    assert machine.queues.mail == [("A1", NOTICE)]
    assert machine.account("A1").notices[NOTICE].state == "pending"
    assert machine.accounts.outbox["A1"][f"notice:{NOTICE}"].created_at == NOW
    assert machine.accounts.runs[TODAY]["A1"] == counts


def test_the_account_then_sleeps_until_something_can_change() -> None:
    machine = Machine()
    machine.take_in("A1", invoice("I1", 15))

    machine.decide("A1")

    wake_on = machine.accounts.kept["A1"].wake_on
    assert wake_on is not None
    assert wake_on > TODAY


def test_the_same_message_again_changes_nothing() -> None:
    machine = Machine()
    machine.take_in("A1", invoice("I1", 15))
    machine.decide("A1")
    before = (machine.accounts.kept["A1"].version, list(machine.accounts.kept["A1"].effects))

    counts = machine.decide("A1")

    assert counts == {"work_not_due": 1}
    assert (machine.accounts.kept["A1"].version, machine.accounts.kept["A1"].effects) == before
    assert machine.queues.mail == [("A1", NOTICE)]


def test_a_fact_of_the_same_day_has_the_account_decided_again_without_doubles() -> None:
    machine = Machine()
    machine.take_in("A1", invoice("I1", 15))
    machine.decide("A1")
    machine.take_in("A1", Payment(TODAY, "P1", TODAY, "USD", 1_000))

    counts = machine.decide("A1")

    assert counts == {}
    assert machine.accounts.runs[TODAY]["A1"] == DECIDED
    assert machine.accounts.kept["A1"].wake_on != TODAY


def test_an_account_is_never_decided_for_a_day_before_its_last() -> None:
    machine = Machine()
    machine.take_in("A1", invoice("I1", 15))
    machine.decide("A1", TODAY + timedelta(days=1))
    machine.take_in("A1", Payment(TODAY, "P1", TODAY, "USD", 1_000))

    assert machine.decide("A1", TODAY) == {"work_decided_later": 1}


def test_an_account_that_is_not_there_is_left_alone() -> None:
    machine = Machine()

    assert machine.decide("A9") == {"work_not_due": 1}
    assert machine.accounts.kept == {}


def test_the_kill_switch_holds_work_back_and_leaves_the_account_due() -> None:
    machine = Machine()
    machine.take_in("A1", invoice("I1", 15))
    machine.registry.pause_sending(paused=True)

    counts = machine.decide("A1")

    assert counts == {"work_held_back": 1, "work_held_back_sending_paused": 1}
    assert machine.accounts.kept["A1"].wake_on == TODAY
    assert machine.account("A1").notices == {}


@pytest.mark.parametrize("state", ["waiting", "refused", None])
def test_a_run_that_was_not_let_go_decides_nothing(state: str | None) -> None:
    machine = Machine()
    machine.take_in("A1", invoice("I1", 15))
    machine.let_run()
    if state is None:
        del machine.registry.runs[TODAY]
    else:
        machine.registry.runs[TODAY] = type(machine.registry.runs[TODAY])(TODAY, state, 1)

    counts = machine.work.decide_account(TODAY, "A1")

    assert counts == {"work_held_back": 1, "work_held_back_run_not_started": 1}
    assert machine.account("A1").last_decided_on is None


class Contended(MemoryAccounts):
    """Someone books a payment between each of the next `races` loads and the commit after it."""

    races = 0

    def load(self, account_id: str, facts: Sequence[Any] = ()) -> Loaded:
        loaded = super().load(account_id, facts)
        if self.races and loaded.version:
            self.races -= 1
            self.kept[account_id].version += 1
        return loaded


def test_a_change_by_someone_else_has_the_account_decided_again() -> None:
    accounts = Contended(shard_count=4)
    machine = Machine(accounts=accounts)
    machine.take_in("A1", invoice("I1", 15))
    accounts.races = TRIES - 1

    counts = machine.decide("A1")

    assert counts["notices"] == 1
    assert machine.queues.mail == [("A1", NOTICE)]


def test_an_account_that_keeps_changing_goes_back_to_its_queue() -> None:
    accounts = Contended(shard_count=4)
    machine = Machine(accounts=accounts)
    machine.take_in("A1", invoice("I1", 15))
    accounts.races = TRIES

    with pytest.raises(StaleVersionError):
        machine.decide("A1")

    assert machine.queues.mail == []


class DeafQueues(MemoryQueues):
    def send_mail(self, account_id: str, notice_ids: Sequence[str], delay_s: int = 0) -> None:
        raise UnavailableError("the queue does not answer")


def test_a_lost_hand_over_stays_in_the_outbox() -> None:
    machine = Machine(queues=DeafQueues())
    machine.take_in("A1", invoice("I1", 15))

    counts = machine.decide("A1")

    assert counts["hand_over_failed"] == 1
    assert list(machine.accounts.outbox["A1"]) == [f"notice:{NOTICE}"]


def test_an_account_that_cannot_be_decided_fails_alone_and_is_counted() -> None:
    machine = Machine()
    machine.take_in("A1", invoice("I1", 15))
    machine.accounts.kept["A1"].account = _with_policy(machine, "A1", "gone")

    with pytest.raises(NotFoundError):
        machine.decide("A1")

    assert machine.accounts.runs[TODAY]["A1"] == {"failed": 1, "failed_not_found": 1}
    assert machine.accounts.kept["A1"].wake_on == TODAY


def _with_policy(machine: Machine, account_id: str, policy_id: str) -> Any:
    account = machine.account(account_id)
    return replace(account, details=replace(account.details, policy_id=policy_id))


class Crashing(MemoryAccounts):
    """The function dies right after the commit: nothing is handed over."""

    def commit(self, change: Change) -> Loaded:
        super().commit(change)
        raise UnavailableError("the answer was lost")


def test_a_crash_after_the_commit_leaves_one_notice() -> None:
    machine = Machine()
    machine.take_in("A1", invoice("I1", 15))
    crashing = Crashing(shard_count=4)
    crashing.kept, crashing.outbox = machine.accounts.kept, machine.accounts.outbox
    machine.let_run()
    work = Work(crashing, machine.registry, machine.queues, machine.policies, machine.clock)
    with pytest.raises(UnavailableError):
        work.decide_account(TODAY, "A1")

    counts = machine.work.decide_account(TODAY, "A1")

    assert counts == {"work_not_due": 1}
    assert list(machine.account("A1").notices) == [NOTICE]
    assert list(machine.accounts.outbox["A1"]) == [f"notice:{NOTICE}"]


def test_a_charge_that_a_missing_rate_stops_is_counted_and_the_account_goes_on() -> None:
    """R4.4: the stage applies, its notice goes, and the timeline says which table and day."""
    machine = Machine()
    machine.registry.put_policy("own", STATUTORY)
    far = date(2099, 3, 18)
    machine.take_in("A1", invoice("I1", (TODAY - far).days + 15), policy_id="own")

    counts = machine.decide("A1", far)

    assert counts["charges_stopped"] == counts["stages"] == counts["notices"] == 1
    assert machine.accounts.runs[far]["A1"]["charges_stopped"] == 1
    (row, *_), _ = Timeline(machine.accounts).page("A1", "", 9, kind="charge_stopped")
    assert (row["kind"], row["rules"], row["reason_code"]) == (
        "charge_stopped", ["R4.4"], "rate_unknown",
    )  # fmt: skip
    assert (
        'is not posted: the rate table "gb_bank_rate" has no rate for 2098-12-31'
        in (row["sentence"])
    )


STATUTORY = b"""
id = "own"
currencies = ["USD"]
[interest]
table = "gb_bank_rate"
margin = "0.08"
mode = "locked"
[[stages]]
id = "late"
days = 15
notice = "late_fee"
charges = [ { kind = "interest" } ]
"""
