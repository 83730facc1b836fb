"""A stack is changed by a change set that somebody saw, and its failure is explained."""

import pytest
from local.deployment.changes import Change
from local.deployment.errors import DeploymentError, StackStateError
from local.deployment.stacks import Plan, StackRequest, Stacks
from tests.fakes_cloudformation import FakeCloudFormation, event

REQUEST = StackRequest(name="pastdue-dev", parameters={"Stage": "dev"}, template_url="https://t")
PLAN = Plan("pastdue-dev", "change-set", False, ())


def stacks(fake: FakeCloudFormation, limit_s: float = 10) -> Stacks:
    return Stacks(fake, 1.0, limit_s, sleep=lambda seconds: None)


def change(name: str) -> dict[str, object]:
    values = {"Action": "Add", "LogicalResourceId": name, "ResourceType": "AWS::SQS::Queue"}
    return {"ResourceChange": values}


@pytest.mark.parametrize(
    ("status", "kind"),
    [("", "CREATE"), ("REVIEW_IN_PROGRESS", "CREATE"), ("UPDATE_COMPLETE", "UPDATE")],
)
def test_a_stack_is_made_or_changed_by_a_change_set(status: str, kind: str) -> None:
    fake = FakeCloudFormation(status=status, changes=(change("Work"), change("Mail")))

    plan = stacks(fake).plan(REQUEST)

    assert plan is not None
    # Of both pages.
    assert plan.changes == (
        Change("Add", "Mail", "AWS::SQS::Queue"),
        Change("Add", "Work", "AWS::SQS::Queue"),
    )
    assert fake.calls == [f"create {kind}"]


@pytest.mark.parametrize(
    "reason",
    ["The submitted information didn't contain changes.", "No updates are to be performed."],
)
def test_without_a_change_nothing_is_left_behind(reason: str) -> None:
    fake = FakeCloudFormation(
        status="UPDATE_COMPLETE", change_set_status="FAILED", change_set_reason=reason
    )

    assert stacks(fake).plan(REQUEST) is None
    assert fake.calls == ["create UPDATE", "delete change set"]


def test_a_change_set_that_fails_says_why_and_a_stack_made_for_it_is_removed() -> None:
    fake = FakeCloudFormation(change_set_status="FAILED", change_set_reason="Parameter is bad")

    with pytest.raises(DeploymentError, match="Parameter is bad"):
        stacks(fake).plan(REQUEST)

    assert fake.calls == ["create CREATE", "delete stack"]


@pytest.mark.parametrize(
    ("status", "said"),
    [
        ("ROLLBACK_COMPLETE", "can only be deleted.*delete-stack --stack-name pastdue-dev"),
        ("UPDATE_ROLLBACK_FAILED", "continue-update-rollback --stack-name pastdue-dev"),
        ("UPDATE_IN_PROGRESS", "is busy"),
        ("DELETE_FAILED", "deleted in part"),
    ],
)
def test_a_stack_that_cannot_be_deployed_says_what_to_do(status: str, said: str) -> None:
    fake = FakeCloudFormation(status=status)

    with pytest.raises(StackStateError, match=f"(?s){said}"):
        stacks(fake).plan(REQUEST)

    assert fake.calls == []


def test_a_deployment_is_waited_for_until_its_cleanup_is_done() -> None:
    steps = ("UPDATE_IN_PROGRESS", "UPDATE_COMPLETE_CLEANUP_IN_PROGRESS", "UPDATE_COMPLETE")
    fake = FakeCloudFormation(status="UPDATE_COMPLETE", statuses=steps)

    stacks(fake).execute(PLAN, lambda line: None)

    assert fake.looks == len(steps)


def test_a_failed_deployment_names_what_failed_first_and_not_what_was_cancelled() -> None:
    fake = FakeCloudFormation(
        status="UPDATE_COMPLETE",
        statuses=("UPDATE_IN_PROGRESS", "UPDATE_ROLLBACK_COMPLETE"),
        old_events=(event(1, "Work", "UPDATE_FAILED", "of last week"),),
        new_events=(
            event(2, "Mail", "UPDATE_FAILED", "no such key"),
            event(3, "Jobs", "UPDATE_FAILED", "Resource update cancelled"),
            event(4, "Mail", "UPDATE_COMPLETE"),
        ),
    )
    heard: list[str] = []

    with pytest.raises(DeploymentError, match="UPDATE_ROLLBACK_COMPLETE") as failed:
        stacks(fake).execute(PLAN, heard.append)

    assert heard == ["Mail (AWS::SQS::Queue): no such key"]
    assert heard[0] in str(failed.value)
    assert "last week" not in str(failed.value)


def test_a_deployment_that_does_not_end_is_not_waited_for_for_ever() -> None:
    fake = FakeCloudFormation(status="UPDATE_COMPLETE", statuses=("UPDATE_IN_PROGRESS",))

    with pytest.raises(DeploymentError, match="still UPDATE_IN_PROGRESS after 3 s"):
        stacks(fake, limit_s=3).execute(PLAN, lambda line: None)


def test_outputs_of_no_stack_are_empty() -> None:
    assert stacks(FakeCloudFormation()).outputs("pastdue-dev") == {}
