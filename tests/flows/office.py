"""An office: accounts with tasks, who is in, and the worklists of whoever works them."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import Any

from chalicelib.core.account import AccountDetails, Task
from chalicelib.core.facts import Fact, InvoiceIssued
from chalicelib.flows.policies import shipped_document
from chalicelib.flows.policy_shelf import PolicyShelf
from chalicelib.flows.ports import Change
from chalicelib.flows.staff import Away, Person
from chalicelib.flows.worklist import Asked, Worklist, WorkPage
from chalicelib.flows.worklist_rank import Moment
from tests.contract.store import book
from tests.fakes_store import MemoryAccounts, MemoryArchive, MemoryRegistry
from tests.fakes_tasks import MemoryTaskReads

TODAY = date(2024, 3, 18)
MORNING, AFTERNOON = Moment(TODAY, "am"), Moment(TODAY, "pm")
# Tiers up to 1,000 and 10,000 of either currency, and above: junior, senior, manager.
# Fallbacks: manager, controller.
STANDARD = (
    shipped_document("standard")
    .decode()
    .replace('currencies = ["USD"]', 'currencies = ["USD", "EUR"]')
    .replace('USD = "1000.00" }, collector', 'USD = "1000.00", EUR = "1000.00" }, collector')
    .replace('USD = "10000.00" }, collector', 'USD = "10000.00", EUR = "10000.00" }, collector')
)
# The same, but its accounts fall back on the deputy.
OTHER = STANDARD.replace('id = "standard"', 'id = "other"', 1).replace(
    'fallbacks = ["manager", "controller"]', 'fallbacks = ["deputy"]'
)


class Staffed(MemoryRegistry):
    """A registry whose people a test says."""

    def __init__(self) -> None:
        super().__init__()
        self.everyone: tuple[Person, ...] = ()

    def people(self) -> tuple[Person, ...]:
        return self.everyone


@dataclass
class Office:
    """Accounts with tasks, and the worklists of whoever works them."""

    accounts: MemoryAccounts = field(default_factory=MemoryAccounts)
    registry: Staffed = field(default_factory=Staffed)
    archive: MemoryArchive = field(default_factory=MemoryArchive)

    def __post_init__(self) -> None:
        self.registry.put_policy("standard", STANDARD.encode())
        self.registry.put_policy("other", OTHER.encode())
        self.worklist = Worklist(
            MemoryTaskReads(self.accounts),
            self.accounts,
            self.registry,
            PolicyShelf(self.registry),
            self.archive,
        )

    def account(self, account_id: str, *facts: Fact, **changes: Any) -> None:
        """An account with what some facts book, then changed as said; `tasks` by their owner."""
        loaded = book(self.accounts, account_id, *facts) if facts else None
        loaded = loaded or self.accounts.load(account_id)
        details = AccountDetails(f"Customer {account_id}", policy_id=changes.pop("policy_id", ""))
        tasks = {task.id: task for task in changes.pop("tasks", ())}
        after = replace(loaded.account, details=details, tasks=tasks, **changes)
        self.accounts.commit(Change(loaded, after, None))

    def away(self, *names: str, stand_ins: dict[str, tuple[str, ...]] | None = None) -> None:
        """Say who is away today; nobody else is."""
        today = (Away(TODAY, TODAY),)
        stands = stand_ins or {}
        self.registry.everyone = tuple(
            Person(
                name, name, "x@seller.example", "", stands.get(name, ()), today * (name in names)
            )
            for name in sorted({*names, *stands})
        )

    def page(self, assignee: str, now: Moment = MORNING, **asked: Any) -> WorkPage:
        """The whole list of a person, "" for what nobody owns."""
        return self.worklist.page(Asked(assignee=assignee, **asked), "", 500, now)

    def rows(self, assignee: str, now: Moment = MORNING, **asked: Any) -> list[dict[str, Any]]:
        return self.page(assignee, now, **asked).rows

    def order(self, assignee: str = "junior", now: Moment = MORNING, **asked: Any) -> list[str]:
        """The accounts of a person's list, in order."""
        return [row["account_id"] for row in self.rows(assignee, now, **asked)]

    def works(self, assignee: str) -> list[str]:
        """The accounts of a person's list that they work today themselves."""
        rows = self.rows(assignee)
        return [row["account_id"] for row in rows if row["passed_to"] in (None, assignee)]


def task(account_id: str, owner: str = "junior", kind: str = "call", **values: Any) -> Task:
    about: dict[str, Any] = {"due_on": TODAY, "why": "A letter went out."} | values
    return Task(f"{account_id}:{kind}", kind, assignee=owner, **about)


def owed(amount_minor: int, currency: str = "USD", days: int = 20) -> InvoiceIssued:
    """An invoice that is so many days past due."""
    due_on = TODAY - timedelta(days=days)
    return InvoiceIssued(
        due_on, f"I-{currency}-{amount_minor}", currency, amount_minor, amount_minor,
        due_on, due_on, due_on, delivered_on=due_on,
    )  # fmt: skip


def scored(office: Office, account_id: str, score: int | None, *facts: Fact, **values: Any) -> None:
    tasks = values.pop("tasks", [task(account_id)])
    office.account(account_id, *facts, risk_score=score, tasks=tasks, **values)
