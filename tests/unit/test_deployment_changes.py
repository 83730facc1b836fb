"""What a change set could cost is seen before it runs."""

from typing import Any

import pytest
from local.deployment.changes import HOLDS_DATA, Change, changes_of, check_changes, stack_policy
from local.deployment.errors import DataAtRiskError

TABLE = "AWS::DynamoDB::Table"
FUNCTION = "AWS::Lambda::Function"


def described(**values: str) -> dict[str, Any]:
    return {"Type": "Resource", "ResourceChange": values}


def test_changes_that_endanger_data_come_first() -> None:
    changes = changes_of(
        [
            described(Action="Add", LogicalResourceId="Agency", ResourceType=FUNCTION),
            described(
                Action="Modify",
                LogicalResourceId="Table",
                ResourceType=TABLE,
                Replacement="True",
            ),
        ]
    )

    assert changes == (
        Change("Modify", "Table", TABLE, "True"),
        Change("Add", "Agency", FUNCTION),
    )


@pytest.mark.parametrize("kind", HOLDS_DATA)
@pytest.mark.parametrize(
    ("action", "replacement"),
    [("Remove", ""), ("Modify", "True"), ("Modify", "Conditional")],
)
def test_data_is_not_replaced_or_removed(kind: str, action: str, replacement: str) -> None:
    change = Change(action, "Ledger", kind, replacement)

    with pytest.raises(DataAtRiskError, match=r"(?s)Ledger.*--allow-replacement-of Ledger"):
        check_changes([change], ())

    check_changes([change], ("Ledger",))


@pytest.mark.parametrize(
    "change",
    [
        Change("Modify", "Table", TABLE, "False"),
        Change("Add", "Table", TABLE),
        Change("Remove", "Work", FUNCTION),
        Change("Modify", "Work", FUNCTION, "True"),
    ],
)
def test_what_costs_no_data_is_done(change: Change) -> None:
    check_changes([change], ())


def test_allowing_one_resource_allows_no_other() -> None:
    changes = [Change("Remove", "Table", TABLE), Change("Remove", "Bucket", "AWS::S3::Bucket")]

    with pytest.raises(DataAtRiskError) as refused:
        check_changes(changes, ("Table",))

    assert "Bucket" in str(refused.value)
    assert "Table (" not in str(refused.value)


def test_a_stacks_policy_protects_all_that_holds_data() -> None:
    allow, deny = stack_policy()["Statement"]

    assert (allow["Effect"], allow["Action"], allow["Resource"]) == ("Allow", "Update:*", "*")
    assert (deny["Effect"], deny["Action"]) == ("Deny", ["Update:Replace", "Update:Delete"])
    assert deny["Condition"] == {"StringEquals": {"ResourceType": list(HOLDS_DATA)}}


def test_the_policy_of_one_deployment_leaves_out_what_is_allowed() -> None:
    _, deny = stack_policy(("Table", "Bucket", "Key"), allowed=("Table",))["Statement"]

    assert deny["Resource"] == ["LogicalResourceId/Bucket", "LogicalResourceId/Key"]
    assert "Condition" not in deny


def test_if_all_is_allowed_the_policy_forbids_nothing() -> None:
    statements = stack_policy(("Table",), allowed=("Table",))["Statement"]

    assert [one["Effect"] for one in statements] == ["Allow"]
