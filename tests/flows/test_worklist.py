"""Worklists: who has which task today, in which order, and why (R6.1, R6.2, R12.1)."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import Any

import pytest
from chalicelib.core.account import Account, AccountDetails, Case, Task
from chalicelib.core.agreements import Promise
from chalicelib.core.facts import Fact, InvoiceIssued
from chalicelib.flows.policies import shipped_document
from chalicelib.flows.policy_shelf import PolicyShelf
from chalicelib.flows.ports import Change
from chalicelib.flows.ports_tasks import TASK_KINDS
from chalicelib.flows.reporting_rates import KEY
from chalicelib.flows.staff import Away, Person
from chalicelib.flows.worklist import TASKS_MAX, Asked, Worklist, WorkPage
from chalicelib.flows.worklist_rank import Moment
from hypothesis import given, settings
from hypothesis import strategies as st
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


@pytest.fixture
def office() -> Office:
    return Office()


def task(account_id: str, owner: str = "junior", kind: str = "call", **values: Any) -> Task:
    about = {"due_on": TODAY, "why": "A letter went out."} | values
    return Task(f"{account_id}:{kind}", kind, assignee=owner, **about)


def owed(amount_minor: int, currency: str = "USD", days: int = 20) -> InvoiceIssued:
    """An invoice that is so many days past due."""
    due_on = TODAY - timedelta(days=days)
    return InvoiceIssued(
        due_on, f"I-{currency}-{amount_minor}", currency, amount_minor, amount_minor,
        due_on, due_on, due_on, delivered_on=due_on,
    )  # fmt: skip


# Who has it (R6.1).


@pytest.fixture
def three(office: Office) -> Office:
    """One account of each tier, and one of the junior's under the policy with other fallbacks."""
    for name, owner, amount in (
        ("A1", "junior", 500_00), ("A2", "senior", 5_000_00), ("A3", "manager", 50_000_00),
    ):  # fmt: skip
        office.account(name, owed(amount), tasks=[task(name, owner)])
    office.account("B1", owed(400_00), tasks=[task("B1", "junior")], policy_id="other")
    return office


@pytest.mark.parametrize(
    ("away", "stand_ins", "lists"),
    [
        ((), {}, {"junior": ["A1", "B1"], "senior": ["A2"], "manager": ["A3"]}),
        (("junior",), {}, {"senior": ["A2"], "manager": ["A3", "A1"], "deputy": ["B1"]}),
        (("junior",), {"junior": ("senior",)}, {"senior": ["A2", "A1", "B1"], "manager": ["A3"]}),
        (
            ("junior", "senior"),
            {"junior": ("senior",)},
            {"manager": ["A3", "A2", "A1"], "deputy": ["B1"]},
        ),
        (
            ("junior", "manager"),
            {},
            {"senior": ["A2"], "controller": ["A3", "A1"], "deputy": ["B1"]},
        ),
    ],
)
def test_an_absence_passes_work_down_the_line_and_to_one_person_only(
    three: Office,
    away: tuple[str, ...],
    stand_ins: dict[str, tuple[str, ...]],
    lists: dict[str, list[str]],
) -> None:
    three.away(*away, stand_ins=stand_ins)

    everyone = ("junior", "senior", "manager", "controller", "deputy")
    assert {name: found for name in everyone if (found := three.works(name))} == lists


def test_who_is_away_still_sees_what_is_theirs_and_who_has_it(three: Office) -> None:
    three.away("junior")

    page = three.page("junior")

    assert page.is_away
    assert {row["account_id"]: row["passed_to"] for row in page.rows} == {
        "A1": "manager",
        "B1": "deputy",
    }
    assert three.rows("manager")[1]["assignee"] == "junior"


def test_with_nobody_in_the_last_of_the_line_has_it_and_is_warned(three: Office) -> None:
    three.away("junior", "manager", "controller")

    page = three.page("controller")

    assert [row["account_id"] for row in page.rows] == ["A3", "A1"]
    assert all(row["nobody_in"] for row in page.rows)
    assert [one["code"] for one in page.warnings] == ["nobody_in"]


def test_a_policy_that_is_not_in_force_leaves_work_with_its_owner(office: Office) -> None:
    office.account("A1", owed(100_00), policy_id="gone", tasks=[task("A1")])
    assert office.works("junior") == ["A1"]

    office.away("junior")
    assert office.works("junior") == ["A1"]
    assert office.rows("junior")[0]["nobody_in"]


