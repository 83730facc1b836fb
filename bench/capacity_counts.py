"""Counts what each kind of work asks of AWS, and writes bench/capacity.json for the model.

    python bench/capacity_counts.py

200 accounts with ten open invoices each lie in the emulator. They are imported, decided, paid, written
to, and snapshot; every use case runs as its function runs it. How often each kind of work comes is
counted in a simulated year of the seeded ledger. Requests and units are exact and the same on every
machine; processor seconds are this machine's, and what Lambda bills is estimated from them.
"""

from __future__ import annotations

import json
import platform
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from counted_stage import Cost, CountedStage, counted_stage

from chalicelib.core.facts import InvoiceIssued, Payment
from chalicelib.flows.desk import Caller
from chalicelib.flows.hold_lookup import HoldLookup
from chalicelib.flows.import_ledger import ImportLedger
from chalicelib.flows.ledger_read import Ledger, read_ledger
from chalicelib.flows.payment_desk import PaymentDesk, PaymentSaid
from chalicelib.flows.policies import load, shipped_document
from chalicelib.flows.principal import Principal
from chalicelib.flows.simulate import simulate
from chalicelib.messages import MailMessage, WorkMessage
from chalicelib.store.sizes import item_bytes
from local.seeded_ledger import FIRST_DAY, LAST_DAY, make_ledger

BENCH = Path(__file__).resolve().parent
FILE = BENCH / "capacity.json"
ACCOUNTS, INVOICES_PER_ACCOUNT = 200, 10
TODAY = date(2026, 3, 18)  # a Wednesday
YESTERDAY = TODAY - timedelta(days=1)
REMINDER_DAYS = 15
LETTERS_TO, PAYERS = range(0, 50), range(50, 100)  # accounts by number
YEAR_INVOICES, YEAR_SEED = 5_000, 7
IDLE_MINUTES = 10


def main() -> None:
    """Measure and write."""
    with counted_stage() as stage:
        costs, stored = measure(stage)
    document = {
        "machine": {"python": platform.python_version(), "processor": platform.machine()},
        "accounts": ACCOUNTS,
        "invoices_per_account": INVOICES_PER_ACCOUNT,
        "costs": {name: cost.values() for name, cost in costs.items()},
        "stored": stored,
        "year": a_year(),
    }
    FILE.write_text(json.dumps(document, indent=1) + "\n")
    print(f"wrote {FILE.name}")


def measure(stage: CountedStage) -> tuple[dict[str, Cost], dict[str, float]]:
    """Return what each kind of work costs, and what an open invoice takes up."""
    machine, ports = stage.machine, stage.machine.ports
    registry = ports.registry
    registry.put_policy("standard", shipped_document("standard"))
    registry.set_default_policy_id("standard")
    costs: dict[str, Cost] = {}
    ledger = read()
    importing = ImportLedger(ports.accounts, registry, ports.policies)
    every_invoice = ACCOUNTS * INVOICES_PER_ACCOUNT
    costs["import_invoice"] = stage.cost_of(
        lambda: importing.import_ledger(ledger, YESTERDAY), every_invoice
    )
    run(stage, YESTERDAY)  # everything is new, and sleeps from here on
    costs["payment"] = stage.cost_of(lambda: pay(stage), len(PAYERS))
    costs["hold_lookup"] = stage.cost_of(lambda: look_up(stage), len(PAYERS))
    registry.beat(YESTERDAY)
    costs |= a_day(stage)
    costs["reconcile_minute"] = stage.cost_of(
        lambda: [machine.reconcile(machine.now()) for _ in range(IDLE_MINUTES)], IDLE_MINUTES
    )
    costs["report_invoice"] = stage.cost_of(lambda: machine.report(TODAY), every_invoice)
    return costs, sizes(stage, every_invoice)


def read() -> Ledger:
    """Return the ledger: the first invoice of some accounts reaches its reminder today."""
    rows = ["account_id,account_name,invoice_id,issued_on,due_on,currency,amount,email"]
    for number in range(ACCOUNTS):
        for index in range(INVOICES_PER_ACCOUNT):
            is_late = number in LETTERS_TO and index == 0
            is_paid_late = number in PAYERS and index == 0
            past_due = REMINDER_DAYS if is_late else 5 if is_paid_late else -20 - index
            due_on = TODAY - timedelta(days=past_due)
            rows.append(
                f"A{number:06d},Customer {number} Ltd,INV-{number:06d}-{index},"
                f"{due_on - timedelta(days=30)},{due_on},USD,{1000 + number + index}.50,"
                f"ap@customer-{number}.example"
            )
    return read_ledger([("invoices", "invoices.csv", "\n".join(rows).encode())])


def a_day(stage: CountedStage) -> dict[str, Cost]:
    """Return what the parts of a day's run cost: the sweep, deciding, letters and their events."""
    machine, urls = stage.machine, stage.machine.ports.settings
    shards = range(machine.ports.accounts.shards())
    costs = {"sweep": stage.cost_of(lambda: started(stage, TODAY), 1)}
    stage.messages(urls.sweep_shard_queue_url)
    costs["sweep_shard"] = stage.cost_of(
        lambda: [machine.sweep_shard(TODAY, shard) for shard in shards], len(shards)
    )
    due = [WorkMessage.from_json(body) for body in stage.messages(urls.work_queue_url)]
    written = {f"A{number:06d}" for number in LETTERS_TO}
    with_letter = [one.account_id for one in due if one.account_id in written]
    quiet = [one.account_id for one in due if one.account_id not in written]
    assert len(with_letter) == len(LETTERS_TO), len(with_letter)
    costs["decide_quiet"] = stage.cost_of(lambda: work(stage, quiet), len(quiet))
    costs["decide_with_notice"] = stage.cost_of(lambda: work(stage, with_letter), len(with_letter))
    mails = [MailMessage.from_json(body) for body in stage.messages(urls.mail_queue_url)]
    costs["letter"] = stage.cost_of(
        lambda: [machine.mail(one.account_id, one.notice_id) for one in mails], len(mails)
    )
    assert len(stage.office.letters) == len(mails) == len(LETTERS_TO), len(mails)
    news = list(events(stage))
    costs["letter_event"] = stage.cost_of(
        lambda: [machine.mail_event(json.dumps(one)) for one in news], len(news)
    )
    costs["decide_again"] = stage.cost_of(lambda: work(stage, quiet), len(quiet))
    return costs


