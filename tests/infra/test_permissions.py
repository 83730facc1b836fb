"""What each function may do, asked of the deployed roles; the rest is refused."""

import json
from collections.abc import Callable
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError
from local.cloud import emulator
from local.cloud.machine import SENDER_ADDRESS, LocalCloud

pytestmark = pytest.mark.emulator
KEY = {"pk": {"S": "A#A1"}, "sk": {"S": "HEAD"}}
Session = Callable[[str], Any]
Attempt = Callable[[Session, LocalCloud], object]


def read_an_account(session: Session, cloud: LocalCloud) -> object:
    return session("dynamodb").query(
        TableName=cloud.stack.table_name,
        KeyConditionExpression="pk = :pk",
        ExpressionAttributeValues={":pk": KEY["pk"]},
        ConsistentRead=True,
    )


def read_one_item(session: Session, cloud: LocalCloud) -> object:
    return session("dynamodb").get_item(TableName=cloud.stack.table_name, Key=KEY)


def commit(session: Session, cloud: LocalCloud) -> object:
    return session("dynamodb").transact_write_items(
        TransactItems=[{"Put": {"TableName": cloud.stack.table_name, "Item": KEY}}]
    )


def read_the_wake_list(session: Session, cloud: LocalCloud) -> object:
    return session("dynamodb").query(
        TableName=cloud.stack.table_name,
        IndexName="due",
        KeyConditionExpression="due_shard = :shard",
        ExpressionAttributeValues={":shard": {"S": "wake#0"}},
    )


def read_the_whole_ledger(session: Session, cloud: LocalCloud) -> object:
    return session("dynamodb").scan(TableName=cloud.stack.table_name)


def send_a_letter(session: Session, cloud: LocalCloud) -> object:
    return session("sesv2").send_email(
        FromEmailAddress=SENDER_ADDRESS,
        Destination={"ToAddresses": ["success@simulator.amazonses.com"]},
        Content={"Raw": {"Data": b"Subject: Hi\r\n\r\nPay, please.\r\n"}},
    )


def read_the_quota(session: Session, cloud: LocalCloud) -> object:
    return session("sesv2").get_account()


def keep_a_letter(session: Session, cloud: LocalCloud) -> object:
    return session("s3").put_object(Bucket=cloud.stack.bucket_name, Key="notices/1", Body=b"")


def read_a_letter(session: Session, cloud: LocalCloud) -> object:
    bucket = cloud.stack.bucket_name
    cloud.client("s3").put_object(Bucket=bucket, Key="notices/2", Body=b"")
    return session("s3").get_object(Bucket=bucket, Key="notices/2")


def keep_a_snapshot(session: Session, cloud: LocalCloud) -> object:
    return session("s3").put_object(Bucket=cloud.stack.bucket_name, Key="runs/1", Body=b"")


def read_an_upload(session: Session, cloud: LocalCloud) -> object:
    bucket = cloud.stack.bucket_name
    cloud.client("s3").put_object(Bucket=bucket, Key="uploads/notes.txt", Body=b"")
    return session("s3").get_object(Bucket=bucket, Key="uploads/notes.txt")


def replace_an_upload(session: Session, cloud: LocalCloud) -> object:
    return session("s3").put_object(
        Bucket=cloud.stack.bucket_name, Key="uploads/notes.txt", Body=b""
    )


def tell_a_result(session: Session, cloud: LocalCloud) -> object:
    return session("s3").put_object(
        Bucket=cloud.stack.bucket_name, Key="uploads/notes.csv.result.json", Body=b"{}"
    )


def hand_out_work(session: Session, cloud: LocalCloud) -> object:
    # Hidden for a quarter of an hour, and purged before: nobody is to decide this account.
    return session("sqs").send_message_batch(
        QueueUrl=cloud.stack.queue_urls["work"],
        Entries=[{"Id": "0", "MessageBody": "{}", "DelaySeconds": 900}],
    )


def hand_over_a_job(session: Session, cloud: LocalCloud) -> object:
    # Hidden too, and purged before: there is no such job.
    return session("sqs").send_message(
        QueueUrl=cloud.stack.queue_urls["jobs"], MessageBody="{}", DelaySeconds=900
    )


def tell_an_agency(session: Session, cloud: LocalCloud) -> None:
    # A FIFO queue takes no message without its group: who may send one hears of that instead.
    url = cloud.stack.queue_urls["agency"]
    try:
        session("sqs").send_message(QueueUrl=url, MessageBody="{}")
    except ClientError as error:
        if error.response["Error"]["Code"] != "MissingParameter":
            raise


