"""Worklists: who has which task today, and in which parts a list comes (R6.1)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from chalicelib.core.account import Account, Task
from chalicelib.flows.ports import Change
from chalicelib.flows.ports_tasks import TASK_KINDS
from chalicelib.flows.worklist import TASKS_MAX, Asked
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.flows.office import AFTERNOON, MORNING, TODAY, Office, owed, scored, task


@pytest.fixture
def office() -> Office:
    return Office()


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
