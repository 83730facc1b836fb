"""The snapshot of a run: its figures are those of its rows, its items those of the accounts."""

from __future__ import annotations

import gzip
import json
from datetime import timedelta
from typing import Any

import pytest
from chalicelib.core.errors import NotFoundError
from chalicelib.core.facts import DisputeOpened, Payment
from chalicelib.flows.aging_report import AgingReport
from chalicelib.flows.report import Report, open_items_key, summary_key
from tests.flows.machine import TODAY, Machine, invoice


def reported(machine: Machine) -> dict[str, Any]:
    report = Report(machine.accounts, machine.registry, machine.archive, machine.policies)
    report.write(TODAY)
    summary: dict[str, Any] = json.loads(machine.archive.get(summary_key(TODAY)))
    return summary


def items(machine: Machine) -> list[dict[str, Any]]:
    lines = gzip.decompress(machine.archive.get(open_items_key(TODAY))).splitlines()
    return [json.loads(line) for line in lines]


def after_a_run() -> Machine:
    """A1 gets a reminder, A2 is disputed, A3 cannot be decided, A4 was not tried."""
    machine = Machine()
    machine.take_in("A1", invoice("I1", 15), invoice("I2", -3, 7_000))
    machine.take_in("A2", invoice("I3", 15), DisputeOpened(TODAY, "I3"))
    machine.take_in("A3", invoice("I4", 15), policy_id="standard")
    machine.take_in("A4", invoice("I5", 15))
    machine.sweep.start(TODAY)
    machine.work.decide_account(TODAY, "A1")
    machine.work.decide_account(TODAY, "A2")
    del machine.registry.policies["standard"]
    machine.registry.set_default_policy_id("rapid")
    with pytest.raises(NotFoundError):
        machine.work.decide_account(TODAY, "A3")
    machine.registry.set_default_policy_id("standard")
    Machine.__post_init__(machine)
    return machine


def test_a_run_is_told_in_exact_figures() -> None:
    summary = reported(after_a_run())

    assert summary["state"] == "running"
    assert summary["accounts_due"] == 4
    assert (summary["done"], summary["failed"], summary["left"]) == (2, 1, 1)
    assert summary["skipped"] == {"disputed": 1}
    assert summary["outcomes"]["notices"] == 1


def test_every_open_invoice_and_charge_is_a_row() -> None:
    machine = Machine()
    machine.take_in("A1", invoice("I1", 15), invoice("I2", 45, 200_000))
    machine.take_in("A1", Payment(TODAY, "P1", TODAY, "USD", 50_000, ("I1",)))

    reported(machine)

    assert [(row["invoice_id"], row["kind"], row["open_minor"], row["bucket"]) for row in
            items(machine)] == [
        ("I2", "invoice", 200_000, "31-60"),
        ("I1", "invoice", 50_000, "1-30"),
    ]  # fmt: skip
    assert {row["collector"] for row in items(machine)} == {"senior"}


def test_a_charge_has_a_row_of_its_own() -> None:
    machine = Machine()
    machine.take_in("A1", invoice("I1", 30), policy_id="rapid", wake_on=TODAY)
    day = TODAY
    while not any(i.charges for i in machine.account("A1").invoices.values()):
        machine.decide("A1", day)
        for notice_id in list(machine.account("A1").notices):
            machine.deliver.deliver("A1", notice_id)
            machine.clock.pass_by(hours=72)
            machine.reconcile.reconcile(machine.clock.now())
        day += timedelta(days=1)
        assert day < TODAY + timedelta(days=60)

    reported(machine)

    kinds = [(row["kind"], row["invoice_id"]) for row in items(machine)]
    assert ("charge", "I1") in kinds


def test_the_aging_adds_up_to_what_is_open() -> None:
    machine = Machine()
    machine.take_in("A1", invoice("I1", 15), invoice("I2", 45, 200_000))
    machine.take_in("A2", invoice("I3", -5, 30_000))
    machine.take_in("A2", Payment(TODAY, "P1", TODAY, "USD", 31_000))

    summary = reported(machine)

    [total] = summary["aging"]
    assert summary["buckets"] == ["current", "1-30", "31-60", "61-90", "91+"]
    assert total["buckets_minor"] == [0, 100_000, 200_000, 0, 0]
    assert (total["principal_minor"], total["unapplied_minor"]) == (300_000, 1_000)
    assert sum(row["open_minor"] for row in items(machine)) == 300_000


def test_the_same_accounts_give_the_same_bytes() -> None:
    machine = after_a_run()
    reported(machine)
    first = dict(machine.archive.files)

    reported(machine)

    assert machine.archive.files == first


def test_aging_is_answered_from_the_newest_snapshot() -> None:
    machine = after_a_run()
    reported(machine)
    machine.let_run(TODAY + timedelta(days=1))  # not reported yet

    answer = AgingReport(machine.registry, machine.archive).aging()

    assert answer["as_of"] == "2024-03-18"
    assert [row["account_id"] for row in answer["accounts"]] == ["A1", "A2", "A3", "A4"]


def test_aging_without_a_snapshot_says_so() -> None:
    machine = Machine()
    report = AgingReport(machine.registry, machine.archive)

    with pytest.raises(NotFoundError, match="no snapshot yet"):
        report.aging()
    with pytest.raises(NotFoundError, match="2024-03-17"):
        report.aging(TODAY - timedelta(days=1))
