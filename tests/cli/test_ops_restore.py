"""Restoring from backup: the table copied whole, the functions standing still, AWS asked rightly."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator
from datetime import UTC, date, datetime
from typing import Any

import boto3
import pytest
from botocore.stub import ANY, Stubber
from chalicelib.core.account import WentTo
from chalicelib.core.errors import InvalidInputError
from chalicelib.flows.erasure_order import ERASE_KIND
from chalicelib.flows.jobs import Job
from chalicelib.flows.restored import LetterFence, put_fences
from chalicelib.store.codec import to_map
from chalicelib.store.errors import NewerFormatError
from local.ops.opened import OpenedStage
from local.ops.restore_apply import restored_to
from local.ops.restore_start import start_restore
from local.ops.restored_letters import accounted_for, days_of, letters_since
from local.ops.table_copy import VERSION_GAP, TableCopy
from moto import mock_aws

from tests.flows.machine import NOTICE, with_notice
from tests.workers.deployment import FakeDeployment

LIVE, RESTORED = "live", "restored"
TO = datetime(2024, 3, 18, 6, tzinfo=UTC)
LATER = datetime(2100, 1, 1, tzinfo=UTC)


@pytest.fixture
def client() -> Iterator[Any]:
    """DynamoDB with the live table and the restored one, both empty."""
    with mock_aws():
        made = boto3.client("dynamodb", region_name="eu-central-1")
        for name in (LIVE, RESTORED):
            made.create_table(
                TableName=name,
                BillingMode="PAY_PER_REQUEST",
                AttributeDefinitions=[
                    {"AttributeName": key, "AttributeType": "S"} for key in ("pk", "sk")
                ],
                KeySchema=[
                    {"AttributeName": "pk", "KeyType": "HASH"},
                    {"AttributeName": "sk", "KeyType": "RANGE"},
                ],
            )
        yield made


def put(client: Any, table: str, pk: str, sk: str, value: str = "", v: str = "1") -> None:
    item = {"pk": {"S": pk}, "sk": {"S": sk}, "v": {"N": v}, "said": {"S": value}}
    client.put_item(TableName=table, Item=item)


def held(client: Any, table: str = LIVE) -> dict[tuple[str, str], str]:
    items = client.scan(TableName=table)["Items"]
    return {(item["pk"]["S"], item["sk"]["S"]): item["said"]["S"] for item in items}


def copy(client: Any, now: datetime = TO) -> TableCopy:
    return TableCopy(client, RESTORED, LIVE, segments=1, wait=lambda _: None, now=now)


def test_the_live_table_becomes_the_restored_one(client: Any) -> None:
    put(client, RESTORED, "A#1", "HEAD", "then")
    put(client, LIVE, "A#1", "HEAD", "now")
    put(client, RESTORED, "A#2", "HEAD", "gone since")
    put(client, LIVE, "H#1", "LOG#2024", "since")
    put(client, LIVE, "A#3", "HEAD", "same")
    put(client, RESTORED, "A#3", "HEAD", "same")

    found = copy(client).apply()

    assert held(client) == held(client, RESTORED)
    assert found.items == {("A", "changed"): 1, ("A", "missing"): 1, ("H", "added"): 1}
    assert found.accounts == {"1", "2"}


def test_comparing_changes_nothing(client: Any) -> None:
    put(client, RESTORED, "A#1", "HEAD", "then")
    put(client, LIVE, "A#2", "HEAD", "now")

    found = copy(client).compare()

    assert found.total == 2
    assert held(client) == {("A#2", "HEAD"): "now"}


def test_more_than_a_batch_is_copied_and_doing_it_again_finds_nothing(client: Any) -> None:
    for number in range(130):
        put(client, RESTORED, f"A#{number}", "HEAD", "then")
        put(client, LIVE, f"B#{number}", "HEAD", "since")

    first = copy(client).apply()

    assert first.total == 260
    assert copy(client).apply().total == 0


@pytest.mark.parametrize(
    ("pk", "sk"),
    [
        ("META", "SWITCH"),
        ("META", "RESTORED#x"),
        ("K#1", "HEAD"),
        ("KEYS", "1"),
        ("WEBHOOKS", "w1"),
        ("WH#1", "HEALTH"),
        ("LOG#run", "1"),
    ],
)
def test_switch_fences_keys_webhooks_and_logs_stay_as_they_are(
    client: Any, pk: str, sk: str
) -> None:
    put(client, LIVE, pk, sk, "now")
    put(client, RESTORED, pk, f"{sk}-then", "then")
    put(client, RESTORED, pk, sk, "then")

    copy(client).apply()

    assert held(client) == {(pk, sk): "now"}


def put_until(client: Any, table: str, pk: str, ends: datetime, value: str = "") -> None:
    item = {"pk": {"S": pk}, "sk": {"S": "HEAD"}, "said": {"S": value}}
    item |= {"expires_at": {"N": str(int(ends.timestamp()))}}
    client.put_item(TableName=table, Item=item)


@pytest.mark.parametrize("table", [LIVE, RESTORED])
def test_what_has_expired_is_no_difference(client: Any, table: str) -> None:
    put_until(client, table, "I#gone", TO)

    found = copy(client, now=TO).compare()

    assert found.total == 0


def test_what_has_expired_in_the_backup_and_was_written_anew_is_taken_away(client: Any) -> None:
    put_until(client, RESTORED, "I#1", TO)
    put_until(client, LIVE, "I#1", LATER)

    copy(client, now=TO).apply()

    assert held(client) == {}


def put_head(client: Any, table: str, version: int, value: str) -> None:
    item = {"pk": {"S": "A#1"}, "sk": {"S": "HEAD"}, "said": {"S": value}}
    client.put_item(TableName=table, Item=item | {"version": {"N": str(version)}})


@pytest.mark.parametrize(
    ("then", "now", "becomes"),
    [
        (7, 9, 7 + VERSION_GAP),
        (7, 7 + VERSION_GAP, 7 + 2 * VERSION_GAP),
        (7, 9 + VERSION_GAP, 7 + 2 * VERSION_GAP),
        (7, None, 7 + VERSION_GAP),
    ],
)
def test_an_account_goes_on_beyond_every_version_that_it_had(
    client: Any, then: int, now: int | None, becomes: int
) -> None:
    put_head(client, RESTORED, then, "then")
    if now is not None:
        put_head(client, LIVE, now, "now")

    copy(client).apply()

    assert client.scan(TableName=LIVE)["Items"][0]["version"] == {"N": str(becomes)}
    assert held(client) == {("A#1", "HEAD"): "then"}
    assert copy(client).apply().total == 0


def test_an_account_that_nothing_was_booked_on_keeps_its_version(client: Any) -> None:
    put_head(client, RESTORED, 7, "same")
    put_head(client, LIVE, 7, "same")

    assert copy(client).compare().total == 0


def test_the_days_whose_runs_are_taken_back_are_told(client: Any) -> None:
    put(client, LIVE, "R#2024-03-18#03", "A1")
    put(client, RESTORED, "R#2024-03-18#03", "A1")
    put(client, LIVE, "R#2024-03-18#04", "A2")
    put(client, LIVE, "R#2024-03-20#04", "A2")
    put(client, LIVE, "R#2024-03-15#04", "A2")
    put(client, RESTORED, "R#2024-03-15#04", "A2")

    assert copy(client).compare().run_days == {date(2024, 3, 18), date(2024, 3, 20)}


@pytest.mark.parametrize("table", [LIVE, RESTORED])
def test_a_format_that_is_not_known_is_refused(client: Any, table: str) -> None:
    put(client, table, "A#1", "HEAD", "of tomorrow", v="99")

    with pytest.raises(NewerFormatError, match="format 99"):
        copy(client).compare()


def test_who_was_erased_since_is_told_to_be_erased_again(client: Any) -> None:
    job = Job("job_1", ERASE_KIND, "anna", "anna", TO, state="done")
    job.arguments.update(account_id="A1", contact_id="c1")
    item = {"pk": {"S": "J#job_1"}, "sk": {"S": "JOB"}, "content": {"M": to_map(job)}}
    client.put_item(TableName=LIVE, Item=item)

    found = copy(client).compare().values()

    assert found["erasures_taken_back"] == [{"account_id": "A1", "contact_id": "c1"}]


def started(to: datetime, *answers: Any) -> tuple[str, OpenedStage]:
    """Start a restore at a DynamoDB that answers so."""
    client = boto3.client("dynamodb", region_name="eu-central-1")
    stage = OpenedStage(FakeDeployment(with_notice()), "operator:anna", client=lambda _: client)
    with Stubber(client) as stub:
        for name, answer, expected in answers:
            stub.add_response(name, answer, expected)
        table = start_restore(stage, to)
        stub.assert_no_pending_responses()
    return table, stage


BACKUPS = {
    "ContinuousBackupsDescription": {
        "ContinuousBackupsStatus": "ENABLED",
        "PointInTimeRecoveryDescription": {
            "PointInTimeRecoveryStatus": "ENABLED",
            "EarliestRestorableDateTime": datetime(2024, 3, 1, tzinfo=UTC),
            "LatestRestorableDateTime": datetime(2024, 3, 18, 7, tzinfo=UTC),
        },
    }
}


def test_aws_is_asked_for_the_instant_in_a_table_of_its_own_under_the_same_key() -> None:
    described = {"Table": {"SSEDescription": {"KMSMasterKeyArn": "arn:of:the:key"}}}
    request = {
        "SourceTableName": "table",
        "TargetTableName": "table-restore-20240318050000",
        "RestoreDateTime": TO,
        "BillingModeOverride": "PAY_PER_REQUEST",
        "GlobalSecondaryIndexOverride": [],
        "SSESpecificationOverride": {
            "Enabled": True, "SSEType": "KMS", "KMSMasterKeyId": "arn:of:the:key",
        },
    }  # fmt: skip

    table, stage = started(
        TO,
        ("describe_continuous_backups", BACKUPS, {"TableName": "table"}),
        ("describe_table", described, {"TableName": "table"}),
        ("restore_table_to_point_in_time", {"TableDescription": {}}, request),
    )

    assert table == request["TargetTableName"]
    assert stage.ports.registry.sending_paused()


@pytest.mark.parametrize(
    "day", [datetime(2024, 2, 1, tzinfo=UTC), datetime(2024, 4, 1, tzinfo=UTC)]
)
def test_an_instant_without_a_backup_is_refused_and_nothing_paused(day: datetime) -> None:
    with pytest.raises(InvalidInputError) as caught:
        started(day, ("describe_continuous_backups", BACKUPS, {"TableName": ANY}))

    assert "2024-03-01" in caught.value.faults[0].detail


@pytest.mark.parametrize(
    ("known", "said", "found"),
    [(TO, None, TO), (None, TO, TO), (LATER, TO, TO), (None, None, None), (TO, LATER, None)],
)
def test_the_instant_is_what_aws_says_and_never_a_later_one(
    known: datetime | None, said: datetime | None, found: datetime | None
) -> None:
    client = boto3.client("dynamodb", region_name="eu-central-1")
    stage = OpenedStage(FakeDeployment(with_notice()), "operator:anna", client=lambda _: client)
    summary = {"RestoreDateTime": known, "RestoreInProgress": False}
    with Stubber(client) as stub:
        stub.add_response("describe_table", {"Table": {"RestoreSummary": summary} if known else {}})
        refused = contextlib.nullcontext() if found else pytest.raises(InvalidInputError)
        with refused:
            assert restored_to(stage, RESTORED, said) == found


def record(**said: Any) -> bytes:
    base = {"notice_id": NOTICE, "way": "mail", "attempt": 1, "message_id": "m1", "to": []}
    return json.dumps(base | said).encode()


def test_letters_of_the_span_are_fenced_with_whom_they_went_to() -> None:
    with mock_aws():
        s3 = boto3.client("s3", region_name="us-east-1")
        s3.create_bucket(Bucket="bucket")
        to = [{"contact_id": "c1", "digest": "d"}]
        for key, body in {
            f"notices/{NOTICE}.json": record(way="post", attempt=0),
            f"notices/{NOTICE}/1.json": record(message_id="m0"),
            f"notices/{NOTICE}/2.json": record(attempt=2, to=to),
            f"notices/{NOTICE}.html": b"<p>",
            "notices/posted.json": record(way="post"),
            "notices/other/1.json": record(notice_id="other"),
            "reports/other.json": record(),
        }.items():
            s3.put_object(Bucket="bucket", Key=key, Body=body)

        found = letters_since(s3, "bucket", TO, {("other", 1), (NOTICE, 1)})
        later = letters_since(s3, "bucket", LATER)

    sent_again = LetterFence(NOTICE, 2, "m1", (WentTo(2, "c1", "d"),), is_doubtful=True)
    assert found == [sent_again, LetterFence("other", 1, "m1")]
    assert later == []


def test_letters_tell_the_days_that_they_were_written_on() -> None:
    fences = [LetterFence("A:1:USD:2024-03-18", 1), LetterFence("promise:A1", 1)]

    assert days_of(fences) == {date(2024, 3, 18)}


@pytest.mark.parametrize(
    ("state", "returns", "arrived"),
    [("sent", "0", True), ("counted", "0", True), ("sent", "1", False), ("unknown", "0", False)],
)
def test_the_ledger_that_is_taken_back_tells_which_letters_arrived(
    client: Any, state: str, returns: str, *, arrived: bool
) -> None:
    notice = {"id": {"S": NOTICE}, "state": {"S": state}, "attempt": {"N": "1"}}
    notice |= {"returns": {"N": returns}}
    item = {"pk": {"S": "A#A1"}, "sk": {"S": f"NTC#{NOTICE}"}, "content": {"M": notice}}
    client.put_item(TableName=LIVE, Item=item)

    assert copy(client).compare().well == ({(NOTICE, 1)} if arrived else set())


def test_a_letter_is_accounted_for_once_the_ledger_has_it_again() -> None:
    machine = with_notice()
    ports = FakeDeployment(machine).ports
    put_fences(machine.records, [LetterFence(NOTICE, 1, "m1"), LetterFence("A9:USD:2024-03-18", 1)])

    before = accounted_for(ports)
    machine.deliver.deliver("A1", NOTICE)
    after = accounted_for(ports)

    assert (before.known, len(before.unknown)) == (0, 2)
    assert (after.known, after.unknown) == (1, ("A9:USD:2024-03-18",))
