"""The desk books once, answers the same again, and refuses what was not seen as it is."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from threading import Barrier
from typing import Any

import pytest
from chalicelib.core.account import Account
from chalicelib.core.apply import Booking
from chalicelib.core.errors import (
    BlockedError,
    KeyReusedError,
    NotFoundError,
    PreconditionFailedError,
    PreconditionRequiredError,
    StaleVersionError,
)
from chalicelib.core.facts import Fact, Payment
from chalicelib.core.policy import Policy
from chalicelib.flows.desk import (
    Caller,
    Desk,
    ReplayKey,
    Reply,
    Ruling,
    answered_before,
    check_match,
    etag_of,
    event_of,
)
from chalicelib.flows.ports import REPLAYED_FOR, Change, Loaded
from chalicelib.flows.principal import Principal
from tests.fakes_store import MemoryAccounts
from tests.flows.machine import NOW, TODAY, Machine, invoice

ANNA = Principal("person:anna", frozenset({"admin"}))
HERE = {"status": "open"}


def caller(key: str = "k1", digest: str = "body", **changes: Any) -> Caller:
    return Caller(ANNA, NOW, replay_key=ReplayKey(key, digest), **changes)


def desk_of(machine: Machine) -> Desk:
    return Desk(machine.accounts, machine.policies, lambda at: at.date())


@pytest.fixture
def machine() -> Machine:
    machine = Machine()
    machine.take_in("A1", invoice("I1", 15), wake_on=TODAY + timedelta(9))
    return machine


def paying(payment_id: str = "P1", amount_minor: int = 5_00) -> Any:
    def act(_account: Account, _policy: Policy, today: date) -> Ruling:
        def reply(booking: Booking) -> Reply:
            left = booking.account.invoices["I1"].open_minor
            return Reply(201, {"open_minor": left}, "/v1/accounts/A1/payments/P1")

        fact = Payment(today, payment_id, today, "USD", amount_minor)
        return Ruling([fact], reply, [event_of(caller(), today, "paid", payment_id, note="ok")])

    return act


def test_what_is_booked_is_in_the_ledger_the_timeline_and_wakes_the_account(
    machine: Machine,
) -> None:
    reply = desk_of(machine).book("A1", caller(), paying())

    kept = machine.accounts.kept["A1"]
    line = kept.log[-1]
    assert (reply.status, reply.body) == (201, {"open_minor": 995_00})
    assert [entry.kind for entry in line.entries] == ["payment"]
    assert [(event.kind, event.actor, event.note) for event in line.events] == [
        ("paid", "person:anna", "ok")
    ]
    assert line.policy.startswith("standard@")
    assert kept.wake_on == TODAY


def test_the_same_key_and_body_gives_the_first_answer_again(machine: Machine) -> None:
    first = desk_of(machine).book("A1", caller(), paying())

    again = answered_before(machine.accounts, caller())

    assert again == Reply(first.status, first.body, first.location, is_replayed=True)


def test_the_same_key_with_another_body_is_refused(machine: Machine) -> None:
    desk_of(machine).book("A1", caller(), paying())

    with pytest.raises(KeyReusedError):
        answered_before(machine.accounts, caller(digest="other"))


def test_an_answer_is_forgotten_after_seven_days(machine: Machine) -> None:
    desk_of(machine).book("A1", caller(), paying())
    later = Caller(ANNA, NOW + REPLAYED_FOR, replay_key=ReplayKey("k1", "body"))

    assert answered_before(machine.accounts, later) is None


class Together(MemoryAccounts):
    """Lets two callers load before either commits."""

    def __init__(self) -> None:
        super().__init__(4)
        self.barrier: Barrier | None = None

    def load(self, account_id: str, facts: Sequence[Fact] = ()) -> Loaded:
        loaded = super().load(account_id, facts)
        barrier, self.barrier = self.barrier, self.barrier
        if barrier is not None and barrier.n_waiting + 1 <= barrier.parties and not barrier.broken:
            try:
                barrier.wait(2)
            except Exception:
                self.barrier = None
        return loaded


def test_of_two_at_once_one_commits_and_the_other_gives_its_answer() -> None:
    accounts = Together()
    machine = Machine(accounts=accounts)
    machine.take_in("A1", invoice("I1", 15))
    accounts.barrier = Barrier(2)
    desk = desk_of(machine)

    with ThreadPoolExecutor(2) as pool:
        replies = list(pool.map(lambda _: desk.book("A1", caller(), paying()), range(2)))

    assert sorted(reply.is_replayed for reply in replies) == [False, True]
    assert [entry.kind for entry in accounts.kept["A1"].entries].count("payment") == 1


@pytest.mark.parametrize(
    "refusal",
    [
        BlockedError("nothing is open any more"),
        PreconditionFailedError("it has changed"),
        NotFoundError("it is not there any more"),
    ],
)
def test_who_is_refused_by_what_its_own_twin_did_gives_the_twins_answer(
    machine: Machine, refusal: Exception
) -> None:
    desk = desk_of(machine)

    def late(_account: Account, _policy: Policy, _today: date) -> Ruling:
        desk.book("A1", caller(), paying())  # the twin, after both had looked for an answer
        raise refusal

    reply = desk.book("A1", caller(), late)

    assert (reply.status, reply.is_replayed) == (201, True)


class Restless(MemoryAccounts):
    """Someone else always commits first."""

    def commit(self, change: Change) -> Loaded:
        if change.replay is not None:
            raise StaleVersionError("someone else was first")
        return super().commit(change)


def test_an_account_that_others_keep_changing_is_given_up() -> None:
    machine = Machine(accounts=Restless(4))
    machine.take_in("A1", invoice("I1", 15))

    with pytest.raises(StaleVersionError):
        desk_of(machine).book("A1", caller(), paying())


def test_an_account_that_is_not_there_is_not_made_by_accident(machine: Machine) -> None:
    with pytest.raises(NotFoundError):
        desk_of(machine).book("A9", caller(), paying())

    assert "A9" not in machine.accounts.kept


def test_a_change_of_what_was_read_is_let_through() -> None:
    check_match(caller(if_match=f'"other", {etag_of(HERE)}', must_match=True), HERE)
    check_match(caller(if_match="*", must_match=True), HERE)
    check_match(caller(), HERE)
    check_match(caller(must_match=True), None)


@pytest.mark.parametrize("there", [HERE, None])
def test_a_change_of_another_state_is_refused(there: dict[str, str] | None) -> None:
    with pytest.raises(PreconditionFailedError):
        check_match(caller(if_match='"stale"'), there)


def test_a_change_that_must_name_a_state_and_does_not_is_refused() -> None:
    with pytest.raises(PreconditionRequiredError):
        check_match(caller(must_match=True), HERE)
