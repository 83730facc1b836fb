"""Everyone's tasks, in the order in which the API's worklists have them (R6.1, R12.1)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from chalicelib.core.account import Account, Task
from chalicelib.core.head import head_of
from chalicelib.core.policy import Policy
from chalicelib.flows.currencies import amount_in_words
from chalicelib.flows.worklist_rank import Moment, Yardstick, ranked, standing_of
from chalicelib.flows.worklist_words import why_now

NOBODY = "nobody"


@dataclass(frozen=True, slots=True)
class ListedTask:
    """A task in its place in the list of whoever owns it. `rank` counts from 1 in each list."""

    owner: str
    rank: int
    account: Account
    task: Task
    past_due: str
    why: str


def task_lists(accounts: Iterable[Account], policy: Policy, today: date) -> list[ListedTask]:
    """Return every open task by owner and rank as of the morning of a day; nobody's come last.

    What falls due later is in it as well, below all of the day. Nobody is away.
    """
    moment, yardstick = Moment(today, "am"), Yardstick(currencies=policy.currencies)
    at_work = {account.id: account for account in accounts if account.tasks}
    heads = {name: head_of(account, None) for name, account in at_work.items()}
    standings = {
        name: standing_of(name, head, policy.people, today, yardstick)
        for name, head in heads.items()
    }
    tasks = [(name, task) for name, account in at_work.items() for task in account.tasks.values()]
    listed = []
    for owner in sorted({task.assignee for _, task in tasks}, key=lambda one: (not one, one)):
        mine = [(standings[name], task) for name, task in tasks if task.assignee == owner]
        for rank, line in enumerate(ranked(mine, moment), 1):
            name = line.standing.account_id
            totals = sorted(heads[name].past_due(today).items())
            listed.append(
                ListedTask(
                    owner or NOBODY,
                    rank,
                    at_work[name],
                    line.task,
                    ", ".join(
                        amount_in_words(amount, currency) for currency, amount in totals if amount
                    ),
                    " ".join(why_now(heads[name], line.task, moment)),
                )
            )
    return listed
