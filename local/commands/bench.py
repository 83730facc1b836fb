"""`pastdue bench`: speed and cost, measured on this machine beside their baselines, as JSON."""

from __future__ import annotations

import json
import os
import platform
import subprocess
import sys
from pathlib import Path
from typing import Any

import click

from chalicelib.core.errors import UnavailableError
from local.cli_errors import DONE
from local.cli_output import Output

BENCH = Path(__file__).resolve().parents[2] / "bench"
SIMULATIONS = (
    ("wake_list", ("--days", "wake_list")),
    ("wake_list_one_process", ("--days", "wake_list", "--processes", "1")),
    ("every_day_one_process", ("--days", "every_day")),
)
OPEN_INVOICES = (1_000, 10_000, 100_000)
PARTS = ("simulate", "store", "letters")
RENDERERS = ("shipped", "plain_jinja", "babel_calls")


@click.command("bench")
@click.argument("parts", nargs=-1, type=click.Choice(PARTS), metavar="[PART]...")
@click.option("--invoices", default=25_000, show_default=True, help="Of the seeded ledger.")
@click.option("--letters", default=10_000, show_default=True, help="To be rendered.")
@click.option("--seed", default=7, show_default=True, help="What all of it is made from.")
@click.option("--json", "as_json", is_flag=True, help="One JSON document on standard output.")
@click.pass_obj
def command(
    output: Output,
    *,
    parts: tuple[str, ...],
    invoices: int,
    letters: int,
    seed: int,
    as_json: bool,
) -> int:
    """Measure speed and cost against baselines in the same run.

    simulate: a seeded ledger over 365 days; the baseline decides every account on every day, with
    the same effects. store: requests and capacity units per account acted on, in ledgers of 1,000,
    10,000 and 100,000 open invoices of which 1% is due. letters: seconds and memory of rendering
    notices; the baselines set the same values in a bare template. Without a PART, all; some minutes.
    """
    del as_json
    wanted = parts or PARTS
    document: dict[str, Any] = {"machine": machine()}
    if "simulate" in wanted:
        document["simulate"] = {
            name: _measured(output, "simulate.py", "--invoices", str(invoices), "--seed",
                            str(seed), *more)
            for name, more in SIMULATIONS
        }  # fmt: skip
        same = {figures["sha256"] for figures in document["simulate"].values()}
        document["same_effects"] = len(same) == 1
    if "store" in wanted:
        document["store"] = [
            _measured(output, "store.py", "--open-invoices", str(size)) for size in OPEN_INVOICES
        ]
    if "letters" in wanted:
        document["letters"] = {
            name: _measured(output, "letters.py", "--letters", str(letters), "--seed", str(seed),
                            "--by", name)
            for name in RENDERERS
        }  # fmt: skip
    if output.as_json:
        output.document(document)
    else:
        output.show(json.dumps(document, indent=2))
    return DONE


def machine() -> dict[str, Any]:
    """Return what the figures were measured on."""
    return {
        "python": platform.python_version(),
        "system": platform.system(),
        "processor": platform.machine(),
        "processors": os.cpu_count(),
        "load_1_min": round(os.getloadavg()[0], 2),
    }


def _measured(output: Output, script: str, *arguments: str) -> dict[str, Any]:
    """Run one measurement in a process of its own and return its figures.

    Raises:
        UnavailableError: it failed; the message is its own.
    """
    with output.status(f"Measuring: {script} {' '.join(arguments)}"):
        done = subprocess.run(
            [sys.executable, str(BENCH / script), *arguments],
            capture_output=True,
            text=True,
            check=False,
        )
    if done.returncode != 0:
        last = done.stderr.strip().splitlines()[-1:] or ["no message"]
        raise UnavailableError(f"{script} failed: {last[0]}")
    figures: dict[str, Any] = json.loads(done.stdout)
    return figures
