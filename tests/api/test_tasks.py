"""Worklists over HTTP (R6.1)."""

from __future__ import annotations

import csv
import io
from dataclasses import replace
from datetime import timedelta

import pytest
from chalicelib.core.account import Task
from chalicelib.core.facts import NoticeCounted
from chalicelib.flows.ports import Change
from tests.api.client import Answered, Api
from tests.flows.machine import FRIDAY, TODAY, Machine, invoice

PERSON = {"name": "Dana Reyes", "email": "dana@seller.example"}


@pytest.fixture
def machine() -> Machine:
    """Two accounts of the junior's, one of the senior's, and a task that nobody owns."""
    machine = Machine()
    for name, owner, amount in (
        ("A1", "junior", 500_00), ("A2", "junior", 900_00), ("A3", "senior", 5_000_00),
        ("A4", "", 700_00),
    ):  # fmt: skip
        machine.take_in(name, invoice("I1", 20, amount))
        give(machine, name, Task(f"{name}:call", "call", TODAY, "A letter went out.", owner))
    return machine


def give(machine: Machine, account_id: str, *tasks: Task) -> None:
    loaded = machine.accounts.load(account_id)
    after = replace(loaded.account, tasks={task.id: task for task in tasks})
    machine.accounts.commit(Change(loaded, after, TODAY))


@pytest.fixture
def junior(machine: Machine) -> Api:
    return Api(machine, "collector", "junior")


def accounts(answer: Answered) -> list[str]:
    assert answer.status == 200, answer.text
    return [row["account_id"] for row in answer.body["data"]]


def test_a_collector_sees_whom_to_call_and_why(junior: Api) -> None:
    answer = junior.get("/v1/tasks")

    assert accounts(answer) == ["A2", "A1"]
    first = answer.body["data"][0]
    assert (first["rank"], first["account_name"]) == (1, "Customer A2")
    assert first["task"]["task_id"] == "A2:call"
    assert first["why"] == ["A letter went out."]
    assert [one["code"] for one in first["reasons"]] == ["tier", "past_due"]
    about = {name: answer.body[name] for name in ("as_of", "part", "assignee", "is_away")}
    assert about == {"as_of": "2024-03-18", "part": "am", "assignee": "junior", "is_away": False}
    assert (answer.body["waiting"], answer.body["warnings"]) == (2, [])


def test_the_call_after_a_letter_is_in_the_list_of_the_tiers_collector() -> None:
    machine = Machine()
    for name, amount in (("A1", 500_00), ("A2", 5_000_00), ("A3", 50_000_00)):
        reminded = TODAY - timedelta(days=18)
        machine.take_in(name, invoice("I1", 33, amount), wake_on=reminded)
        machine.decide(name, reminded)
        [notice] = machine.account(name).notices
        machine.take_in(name, NoticeCounted(reminded, notice), wake_on=FRIDAY)
        machine.decide(name, FRIDAY)  # 30 days: a letter, and a call on the next business day
    machine.let_run(TODAY)

    lists = {
        who: accounts(Api(machine, "collector", who).get("/v1/tasks?kind=call"))
        for who in ("junior", "senior", "manager")
    }

    assert lists == {"junior": ["A1"], "senior": ["A2"], "manager": ["A3"]}


def test_the_half_of_the_day_is_that_of_the_sellers_zone(junior: Api, machine: Machine) -> None:
    machine.clock.pass_by(hours=5, minutes=59)  # from 05:00 in UTC, 06:00 in Berlin
    assert junior.get("/v1/tasks").body["part"] == "am"

    machine.clock.pass_by(minutes=1)
    assert junior.get("/v1/tasks").body["part"] == "pm"


def test_anyones_list_can_be_read_and_what_nobody_owns(junior: Api) -> None:
    viewer = junior.as_("viewer", "olga")

    assert accounts(viewer.get("/v1/tasks")) == []
    assert accounts(viewer.get("/v1/tasks?assignee=senior")) == ["A3"]
    nobody = viewer.get("/v1/tasks?assignee=nobody")
    assert accounts(nobody) == ["A4"]
    assert (nobody.body["assignee"], nobody.body["data"][0]["assignee"]) == (None, None)


