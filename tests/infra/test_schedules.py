"""What runs by itself in which stage, and what tells when it does not."""

from typing import Any

import pytest
from local.cloud.machine import DEFAULTS

Template = dict[str, Any]
OF_THE_DAY = {"SweepMissedAlarm", "ReportMissedAlarm", "SweepLagAlarm", "LedgerStaleAlarm"}


def holds(template: Template, name: str, schedules: str) -> bool:
    """Whether a condition of the template holds for a value of `Schedules`."""
    return meant(template, template["Conditions"][name], schedules) is True


def meant(template: Template, value: Any, schedules: str) -> Any:
    match value:
        case {"Ref": "Schedules"}:
            return schedules
        case {"Fn::Equals": [one, other]}:
            return meant(template, one, schedules) == meant(template, other, schedules)
        case {"Fn::Not": [one]}:
            return not meant(template, one, schedules)
        case {"Fn::If": [name, one, other]}:
            chosen = one if holds(template, name, schedules) else other
            return meant(template, chosen, schedules)
    return value


def fires(template: Template, schedules: str) -> set[str]:
    return {
        name
        for name, resource in template["Resources"].items()
        if resource["Type"] == "AWS::Serverless::Function"
        for event in resource["Properties"].get("Events", {}).values()
        if event["Type"] == "ScheduleV2"
        and meant(template, event["Properties"]["State"], schedules) == "ENABLED"
    }


def there(template: Template, schedules: str) -> set[str]:
    """The alarms that a stage has."""
    return {
        name
        for name, resource in template["Resources"].items()
        if resource["Type"] == "AWS::CloudWatch::Alarm"
        and ("Condition" not in resource or holds(template, resource["Condition"], schedules))
    }


@pytest.mark.parametrize(
    ("schedules", "expected"),
    [
        ("ENABLED", {"Sweep", "Report", "Reconcile"}),
        ("DISABLED", {"Reconcile"}),  # else nothing that failed would be tried again
        ("BY_HAND", set()),
    ],
)
def test_a_stage_whose_days_come_by_hand_is_tidied_up_all_the_same(
    template: Template, schedules: str, expected: set[str]
) -> None:
    assert fires(template, schedules) == expected


def test_nothing_is_missed_that_is_not_to_come_by_itself(template: Template) -> None:
    everything = there(template, "ENABLED")

    assert everything - there(template, "DISABLED") == OF_THE_DAY
    assert everything - there(template, "BY_HAND") == {*OF_THE_DAY, "ReconcileMissedAlarm"}


def test_every_alarm_that_rings_without_figures_watches_what_comes_by_itself(
    template: Template,
) -> None:
    breaching = {
        name
        for name, one in template["Resources"].items()
        if one["Type"] == "AWS::CloudWatch::Alarm"
        and one["Properties"]["TreatMissingData"] == "breaching"
    }

    assert breaching
    for schedules in ("DISABLED", "BY_HAND"):
        watched = {
            template["Resources"][name]["Properties"]["Dimensions"][0]["Value"]["Ref"]
            for name in breaching & there(template, schedules)
        }
        assert watched <= fires(template, schedules)


def test_on_this_machine_nothing_comes_by_itself() -> None:
    assert DEFAULTS["Schedules"] == "BY_HAND"
