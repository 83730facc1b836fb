"""Measures one simulation of the seeded ledger, in a process of its own, and prints it as JSON.

    python bench/simulate.py --invoices 25000 --seed 7 --days wake_list
    python bench/simulate.py --invoices 25000 --seed 7 --days every_day    (the baseline)

Measured is what `pastdue simulate` does from the files' bytes to the written effects; making the
ledger is not.
"""

from __future__ import annotations

import argparse
import json
import resource
import sys
import tempfile
import time
from pathlib import Path

from chalicelib.flows.effects_file import effect_lines, summarise
from chalicelib.flows.ledger_read import read_ledger
from chalicelib.flows.policies import load
from chalicelib.flows.simulate import simulate
from local.seeded_ledger import FIRST_DAY, LAST_DAY, make_ledger
from local.simulation import simulate_accounts

BENCH = Path(__file__).resolve().parent
RSS_BYTES = 1 if sys.platform == "darwin" else 1024  # the unit of ru_maxrss


def main() -> None:
    """Read the arguments, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--invoices", type=int, default=25_000)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--processes", type=int, default=None)
    parser.add_argument("--days", choices=("wake_list", "every_day"), default="wake_list")
    given = parser.parse_args()
    print(json.dumps(measure(given.seed, given.invoices, given.days, given.processes)))


def measure(seed: int, invoices: int, days: str, processes: int | None) -> dict[str, object]:
    """Return wall seconds, processor seconds and peak memory of one simulation over 2025."""
    files = make_ledger(seed, invoices)
    document = (BENCH / "seeded.toml").read_bytes()
    started = time.perf_counter()
    ledger = read_ledger([(role, f"{role}", content) for role, content in files.items()])
    read_s = time.perf_counter() - started
    policy = load(document)
    accounts = {name: (a.details, a.facts) for name, a in ledger.accounts.items()}
    if days == "every_day":
        processes = 1
        result = simulate(accounts, policy, FIRST_DAY, LAST_DAY, every_day=True)
    else:
        result = simulate_accounts(
            accounts, policy, FIRST_DAY, LAST_DAY, lambda done: None, processes
        )
    with tempfile.TemporaryFile() as file:
        file.writelines(line.encode() for line in effect_lines(result.effects))
    summary = summarise(result)
    wall_s = time.perf_counter() - started
    own = resource.getrusage(resource.RUSAGE_SELF)
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return {
        "invoices": invoices,
        "accounts": len(accounts),
        "seed": seed,
        "days_decided": days,
        "processes": processes or "one per processor",
        "wall_s": round(wall_s, 2),
        "of_which_reading_s": round(read_s, 2),
        "processor_s": round(
            own.ru_utime + own.ru_stime + children.ru_utime + children.ru_stime, 2
        ),
        "peak_mib_main_process": round(own.ru_maxrss * RSS_BYTES / 2**20, 1),
        "peak_mib_largest_worker": round(children.ru_maxrss * RSS_BYTES / 2**20, 1),
        "decisions": result.decisions,
        "effects": len(result.effects),
        "sha256": summary["sha256"],
    }


if __name__ == "__main__":
    main()
