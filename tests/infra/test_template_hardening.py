"""A mistake, a wiretap or a stranger costs nothing: what the template refuses, keeps and ends."""

import json
import platform
from typing import Any

import pytest
from local.cloud.package import local_architecture

Template = dict[str, Any]
HOLDS_DATA = (
    "AWS::DynamoDB::Table",
    "AWS::KMS::Key",
    "AWS::S3::Bucket",
    "AWS::SecretsManager::Secret",
)
POLICIES = {
    "AWS::SQS::Queue": ("AWS::SQS::QueuePolicy", "Queues", "sqs:*"),
    "AWS::SNS::Topic": ("AWS::SNS::TopicPolicy", "Topics", "sns:Publish"),
}
LOG_DAYS = 90
NO_TLS = {"Bool": {"aws:SecureTransport": False}}


def of_kind(template: Template, kind: str) -> dict[str, Any]:
    found = {name: one for name, one in template["Resources"].items() if one["Type"] == kind}
    assert found, kind
    return found


@pytest.mark.parametrize("kind", HOLDS_DATA)
def test_what_holds_data_outlives_the_stack_and_its_replacement(
    template: Template, kind: str
) -> None:
    for name, resource in of_kind(template, kind).items():
        assert resource["DeletionPolicy"] == "Retain", name
        assert resource["UpdateReplacePolicy"] == "Retain", name


@pytest.mark.parametrize("kind", POLICIES)
def test_every_queue_and_topic_has_one_policy_and_it_wants_tls(
    template: Template, kind: str
) -> None:
    """A second policy would take the place of the first."""
    policy_kind, members, action = POLICIES[kind]
    covered: list[str] = []
    for name, policy in of_kind(template, policy_kind).items():
        properties = policy["Properties"]
        covered += [member["Ref"] for member in properties[members]]
        [tls] = [s for s in properties["PolicyDocument"]["Statement"] if s["Sid"] == "TlsOnly"]
        assert (tls["Effect"], tls["Principal"], tls["Action"]) == ("Deny", "*", action), name
        assert tls["Condition"] == NO_TLS, name
        if tls["Resource"] != "*":
            own = {"Ref": covered[-1]}, {"Fn::GetAtt": [covered[-1], "Arn"]}
            assert len(properties[members]) == 1, name
            assert tls["Resource"] in own, name

    assert sorted(covered) == sorted(of_kind(template, kind))


def test_every_bucket_is_private_encrypted_versioned_and_wants_tls(template: Template) -> None:
    for name, bucket in of_kind(template, "AWS::S3::Bucket").items():
        properties = bucket["Properties"]
        assert set(properties["PublicAccessBlockConfiguration"].values()) == {True}, name
        assert properties["VersioningConfiguration"] == {"Status": "Enabled"}, name
        assert "AccessControl" not in properties, name
        [rule] = properties["BucketEncryption"]["ServerSideEncryptionConfiguration"]
        assert rule["ServerSideEncryptionByDefault"]["SSEAlgorithm"] == "aws:kms", name
    statements = template["Resources"]["BucketPolicy"]["Properties"]["PolicyDocument"]["Statement"]
    by_sid = {statement["Sid"]: statement for statement in statements}

    assert {statement["Effect"] for statement in statements} == {"Deny"}
    assert by_sid["TlsOnly"]["Condition"] == NO_TLS
    # Without a header the bucket's own key is taken; only another wish than that is refused.
    header = "s3:x-amz-server-side-encryption"
    assert by_sid["NoOtherEncryption"]["Condition"] == {
        "Null": {header: False},
        "StringNotEquals": {header: "aws:kms"},
    }
    assert by_sid["NoOtherKey"]["Condition"] == {
        "Null": {f"{header}-aws-kms-key-id": False},
        "StringNotEquals": {f"{header}-aws-kms-key-id": {"Fn::GetAtt": ["Key", "Arn"]}},
    }


def test_evidence_is_never_ended_and_working_files_are(template: Template) -> None:
    rules = template["Resources"]["Bucket"]["Properties"]["LifecycleConfiguration"]["Rules"]
    ended = {
        rule["Prefix"]: rule["ExpirationInDays"] for rule in rules if "ExpirationInDays" in rule
    }
    of_all = [rule for rule in rules if not rule["Prefix"]]

    assert {rule["Status"] for rule in rules} == {"Enabled"}
    # Letters (notices/) and snapshots (runs/) are not among them.
    assert ended == {"uploads/": 90, "jobs/": 30, "drafts/": 7, "evidence/": 30}
    assert [rule.get("NoncurrentVersionExpiration") for rule in of_all] == [
        {"NoncurrentDays": 30},
        None,
    ]
    assert [rule.get("AbortIncompleteMultipartUpload") for rule in of_all] == [
        None,
        {"DaysAfterInitiation": 7},
    ]