def started(stage: CountedStage, day: date) -> None:
    """Start a day's run; one that waits for a person is approved with its count."""
    if stage.machine.sweep(day).get("run_waiting"):
        registry = stage.machine.ports.registry
        state = registry.run_state(day)
        assert state is not None
        approved = replace(state, state="running", reason="", approved_count=state.accounts_due)
        registry.put_run(approved)
        stage.machine.sweep(day)


def run(stage: CountedStage, day: date) -> None:
    """Run a day whole, uncounted."""
    started(stage, day)
    urls = stage.machine.ports.settings
    stage.messages(urls.sweep_shard_queue_url)
    for shard in range(stage.machine.ports.accounts.shards()):
        stage.machine.sweep_shard(day, shard)
    for body in stage.messages(urls.work_queue_url):
        stage.machine.work(day, WorkMessage.from_json(body).account_id)


def work(stage: CountedStage, account_ids: Sequence[str]) -> None:
    """Decide accounts for today."""
    for account_id in account_ids:
        stage.machine.work(TODAY, account_id)


def pay(stage: CountedStage) -> None:
    """Book a payment of the first invoice of some accounts, as the ERP sends it."""
    desk = PaymentDesk(stage.machine.ports.desk, "own")
    caller = Caller(Principal("erp", frozenset({"service"})), datetime.now(UTC), "request")
    for number in PAYERS:
        said = PaymentSaid(
            payment_id=f"P{number}",
            received_on=YESTERDAY,
            currency="USD",
            amount_minor=(1000 + number) * 100 + 50,
            invoice_ids=(f"INV-{number:06d}-0",),
        )
        desk.book(f"A{number:06d}", caller, said)


def look_up(stage: CountedStage) -> None:
    """Ask of accounts, one by one, whether they may be shipped to (R8.7)."""
    desk = HoldLookup(stage.machine.ports.hold_reads, stage.machine.ports.policies)
    for number in PAYERS:
        desk.look_up(f"A{number:06d}", TODAY)


def events(stage: CountedStage) -> list[dict[str, Any]]:
    """Return what SES says of each letter that was sent: that it left, and that it arrived."""
    found: list[dict[str, Any]] = []
    for letter in stage.office.letters:
        at = letter.sent_at.isoformat()
        tags = {name: [value] for name, value in letter.tags.items()}
        mail = {"timestamp": at, "messageId": letter.message_id, "tags": tags,
                "destination": list(letter.recipients)}  # fmt: skip
        delivery = {"timestamp": at, "recipients": list(letter.recipients)}
        found.append({"eventType": "Send", "mail": mail, "send": {}})
        found.append({"eventType": "Delivery", "mail": mail, "delivery": delivery})
    return found


def sizes(stage: CountedStage, invoices: int) -> dict[str, float]:
    """Return the bytes that the table holds for an open invoice, everything about it included."""
    total = sum(item_bytes(item.serialize()) for item in stage.table.scan())
    return {"table_bytes_per_invoice": round(total / invoices, 1)}


def a_year() -> dict[str, Any]:
    """Return how often what comes in a simulated year of the seeded ledger, per account."""
    files = make_ledger(YEAR_SEED, YEAR_INVOICES)
    ledger = read_ledger([(role, str(role), content) for role, content in files.items()])
    accounts = {name: (a.details, a.facts) for name, a in ledger.accounts.items()}
    policy = load((BENCH / "seeded.toml").read_bytes())
    result = simulate(accounts, policy, FIRST_DAY, LAST_DAY)
    kinds = Counter(effect.kind for effect in result.effects)
    payments = sum(isinstance(f, Payment) for a in ledger.accounts.values() for f in a.facts)
    return {
        "accounts": len(accounts),
        "invoices": YEAR_INVOICES,
        "days": (LAST_DAY - FIRST_DAY).days + 1,
        "decisions": result.decisions,
        "notices": kinds["notice"],
        "charges": kinds["charge"],
        "payments": payments,
        "open_invoices_on_average": round(open_on_average(ledger), 1),
    }


def open_on_average(ledger: Ledger) -> float:
    """Return how many invoices are open on a day of the year, on average over its days.

    An invoice is open from its issue to the last payment that names it, else to the year's end.
    """
    days = 0
    for account in ledger.accounts.values():
        settled = {
            invoice_id: fact.on
            for fact in sorted(
                (fact for fact in account.facts if isinstance(fact, Payment)), key=lambda p: p.on
            )
            for invoice_id in fact.invoice_ids
        }
        for fact in account.facts:
            if isinstance(fact, InvoiceIssued):
                end = min(settled.get(fact.invoice_id, LAST_DAY), LAST_DAY)
                days += max((end - max(fact.issued_on, FIRST_DAY)).days, 0)
    return days / ((LAST_DAY - FIRST_DAY).days + 1)


if __name__ == "__main__":
    main()
