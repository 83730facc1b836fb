"""The job that wakes the accounts whose policy, or its version, will be another (R2.2)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from chalicelib.core.errors import StaleVersionError
from chalicelib.core.head import Head
from chalicelib.flows.jobs import Step, Task
from chalicelib.flows.policy_table import PolicyTable
from chalicelib.flows.ports import Accounts, Change, Registry
from chalicelib.flows.ports_registry import AccountPages

WAKE_KIND = "wake_accounts"
# Workers go by what they read at most 15 s ago; the job begins when all know of the change.
WAKE_DELAY_S = 20
PAGE = 1_000
TRIES = 6


@dataclass(frozen=True, slots=True)
class WakeAccounts:
    """Makes accounts due on a day whose last decision went by another version than that day's.

    A version says which policy it is of, for its document names it: an account that gets another
    policy is found the same way. What sleeps has nothing open and stays asleep; what was never
    decided is due anyway.
    """

    accounts: Accounts
    registry: Registry
    pages: AccountPages

    def __call__(self, task: Task) -> Step:
        """Wake a page of accounts after the other, from where the job stopped.

        The argument `on` is the day. Any number of times is the same as once.
        """
        on = date.fromisoformat(task.job.arguments["on"])
        progress = {"accounts_looked_at": 0, "accounts_woken": 0, **task.job.progress}
        mark = task.job.cursor
        while True:
            table = self.registry.policy_table()
            ids, mark = self.pages.account_page(mark, PAGE)
            heads = self.accounts.heads(ids)
            progress["accounts_looked_at"] += len(ids)
            for account_id, head in heads.items():
                if is_concerned(head, table, on):
                    progress["accounts_woken"] += self._wake(account_id, on)
            if not mark:
                return Step("", progress, progress)
            if task.is_over():
                return Step(mark, progress)

    def _wake(self, account_id: str, on: date) -> int:
        for tries_left in reversed(range(TRIES)):
            loaded = self.accounts.load(account_id)
            if loaded.wake_on is None or loaded.wake_on <= on:
                return 0  # decided meanwhile, by what is in force now
            try:
                self.accounts.commit(Change(loaded, loaded.account, on))
            except StaleVersionError:
                if not tries_left:
                    raise
            else:
                return 1
        raise AssertionError("the last try returns or raises")


def is_concerned(head: Head, table: PolicyTable, on: date) -> bool:
    """Return whether an account is to be woken for a day."""
    if head.wake_on is None or head.wake_on <= on or not head.policy_version:
        return False
    card = table.policies.get(table.policy_id_of(head.details))
    version = card.in_force(on) if card is not None else None
    return version is not None and version != head.policy_version
