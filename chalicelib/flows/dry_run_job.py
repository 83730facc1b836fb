"""The job that decides every account due on a day and commits nothing: a run that is only tried."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from chalicelib.core.decide import decide
from chalicelib.core.errors import PastdueError
from chalicelib.flows.counts import add_up
from chalicelib.flows.effects_file import as_row
from chalicelib.flows.gates import why_not_start
from chalicelib.flows.jobs import Step, Task
from chalicelib.flows.policy_shelf import PolicyShelf
from chalicelib.flows.ports import Accounts, Registry
from chalicelib.flows.work import outcomes_of

DRY_RUN_KIND = "dry_run"
DUE_MAX = 100_000  # accounts of one dry run
EFFECTS_SHOWN = 1_000


@dataclass(frozen=True, slots=True)
class DryRun:
    """Decides as a run would. The accounts are those due when the job began.

    `accounts_due` counts the wake list, as a run does; those due for a statement are decided too.
    """

    accounts: Accounts
    registry: Registry
    policies: PolicyShelf

    def __call__(self, task: Task) -> Step:
        """Decide account by account; the argument `as_of` is the run's day."""
        run_on = date.fromisoformat(task.job.arguments["as_of"])
        kept: dict[str, Any] = dict(task.kept) or self._begin(run_on)
        done = int(task.job.cursor or 0)
        due: list[str] = kept["due"]
        for account_id in due[done:]:
            self._decide(account_id, run_on, kept)
            done += 1
            if task.is_over() and done < len(due):
                return Step(str(done), {"accounts_decided": done}, kept)
        result = {name: value for name, value in kept.items() if name != "due"}
        return Step("", {"accounts_decided": done}, {"as_of": run_on.isoformat(), **result})

    def _begin(self, run_on: date) -> dict[str, Any]:
        due: dict[str, None] = {}
        total = seen = 0
        for shard in range(self.accounts.shards()):
            for is_awake, rows in (
                (True, self.accounts.due(shard, run_on)),
                (False, self.accounts.statements_due(shard, run_on)),
            ):
                for row in rows:
                    total += is_awake
                    seen += row.account_id not in due
                    if len(due) < DUE_MAX:
                        due[row.account_id] = None
        gate = why_not_start(self.registry, self.policies.default(run_on).calendar, run_on)
        return {
            "due": list(due),
            "accounts_due": total,
            "is_complete": seen <= DUE_MAX,
            "would_be_refused_by": gate,
            "counts": {},
            "effects": [],
        }

    def _decide(self, account_id: str, run_on: date, kept: dict[str, Any]) -> None:
        """Decide one account; one that fails stops no other (R13.1)."""
        try:
            account = self.accounts.load(account_id).account
            if account.last_decided_on is not None and run_on < account.last_decided_on:
                kept["counts"] = add_up((kept["counts"], {"decided_later": 1}))
                return
            decision = decide(account, self.policies.of(account.details, run_on), run_on)
        except PastdueError as error:
            if error.retryable:
                raise
            kept["counts"] = add_up((kept["counts"], {"failed": 1, f"failed_{error.code}": 1}))
            return
        except Exception:  # it fails alone, as in a run, and is counted (R13.1)
            kept["counts"] = add_up((kept["counts"], {"failed": 1, "failed_crashed": 1}))
            return
        kept["counts"] = add_up((kept["counts"], outcomes_of(decision)))
        room = EFFECTS_SHOWN - len(kept["effects"])
        kept["effects"].extend(as_row(effect) for effect in decision.effects[:room])
