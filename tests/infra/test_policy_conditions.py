"""What the emulator does not decide, asserted on the text of the policies as they are packaged.

What it does decide, conditions on keys of the table included, is proven by `test_story.py`.
"""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from tests.infra.permits import LEADING_KEYS, NEVER_ASKED

Statement = dict[str, Any]
TABLE = {"Fn::GetAtt": ["Table", "Arn"]}
VIA = {
    "dynamodb:": "dynamodb.${AWS::Region}.amazonaws.com",
    "s3:": "s3.${AWS::Region}.amazonaws.com",
    "secretsmanager:": "secretsmanager.${AWS::Region}.amazonaws.com",
}
# The API answers about everything there is, finance's routes and agencies' routes by one role: what
# an agency may see is decided by its key (`flows/agency_allowed.py`), not by the role.
KNOWS_ALL = "api_handler"


@pytest.fixture(scope="module")
def policies(template: dict[str, Any]) -> dict[str, list[Statement]]:
    """Each function's statements in the packaged template, by its name in `.chalice/config.json`."""
    roles = template["Resources"]
    found = {}
    for function in template["Resources"].values():
        if function["Type"] == "AWS::Serverless::Function":
            name = function["Properties"]["FunctionName"]["Fn::Sub"]
            role = roles[function["Properties"]["Role"]["Fn::GetAtt"][0]]["Properties"]
            [policy] = role["Policies"]
            short = name.removeprefix("pastdue-${Stage}-").replace("-", "_")
            found[short] = policy["PolicyDocument"]["Statement"]
    assert found
    return found


def of(statements: list[Statement], service: str) -> Iterator[Statement]:
    """The statements that allow something of a service."""
    for statement in statements:
        if any(action.startswith(service) for action in statement["Action"]):
            yield statement


def test_a_statement_says_by_a_name_of_its_own_what_it_is_for(
    policies: dict[str, list[Statement]],
) -> None:
    for function, statements in policies.items():
        names = [statement["Sid"] for statement in statements]
        assert len(set(names)) == len(names), function
        assert all(isinstance(one["Action"], list) for one in statements), function


def test_only_actions_that_the_emulator_never_decides_are_left_to_the_text(
    policies: dict[str, list[Statement]],
) -> None:
    allowed = {a for some in policies.values() for one in some for a in one["Action"]}

    assert set(NEVER_ASKED) <= allowed, "what nobody is allowed any more needs no excuse"


def test_a_function_reads_and_writes_the_partitions_of_its_own_work_only(
    policies: dict[str, list[Statement]],
) -> None:
    """A scan names no keys: who lists all accounts reads the whole table, and says so alone."""
    for function, statements in policies.items():
        for statement in of(statements, "dynamodb:"):
            if function == KNOWS_ALL or statement["Action"] == ["dynamodb:Scan"]:
                assert "Condition" not in statement, (function, statement["Sid"])
                continue
            condition = statement["Condition"]
            keys = condition["ForAllValues:StringLike"][LEADING_KEYS]
            assert set(condition) == {"ForAllValues:StringLike", "Null"}
            assert "*" not in keys, (function, statement["Sid"])


def test_a_condition_on_keys_holds_for_no_call_that_names_none(
    policies: dict[str, list[Statement]],
) -> None:
    """`ForAllValues` holds of nothing at all: without `Null` a scan would pass."""
    for statements in policies.values():
        for statement in statements:
            if LEADING_KEYS in json.dumps(statement.get("Condition", {})):
                assert statement["Condition"]["Null"] == {LEADING_KEYS: "false"}


def test_only_who_lists_every_account_scans_and_only_the_table(
    policies: dict[str, list[Statement]],
) -> None:
    scanning = {
        function: statement["Resource"]
        for function, statements in policies.items()
        for statement in statements
        if "dynamodb:Scan" in statement["Action"]
    }

    assert scanning == {"report": TABLE, "report_part": TABLE, "jobs": TABLE}