PEOPLE = ("junior", "senior", "manager", "controller", "deputy", "olga")


@pytest.fixture(scope="module")
def crowd() -> Office:
    """An account for each owner and policy, one of them under a policy that is not in force."""
    office = Office()
    for policy in ("standard", "other", "gone"):
        for owner in PEOPLE:
            name = f"{policy}-{owner}"
            office.account(name, tasks=[task(name, owner)], policy_id=policy)
    return office


@settings(max_examples=60, deadline=None)
@given(
    away=st.sets(st.sampled_from(PEOPLE)),
    stand_ins=st.dictionaries(
        st.sampled_from(PEOPLE), st.lists(st.sampled_from(PEOPLE), max_size=3).map(tuple)
    ),
)
def test_whoever_is_away_each_task_is_in_one_list_and_its_holder_is_in_if_anyone_is(
    crowd: Office, away: set[str], stand_ins: dict[str, tuple[str, ...]]
) -> None:
    crowd.away(*away, stand_ins=stand_ins)

    lists = {name: crowd.rows(name) for name in PEOPLE}
    held = [
        (row["task"]["task_id"], name, row)
        for name, rows in lists.items()
        for row in rows
        if (row["passed_to"] or row["assignee"]) == name
    ]

    assert sorted(held_id for held_id, _, _ in held) == sorted(
        f"{policy}-{owner}:call" for policy in ("standard", "other", "gone") for owner in PEOPLE
    )
    for _, name, row in held:
        assert row["nobody_in"] == (name in away)


def test_what_nobody_owns_is_in_a_list_of_its_own(office: Office) -> None:
    office.account("A1", tasks=[task("A1", ""), task("A1", "", "send_invoice")])
    office.account("A2", tasks=[task("A2")])

    assert [row["task"]["kind"] for row in office.rows("")] == ["call", "send_invoice"]
    assert [row["task"]["kind"] for row in office.rows("", kind="send_invoice")] == ["send_invoice"]
    assert office.rows("")[0]["assignee"] is None


@pytest.mark.parametrize("kind", TASK_KINDS)
def test_every_kind_of_task_that_nobody_owns_is_found(office: Office, kind: str) -> None:
    office.account("A1", tasks=[task("A1", "", kind)])

    assert len(office.rows("")) == len(office.rows("", kind=kind)) == 1


# In which order (R3.3, R12.1).


def scored(office: Office, account_id: str, score: int | None, *facts: Fact, **values: Any) -> None:
    tasks = values.pop("tasks", [task(account_id)])
    office.account(account_id, *facts, risk_score=score, tasks=tasks, **values)


def test_a_higher_tier_comes_before_a_higher_expected_loss(office: Office) -> None:
    scored(office, "A1", 90, owed(900_00))
    scored(office, "A2", 1, owed(1_100_00))

    assert office.order() == ["A2", "A1"]


def test_in_a_tier_the_higher_expected_loss_comes_first_then_the_larger_total(
    office: Office,
) -> None:
    scored(office, "A1", 10, owed(900_00))
    scored(office, "A2", 60, owed(300_00))
    scored(office, "A3", 0, owed(100_00))
    scored(office, "A4", 0, owed(200_00))

    rows = office.rows("junior")

    assert [row["account_id"] for row in rows] == ["A2", "A1", "A4", "A3"]
    assert [row["rank"] for row in rows] == [1, 2, 3, 4]
    assert rows[0]["expected_loss"] == {"amount_minor": 180_00, "currency": "USD"}
    assert [one["detail"] for one in rows[0]["reasons"]] == [
        "Tier 1 of 3: the highest first.",
        "Expected loss USD 180.00: risk score 60 of 100 on USD 300.00 past due.",
    ]


def test_without_a_score_all_that_is_past_due_counts(office: Office) -> None:
    scored(office, "A1", 50, owed(900_00))
    scored(office, "A2", None, owed(500_00))

    first, _ = office.rows("junior")

    assert (first["account_id"], first["expected_loss"]) == ("A2", None)
    assert first["reasons"][1]["code"] == "past_due"


