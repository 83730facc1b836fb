"""Laws over any history: the store gives back what was put in, whoever else is at it."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta

import pytest
from chalicelib.core.account import Account
from chalicelib.core.agreements import PlanTerms
from chalicelib.core.apply import apply_all
from chalicelib.core.calls import CALL_OUTCOMES
from chalicelib.core.decide import decide
from chalicelib.core.effects import ENTRY_SIGN
from chalicelib.core.facts import (
    Contact,
    CreditNote,
    DisputeOpened,
    DisputeResolved,
    ExternalOpen,
    Fact,
    InvoiceVoided,
    InvoiceWrittenOff,
    NoticeCancelled,
    NoticeCounted,
    Payment,
    PaymentReversed,
    PromiseMade,
)
from chalicelib.core.facts_collections import (
    PlanCancelled,
    PlanMade,
    PromiseWithdrawn,
    TaskCompleted,
)
from chalicelib.store.create import create_table
from chalicelib.store.tables import Table
from chalicelib.store.writes import Limits
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from moto import mock_aws

from tests.contract.store import (
    STANDARD,
    MemoryStore,
    Store,
    TableStore,
    booked,
    decided,
    issued,
    live_of,
)

START = date(2024, 2, 1)
INVOICES = ["I1", "I2"]
NUMBERS = st.integers(0, 2)
SOME = st.sampled_from(INVOICES)
AMOUNTS = st.sampled_from([40_00, 60_00, 100_00, 250_00])  # so that invoices close

Act = tuple[str, tuple[object, ...]]
FIRST: list[Act] = [("issue", ("I1", 100_00)), ("issue", ("I2", 60_00))]
ACTS: st.SearchStrategy[Act] = st.one_of(
    st.tuples(st.just("issue"), st.tuples(SOME, AMOUNTS)),
    st.tuples(st.just("pay"), st.tuples(NUMBERS, AMOUNTS, st.lists(SOME, max_size=2))),
    st.tuples(st.just("bounce"), st.tuples(NUMBERS)),
    st.tuples(st.just("credit"), st.tuples(NUMBERS, AMOUNTS, SOME)),
    st.tuples(st.just("void"), st.tuples(SOME)),
    st.tuples(st.just("write_off"), st.tuples(SOME)),
    st.tuples(st.just("state"), st.tuples(SOME, st.sampled_from([0, 30_00, 100_00]))),
    st.tuples(st.just("count"), st.tuples()),
    st.tuples(st.just("cancel"), st.tuples()),
    st.tuples(st.just("promise"), st.tuples(AMOUNTS, NUMBERS)),
    st.tuples(st.just("withdraw"), st.tuples()),
    st.tuples(st.just("plan"), st.tuples(st.integers(1, 3), st.lists(SOME, max_size=1))),
    st.tuples(st.just("cancel_plan"), st.tuples()),
    st.tuples(st.just("dispute"), st.tuples(SOME, st.sampled_from([20_00, 100_00]))),
    st.tuples(st.just("resolve"), st.tuples(SOME, st.sampled_from(["won", "lost", "partly"]))),
    st.tuples(st.just("task"), st.tuples(st.sampled_from(CALL_OUTCOMES))),
    st.tuples(st.just("contact"), st.tuples(st.sampled_from(["in", "out"]))),
    st.tuples(st.just("decide"), st.tuples()),
)


def fact_of(  # noqa: C901, PLR0911, PLR0912 - one flat table
    act: Act, account: Account, on: date
) -> Fact | None:
    """The fact that an act is on a day; None for a decision, or where there is nothing to say."""
    match act:
        case ("issue", (str(name), int(amount))):
            return issued(name, amount)
        case ("pay", (int(number), int(amount), list(names))):
            return Payment(on, f"P{number}", on - timedelta(days=number), "USD", amount, (*names,))
        case ("bounce", (int(number),)):
            return PaymentReversed(on, f"P{number}")
        case ("credit", (int(number), int(amount), str(name))):
            return CreditNote(on, f"C{number}", "USD", amount, name)
        case ("void", (str(name),)):
            return InvoiceVoided(on, name)
        case ("write_off", (str(name),)):
            return InvoiceWrittenOff(on, name, "small")
        case ("state", (str(name), int(amount))):
            return ExternalOpen(on, name, amount, is_absent=amount == 0)
        case ("count", _):
            return NoticeCounted(on, min(account.notices)) if account.notices else None
        case ("cancel", _):
            return NoticeCancelled(on, min(account.notices)) if account.notices else None
        case ("promise", (int(amount), int(number))):
            return PromiseMade(on, "USD", amount, on + timedelta(days=3 * number))
        case ("withdraw", _):
            going = [promise.id for promise in account.promises if not promise.is_over]
            return PromiseWithdrawn(on, going[0]) if going else None
        case ("plan", (int(count), list(names))):
            first = on + timedelta(days=7)
            return PlanMade(on, PlanTerms("USD", "weekly", first, count, invoice_ids=(*names,)))
        case ("cancel_plan", _):
            return PlanCancelled(on, min(account.plans), "agreed") if account.plans else None
        case ("dispute", (str(name), int(amount))):
            return DisputeOpened(on, name, amount, "pricing")
        case ("resolve", (str(name), "won" | "lost" | "partly" as outcome)):
            return DisputeResolved(on, name, outcome, won_minor=10_00)
        case ("task", (str(outcome),)):
            return TaskCompleted(on, min(account.tasks), outcome) if account.tasks else None
        case ("contact", ("in" | "out" as direction,)):
            return Contact(on, direction, "call", "no_answer")
        case _:
            return None


@contextmanager
def fresh(kind: str, table: Table) -> Iterator[Store]:
    if kind == "memory":
        yield MemoryStore()
        return
    with mock_aws():
        create_table(table)
        yield TableStore(table, Limits(actions=6) if kind == "moto in chunks" else Limits())


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["memory", "moto", "moto in chunks"])
@settings(
    max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(acts=st.lists(ACTS, min_size=4, max_size=14))
def test_any_history_through_the_store_is_the_history_of_one_that_forgets_nothing(
    kind: str, acts: list[Act], moto_table: Table
) -> None:
    with fresh(kind, moto_table) as store:
        whole = Account("A1")
        for number, act in enumerate([*FIRST, *acts]):
            on = START + timedelta(days=3 * number)
            fact = fact_of(act, whole, on)
            accounts = store.another()
            if act[0] == "decide":
                decision = decide(whole, STANDARD, on)
                whole, effects = decision.account, decision.effects
                change = decided(accounts.load("A1"), on)
            elif fact is not None:
                result = apply_all(whole, [fact], STANDARD)
                whole, effects = result.account, result.effects
                change = booked(accounts.load("A1", [fact]), [fact], on)
            else:
                continue
            assert change.effects == effects
            accounts.commit(change)
            assert store.another().load("A1").account == live_of(whole)
        balances(store, whole)


def balances(store: Store, whole: Account) -> None:
    """R7.5, from the stored ledger entries alone."""
    if not whole.totals:
        return
    entries, _ = store.log("A1")
    booked_minor = sum(ENTRY_SIGN[entry.kind] * entry.amount_minor for entry in entries)
    open_minor = sum(i.open_minor + i.open_charges_minor for i in whole.invoices.values())
    assert booked_minor == open_minor - whole.unapplied.get("USD", 0)
