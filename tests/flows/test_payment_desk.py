"""Payments, credit notes and cash at the desks: two at once, mirrors, what is written out later."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, date, datetime
from threading import Barrier, Lock

import pytest
from chalicelib.core.facts import Fact, Payment
from chalicelib.flows.cash_desk import CashDesk, CashSaid
from chalicelib.flows.credit_desk import CreditDesk, CreditNoteSaid
from chalicelib.flows.desk import Caller, Desk, ReplayKey, Reply
from chalicelib.flows.ledger_kind import MIRROR, OWN, MirrorLedgerError
from chalicelib.flows.payment_batch import PaymentBatch, PaymentRow
from chalicelib.flows.payment_desk import PaymentDesk, PaymentSaid
from chalicelib.flows.ports import Change, Loaded
from chalicelib.flows.principal import Principal
from tests.fakes_store import MemoryAccounts
from tests.flows.machine import TODAY, Machine, invoice

CALLER = Caller(Principal("erp", frozenset({"service"})), datetime(2024, 3, 18, 9, tzinfo=UTC))
SAID = PaymentSaid("P1", date(2024, 3, 15), 100_000, "USD")


class AtOnce(MemoryAccounts):
    """The first two loads see the same state; commits come one after the other."""

    def __init__(self) -> None:
        super().__init__(4)
        self.both = Barrier(2, timeout=5)
        self.one = Lock()
        self.waits = False

    def load(self, account_id: str, facts: Sequence[Fact] = ()) -> Loaded:
        loaded = super().load(account_id, facts)
        if self.waits:
            self.both.wait()
            self.waits = False
        return loaded

    def commit(self, change: Change) -> Loaded:
        with self.one:
            return super().commit(change)


def desk(machine: Machine) -> Desk:
    return Desk(machine.accounts, machine.policies, lambda at: at.date())


def two_at_once(book: Callable[[PaymentDesk, int], Reply]) -> tuple[Machine, list[Reply]]:
    accounts = AtOnce()
    machine = Machine(accounts=accounts)
    machine.take_in("A1", invoice("I1", 15))
    payments = PaymentDesk(desk(machine), OWN)
    accounts.waits = True
    with ThreadPoolExecutor(2) as pool:
        replies = list(pool.map(lambda number: book(payments, number), range(2)))
    return machine, sorted(replies, key=lambda reply: reply.is_replayed)


def test_of_two_at_once_under_one_key_one_commits_and_the_other_replays() -> None:
    keyed = replace(CALLER, replay_key=ReplayKey("key", "digest"))

    machine, (first, second) = two_at_once(lambda desk, _: desk.book("A1", keyed, SAID))

    assert (first.status, second.status, second.is_replayed) == (201, 201, True)
    assert first.body == second.body
    assert machine.account("A1").totals["USD"]["payment"] == 100_000


def test_of_two_at_once_under_keys_of_their_own_one_finds_what_the_other_booked() -> None:
    def book(payments: PaymentDesk, number: int) -> Reply:
        keyed = replace(CALLER, replay_key=ReplayKey(f"key-{number}", "digest"))
        return payments.book("A1", keyed, SAID)

    machine, replies = two_at_once(book)

    assert sorted(reply.status for reply in replies) == [200, 201]
    assert replies[0].body == replies[1].body
    assert machine.account("A1").totals["USD"]["payment"] == 100_000


@pytest.mark.parametrize(
    "act",
    [
        lambda desk: PaymentDesk(desk, MIRROR).book("A1", CALLER, SAID),
        lambda desk: PaymentDesk(desk, MIRROR).reverse("A1", CALLER, "P0", "bounced", "x"),
        lambda desk: PaymentBatch(desk, MIRROR, float).book(
            CALLER, [PaymentRow(0, "A1", SAID)], []
        ),
        lambda desk: CreditDesk(desk, MIRROR).book(
            "A1", CALLER, CreditNoteSaid("C1", 1, "USD", "I1", "x")
        ),
        lambda desk: CashDesk(desk, MIRROR).apply("A1", CALLER, CashSaid()),
    ],
    ids=["payment", "reversal", "batch", "credit note", "cash"],
)
def test_a_mirror_leaves_the_allocation_to_the_erp(act: Callable[[Desk], object]) -> None:
    """R7.6: local allocation of principal is refused."""
    machine = Machine()
    machine.take_in("A1", invoice("I1", 15), Payment(TODAY, "P0", TODAY, "USD", 5, ("GHOST",)))
    before = machine.account("A1")

    with pytest.raises(MirrorLedgerError, match="mirrors"):
        act(desk(machine))

    assert machine.account("A1") == before


def many(count: int) -> Machine:
    machine = Machine()
    machine.take_in("A1", *(invoice(f"I{number:04}", 15, 100) for number in range(count)))
    return machine


@pytest.mark.parametrize(("count", "allocation"), [(200, "done"), (201, "pending")])
def test_an_answer_says_done_only_of_what_is_written_with_it(count: int, allocation: str) -> None:
    machine = many(count)
    said = replace(SAID, amount_minor=count * 100)

    reply = PaymentDesk(desk(machine), OWN).book("A1", CALLER, said)

    assert reply.body["allocation"] == allocation
    assert ("unapplied" in reply.body, "allocations" in reply.body) == ((allocation == "done",) * 2)
    assert list(machine.accounts.unfinished()) == ([] if allocation == "done" else ["A1"])


def test_the_next_minute_writes_out_what_an_answer_called_pending() -> None:
    machine = many(201)
    payments = PaymentDesk(desk(machine), OWN)
    payments.book("A1", CALLER, replace(SAID, amount_minor=20_100))

    machine.reconcile.reconcile(machine.clock.now())

    assert list(machine.accounts.unfinished()) == []
    assert payments.read("A1", "P1")["allocations"]["count"] == 201


def test_rows_of_a_batch_that_together_are_large_are_pending_together() -> None:
    machine = many(300)
    half = [replace(SAID, payment_id=f"P{number}", amount_minor=15_000) for number in range(2)]

    rows = [PaymentRow(place, "A1", said) for place, said in enumerate(half)]
    reply = PaymentBatch(desk(machine), OWN, float).book(CALLER, rows, [])

    found = [row["payment"]["allocation"] for row in reply.body["data"]]
    assert found == ["pending", "pending"]


def test_accounts_that_a_batch_has_no_time_for_are_to_be_sent_again() -> None:
    machine = many(2)
    times = iter([0.0, 0.0, 21.0])
    machine.take_in("A2", invoice("I1", 15))
    rows = [PaymentRow(place, name, SAID) for place, name in enumerate(("A1", "A2"))]

    reply = PaymentBatch(desk(machine), OWN, lambda: next(times)).book(CALLER, rows, [])

    found = sorted((row["status"], row["retryable"]) for row in reply.body["data"])
    assert found == [("created", False), ("failed", True)]