def test_a_function_writes_the_log_of_its_own_only_because_the_emulator_writes_logs_itself(
    policies: dict[str, list[Statement]],
) -> None:
    for function, statements in policies.items():
        [statement] = of(statements, "logs:")
        group = f"/aws/lambda/pastdue-${{Stage}}-{function.replace('_', '-')}:*"
        assert statement["Action"] == ["logs:CreateLogStream", "logs:PutLogEvents"]
        assert statement["Resource"]["Fn::Sub"].endswith(f":log-group:{group}")


def test_letters_leave_from_the_sellers_address_only_because_the_emulator_knows_no_identities(
    policies: dict[str, list[Statement]],
) -> None:
    """The identity may be the address or its domain, so the address is what is fixed."""
    sending = {
        function: statement
        for function, statements in policies.items()
        for statement in of(statements, "ses:Send")
    }

    assert set(sending) == {"mail"}
    assert sending["mail"]["Condition"] == {
        "StringEquals": {"ses:FromAddress": [{"Ref": "SenderAddress"}]}
    }
    ours = "arn:${AWS::Partition}:ses:${AWS::Region}:${AWS::AccountId}"
    assert [one["Fn::Sub"] for one in sending["mail"]["Resource"]] == [
        f"{ours}:identity/*",
        f"{ours}:configuration-set/${{ConfigurationSet}}",
    ]


def test_the_key_opens_what_the_functions_own_services_keep_because_the_emulator_encrypts_nothing(
    policies: dict[str, list[Statement]],
) -> None:
    for function, statements in policies.items():
        [statement] = of(statements, "kms:")
        used = {
            via
            for service, via in VIA.items()
            if any(True for one in of(statements, service) if one is not statement)
        }
        via = statement["Condition"]["StringEquals"]["kms:ViaService"]
        assert statement["Resource"] == {"Fn::GetAtt": ["Key", "Arn"]}
        assert {one["Fn::Sub"] for one in via} == used, function


def test_who_may_read_a_file_is_told_that_it_is_missing_because_the_emulator_tells_anybody(
    policies: dict[str, list[Statement]],
) -> None:
    """Without it AWS answers 403 where 404 is meant, and what is optional would be a failure."""
    for function, statements in policies.items():
        reads = any("s3:GetObject" in one["Action"] for one in statements)
        lists = [one for one in statements if "s3:ListBucket" in one["Action"]]
        assert len(lists) == reads, function
        for statement in lists:
            assert statement["Resource"] == {"Fn::GetAtt": ["Bucket", "Arn"]}


def test_every_file_that_may_be_touched_has_a_folder_of_its_kind(
    policies: dict[str, list[Statement]],
) -> None:
    for function, statements in policies.items():
        for statement in of(statements, "s3:"):
            if statement["Resource"] == {"Fn::GetAtt": ["Bucket", "Arn"]}:
                continue  # what is listed: the tests before and after this
            resources = statement["Resource"]
            for resource in resources if isinstance(resources, list) else [resources]:
                folder = resource["Fn::Sub"].removeprefix("${Bucket.Arn}/").partition("/")[0]
                assert "*" not in folder, (function, statement["Sid"])


def test_only_the_files_of_people_can_be_found_and_erased_in_every_version(
    policies: dict[str, list[Statement]],
) -> None:
    """The emulator knows no prefix of a listing."""
    for function, statements in policies.items():
        for statement in of(statements, "s3:"):
            if statement["Action"] == ["s3:ListBucketVersions"]:
                assert function == "jobs"
                assert statement["Condition"] == {"StringLike": {"s3:prefix": ["people/*"]}}
            if statement["Action"] == ["s3:DeleteObjectVersion"]:
                assert function == "jobs"
                assert statement["Resource"] == {"Fn::Sub": "${Bucket.Arn}/people/*"}