def test_a_key_reads_the_list_of_whoever_made_it(junior: Api) -> None:
    assert accounts(junior.as_("service", "key-1 junior").get("/v1/tasks")) == ["A2", "A1"]


def test_a_list_is_filtered_by_kind_and_day(junior: Api, machine: Machine) -> None:
    tomorrow = TODAY + timedelta(days=1)
    give(machine, "A1", Task("A1:call", "call", tomorrow, "Again.", "junior"))
    give(machine, "A2", Task("A2:send_letter", "send_letter", TODAY, "No address.", "junior"))

    assert accounts(junior.get("/v1/tasks")) == ["A2"]
    assert accounts(junior.get("/v1/tasks?kind=call")) == []
    assert accounts(junior.get("/v1/tasks?due_by=2024-03-19")) == ["A2", "A1"]
    assert accounts(junior.get("/v1/tasks?due_by=2024-03-19&kind=call")) == ["A1"]
    assert accounts(junior.get("/v1/tasks?due_by=2024-03-17")) == []


def test_who_is_away_leaves_work_to_a_stand_in(junior: Api, machine: Machine) -> None:
    admin = Api(machine)
    admin.put("/v1/people/senior", PERSON)
    day = {"from_on": "2024-03-18", "through_on": "2024-03-18"}
    away = PERSON | {"stand_ins": ["senior"], "away": [day]}
    assert admin.put("/v1/people/junior", away).status == 201

    mine = junior.get("/v1/tasks")

    assert mine.body["is_away"]
    assert {row["passed_to"] for row in mine.body["data"]} == {"senior"}
    assert accounts(junior.as_("collector", "senior").get("/v1/tasks")) == ["A3", "A2", "A1"]


def test_a_list_comes_page_by_page_with_ranks_that_go_on(junior: Api) -> None:
    first = junior.get("/v1/tasks?limit=1").body
    rest = junior.get(f"/v1/tasks?limit=1&cursor={first['next_cursor']}").body

    rows = [*first["data"], *rest["data"]]
    assert [(row["rank"], row["account_id"]) for row in rows] == [(1, "A2"), (2, "A1")]
    assert rest["next_cursor"] is None
    other = junior.get(f"/v1/tasks?kind=call&cursor={first['next_cursor']}")
    assert (other.status, other.pointers) == (400, ["cursor"])


def test_a_list_comes_as_csv(junior: Api, machine: Machine) -> None:
    give(machine, "A2", Task("A2:call", "call", TODAY, "=1+1", "junior", at_time="06:30"))

    answer = junior.get("/v1/tasks?limit=1", Accept="text/csv")

    [row] = csv.DictReader(io.StringIO(answer.text))
    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert answer.headers["Next-Cursor"]
    assert (row["rank"], row["account_id"], row["task_id"]) == ("1", "A2", "A2:call")
    assert row["why"] == "'=1+1 Call back at 06:30."
    assert (row["past_due"], row["at_time"], row["assignee"]) == ("USD 900.00", "06:30", "junior")
    assert row["passed_to"] == row["risk_score"] == row["nobody_in"] == ""


@pytest.mark.parametrize(
    ("query", "named"),
    [
        ("kind=dance", ["kind"]),
        ("due_by=tomorrow", ["due_by"]),
        ("assignee=", ["assignee"]),
        (f"assignee={'x' * 251}", ["assignee"]),
        ("limit=0", ["limit"]),
        ("cursor=abc", ["cursor"]),
        ("tier=1&limit=many", ["limit", "tier"]),
    ],
)
def test_what_cannot_be_asked_is_named(junior: Api, query: str, named: list[str]) -> None:
    answer = junior.get(f"/v1/tasks?{query}")

    assert answer.status == 400
    assert sorted(answer.pointers) == named


def test_a_worklist_needs_a_token_and_a_role_of_the_sellers(junior: Api) -> None:
    assert junior.as_("").get("/v1/tasks").status == 401
    assert junior.as_("agency").get("/v1/tasks").status == 403
