"""The snapshot of a run: its figures are those of its rows, its items those of the accounts."""

from __future__ import annotations

import gzip
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from chalicelib.core.errors import ConflictError, NotFoundError
from chalicelib.core.facts import DisputeOpened, Payment
from chalicelib.flows.snapshot_files import PartsWriter, read_part, summary_key
from tests.fakes_store import MemoryArchive
from tests.flows.machine import TODAY, Machine, invoice
from tests.flows.snapshot_days import items_of, report_of, reported, rows_of


def account_rows(machine: Machine) -> dict[str, dict[str, Any]]:
    return {row["id"]: row for row in rows_of(machine, "accounts")}


def change(machine: Machine, account_id: str, **changes: Any) -> None:
    """Change an account behind the machine's back."""
    kept = machine.accounts.kept[account_id]
    kept.account = replace(kept.account, **changes)


def after_a_run() -> Machine:
    """A1 gets a reminder, A2 is disputed, A3 names a policy that is gone, A4 was not tried."""
    machine = Machine()
    machine.take_in("A1", invoice("I1", 15), invoice("I2", -3, 7_000))
    machine.take_in("A2", invoice("I3", 15), DisputeOpened(TODAY, "I3"))
    machine.take_in("A3", invoice("I4", 15))
    machine.take_in("A4", invoice("I5", 15))
    change(machine, "A3", details=replace(machine.account("A3").details, policy_id="gone"))
    machine.sweep.start(TODAY)
    machine.work.decide_account(TODAY, "A1")
    machine.work.decide_account(TODAY, "A2")
    with pytest.raises(NotFoundError):
        machine.work.decide_account(TODAY, "A3")
    return machine


def test_a_run_is_told_in_exact_figures() -> None:
    summary = reported(after_a_run())

    assert summary["state"] == "running"
    assert (summary["done"], summary["failed"], summary["left"]) == (2, 1, 1)
    assert summary["skipped"] == {"disputed": 1}
    assert summary["outcomes"]["notices"] == 1
    assert summary["notices_since_ever"] == {"reminder": {"created": 1}}
    assert summary["notices"] == {"reminder": {"pending": 1}}


def test_every_open_invoice_is_a_row() -> None:
    machine = Machine()
    machine.take_in("A1", invoice("I1", 15), invoice("I2", 45, 200_000))
    machine.take_in("A1", Payment(TODAY, "P1", TODAY, "USD", 50_000, ("I1",)))

    reported(machine)

    assert [(row["invoice_id"], row["kind"], row["open_minor"], row["bucket"]) for row in
            items_of(machine)] == [
        ("I2", "invoice", 200_000, "31-60"),
        ("I1", "invoice", 50_000, "1-30"),
    ]  # fmt: skip
    assert {row["collector"] for row in items_of(machine)} == {"senior"}


def charged() -> Machine:
    """A machine with one account that owes an invoice and a late fee on it."""
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
    return machine


def test_a_charge_has_a_row_of_its_own() -> None:
    machine = charged()

    reported(machine)

    assert ("charge", "I1") in [(row["kind"], row["invoice_id"]) for row in items_of(machine)]


def test_the_aging_adds_up_to_what_is_open() -> None:
    machine = Machine()
    machine.take_in("A1", invoice("I1", 15), invoice("I2", 45, 200_000))
    machine.take_in("A2", invoice("I3", -5, 30_000))
    machine.take_in("A2", Payment(TODAY, "P1", TODAY, "USD", 31_000))

    aging = reported(machine)["aging"]

    [total] = aging["due_date"]["currency"]
    assert aging["due_date"]["buckets"] == ["current", "1-30", "31-60", "61-90", "91+"]
    assert total["buckets_minor"] == [0, 100_000, 200_000, 0, 0]
    assert total["unapplied_minor"] == 1_000
    assert sum(row["open_minor"] for row in items_of(machine)) == 300_000


