"""The runbook says of every alarm what to do about it, in words that are true of this project."""

import re
import shlex
import tomllib
from pathlib import Path
from typing import Any

import app
import click
import pytest
from chalicelib.api.operation import OPERATIONS
from local.cloud.templates import put_together, template_files
from local.commands import ops
from local.deployment.stage_rules import parameter_faults, stage_faults

Template = dict[str, Any]
PARTS = ["Means", "Look", "Do", "Ends when"]
ALARM = re.compile(r"^### (\w+)\n(.*?)(?=^##|\Z)", re.MULTILINE | re.DOTALL)
ROUTE = re.compile(r"`(GET|POST|PUT) (/v1/[^`?]*)")
OPS = re.compile(r"`pastdue ops --stage prod ([\w-]+)([^`]*)`")
WORD = {"<date>": "2024-03-18"}
NAMED = re.compile(r"pastdue-prod-([a-z-]+[a-z])")


@pytest.fixture(scope="module")
def runbook(project: Path) -> str:
    return (project / "docs/runbook.md").read_text()


@pytest.fixture(scope="module")
def alarms(template: Template) -> dict[str, Any]:
    return {
        name: resource["Properties"]
        for name, resource in template["Resources"].items()
        if resource["Type"] == "AWS::CloudWatch::Alarm"
    }


@pytest.fixture(scope="module")
def budgets(template: Template) -> list[str]:
    """What tells of the cost, at the same topic."""
    resources = template["Resources"].items()
    return [name for name, value in resources if value["Type"] == "AWS::Budgets::Budget"]


def test_every_alarm_has_its_paragraph_and_no_paragraph_lost_its_alarm(
    runbook: str, alarms: dict[str, Any], budgets: list[str]
) -> None:
    told = [name for name, _ in ALARM.findall(runbook)]

    assert sorted(told) == sorted([*alarms, *budgets])


def test_the_runbook_says_how_many_alarms_are_paid_for(
    runbook: str, alarms: dict[str, Any]
) -> None:
    metrics = [
        part
        for alarm in alarms.values()
        for part in alarm.get("Metrics", [{"MetricStat": {}}])
        if "MetricStat" in part
    ]

    assert f"{len(alarms)} alarms over {len(metrics)} metrics" in runbook


def test_every_paragraph_says_what_to_see_and_to_do(runbook: str) -> None:
    for name, text in ALARM.findall(runbook):
        parts = re.findall(r"^\*\*([\w ]+):\*\* (.{10,})$", text, re.MULTILINE)

        assert [part for part, _ in parts] == PARTS, name


def test_every_alarm_says_where_its_paragraph_is(alarms: dict[str, Any]) -> None:
    for name, alarm in alarms.items():
        assert alarm["AlarmDescription"].endswith(f". See docs/runbook.md: {name}")
        assert alarm["AlarmActions"] == [{"Ref": "Alarms"}]


def test_every_call_that_the_runbook_names_is_one_of_the_api(runbook: str) -> None:
    known = {f"{one.method} {re.sub('{.*?}', '<>', one.path)}" for one in OPERATIONS}
    named = {f"{verb} {re.sub('<.*?>', '<>', path)}" for verb, path in ROUTE.findall(runbook)}

    assert app.MODULES
    assert named
    assert named <= known


def test_every_function_queue_and_table_that_the_runbook_names_is_deployed(
    runbook: str, template: Template
) -> None:
    text = str(template)
    named = set(NAMED.findall(runbook))

    assert named
    assert {name for name in named if f"pastdue-${{Stage}}-{name}" not in text} == set()


def test_every_operating_command_that_the_runbook_names_is_one(runbook: str) -> None:
    """Click itself parses each, placeholders filled in; nothing is called."""
    for name, given in sorted(set(OPS.findall(runbook))):
        words = [WORD.get(word, word) for word in shlex.split(given)]
        context = click.Context(ops.command)
        command = ops.command.get_command(context, name)

        assert command, name
        command.make_context(name, words, parent=context)


PAGES = ("runbook", "deployment", "operations", "events", "capacity")
SET = re.compile(r'`(\w+) = ("?[\w()*? ]+"?)`')


@pytest.mark.parametrize("page", PAGES)
def test_what_a_page_has_one_set_is_spelled_as_a_stage_file_takes_it(
    project: Path, page: str
) -> None:
    """As `schedules = "ENABLED"`, a parameter that there is, with a value that it takes."""
    text = (project / f"docs/{page}.md").read_text()
    declared = put_together(template_files(project))["Parameters"]
    known = {re.sub(r"(?<!^)(?=[A-Z])", "_", name).lower(): one for name, one in declared.items()}

    assert [name for name in declared if f"{name}=" in text or f"`{name}`" in text] == []
    for name, written in SET.findall(text):
        if name in known:
            value = str(tomllib.loads(f"x = {written}")["x"])
            assert list(parameter_faults({name: value}, {name: known[name]})) == []


def test_what_the_runbook_has_production_set_production_takes(runbook: str) -> None:
    for name, written in SET.findall(runbook):
        value = str(tomllib.loads(f"x = {written}")["x"])
        faults = stage_faults("prod", "1" * 12, {name: value})
        assert f"parameters.{name}" not in {fault.where for fault in faults}
    assert "Events=off" not in runbook
    assert 'events = "off"' not in runbook


@pytest.mark.parametrize("page", ["runbook", "deployment"])
def test_other_pages_are_linked_where_they_are_named(project: Path, page: str) -> None:
    text = (project / f"docs/{page}.md").read_text()

    assert re.findall(r"(?<![(\w/])docs/\w+\.md", text) == []
    for target in re.findall(r"\]\(([\w-]+\.md)\)", text):
        assert (project / "docs" / target).is_file(), target