def test_equal_accounts_come_by_age_then_by_id(office: Office) -> None:
    scored(office, "A3", 50, owed(100_00))
    scored(office, "A2", 50, owed(100_00))
    scored(office, "A4", 50, owed(100_00, days=21))

    assert office.order() == ["A4", "A2", "A3"]


def test_currencies_without_a_rate_follow_each_other(office: Office) -> None:
    scored(office, "A1", 50, owed(900_00, "EUR"))
    scored(office, "A2", 50, owed(100_00, "USD"))
    scored(office, "A3", 50, owed(950_00, "EUR"))
    scored(office, "A4", 50)

    assert office.order() == ["A2", "A3", "A1", "A4"], "USD is listed first"
    assert office.rows("junior")[3]["reasons"][-1]["code"] == "nothing_past_due"


def test_with_rates_losses_are_compared_in_the_reporting_currency(office: Office) -> None:
    rate = {"on": "2024-01-01", "currency": "USD", "rate": "0.5"}
    rates = {"currency": "EUR", "rates": [rate]}
    office.archive.put(KEY, json.dumps(rates).encode(), "application/json")
    scored(office, "A1", 50, owed(900_00, "USD"))
    scored(office, "A2", 50, owed(500_00, "EUR"))
    scored(office, "A3", 50, owed(300_00, "EUR"), owed(600_00, "USD"))

    rows = office.rows("junior")

    assert [row["account_id"] for row in rows] == ["A3", "A2", "A1"]
    assert rows[0]["expected_loss"] == {"amount_minor": 300_00, "currency": "EUR"}


def test_rates_that_cannot_be_used_are_said_and_stop_nobody(office: Office) -> None:
    office.archive.put(KEY, b"{}", "application/json")
    scored(office, "A1", 50, owed(900_00, "USD"))
    scored(office, "A2", 50, owed(500_00, "EUR"))

    page = office.page("junior")

    assert [row["account_id"] for row in page.rows] == ["A1", "A2"]
    assert [one["code"] for one in page.warnings] == ["invalid_rates"]


def test_a_call_agreed_for_a_time_comes_first_once_its_half_of_the_day_is_there(
    office: Office,
) -> None:
    scored(office, "A1", 90, owed(900_00))
    for name, at_time in (("A2", "14:30"), ("A3", "09:15"), ("A4", "10:00")):
        scored(office, name, 1, owed(100), tasks=[task(name, at_time=at_time)])

    assert office.order(now=MORNING) == ["A3", "A4", "A1", "A2"]
    assert office.order(now=AFTERNOON) == ["A3", "A4", "A2", "A1"]
    last = office.rows("junior", MORNING)[-1]
    assert last["reasons"][0]["code"] == "later_today"
    assert last["why"] == ["A letter went out.", "Call back at 14:30."]


def test_a_call_for_the_afternoon_waits_for_it_but_not_for_another_days(office: Office) -> None:
    scored(office, "A1", 1, owed(100))
    scored(office, "A2", 90, owed(900_00), tasks=[task("A2", part="pm")])
    yesterday = TODAY - timedelta(days=1)
    late = task("A3", part="pm", at_time="15:00", due_on=yesterday)
    scored(office, "A3", 80, owed(900_00), tasks=[late])

    assert office.order(now=MORNING) == ["A3", "A1", "A2"]
    assert office.order(now=AFTERNOON) == ["A2", "A3", "A1"]


def test_tasks_of_an_account_are_together_where_its_first_one_stands(office: Office) -> None:
    both = [task("A1", kind="review_account"), task("A1", at_time="10:00")]
    scored(office, "A1", 1, owed(100), tasks=both)
    scored(office, "A2", 90, owed(900_00))

    rows = office.rows("junior")

    assert [row["task"]["task_id"] for row in rows] == ["A1:call", "A1:review_account", "A2:call"]


def test_a_call_of_a_later_day_is_not_work_of_today(office: Office) -> None:
    scored(office, "A1", 1, owed(100), tasks=[task("A1", due_on=TODAY - timedelta(days=4))])
    tomorrow = TODAY + timedelta(days=1)
    scored(office, "A2", 90, owed(900_00), tasks=[task("A2", due_on=tomorrow)])

    assert office.order() == ["A1"]
    assert office.rows("junior")[0]["overdue_days"] == 4
    assert office.order(due_by=tomorrow) == ["A1", "A2"]
    assert office.rows("junior", due_by=tomorrow)[1]["reasons"][0]["code"] == "later_day"


