"""The days that a restore took back: run again in order, then never again; and what it took back."""

from __future__ import annotations

import stat
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from chalicelib.core.errors import InvalidInputError
from chalicelib.flows.ports import RunState
from chalicelib.flows.restored import RestoredPoint, put_point, restored_point
from local.ops.opened import OpenedStage
from local.ops.restore_days import close_restore, pass_lost_days, restore_values
from local.ops.restore_list import write_taken_back
from local.ops.runs import ask_for_run
from local.ops.table_copy import Differences

from tests.flows.machine import FRIDAY, TODAY, Machine, with_notice
from tests.workers.deployment import FakeDeployment

POINT = RestoredPoint(
    datetime(2024, 3, 15, 4, tzinfo=UTC), "backup", "anna", datetime(2024, 3, 18, 5, tzinfo=UTC),
    lost_days=(FRIDAY, TODAY),
)  # fmt: skip


def restored() -> tuple[Machine, OpenedStage]:
    """A production stage whose Friday and Monday were taken back, on that Monday."""
    machine = Machine()
    put_point(machine.records, POINT)
    deployment = FakeDeployment(machine)
    known = deployment.ports.settings
    deployment.ports.settings = replace(known, stage="prod", production_account_id=known.account_id)
    return machine, OpenedStage(deployment, "operator:anna")


def test_a_day_is_passed_once_its_run_has_left_nobody() -> None:
    machine, stage = restored()
    machine.registry.put_run(RunState(FRIDAY, "running", 0))

    point = pass_lost_days(stage.ports)

    assert point is not None
    assert point.open_days == (TODAY,)
    assert restored_point(machine.records) == point


@pytest.mark.parametrize("state", [None, "refused", "waiting"])
def test_a_day_whose_run_was_not_let_go_stays_open(state: str | None) -> None:
    machine, stage = restored()
    if state is not None:
        machine.registry.put_run(RunState(FRIDAY, state, 0))

    point = pass_lost_days(stage.ports)

    assert point == POINT


def test_a_day_with_somebody_left_stays_open_until_everybody_is_decided() -> None:
    machine, stage = restored()
    machine.take_in("A1", wake_on=FRIDAY, name="Acme")
    machine.registry.put_run(RunState(FRIDAY, "running", 1))

    before = pass_lost_days(stage.ports)
    machine.accounts.runs[FRIDAY] = {"A1": {"accounts_decided": 1}}
    after = pass_lost_days(stage.ports)

    assert before is not None
    assert after is not None
    assert (before.open_days, after.open_days) == ((FRIDAY, TODAY), (TODAY,))


@pytest.mark.parametrize(
    ("day", "is_closed", "may_run"),
    [
        (FRIDAY, False, True),
        (TODAY, False, True),
        (date(2024, 3, 16), False, False),
        (date(2024, 3, 14), False, False),
        (FRIDAY, True, False),
        (TODAY, True, True),
    ],
)
def test_lost_days_can_be_run_until_the_restore_is_checked_off(
    day: date, *, is_closed: bool, may_run: bool
) -> None:
    machine, stage = restored()
    machine.registry.beat(date(2024, 3, 31))
    if is_closed:
        close_restore(stage, POINT)

    try:
        ask_for_run(stage, day, dry_run=True)
        ran = True
    except InvalidInputError:
        ran = False

    assert ran == may_run


def test_the_status_tells_which_days_are_open() -> None:
    _, stage = restored()

    told = restore_values(stage.ports)

    assert told is not None
    assert told["open_days"] == ["2024-03-15", "2024-03-18"]
    assert restore_values(FakeDeployment(with_notice()).ports) is None


def test_what_is_taken_back_is_listed_for_its_owner_alone(tmp_path: Path) -> None:
    found = Differences(accounts={"A1", "A2"})
    found.ledger = {
        ("A#A1", "INV#I%231", "changed"),
        ("H#A1", "CASH#payment#P1", "added"),
    }

    rows = write_taken_back(tmp_path / "list.csv", found)

    assert rows == 3
    assert (tmp_path / "list.csv").read_text().splitlines() == [
        "account_id,kind,id,place,what",
        "A1,invoice,I#1,live,changed",
        "A1,payment,P1,history,added",
        "A2,,,,",
    ]
    assert stat.S_IMODE((tmp_path / "list.csv").stat().st_mode) == 0o600
    with pytest.raises(FileExistsError):
        write_taken_back(tmp_path / "list.csv", found)
