"""An operator at work on a deployed stage: replay, the kill switch, and a restore from backup."""

from __future__ import annotations

import contextlib
import os
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import boto3
import pytest
from chalicelib.core.effects import Effect
from chalicelib.flows.credit_news import account_of_news
from chalicelib.mail.tags import NOTICE_TAG, decode_tag
from local.cli_ledger import LedgerFiles
from local.cloud.machine import LocalCloud
from local.cloud.package import Package
from local.cloud_machine import CloudMachine, address_of, open_machine
from local.stage import STATE_FILE
from local.token_signer import Signer

from tests.cli.command_line import Done, pastdue, write
from tests.infra.conftest import deployed

pytestmark = pytest.mark.emulator
MONDAY, LOST_DAY = date(2024, 3, 18), date(2024, 3, 27)
LEDGER = """\
account_id,invoice_id,issued_on,due_on,currency,amount,email
A1,I1,2024-02-03,2024-03-03,USD,1000.00,a1@customer.example
A2,I2,2024-02-12,2024-03-12,USD,1000.00,a2@customer.example
A4,I4,2024-01-20,2024-02-20,USD,1000.00,a4@customer.example
"""  # A1 and A4 are reminded on Monday, A2 on the lost day
ACCOUNTS = 3
PAID_SINCE = (
    "payment_id,account_id,received_on,currency,amount,invoice_ids\n"
    "P1,A1,2024-03-27,USD,400.00,I1\n"
)


@pytest.fixture(scope="module")
def machine(
    packaged: Package, signer: Signer, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[CloudMachine]:
    """A deployed stage of this module's own, with a ledger of three accounts."""
    with deployed(packaged, signer, tmp_path_factory.mktemp("operated")) as cloud:
        yield open_machine(cloud)


@pytest.fixture(autouse=True)
def here(machine: CloudMachine, tmp_path: Path) -> Iterator[Path]:
    """A folder in which that stage runs; this process's own AWS settings come back afterwards."""
    before = dict(os.environ)
    address_of(machine.cloud).write(tmp_path / STATE_FILE)
    with contextlib.chdir(tmp_path):
        yield tmp_path
    os.environ.clear()
    os.environ.update(before)
    boto3.DEFAULT_SESSION = None


def ops(*args: str | Path) -> Done:
    """Run an operating command that is to go well."""
    done = pastdue("ops", *args)
    assert done.code == 0, (args, done.out, done.err)
    return done


def book(machine: CloudMachine, folder: Path, day: date) -> None:
    """Import what the ledger says by a day."""
    paid = write(folder, "payments.csv", PAID_SINCE)
    files = LedgerFiles(
        (write(folder, "invoices.csv", LEDGER),), (paid,), (), (), None, False, False
    )
    machine.begin_day(day)
    machine.book(files.read(), day)


def backed_up(cloud: LocalCloud) -> str:
    """Return a table that has what the stage's table has now: what a restore to now gives.

    The emulator has no backups of the past; how AWS is asked for one is tested with the command.
    """
    name = f"{cloud.stack.table_name}-restore-now"
    cloud.client("dynamodb").restore_table_to_point_in_time(
        SourceTableName=cloud.stack.table_name, TargetTableName=name, UseLatestRestorableTime=True
    )
    return name


def work_through(machine: CloudMachine, folder: Path, day: date) -> list[Effect]:
    """Book and run a day as an operator does, and return what happened on it."""
    book(machine, folder, day)
    ops("run", "--on", day.isoformat(), "--yes", "--json")
    machine.settle()
    return machine.effects(day, day)


def letters(cloud: LocalCloud) -> Counter[str]:
    """Return how often each notice's letter left."""
    names = (decode_tag(letter.tags[NOTICE_TAG]) for letter in cloud.letters())
    return Counter(name for name in names if account_of_news(name) is None)


def test_a_restored_stage_loses_nothing_and_sends_nothing_twice(
    machine: CloudMachine, here: Path
) -> None:
    work_through(machine, here, MONDAY)
    now = datetime.now(UTC).isoformat()  # noqa: TID251 - backups are of the deployed clock
    table = backed_up(machine.cloud)
    never_failed = work_through(machine, here, LOST_DAY)
    sent = letters(machine.cloud)
    at_once = pastdue("ops", "restore", "apply", "--from", table, "--to", now, "--yes")
    ops("pause", "--reason", "restore", "--note", "The import was wrong.")

    applied = ops(
        "restore", "apply", "--from", table, "--to", now, "--settle", "0", "--yes",
        "--json",
    ).document  # fmt: skip
    same = ops("restore", "compare", "--from", table, "--json").document
    before = pastdue("ops", "restore", "check", "--json")
    ops("resume", "--yes")
    again = work_through(machine, here, LOST_DAY)

    assert (at_once.code, "sending_not_paused" in at_once.err) == (2, True)
    assert applied["accounts_that_differ"] == ACCOUNTS
    assert same["items_that_differ"] == 0
    assert applied["letters_fenced"] > 0
    assert (before.code, len(before.document["unknown"]) > 0) == (1, True)
    assert {effect.kind for effect in never_failed} >= {"notice", "statement"}
    assert again == never_failed
    assert letters(machine.cloud) == sent
    assert set(sent.values()) == {1}
    after = ops("restore", "check", "--json").document
    assert (after["known"], after["unknown"]) == (applied["letters_fenced"], [])
