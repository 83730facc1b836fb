"""The job that simulates a version of a policy over the live accounts, changing nothing (R13.2)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from chalicelib.core.account import Account
from chalicelib.core.facts import NoticeCounted
from chalicelib.core.policy import Policy
from chalicelib.flows.counts import add_up
from chalicelib.flows.effects_file import effect_counts, task_counts
from chalicelib.flows.jobs import Step, Task
from chalicelib.flows.policy_shelf import PolicyShelf
from chalicelib.flows.ports import Accounts, Registry
from chalicelib.flows.ports_registry import AccountPages
from chalicelib.flows.simulate import AccountRun, Simulation

SIMULATE_KIND = "simulate_policy"
SIMULATED_MAX = 20_000  # accounts of one simulation
DAYS_MAX = 92
PAGE = 500
SHOWN_FAILURES = 20
UNDER_WAY = ("pending", "sending", "sent")  # notices that will count

Sums = dict[str, Any]


@dataclass(frozen=True, slots=True)
class SimulatePolicy:
    """Runs the decision code over accounts as they are, under two policies, side by side.

    Arguments: `policy_id`, `version` (the one to try), `from`, `through`, and `scope`: `policy` for
    the accounts that have this policy today, `all` for every account.
    """

    accounts: Accounts
    registry: Registry
    policies: PolicyShelf
    pages: AccountPages

    def __call__(self, task: Task) -> Step:
        """Simulate accounts page by page; the result is what each policy came to."""
        said = task.job.arguments
        first, last = date.fromisoformat(said["from"]), date.fromisoformat(said["through"])
        tried = self.policies.version(said["policy_id"], said["version"])
        kept: Sums = {"in_force": _nothing(), "tried": _nothing(), **task.kept}
        done = task.job.progress.get("accounts_simulated", 0)
        begun, mark = _place(task.job.cursor)
        while True:
            ids, next_mark = self.pages.account_page(mark, PAGE)
            for number, account_id in self._concerned(ids, said):
                if number < begun:
                    continue
                if done >= SIMULATED_MAX:
                    return _ended(said, kept, done, is_complete=False)
                account = self.accounts.load(account_id).account
                now = self.policies.of(account.details, first)
                _add(kept["in_force"], account, now, first, last)
                _add(kept["tried"], account, tried, first, last)
                done += 1
                if task.is_over():
                    return Step(f"{number + 1}\n{mark}", {"accounts_simulated": done}, kept)
            if not next_mark:
                return _ended(said, kept, done, is_complete=True)
            begun, mark = 0, next_mark

    def _concerned(self, ids: Sequence[str], said: Mapping[str, str]) -> Iterator[tuple[int, str]]:
        """Yield the accounts of a page that are to be simulated, with their places in it."""
        table = self.registry.policy_table()
        heads = self.accounts.heads(ids)
        for number, account_id in enumerate(ids):
            head = heads.get(account_id)
            if head is None or not head.open_invoices:
                continue
            if said["scope"] == "all" or table.policy_id_of(head.details) == said["policy_id"]:
                yield number, account_id


def simulate_account(account: Account, policy: Policy, first: date, last: date) -> Simulation:
    """Return what a policy does to an account as it is, from a day through a day.

    Notices that are on their way count as sent on the first day, as new ones do on theirs (R5.10).
    """
    result = Simulation(policy, first, last)
    on_their_way = [
        NoticeCounted(first, notice.id)
        for notice in account.notices.values()
        if notice.state in UNDER_WAY
    ]
    AccountRun(account, policy, result, wake_on=first).run(on_their_way)
    return result


def _nothing() -> Sums:
    return {"counts": [], "tasks": {}, "failed": 0, "failures": []}


def _add(sums: Sums, account: Account, policy: Policy, first: date, last: date) -> None:
    """Add what a policy does to one account; one that fails stops no other (R13.1)."""
    try:
        result = simulate_account(account, policy, first, last)
    except Exception as error:
        sums["failed"] += 1
        if len(sums["failures"]) < SHOWN_FAILURES:
            sums["failures"].append({"account_id": account.id, "error": type(error).__name__})
        return
    sums["counts"] = _merged(sums["counts"], effect_counts(result.effects))
    sums["tasks"] = add_up((sums["tasks"], task_counts(result.effects)))


def _merged(rows: list[Sums], more: list[Sums]) -> list[Sums]:
    """Return counts and amounts added up by kind, by, cap and currency, in their order."""
    table = {_cell(row): row for row in rows}
    for row in more:
        there = table.get(_cell(row))
        table[_cell(row)] = (
            row
            if there is None
            else there | {name: there[name] + row[name] for name in ("count", "amount_minor")}
        )
    return [table[cell] for cell in sorted(table)]


def _cell(row: Sums) -> tuple[str, str, str, str]:
    return (row["kind"], row["by"], row["cap"], row["currency"])


def _place(cursor: str) -> tuple[int, str]:
    """Return where a step begins: a number in a page, and the page's mark."""
    number, _, mark = cursor.partition("\n")
    return int(number or 0), mark


def _ended(said: Mapping[str, str], kept: Sums, done: int, *, is_complete: bool) -> Step:
    return Step("", {"accounts_simulated": done}, _result(said, kept, done, is_complete))


def _result(said: Mapping[str, str], kept: Sums, done: int, is_complete: bool) -> Sums:
    days = (date.fromisoformat(said["through"]) - date.fromisoformat(said["from"])).days + 1
    return {
        "policy_id": said["policy_id"],
        "version": said["version"],
        "from_on": said["from"],
        "through_on": said["through"],
        "days": days,
        "scope": said["scope"],
        "accounts_simulated": done,
        "is_complete": is_complete,
        **kept,
    }


def last_day(first: date, days: int) -> date:
    """Return the last of so many days."""
    return first + timedelta(days=days - 1)
