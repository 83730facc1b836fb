"""Nothing stays unseen: each function, queue and figure is watched, and what is watched is written."""

import ast
import json
import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any, get_args

import pytest
from chalicelib.alarms import CHARGE_STOPPED, OWN_TEXT_FAILED
from chalicelib.flows.agency_reconcile import SILENT, STUCK
from chalicelib.flows.full_import_run import WAITING
from chalicelib.flows.import_records import TAKEN
from chalicelib.flows.nobody_in import NOBODY_IN
from chalicelib.flows.notice_state import State
from chalicelib.flows.pace import QUOTA_REACHED, SERVICE_PAUSED
from chalicelib.flows.watch import (
    EVENTS_LAG,
    EVENTS_LATE,
    LEDGER_AGE,
    OUTBOX_LAG,
    OUTBOX_LATE,
    SWEEP_LAG,
)
from chalicelib.mail.events import MailEventKind
from chalicelib.telemetry import NAMESPACE
from chalicelib.wiring_agency import FAILED as AGENCY_FAILED

Template = dict[str, Any]
QUEUE_AGE, ERRORS, THROTTLES = "ApproximateAgeOfOldestMessage", "Errors", "Throttles"
# The authorizer ends in an error for every token that it does not take: the API's 5xx tell instead.
NO_ERRORS = {"Authz", "APIHandler"}


def watched(template: Template) -> Iterator[tuple[str, str, str]]:
    """Each metric that an alarm watches: its namespace, its name, and which one's it is."""
    for resource in template["Resources"].values():
        if resource["Type"] != "AWS::CloudWatch::Alarm":
            continue
        alarm = resource["Properties"]
        stats = [
            part["MetricStat"]["Metric"]
            for part in alarm.get("Metrics", [])
            if "MetricStat" in part
        ]
        for metric in stats or [alarm]:
            dimensions = metric.get("Dimensions", [])
            whose = [target(one["Value"]) for one in dimensions] or [""]
            yield metric["Namespace"], metric["MetricName"], whose[0]


def target(value: Any) -> str:
    match value:
        case {"Ref": str(name)} | {"Fn::GetAtt": [str(name), *_]}:
            return name
    return str(value)


def of_kind(template: Template, kind: str) -> set[str]:
    return {name for name, value in template["Resources"].items() if value["Type"] == kind}


def test_every_functions_errors_and_throttles_raise_an_alarm(template: Template) -> None:
    functions = of_kind(template, "AWS::Serverless::Function")
    found = set(watched(template))

    assert {f for f in functions if ("AWS/Lambda", THROTTLES, f) not in found} == set()
    assert {f for f in functions if ("AWS/Lambda", ERRORS, f) not in found} == NO_ERRORS
    assert any(name == "5XXError" for _, name, _ in found)


def test_every_queues_age_raises_an_alarm(template: Template) -> None:
    fed = {q for q in of_kind(template, "AWS::SQS::Queue") if not q.endswith("DeadLetters")}

    assert {whose for _, name, whose in watched(template) if name == QUEUE_AGE} == fed


def test_what_runs_by_a_schedule_is_missed_when_it_does_not(template: Template) -> None:
    scheduled = {
        name
        for name in of_kind(template, "AWS::Serverless::Function")
        for event in template["Resources"][name]["Properties"].get("Events", {}).values()
        if event["Type"] == "ScheduleV2"
    }

    assert {whose for _, name, whose in watched(template) if name == "Invocations"} == scheduled


def test_a_long_run_is_told_by_the_time_that_its_function_has(template: Template) -> None:
    [expression] = [
        part["Expression"]
        for part in template["Resources"]["NearTimeoutAlarm"]["Properties"]["Metrics"]
        if "Expression" in part
    ]
    said = {name: int(ms) for name, ms in re.findall(r"(\w+)/(\d+)", expression)}
    has = {
        name[0].lower() + name[1:]: template["Resources"][name]["Properties"]["Timeout"] * 1_000
        for name in of_kind(template, "AWS::Serverless::Function")
    }

    assert said == {name: has[name] for name in said}
    # Jobs and a snapshot's portions work as long as they may; who calls waits for the API's latency,
    # which has its own alarm.
    assert set(has) - set(said) == {"jobs", "reportPart", "aPIHandler", "authz", "webhooks"}


def test_no_alarm_names_more_metrics_than_one_may(template: Template) -> None:
    for name in of_kind(template, "AWS::CloudWatch::Alarm"):
        parts = template["Resources"][name]["Properties"].get("Metrics", [])

        assert sum("MetricStat" in part for part in parts) <= 10, name
        assert [part["ReturnData"] for part in parts].count(True) == (1 if parts else 0), name


