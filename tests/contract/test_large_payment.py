"""A payment over 3,000 invoices: answered in one request, allocated to the cent afterwards (R7.1)."""

from __future__ import annotations

import random
import string
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta

import pytest
from chalicelib.core.account import Account, AccountDetails
from chalicelib.core.apply import apply_all
from chalicelib.core.effects import ENTRY_SIGN
from chalicelib.core.facts import InvoiceIssued
from chalicelib.flows.desk import Caller, Desk, ReplayKey, answered_before
from chalicelib.flows.payment_desk import PaymentDesk, PaymentSaid
from chalicelib.flows.policies import shipped_document
from chalicelib.flows.policy_shelf import PolicyShelf
from chalicelib.flows.ports import Accounts, Change
from chalicelib.flows.principal import Principal
from chalicelib.store.meter import metered

from tests.contract.faults import Killed, calls
from tests.contract.store import TableStore
from tests.fakes_store import MemoryRegistry

MANY = 3_000
TODAY = date(2024, 3, 18)
CALLER = Caller(
    Principal("erp", frozenset({"service"})),
    datetime(2024, 3, 18, 9, tzinfo=UTC),
    replay_key=ReplayKey("an-identity", "a-digest"),
)
SHORT = 12_345  # what the payment lacks of all that is open

# On the emulator alone: moto copies its whole table for each transaction.
pytestmark = [
    pytest.mark.slow,
    pytest.mark.emulator,
    pytest.mark.timeout(600),
    pytest.mark.parametrize("tables", ["emulator"], indirect=True),
]


@dataclass(frozen=True)
class Owed:
    """What an account owes, and the payment for nearly all of it."""

    amounts: dict[str, int]
    named: Sequence[str]

    @property
    def payment(self) -> PaymentSaid:
        amount = sum(self.amounts.values()) - SHORT
        return PaymentSaid("P1", date(2024, 3, 15), amount, "USD", tuple(self.named))


def owed(*, by_name: bool) -> Owed:
    """3,000 invoices with ids of 64 characters, paid in an order of its own."""
    chance = random.Random(20240318)
    letters = string.ascii_letters + string.digits
    names = ["".join(chance.choices(letters, k=64)) for _ in range(MANY)]
    amounts = {name: chance.randint(SHORT + 1, 999_999) for name in names}
    return Owed(amounts, chance.sample(names, MANY) if by_name else ())


def desk(accounts: Accounts) -> PaymentDesk:
    registry = MemoryRegistry()
    registry.put_policy("standard", shipped_document("standard"))
    return PaymentDesk(Desk(accounts, PolicyShelf(registry), lambda at: at.date()), "own")


def take_in(accounts: Accounts, amounts: dict[str, int]) -> None:
    policy = desk(accounts).desk.policies.of(AccountDetails())
    facts = []
    for number, (name, minor) in enumerate(amounts.items()):
        due_on = TODAY - timedelta(days=number % 70 - 10)
        issued_on = due_on - timedelta(days=30)
        facts.append(
            InvoiceIssued(
                issued_on, name, "USD", minor, minor, issued_on, due_on, issued_on,
                delivered_on=issued_on,
            )
        )  # fmt: skip
    booked = apply_all(Account("BIG", AccountDetails(name="Big Customer")), facts, policy)
    change = Change(accounts.load("BIG"), booked.account, TODAY, booked.entries, booked.effects)
    accounts.commit(change)


def check_paid(store: TableStore, amounts: dict[str, int]) -> None:
    """Everything was paid to the cent, once, and the ledger's identity holds (R7.5)."""
    account = store.another().load("BIG").account
    open_minor = {name: invoice.open_minor for name, invoice in account.invoices.items()}
    money = account.money["payment:P1"]
    went = {part.invoice_id: part.amount_minor for part in money.allocations}
    assert sum(open_minor.values()) == SHORT
    assert went == {name: minor - open_minor.get(name, 0) for name, minor in amounts.items()}
    assert money.unapplied_minor == 0
    entries = store.log("BIG")[0]
    assert [entry.kind for entry in entries].count("payment") == 1
    for lines in (
        {entry.ref: ENTRY_SIGN[entry.kind] * entry.amount_minor for entry in entries}.values(),
        [ENTRY_SIGN[kind] * minor for kind, minor in account.totals["USD"].items()],
    ):
        assert sum(lines) == SHORT - account.unapplied["USD"] == SHORT


@pytest.mark.parametrize("by_name", [True, False], ids=["named", "waterfall"])
def test_a_payment_over_3000_invoices_is_answered_at_once_and_allocated_to_the_cent(
    tables: TableStore, *, by_name: bool
) -> None:
    story = owed(by_name=by_name)
    take_in(tables.accounts, story.amounts)

    with metered(tables.table) as answering:
        reply = desk(tables.accounts).book("BIG", CALLER, story.payment)

    assert (reply.status, reply.body["allocation"]) == (201, "pending")
    assert "allocations" not in reply.body
    assert answering.requests["TransactWriteItems"] == 1  # the change, its answer, certain
    assert answering.total[0] <= 10
    assert list(tables.another().unfinished()) == ["BIG"]

    read = desk(tables.another()).read("BIG", "P1")

    assert (read["allocation"], read["allocations"]["count"]) == ("done", MANY)
    check_paid(tables, story.amounts)


@pytest.mark.parametrize(("kill_before", "status"), [(4, 201), (5, 200), (40, 200)])
def test_a_crash_while_it_is_written_out_loses_nothing(
    tables: TableStore, kill_before: int, status: int
) -> None:
    """Call 4, from 0, is the answer's transaction; from then on it is certain."""
    story = owed(by_name=True)
    take_in(tables.accounts, story.amounts)

    def pay_and_look() -> None:
        desk(tables.another()).book("BIG", CALLER, story.payment)
        tables.another().load("BIG")

    with pytest.raises(Killed), calls(tables.table, kill_before=kill_before):
        pay_and_look()

    key_known = answered_before(tables.another(), CALLER) is not None
    again = desk(tables.another()).book("BIG", replace(CALLER, replay_key=None), story.payment)
    assert (again.status, key_known) == (status, status == 200)
    check_paid(tables, story.amounts)


def test_its_reversal_is_as_large_and_restores_everything(tables: TableStore) -> None:
    story = owed(by_name=True)
    take_in(tables.accounts, story.amounts)
    before = tables.accounts.load("BIG").account
    desk(tables.accounts).book("BIG", CALLER, story.payment)

    reply = desk(tables.another()).reverse(
        "BIG", replace(CALLER, replay_key=None), "P1", "bounced", "The bank took it back."
    )

    assert (reply.status, reply.body["allocation"]) == (200, "pending")
    after = tables.another().load("BIG").account
    assert after.invoices == before.invoices
    assert after.unapplied == {"USD": 0}
