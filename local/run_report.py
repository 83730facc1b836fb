"""What the days of a run brought, as values, files and a JSON document."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from chalicelib.core.account import Account
from chalicelib.core.aging import AgingRow, age_account, bucket_names, total_aging
from chalicelib.core.effects import Effect, NoticeCreated, StatementCreated
from chalicelib.core.policy import Policy
from chalicelib.flows.effects_file import (
    as_row,
    charge_sums,
    effect_lines,
    stopped_counts,
)
from local.cli_files import Staging, staging
from local.cloud.drive import DeadLetter
from local.day_runs import DayDone
from local.outbox_page import OutboxEntry, write_notices
from local.task_lists import ListedTask, task_lists

NOTICES = "notices"
Aging = Mapping[str, AgingRow]  # by currency


@dataclass(frozen=True, slots=True, kw_only=True)
class RunReport:
    """Everything to be shown of a run. `seconds` is how long each step took."""

    policy: Policy
    days: list[DayDone]
    again: DayDone
    before: Aging
    after: Aging
    accounts: Mapping[str, Account]
    letters: list[OutboxEntry]
    dead_letters: tuple[DeadLetter, ...]
    seconds: dict[str, float]

    @property
    def effects(self) -> list[Effect]:
        """What happened on all days, in order."""
        return [effect for day in self.days for effect in day.effects]

    @property
    def tasks(self) -> list[ListedTask]:
        """The open tasks by who owns them, ranked as of the last day."""
        return task_lists(self.accounts.values(), self.policy, self.days[-1].day)

    @property
    def failures(self) -> list[str]:
        """What did not work, each as a sentence."""
        failed = [str(fault) for day in self.days for fault in day.faults]
        failed += [
            f"queue {letter.queue} gave up on a message: {letter.body}"
            for letter in self.dead_letters
        ]
        if self.again.effects or self.again.letters:
            failed.append(
                f"running {self.again.day} again brought {len(self.again.effects)} effects and "
                f"{self.again.letters} letters, where nothing was due"
            )
        return failed

    def name_of(self, account_id: str) -> str:
        """Return an account's name, else its id."""
        account = self.accounts.get(account_id)
        return account.details.name if account and account.details.name else account_id

    def write(self, folder: Path) -> dict[str, str]:
        """Write letters, effects and summary into a folder; return the paths, by what they hold.

        Raises:
            OutputFolderError: the folder cannot be written.
        """
        with staging(folder) as staged:
            return self._write(staged, folder)

    def _write(self, staged: Staging, folder: Path) -> dict[str, str]:
        paths = {
            "letters": str(folder / NOTICES / "index.html"),
            "effects": str(folder / "effects.jsonl"),
            "summary": str(folder / "summary.json"),
        }
        for path in write_notices(staged.scratch / NOTICES, self.letters):
            staged.add(str(path.relative_to(staged.scratch)))
        staged.write("effects.jsonl", (line.encode() for line in effect_lines(self.effects)))
        text = json.dumps(self.document(paths), ensure_ascii=False, indent=2) + "\n"
        staged.write("summary.json", [text.encode()])
        # Letters of an earlier run would lie among these as if they had just been sent.
        shutil.rmtree(folder / NOTICES, ignore_errors=True)
        staged.publish()
        return paths

    def document(self, paths: Mapping[str, str]) -> dict[str, Any]:
        """Return the report for programs."""
        return {
            "policy": {"id": self.policy.id, "version": self.policy.version},
            "accounts": len(self.accounts),
            "days": [day_document(day) for day in self.days],
            "again": day_document(self.again),
            "aging_before": aging_document(self.before, self.policy),
            "aging_after": aging_document(self.after, self.policy),
            "effects": [as_row(effect) for effect in self.effects],
            "charges": charge_sums(self.effects),
            "charges_stopped": stopped_counts(self.effects),
            "holds": [
                {
                    "account_id": account.id,
                    "reason": hold.reason,
                    "since": hold.since.isoformat(),
                    "evidence": hold.evidence,
                }
                for account in self.accounts.values()
                for hold in account.holds.values()
            ],
            "tasks": [
                {
                    "account_id": listed.account.id,
                    "kind": listed.task.kind,
                    "due_on": listed.task.due_on.isoformat(),
                    "assignee": listed.task.assignee,
                    "rank": listed.rank,
                    "why": listed.why,
                }
                for listed in self.tasks
            ],
            "letters": [
                {"notice_id": e.notice_id, "state": e.state, "file": f"{NOTICES}/{e.stem}.html"}
                for e in self.letters
            ],
            "failed": self.failures,
            "seconds": {step: round(seconds, 2) for step, seconds in self.seconds.items()},
            "paths": dict(paths),
        }


def aging_of(accounts: Iterable[Account], policy: Policy, as_of: date) -> Aging:
    """Return the aging of accounts in total, by currency (R3.1, R3.3)."""
    return total_aging(row for a in accounts for row in age_account(a, policy.aging, as_of))


def aging_document(aging: Aging, policy: Policy) -> dict[str, Any]:
    """Return an aging for programs, amounts in minor units."""
    return {
        currency: {
            "buckets": dict(zip(bucket_names(policy.aging), row.buckets, strict=True)),
            "principal_minor": row.principal_minor,
            "charges_minor": row.charges_minor,
            "unapplied_minor": row.unapplied_minor,
        }
        for currency, row in aging.items()
    }


def day_document(day: DayDone) -> dict[str, Any]:
    """Return one day's figures for programs."""
    return {
        "day": day.day.isoformat(),
        "accounts_due": day.accounts_due,
        "approved": day.approved,
        "effects": len(day.effects),
        "letters_sent": day.letters,
        "seconds": {step: round(seconds, 2) for step, seconds in day.seconds.items()},
    }


def notices_of(effects: Iterable[Effect]) -> list[NoticeCreated | StatementCreated]:
    """Return the notices and statements among effects, in order."""
    return [effect for effect in effects if isinstance(effect, NoticeCreated | StatementCreated)]