def test_a_budget_tells_the_topic_of_the_alarms(template: Template) -> None:
    told = template["Resources"]["CostBudget"]["Properties"]["NotificationsWithSubscribers"]

    assert [one["Notification"]["NotificationType"] for one in told] == ["ACTUAL", "FORECASTED"]
    for one in told:
        assert one["Subscribers"] == [{"SubscriptionType": "SNS", "Address": {"Ref": "Alarms"}}]


def test_what_a_person_must_look_into_raises_an_alarm_of_its_own(template: Template) -> None:
    """R4.4, R6.1, R7.6, R13.1: each count is watched as it is written, and any of it is told."""
    watched = {
        alarm["MetricName"]: (alarm["Namespace"], alarm["Threshold"], alarm["Dimensions"])
        for alarm in alarms_of(template)
        if alarm.get("Namespace") == NAMESPACE and alarm["AlarmActions"]
    }
    variables = template["Globals"]["Function"]["Environment"]["Variables"]

    ours = [{"Name": "service", "Value": variables["POWERTOOLS_SERVICE_NAME"]}]
    assert {
        CHARGE_STOPPED,
        OWN_TEXT_FAILED,
        "run_refused",
        "run_waiting",
        NOBODY_IN,
    } <= watched.keys()
    assert {"unknown_for_good", QUOTA_REACHED, SERVICE_PAUSED, SILENT, STUCK} <= watched.keys()
    assert {SWEEP_LAG, LEDGER_AGE, "jobs_failed", "mail_event_complaint"} <= watched.keys()
    # Letters of which nothing is heard are no fault one by one; many of them are.
    assert watched.pop("counted_without_news") == (NAMESPACE, 20, ours)
    # What waits for an agency is tried again every minute.
    assert watched.pop(AGENCY_FAILED) == (NAMESPACE, 5, ours)
    # The reconcile hands over each minute.
    assert watched.pop(OUTBOX_LAG) == (NAMESPACE, OUTBOX_LATE / timedelta(minutes=1), ours)
    assert watched.pop(EVENTS_LAG) == (NAMESPACE, EVENTS_LATE / timedelta(minutes=1), ours)
    assert set(map(str, watched.values())) == {str((NAMESPACE, 0, ours))}


def alarms_of(template: Template) -> list[dict[str, Any]]:
    names = of_kind(template, "AWS::CloudWatch::Alarm")
    return [template["Resources"][name]["Properties"] for name in sorted(names)]


# --- what is watched is written


@pytest.fixture(scope="module")
def written(project: Path, template: Template) -> set[str]:
    """Every name that a metric of ours can have: texts of the code, and those that it puts together."""
    texts = {
        node.value
        for path in (project / "chalicelib").rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }
    workers = [path.stem for path in (project / "chalicelib/workers").glob("*.py")]
    ends = {f"{worker}_{end}" for worker in workers for end in ("done", "failed")}
    letters = {f"mail_{state}" for state in get_args(State)}
    imports = {f"import_{state}" for state in (WAITING, TAKEN)}
    return texts | ends | letters | imports | {f"mail_event_{kind}" for kind in MailEventKind}


def dashboard(template: Template) -> list[dict[str, Any]]:
    body = template["Resources"]["Dashboard"]["Properties"]["DashboardBody"]["Fn::Sub"]
    widgets: list[dict[str, Any]] = json.loads(body)["widgets"]
    return widgets


def shown(template: Template) -> Iterator[tuple[str, str]]:
    """Each metric of the dashboard; `.` and `...` stand for what the row before has."""
    for widget in dashboard(template):
        namespace = name = ""
        for row in widget["properties"]["metrics"]:
            match row:
                case ["...", *_] | [dict()]:
                    continue
                case [first, second, *_]:
                    namespace = namespace if first == "." else first
                    name = name if second == "." else second
                    yield namespace, name


def test_each_metric_of_ours_is_one_that_the_code_writes(
    template: Template, written: set[str]
) -> None:
    ours = {name for space, name, _ in watched(template) if space == NAMESPACE}
    ours |= {name for space, name in shown(template) if space == NAMESPACE}

    assert len(ours) > 40
    assert ours - written == set()


def test_what_the_dashboard_names_is_in_the_stack(template: Template) -> None:
    body = template["Resources"]["Dashboard"]["Properties"]["DashboardBody"]["Fn::Sub"]
    named = set(re.findall(r"\$\{([^}]+)\}", body)) - {"AWS::Region", "Stage"}

    assert {name for name in named if name.split(".")[0] not in template["Resources"]} == set()
    queues = of_kind(template, "AWS::SQS::Queue")
    assert {name.split(".")[0] for name in named if name.endswith("QueueName")} == queues


def test_no_picture_of_the_dashboard_covers_another(template: Template) -> None:
    fields = [
        (x, y)
        for widget in dashboard(template)
        for x in range(widget["x"], widget["x"] + widget["width"])
        for y in range(widget["y"], widget["y"] + widget["height"])
    ]

    assert len(fields) == len(set(fields))
    assert max(x for x, _ in fields) < 24
