"""The page of capacity and cost says what the model makes of the measured counts, and no more."""

import importlib
import json
import re
import subprocess
import sys
from decimal import Decimal
from pathlib import Path
from types import ModuleType

import pytest


@pytest.fixture(scope="module")
def model(project: Path) -> ModuleType:
    """The model, as the scripts of its folder import it."""
    sys.path.insert(0, str(project / "bench"))
    try:
        return importlib.import_module("capacity_model")
    finally:
        sys.path.pop(0)


def test_the_page_is_the_one_that_the_measured_counts_make(project: Path) -> None:
    made = subprocess.run(
        [sys.executable, "-c", "import capacity_page; print(capacity_page.page(), end='')"],
        cwd=project / "bench",
        capture_output=True,
        check=True,
        text=True,
    )

    assert made.stdout == (project / "docs" / "capacity.md").read_text()


def test_a_ledger_ten_times_as_large_writes_ten_times_as_much(
    project: Path, model: ModuleType
) -> None:
    counts = json.loads((project / "bench" / "capacity.json").read_text())
    small, large = model.day_of(100_000, counts), model.day_of(1_000_000, counts)
    sweep = Decimal(str(counts["costs"]["sweep"]["write_units"]))

    assert large.write_units - sweep == 10 * (small.write_units - sweep)
    assert large.letters == 10 * small.letters


def test_a_ledger_of_a_million_open_invoices_is_reported_within_the_hour(
    project: Path, model: ModuleType
) -> None:
    counts = json.loads((project / "bench" / "capacity.json").read_text())

    hours = model.hours_of(model.day_of(1_000_000, counts), counts)

    assert hours.search_s < hours.report_s < 3_600
    assert model.largest_snapshot(counts) > 10_000_000


def test_as_many_workers_make_a_snapshot_as_the_model_counts(
    project: Path, model: ModuleType
) -> None:
    deployed = (project / "infra" / "report.yaml").read_text()

    [workers] = re.findall(r"MaximumConcurrency: !If \[IsSmall, 2, (\d+)\]", deployed)

    assert int(workers) == model.REPORT_WORKERS


def test_no_worker_waits_for_less_than_it_works(project: Path, model: ModuleType) -> None:
    counts = json.loads((project / "bench" / "capacity.json").read_text())

    for kind in model.MEMORY_MB:
        cost = counts["costs"][kind]
        assert model.lambda_seconds(kind, cost) * 1000 > Decimal(str(cost["processor_ms"])), kind


def test_functions_have_the_memory_that_the_model_bills(project: Path, model: ModuleType) -> None:
    config = json.loads((project / ".chalice" / "config.json").read_text())
    functions = config["stages"]["stack"]["lambda_functions"]
    of_kinds = {
        "import_invoice": "jobs", "payment": "api_handler", "hold_lookup": "api_handler",
        "decide_quiet": "work", "decide_with_notice": "work", "letter": "mail",
        "letter_event": "mail_events", "reconcile_minute": "reconcile", "report_invoice": "report",
        "sweep": "sweep", "sweep_shard": "sweep_shard",
    }  # fmt: skip

    assert {
        kind: functions[name]["lambda_memory_size"] for kind, name in of_kinds.items()
    } == model.MEMORY_MB
