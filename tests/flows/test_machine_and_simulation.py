"""The machine, run day by day, does what the simulation of the same days does (R13.2)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from random import Random

import pytest
from chalicelib.core.account import AccountDetails
from chalicelib.core.agreements import PlanTerms
from chalicelib.core.effects import Effect
from chalicelib.core.facts import (
    Contact,
    CreditNote,
    Delivery,
    DisputeOpened,
    DisputeResolved,
    Extension,
    Fact,
    Pause,
    Payment,
    PromiseMade,
    day_order,
)
from chalicelib.core.facts_collections import (
    PlanCancelled,
    PlanMade,
    PromiseWithdrawn,
    TaskCompleted,
)
from chalicelib.flows.credit_news import account_of_news
from chalicelib.flows.import_ledger import ImportLedger
from chalicelib.flows.ledger_read import Ledger, LedgerAccount
from chalicelib.flows.mail_events import LetterNews
from chalicelib.flows.simulate import effect_order, simulate
from tests.flows.machine import TODAY, Machine, invoice

LAST_DAY = TODAY + timedelta(days=130)


def ledger_of(seed: int) -> dict[str, LedgerAccount]:
    """Four accounts whose invoices are due, paid, disputed, promised, planned over half a year."""
    chance = Random(seed)
    accounts = {}
    for number in range(4):
        account_id = f"A{number}"
        facts: list[Fact] = []
        for index in range(chance.randint(1, 6)):
            name = f"I{number}-{index}"
            late = chance.randint(-60, 100)
            amount = chance.choice([900, 45_000, 260_000, 1_200_000])
            delivered = None if chance.random() < 0.1 else TODAY - timedelta(days=late + 30)
            facts.append(invoice(name, late, amount, delivered_on=delivered))
            facts.extend(events_of(chance, account_id, name, amount))
        details = AccountDetails(
            name=account_id,
            email="ap@customer.example",
            account_class=chance.choice(["standard", "key"]),
        )
        accounts[account_id] = LedgerAccount(details, tuple(sorted(facts, key=day_order)))
    return accounts


def events_of(chance: Random, account_id: str, name: str, amount: int) -> list[Fact]:
    on = TODAY + timedelta(days=chance.randint(-10, 120))
    later = on + timedelta(days=chance.randint(1, 15))
    part = chance.choice([amount, amount // 2, amount + 500])
    terms = PlanTerms("USD", "two_weeks", later, chance.randint(1, 4), invoice_ids=(name,))
    stories: list[list[Fact]] = [
        [
            Payment(
                on, f"P-{name}", on - timedelta(days=chance.choice([0, 9])), "USD", part, (name,)
            )
        ],
        [Payment(on, f"Q-{name}", on, "USD", part)],
        [CreditNote(on, f"C-{name}", "USD", part, name)],
        [DisputeOpened(on, name, part), DisputeResolved(later, name, "lost")],
        [DisputeOpened(on, name), DisputeResolved(later, name, "won")],
        [Pause(on, later, chance.choice([name, None]))],
        [PromiseMade(on, "USD", part, later, (name,))],
        [Extension(on, name, later)],
        [Contact(on, chance.choice(["in", "out"]), "call")],
        [PromiseMade(on, "USD", part + 2, later, (name,)), PromiseWithdrawn(later, f"ptp_{on}_01")],
        [PromiseMade(on, "USD", part + 1, later), Payment(later, f"R-{name}", later, "USD", part)],
        [DisputeOpened(on, name), DisputeResolved(later, name, "partly", won_minor=amount // 3)],
        [PlanMade(on, terms), Payment(later, f"S-{name}", later, "USD", amount // 2, (name,))],
        [PlanMade(on, terms), PlanCancelled(later, f"pln_{on}_01")],
        [TaskCompleted(on, f"{account_id}:call", "no_answer")],
        [TaskCompleted(on, f"{account_id}:call", "paid")],
        [TaskCompleted(on, f"{account_id}:call", "not_available", later, call_back_time="15:00")],
        [Delivery(on, name)],
        [],
    ]
    return [fact for story in chance.sample(stories, 3) for fact in story]


def between(accounts: Mapping[str, LedgerAccount], after: date, through: date) -> Ledger:
    parts = {
        name: replace(part, facts=tuple(f for f in part.facts if after < f.on <= through))
        for name, part in accounts.items()
    }
    return Ledger({name: part for name, part in parts.items() if part.facts})


def run_day(machine: Machine, facts: Ledger, day: date) -> None:
    """One day of the machine: book, sweep, decide, deliver; every letter arrives at once."""
    flow = ImportLedger(machine.accounts, machine.registry, machine.policies)
    machine.clock.at = datetime.combine(day, time(5), UTC)
    assert flow.import_ledger(facts, day).faults == []
    counts = machine.sweep.start(day)
    if "run_waiting" in counts:  # so few accounts are due on most days that three are a growth
        counts = machine.sweep.approve(day, counts["accounts_due"])
    assert counts["run_started"] == 1
    for run_on, shard in machine.queues.shards:
        machine.sweep.hand_out(run_on, shard)
    for run_on, account_id in machine.queues.work:
        machine.work.decide_account(run_on, account_id)
    for account_id, notice_id in machine.queues.mail:
        if account_of_news(notice_id):
            continue  # customer service is told; no letter to the customer
        assert machine.deliver.deliver(account_id, notice_id) == {"mail_sent": 1}
        machine.mail_events.book(
            LetterNews(notice_id=notice_id, attempt=1, kind="delivery", at=machine.clock.now())
        )
    for queue in (machine.queues.shards, machine.queues.work, machine.queues.mail):
        queue.clear()


@pytest.mark.parametrize("seed", range(12))
def test_days_run_on_the_machine_are_the_days_simulated(seed: int) -> None:
    accounts = ledger_of(seed)
    machine = Machine()
    machine.registry.through = None
    booked_through, day = date.min, TODAY

    while day <= LAST_DAY:
        run_day(machine, between(accounts, booked_through, day), day)
        booked_through, day = day, day + timedelta(days=1)

    done: list[Effect] = [e for kept in machine.accounts.kept.values() for e in kept.effects]
    expected = simulate(
        {name: (part.details, part.facts) for name, part in accounts.items()},
        machine.policies.default(),
        TODAY,
        LAST_DAY,
    )
    assert expected.failed == []
    done = [effect for effect in done if effect.on >= TODAY]
    assert sorted(done, key=effect_order) == expected.effects
    assert len(done) > 10
    assert {name: kept.account.totals for name, kept in machine.accounts.kept.items()} != {}