amounts = st.dictionaries(st.sampled_from(["USD", "EUR", "KWD"]), st.integers(1, 2_000_000))


@settings(max_examples=30, deadline=None)
@given(
    st.lists(
        st.tuples(
            amounts, st.none() | st.integers(0, 100), st.sampled_from(["", "09:00", "15:00"])
        ),
        min_size=2,
        max_size=6,
    ),
    st.permutations(range(6)),
)
def test_the_order_is_the_same_however_the_accounts_came(
    cases: list[tuple[dict[str, int], int | None, str]], numbers: list[int]
) -> None:
    def order(turn: Iterator[int]) -> list[str]:
        office = Office()
        for number in turn:
            past_due, score, at_time = cases[number]
            name = f"A{number}"
            facts = [owed(amount, currency) for currency, amount in past_due.items()]
            scored(office, name, score, *facts, tasks=[task(name, at_time=at_time)])
        return office.order()

    straight = order(iter(range(len(cases))))

    assert order(number for number in numbers if number < len(cases)) == straight
    assert len(set(straight)) == len(cases)


# Why now.


def test_a_row_tells_what_to_know_before_calling(office: Office) -> None:
    def promise(number: int, **values: Any) -> Promise:
        one = Promise(TODAY, "USD", 500_00, TODAY, frozenset(), id=f"p{number}")
        return replace(one, **values)

    promises = (promise(1), promise(2, broken_on=TODAY), promise(3, broken_on=TODAY))
    scored(
        office, "A1", 37, owed(900_00), promises=promises, unreached_calls=3,
        unapplied={"USD": 20_00}, contacts=(TODAY - timedelta(days=5),), case=Case("A1-C1", TODAY),
    )  # fmt: skip

    [row] = office.rows("junior")

    assert row["why"] == [
        "A letter went out.",
        "Promised USD 500.00 for today.",
        "2 broken promises.",
        "3 calls without reaching anyone.",
        "USD 20.00 of the customer's money is not applied.",
        "Last letter or call on 2024-03-13.",
    ]
    assert (row["case_number"], row["risk_score"], row["tier"]) == ("A1-C1", 37, 1)
    assert row["past_due"] == [{"amount_minor": 900_00, "currency": "USD"}]
    assert (row["oldest_days_past_due"], row["credit_status"]) == (20, "open")


# Parts of a list.


def parts(office: Office, limit: int, between: Any = lambda: None) -> list[list[str]]:
    """The accounts of the junior's list, part by part; something happens between them."""
    found, mark = [], ""
    while True:
        now = AFTERNOON if mark else MORNING
        page = office.worklist.page(Asked(assignee="junior"), mark, limit, now)
        found.append([row["account_id"] for row in page.rows])
        if page.mark is None:
            return found
        mark = page.mark
        between()


def test_parts_of_a_list_go_on_in_the_half_of_the_day_in_which_it_began(office: Office) -> None:
    for number in range(5):
        name = f"A{number}"
        scored(office, name, 50, owed(100_00), tasks=[task(name, part="pm" if number < 2 else "")])

    assert parts(office, 2) == [["A2", "A3"], ["A4", "A0"], ["A1"]]


def test_what_is_done_between_two_parts_moves_nothing_else(office: Office) -> None:
    for number in range(5):
        scored(office, f"A{number}", 50, owed(100_00))

    assert parts(office, 2, lambda: office.account("A0")) == [["A0", "A1"], ["A2", "A3"], ["A4"]]


def test_more_tasks_than_are_ranked_are_said(office: Office) -> None:
    account = Account("A1", tasks={
        f"A1:{number:05}": Task(f"A1:{number:05}", "call", TODAY - timedelta(days=number), "", "junior")
        for number in range(TASKS_MAX + 1)
    })  # fmt: skip
    office.accounts.commit(Change(office.accounts.load("A1"), account, None))

    page = office.page("junior")

    assert page.waiting == TASKS_MAX
    assert [one["code"] for one in page.warnings] == ["too_many_tasks"]
    last = TODAY - timedelta(days=TASKS_MAX)
    assert last.isoformat() in {row["task"]["due_on"] for row in page.rows}
