"""`pastdue simulate`: the decision code over a ledger and a span of days; no cloud (R13.2)."""

from __future__ import annotations

import json
import time
from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import click

from chalicelib.core.policy import Policy
from chalicelib.flows.effects_file import effect_lines, summarise
from chalicelib.flows.ledger_read import Ledger
from chalicelib.flows.simulate import SPAN_DAYS_MAX, Simulation
from local.cli_dates import DAY
from local.cli_errors import DONE, FAILED_IN_PART
from local.cli_files import Staging, staging
from local.cli_ledger import PATH, LedgerFiles, ledger_document, ledger_options, say_ledger
from local.cli_output import Output
from local.cli_policies import DEFAULT_POLICY, load_policies
from local.simulation import simulate_accounts
from local.tables import simulation_tables


@click.command(
    "simulate",
    epilog="Example: pastdue simulate --invoices invoices.csv --payments payments.csv "
    "--policy standard --policy mine.toml --from 2024-01-01 --to 2024-12-31 --out comparison",
)
@ledger_options(invoices_needed=True)
@click.option(
    "--policy",
    "policy_names",
    multiple=True,
    default=(DEFAULT_POLICY,),
    show_default=True,
    metavar="FILE|ID",
    help="A policy file or a shipped policy; give several to compare them.",
)
@click.option("--from", "first_day", type=DAY, required=True, help="The first day decided.")
@click.option("--to", "last_day", type=DAY, required=True, help="The last day decided.")
@click.option(
    "--out",
    type=PATH,
    metavar="DIR",
    help="Write effects.jsonl (one folder per policy when there are several) and summary.json.",
)
@click.option("--json", "as_json", is_flag=True, help="One JSON document on standard output.")
@click.pass_obj
def command(  # noqa: PLR0913 - one argument for each option
    output: Output,
    *,
    invoices: tuple[Path, ...],
    payments: tuple[Path, ...],
    credit_notes: tuple[Path, ...],
    facts: tuple[Path, ...],
    map_file: Path | None,
    strict: bool,
    update: bool,
    policy_names: tuple[str, ...],
    first_day: date,
    last_day: date,
    out: Path | None,
    as_json: bool,
) -> int:
    """Show what policies would do with a ledger over a span of days, changing nothing.

    Each day from --from to --to is decided as the daily run decides it: what would have been sent,
    charged, held and skipped, and why. With several policies they stand side by side.

    A row that cannot be taken is listed, the rest is simulated, and the exit code is 1; --strict
    refuses the whole ledger instead (exit code 2).
    """
    del as_json  # the root has read it, so that a wrong argument is told in JSON too
    check_span(first_day, last_day)
    policies = load_policies(policy_names)
    files = LedgerFiles(invoices, payments, credit_notes, facts, map_file, strict, update)
    place: AbstractContextManager[Staging | None] = staging(out) if out else nullcontext()
    with place as staged:
        ledgers = _read(output, files, policies)
        done = [
            _run(output, ledgers[p.terms], p, (first_day, last_day), staged, len(policies) > 1)
            for p in policies
        ]
        document: dict[str, Any] = {
            "policies": {p.id: summary for p, summary in zip(policies, done, strict=True)}
        }
        if staged is not None:
            text = json.dumps(document, ensure_ascii=False, indent=2) + "\n"
            staged.write("summary.json", [text.encode()])
            staged.publish()
    output.show(*simulation_tables(policies, document["policies"]))
    if out is not None:
        output.say(f"Written to {out}")
    failed = sum(len(summary["failed"]) for summary in done)
    ledger = max(ledgers.values(), key=lambda one: len(one.faults))
    output.document(
        {**document, "ledger": ledger_document(ledger), "out": str(out) if out else None}
    )
    return FAILED_IN_PART if ledger.faults or failed else DONE


def _read(output: Output, files: LedgerFiles, policies: Sequence[Policy]) -> dict[str, Ledger]:
    """Return the ledger by the policies' terms, for what has none of its own; say what was read.

    It is read once, unless the policies have different terms and a row needs them (R3.5).
    """
    ledgers: dict[str, Ledger] = {}
    for terms in sorted({policy.terms for policy in policies}, reverse=True):  # "" is last
        wanted = WantedTerms(terms)
        ledger = files.read(wanted if terms else None)
        if terms and not wanted.were_asked_for:
            ledgers = {policy.terms: ledger for policy in policies}
            break
        ledgers[terms] = ledger
    read = {id(ledger): (terms, ledger) for terms, ledger in ledgers.items()}
    for terms, ledger in read.values():
        if len(read) > 1:
            output.say(f"With the terms {terms}:" if terms else "Without terms of a policy:")
        say_ledger(output, ledger)
    return ledgers


@dataclass(slots=True)
class WantedTerms:
    """A policy's terms, and whether a row asked for them."""

    terms: str
    were_asked_for: bool = False

    def __call__(self, _account_id: str, _account_class: str) -> str:
        """Return the terms, whatever the account."""
        self.were_asked_for = True
        return self.terms


def check_span(first_day: date, last_day: date) -> None:
    """Refuse a span that ends before it begins, or is longer than a simulation may be."""
    if first_day > last_day:
        raise click.UsageError(f"--from {first_day} is after --to {last_day}.")
    days = (last_day - first_day).days + 1
    if days > SPAN_DAYS_MAX:
        raise click.UsageError(
            f"--from {first_day} --to {last_day} are {days:,} days; {SPAN_DAYS_MAX:,} at most."
        )


def _run(
    output: Output,
    ledger: Ledger,
    policy: Policy,
    span: tuple[date, date],
    staged: Staging | None,
    several: bool,
) -> dict[str, Any]:
    """Simulate one policy, write its effects, and return its summary."""
    started = time.monotonic()
    result = simulate_ledger(output, ledger, policy, *span)
    if staged is not None:
        name = f"{policy.id}/effects.jsonl" if several else "effects.jsonl"
        staged.write(name, (line.encode() for line in effect_lines(result.effects)))
    summary = summarise(result)
    output.say(f"{policy.id}: {time.monotonic() - started:.1f} s")
    return summary


def simulate_ledger(
    output: Output, ledger: Ledger, policy: Policy, first_day: date, last_day: date
) -> Simulation:
    """Return what a policy would do with a ledger over a span of days, showing the progress."""
    accounts = {
        account_id: (account.details, account.facts)
        for account_id, account in ledger.accounts.items()
    }
    with output.progress(f"Policy {policy.id}", len(accounts)) as step:
        return simulate_accounts(accounts, policy, first_day, last_day, step)