def read_the_secret(session: Session, cloud: LocalCloud) -> object:
    api = cloud.client("lambda").get_function_configuration(
        FunctionName=cloud.stack.functions["api_handler"]
    )
    return session("secretsmanager").get_secret_value(
        SecretId=api["Environment"]["Variables"]["SECRET_ARN"]
    )


def delete_the_table(session: Session, cloud: LocalCloud) -> object:
    return session("dynamodb").delete_table(TableName=cloud.stack.table_name)


ATTEMPTS = (
    read_one_item,
    read_an_account,
    commit,
    read_the_wake_list,
    read_the_whole_ledger,
    send_a_letter,
    read_the_quota,
    keep_a_letter,
    read_a_letter,
    keep_a_snapshot,
    read_an_upload,
    replace_an_upload,
    tell_a_result,
    hand_out_work,
    hand_over_a_job,
    tell_an_agency,
    read_the_secret,
    delete_the_table,
)


@pytest.mark.parametrize(
    ("function", "may"),
    [
        ("sweep", {read_an_account, commit, read_the_wake_list}),
        ("sweep_shard", {read_an_account, commit, read_the_wake_list, hand_out_work}),
        ("work", {read_an_account, commit, tell_an_agency}),
        ("work_large", {read_an_account, commit, tell_an_agency}),
        ("agency", {read_an_account, commit, tell_an_agency}),
        (
            "mail",
            {
                read_an_account,
                commit,
                send_a_letter,
                read_the_quota,
                keep_a_letter,
                tell_an_agency,
            },
        ),
        ("mail_events", {read_an_account, commit, tell_an_agency}),
        (
            "reconcile",
            {
                read_an_account,
                commit,
                read_the_wake_list,
                hand_out_work,
                hand_over_a_job,
                tell_an_agency,
            },
        ),
        (
            "report",
            {read_an_account, commit, read_the_wake_list, read_the_whole_ledger, keep_a_snapshot},
        ),
        (
            "report_part",
            {read_an_account, commit, read_the_wake_list, read_the_whole_ledger, keep_a_snapshot},
        ),
        (
            "jobs",
            {
                read_an_account,
                commit,
                read_the_wake_list,
                read_the_whole_ledger,
                read_a_letter,
                keep_a_letter,
                read_an_upload,
                tell_a_result,
                hand_over_a_job,
                tell_an_agency,
            },
        ),
        ("uploads", {commit, hand_over_a_job}),  # in AWS jobs at that: see test_template.py
        ("authz", set()),  # in AWS an item of an API key at that: see test_template.py
        (
            "api_handler",
            {
                read_an_account,
                commit,
                read_the_wake_list,
                hand_out_work,
                hand_over_a_job,
                tell_an_agency,
                read_the_quota,
                read_a_letter,
                read_the_secret,
            },
        ),
    ],
)
def test_a_function_may_do_its_own_work_only(
    cloud: LocalCloud, function: str, may: set[Attempt]
) -> None:
    session = as_function(cloud, function)

    allowed = {attempt for attempt in ATTEMPTS if is_allowed(attempt, session, cloud)}

    for queue in ("work", "jobs"):
        cloud.client("sqs").purge_queue(QueueUrl=cloud.stack.queue_urls[queue])
    every = {read_one_item, *may}
    assert {attempt.__name__ for attempt in allowed} == {attempt.__name__ for attempt in every}


def is_allowed(attempt: Attempt, session: Session, cloud: LocalCloud) -> bool:
    try:
        attempt(session, cloud)
    except ClientError as error:
        if not error.response["Error"]["Code"].startswith("AccessDenied"):
            raise
        return False
    return True


def as_function(cloud: LocalCloud, function: str) -> Session:
    """Clients with the role of a function, which for once may be taken by hand."""
    name = cloud.stack.functions[function]
    role = cloud.client("lambda").get_function_configuration(FunctionName=name)["Role"]
    trust = {
        "Effect": "Allow",
        "Action": "sts:AssumeRole",
        "Principal": {
            "Service": "lambda.amazonaws.com",
            "AWS": f"arn:aws:iam::{emulator.ACCOUNT_ID}:root",
        },
    }
    cloud.client("iam").update_assume_role_policy(
        RoleName=role.rpartition("/")[2],
        PolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [trust]}),
    )
    taken = cloud.client("sts").assume_role(RoleArn=role, RoleSessionName="test")["Credentials"]

    def client(service: str) -> Any:
        return boto3.client(
            service,
            endpoint_url=cloud.emulator.url,
            region_name=emulator.REGION,
            aws_access_key_id=taken["AccessKeyId"],
            aws_secret_access_key=taken["SecretAccessKey"],
            aws_session_token=taken["SessionToken"],
        )

    return client
