"""Which runs may be asked for, and what an approval leaves behind (R13.1)."""

from __future__ import annotations

from datetime import date

import pytest
from chalicelib.core.errors import InvalidInputError
from chalicelib.flows.desk import Caller
from chalicelib.flows.jobs import Jobs
from chalicelib.flows.ports import RunRow, RunState
from chalicelib.flows.principal import APPROVER, Principal
from chalicelib.flows.registry_desk import RegistryDesk
from chalicelib.flows.run_figures import ROWS_MAX, run_figures
from chalicelib.flows.run_requests import RunRequests
from tests.flows.machine import FRIDAY, NOW, TODAY, Machine, invoice

CALLER = Caller(Principal("anna", frozenset({APPROVER})), NOW, "request-1")
WHY = ("month_end", "As every month.")


def requests(machine: Machine) -> RunRequests:
    return RunRequests(
        machine.accounts,
        machine.registry,
        machine.records,
        RegistryDesk(machine.records),
        machine.sweep,
        Jobs(machine.records, machine.job_queue, machine.archive),
    )


@pytest.mark.parametrize("dry_run", [True, False])
@pytest.mark.parametrize("as_of", [FRIDAY, date(2024, 3, 19)])
def test_in_production_only_today_is_run(as_of: date, dry_run: bool) -> None:
    machine = Machine()

    with pytest.raises(InvalidInputError) as refused:
        requests(machine).ask(CALLER, as_of, dry_run=dry_run, today=TODAY)

    assert [fault.code for fault in refused.value.faults] == ["not_today"]
    assert machine.registry.run_state(as_of) is None


@pytest.mark.parametrize("as_of", [date.min, date(1999, 12, 31), date.max])
def test_no_day_is_run_that_no_ledger_is_of(as_of: date) -> None:
    with pytest.raises(InvalidInputError) as refused:
        requests(Machine()).ask(CALLER, as_of, dry_run=False, today=None)

    assert [fault.code for fault in refused.value.faults] == ["out_of_range"]


def test_an_approval_whose_answer_was_lost_is_logged_when_asked_again() -> None:
    machine = Machine()
    machine.registry.put_run(RunState(TODAY, "running", 2, "", approved_count=2))

    reply = requests(machine).approve(CALLER, TODAY.isoformat(), 2, WHY)

    assert reply.status == 200
    log = requests(machine).get(TODAY.isoformat())["log"]
    assert [act["kind"] for act in log] == ["run_approved"]


def test_a_runs_figures_add_up_what_its_accounts_came_to() -> None:
    machine = Machine()
    for name in ("A1", "A2", "A3"):
        machine.take_in(name, invoice(f"I-{name}", 15))
    machine.decide("A1")
    machine.decide("A2")

    machine.accounts.runs[TODAY]["A3"] = {"failed": 1, "failed_crashed": 1}

    figures = run_figures(machine.accounts, TODAY)

    assert (figures["done"], figures["failed"], figures["left"]) == (2, 1, 0)
    assert figures["outcomes"]["failed_crashed"] == 1


def test_a_runs_figures_say_when_they_are_not_of_all() -> None:
    machine = Machine()
    row = dict(RunRow(TODAY, {"accounts_decided": 1, "skip_disputed": 2}).outcomes)
    machine.accounts.runs[TODAY] = {f"A{n}": row for n in range(ROWS_MAX + 1)}

    figures = run_figures(machine.accounts, TODAY)

    assert (figures["done"], figures["is_complete"]) == (ROWS_MAX, False)
    assert figures["skipped"] == {"disputed": 2 * ROWS_MAX}