def test_every_function_has_a_log_that_ends_and_so_has_the_api(template: Template) -> None:
    groups = of_kind(template, "AWS::Logs::LogGroup")
    days = {
        group["Properties"]["LogGroupName"]["Fn::Sub"]: group["Properties"]["RetentionInDays"]
        for group in groups.values()
    }
    functions = of_kind(template, "AWS::Serverless::Function")
    wanted = {f"/aws/lambda/${{{name}}}" for name in functions}

    assert wanted <= set(days)
    assert "/aws/apigateway/pastdue-${Stage}" in days
    assert set(days.values()) == {LOG_DAYS}


def test_the_apis_log_names_calls_and_nobody(template: Template) -> None:
    log = template["Resources"]["RestAPI"]["Properties"]["AccessLogSetting"]
    told = set(json.loads(log["Format"]).values())

    assert log["DestinationArn"] == {"Fn::GetAtt": ["ApiAccessLogGroup", "Arn"]}
    # No address, no caller, no path with an account's id in it: the route only.
    assert told == {
        "$context.requestId",
        "$context.requestTimeEpoch",
        "$context.httpMethod",
        "$context.resourcePath",
        "$context.status",
        "$context.responseLatency",
        "$context.responseLength",
    }


def test_topics_are_encrypted_with_the_stages_key_for_those_who_write_to_them(
    template: Template,
) -> None:
    for name, topic in of_kind(template, "AWS::SNS::Topic").items():
        assert topic["Properties"]["KmsMasterKeyId"] == {"Fn::GetAtt": ["Key", "Arn"]}, name
    statements = template["Resources"]["Key"]["Properties"]["KeyPolicy"]["Statement"]
    services = next(s for s in statements if "Service" in s["Principal"])

    assert services["Principal"]["Service"] == [
        "ses.amazonaws.com",
        "cloudwatch.amazonaws.com",
        "budgets.amazonaws.com",
    ]
    assert services["Action"] == ["kms:Decrypt", "kms:GenerateDataKey"]
    assert services["Condition"] == {
        "StringEquals": {"aws:SourceAccount": {"Ref": "AWS::AccountId"}}
    }


def test_every_queue_is_encrypted(template: Template) -> None:
    for name, queue in of_kind(template, "AWS::SQS::Queue").items():
        assert queue["Properties"]["SqsManagedSseEnabled"] is True, name


def test_no_queue_can_take_every_function_of_the_account(template: Template) -> None:
    """Without a reserve: that would be taken from the account, and new accounts have none to give."""
    functions = of_kind(template, "AWS::Serverless::Function").values()
    scaling = [
        event["Properties"]["ScalingConfig"]["MaximumConcurrency"]
        for function in functions
        for event in function["Properties"].get("Events", {}).values()
        if event["Type"] == "SQS"
    ]

    assert scaling
    assert all(
        function["Properties"].get("ReservedConcurrentExecutions") is None for function in functions
    )
    for most in scaling:
        small, standard = most["Fn::If"][1:] if isinstance(most, dict) else (most, most)
        assert 2 <= small <= standard <= 50


def test_functions_run_on_the_processor_that_their_wheels_are_for(template: Template) -> None:
    functions = of_kind(template, "AWS::Serverless::Function").values()
    ours = local_architecture(platform.machine())

    assert {tuple(one["Properties"]["Architectures"]) for one in functions} == {(ours,)}


def test_alarms_can_be_written_to_by_cloudwatch_and_mailed_to_an_address(
    template: Template,
) -> None:
    policy = template["Resources"]["AlarmsTopicPolicy"]["Properties"]["PolicyDocument"]
    allowed = [one for one in policy["Statement"] if one["Effect"] == "Allow"]
    subscription = template["Resources"]["AlarmEmailSubscription"]

    assert [one["Principal"] for one in allowed] == [
        {"Service": ["cloudwatch.amazonaws.com", "budgets.amazonaws.com"]}
    ]
    assert all("aws:SourceAccount" in one["Condition"]["StringEquals"] for one in allowed)
    assert subscription["Condition"] == "HasAlarmEmail"
    assert subscription["Properties"]["Endpoint"] == {"Ref": "AlarmEmail"}


def test_the_budget_is_made_after_it_may_publish(template: Template) -> None:
    [budget] = of_kind(template, "AWS::Budgets::Budget").values()

    assert budget["DependsOn"] == "AlarmsTopicPolicy"
