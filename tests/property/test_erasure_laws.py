"""Law: erasing a person changes no figure and no decision, and leaves nothing of the person."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

from chalicelib.core.account import ContactPerson
from chalicelib.core.effects import ENTRY_SIGN, Entry
from chalicelib.core.facts import Payment, TaskOpened
from chalicelib.core.facts_details import ContactSaved
from chalicelib.flows.desk import Caller
from chalicelib.flows.erasure_order import Erase
from chalicelib.flows.principal import ADMIN, Principal
from chalicelib.wiring_erasure import erasure_desk
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.flows.machine import NOW, TODAY, Machine, invoice
from tests.workers.deployment import FakeDeployment, FakePorts

WHO = Caller(Principal("anna", frozenset({ADMIN})), NOW, "r1")
EMAIL, PHONE = "quintessa.zyx@customer.example", "+44 20 7946 0000"
NAMES = st.from_regex(r"[A-Z][a-z]{3,8}q ['A-Z][a-zé]{3,8}x(&Co)?", fullmatch=True)
STORIES = st.fixed_dictionaries(
    {
        "name": NAMES,
        "late": st.lists(st.integers(1, 120), min_size=1, max_size=3),
        "paid": st.integers(0, 150_000),
        "alone": st.booleans(),
        "sent": st.booleans(),
    }
)


def machine_of(story: dict[str, Any]) -> Machine:
    """An account with invoices, a payment that names the person, a task, and perhaps a letter."""
    machine, name = Machine(), story["name"]
    one = ContactPerson("con_1", name, EMAIL, PHONE, frozenset({"accounts"}))
    other = ContactPerson("con_2", "Somebody Else", "other@customer.example")
    facts: list[Any] = [invoice(f"I{n}", late) for n, late in enumerate(story["late"])]
    facts += [ContactSaved(TODAY, each) for each in ((one,) if story["alone"] else (one, other))]
    facts.append(TaskOpened(TODAY, "A1:t", "review_account", TODAY, f"Ask {name} at {EMAIL}."))
    if story["paid"]:
        facts.append(Payment(TODAY, "P1", TODAY, "USD", story["paid"], reference=f"{name} {PHONE}"))
    machine.take_in("A1", *facts)
    if story["sent"]:
        machine.decide("A1")
        for notice_id in list(machine.account("A1").notices):
            machine.deliver.deliver("A1", notice_id)
    return machine


def erase(machine: Machine) -> None:
    erasure_desk(FakePorts(machine)).ask(WHO, Erase("A1", "con_1", "request", "By letter."))
    while machine.job_queue.sent:
        FakeDeployment(machine).job(*machine.job_queue.sent.pop(0))


def balance(entries: list[Entry]) -> int:
    return sum(ENTRY_SIGN[entry.kind] * entry.amount_minor for entry in entries)


def decided(machine: Machine) -> tuple[Any, ...]:
    """The next day's decision: its effects, and the account without what names people."""
    tomorrow = TODAY + timedelta(days=1)
    machine.registry.beat(TODAY)
    kept = machine.accounts.kept["A1"]
    before = len(kept.effects)
    machine.decide("A1", tomorrow)
    account = machine.accounts.kept["A1"].account
    figures = (account.invoices, account.totals, account.unapplied, account.holds, account.case)
    return (*kept.effects[before:], figures, set(account.tasks), set(account.notices))


@given(STORIES)
@settings(max_examples=30, deadline=None)
def test_an_erasure_changes_no_figure_and_no_decision(story: dict[str, Any]) -> None:
    machine, untouched = machine_of(story), machine_of(story)
    kept = machine.accounts.kept["A1"]
    entries, account = list(kept.entries), kept.account

    erase(machine)

    after = machine.accounts.kept["A1"].account
    assert machine.accounts.kept["A1"].entries == entries
    assert (after.totals, after.invoices) == (account.totals, account.invoices)
    assert after.money == {
        name: replace(money, reference=after.money[name].reference)
        for name, money in account.money.items()
    }
    owed = sum(one.open_minor + one.open_charges_minor for one in after.invoices.values())
    assert balance(entries) == owed - sum(after.unapplied.values())
    assert decided(machine) == decided(untouched)


@given(STORIES)
@settings(max_examples=30, deadline=None)
def test_an_erasure_leaves_nothing_of_the_person(story: dict[str, Any]) -> None:
    machine = machine_of(story)

    erase(machine)

    files = [content.decode(errors="replace") for content, _ in machine.archive.files.values()]
    kept = repr((machine.accounts.kept, machine.accounts.outbox, machine.records.kept, files))
    found = [one for one in (story["name"], EMAIL, PHONE) if one in kept or repr(one)[1:-1] in kept]
    assert found == []