def test_an_account_has_a_row_with_all_that_lists_filter_by() -> None:
    machine = charged()
    machine.take_in("A0", invoice("I0", 45, 200_000), account_class="key", collector="ben")
    machine.take_in("A2")

    reported(machine)

    rows = account_rows(machine)
    assert list(rows) == ["A0", "A1", "A2"]
    assert rows["A0"] | {"aging": ...} == {
        "id": "A0", "name": "Customer A0", "account_class": "key", "debtor_kind": "company",
        "credit_status": "open", "collector": "ben", "policy_id": "standard", "past_due": {"USD": 200_000},
        "open": {"USD": 200_000}, "unapplied": {}, "oldest_days_past_due": 45, "bucket": "31-60",
        "stage": None, "risk_score": None, "aging": ...,
    }  # fmt: skip
    fee = sum(charge.open_minor for charge in machine.account("A1").invoices["I1"].charges)
    assert fee > 0
    assert rows["A1"]["open"] == rows["A1"]["past_due"] == {"USD": 100_000 + fee}
    assert rows["A1"]["stage"] == machine.account("A1").invoices["I1"].applied[-1].stage
    assert rows["A1"]["risk_score"] is not None
    assert (rows["A2"]["bucket"], rows["A2"]["open"]) == (None, {})


def test_no_address_of_anyone_gets_into_a_snapshot() -> None:
    machine = after_a_run()

    reported(machine)

    for key, (stored, _) in machine.archive.files.items():
        content = gzip.decompress(stored) if key.endswith(".gz") else stored
        assert b"@" not in content, key


def test_an_account_whose_policy_is_gone_still_counts_with_its_money() -> None:
    machine = after_a_run()

    summary = reported(machine)

    row = account_rows(machine)["A3"]
    assert (row["policy_id"], row["collector"], row["risk_score"]) == ("gone", "", None)
    assert summary["aging"]["due_date"]["currency"][0]["buckets_minor"][1] == 400_000


def test_an_account_whose_books_do_not_balance_is_named() -> None:
    machine = after_a_run()
    change(machine, "A4", totals={"USD": {"invoice": 100_001}})

    assert reported(machine)["unbalanced"] == {"accounts": 1, "first": ["A4"]}


def test_the_same_accounts_give_the_same_bytes() -> None:
    machine = after_a_run()
    reported(machine)
    first = dict(machine.archive.files)

    reported(machine)

    assert machine.archive.files == first


def test_the_snapshot_of_a_day_that_is_over_is_neither_written_nor_changed() -> None:
    machine = after_a_run()
    reported(machine)
    before = dict(machine.archive.files)
    tomorrow = TODAY + timedelta(days=1)

    with pytest.raises(ConflictError, match="on that day only"):
        report_of(machine, tomorrow).write(TODAY)

    assert machine.archive.files == before


class KeptInOrder(MemoryArchive):
    """An archive that remembers the order of what was stored."""

    def __init__(self) -> None:
        super().__init__()
        self.order: list[str] = []

    def put(self, key: str, content: bytes, media_type: str) -> None:
        self.order.append(key)
        super().put(key, content, media_type)


def test_the_summary_comes_last_so_that_half_a_snapshot_is_none() -> None:
    machine = Machine(archive=KeptInOrder())
    machine.take_in("A1", invoice("I1", 15))

    reported(machine)

    assert isinstance(machine.archive, KeptInOrder)
    assert machine.archive.order[-1] == summary_key(TODAY)
    assert [key.split("/")[0] for key in machine.archive.order] == [
        "drafts",
        "runs",
        "runs",
        "runs",
    ]


@pytest.mark.parametrize(("rows", "parts"), [(0, []), (3, [3]), (4, [3, 1]), (6, [3, 3])])
def test_rows_go_into_parts_that_know_their_first_row(rows: int, parts: list[int]) -> None:
    archive = MemoryArchive()
    writer = PartsWriter(archive, TODAY, "accounts", 3)
    for number in range(rows):
        writer.add(f"A{number}", {"id": f"A{number}"})
    writer.close()

    assert [part["rows"] for part in writer.parts] == parts
    for part in writer.parts:
        assert read_part(archive, part["key"])[0] == {"id": part["first"]}
    assert len(archive.files) == len(parts)


def test_no_more_than_one_part_is_held_while_accounts_stream_by() -> None:
    """What grows with the ledger is the list of ids; rows leave as soon as a part is full."""
    archive = MemoryArchive()
    writer = PartsWriter(archive, TODAY, "open_items", 10)

    held = []
    for number in range(1_000):
        writer.add("A", {"id": number, "text": "x" * 100})
        held.append(number + 1 - 10 * len(archive.files))

    assert max(held) == 9
