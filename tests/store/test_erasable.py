"""What was written for good, changed to erase a person: in DynamoDB and S3."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest
from chalicelib.core.account import Money, Notice, WentTo
from chalicelib.core.effects import Entry, Event
from chalicelib.core.errors import InvalidInputError
from chalicelib.flows.ports_agency import AgencyReport
from chalicelib.store import keys
from chalicelib.store.archive import S3Archive
from chalicelib.store.clients import s3_client
from chalicelib.store.codec import from_map
from chalicelib.store.create import create_table
from chalicelib.store.erasable import DynamoErasable
from chalicelib.store.rows import LogPart, Row
from chalicelib.store.tables import Table, bind
from moto import mock_aws

DAY, AT = date(2024, 3, 18), datetime(2024, 3, 18, 5, 0, tzinfo=UTC)
LONG = "Jo Park " * 1_000  # an item so large is packed
NOTICE = Notice(
    "A1:USD:2024-03-18", DAY, "USD", "reminder", "", ("I1",), (),
    went_to=(WentTo(1, "con_1", "digest"),),
)  # fmt: skip


@pytest.fixture
def table() -> Iterator[Table]:
    with mock_aws():
        bound = bind("erasure", region="eu-central-1", credentials=("id", "secret"))
        create_table(bound)
        yield bound


def put(table: Table, pk: str, sk: str, value: Any) -> None:
    Row(pk, sk, value).item(table).save()


def history(table: Table) -> dict[str, Any]:
    kinds = {"LOG": LogPart, "NTC": Notice, "CASH": Money}
    return {
        item.sk: from_map(kinds[item.sk.split("#")[0]], item.value())
        for item in table.query("H#A1", consistent_read=True)
    }


def part(note: str) -> LogPart:
    entry = Entry("payment", DAY, DAY, "USD", 100, "P1", reason="Jo Park")
    return LogPart(entries=(entry,), events=(Event(DAY, AT, "note", "anna", note=note),))


def filled(table: Table) -> None:
    for version, note in enumerate(("Jo Park called.", "Nobody answered.", LONG)):
        put(table, "H#A1", keys.log(DAY, version, 0), part(note))
    put(table, "H#A1", keys.notice(NOTICE.id), NOTICE)
    paid = Money("P1", "payment", DAY, DAY, "USD", 100, 0, reference="from Jo Park")
    put(table, "H#A1", keys.money("payment:P1"), paid)


def quiet(_: str, value: Any) -> Any:
    """Take all notes and references away."""
    if isinstance(value, LogPart):
        noted = tuple(replace(one, note="") for one in value.events)
        return replace(value, events=noted)
    return replace(value, reference="") if isinstance(value, Money) else value


def test_values_of_history_are_changed_page_by_page_and_nothing_else_is(table: Table) -> None:
    filled(table)
    before = history(table)
    erasable, mark, counts = DynamoErasable(table), "", [0, 0]

    for _ in range(9):
        done = erasable.history("A1", mark, 2, quiet)
        counts = [counts[0] + done.looked_at, counts[1] + done.changed]
        if done.mark is None:
            break
        mark = done.mark

    assert counts == [5, 4]
    after = history(table)
    assert after == {sk: quiet(sk, value) for sk, value in before.items()}
    assert [erasable.history("A1", "", 9, quiet).changed] == [0]


def test_a_value_that_others_changed_meanwhile_is_asked_for_again(table: Table) -> None:
    filled(table)
    asked: list[str] = []

    def change(place: str, value: Any) -> Any:
        if isinstance(value, Notice):
            asked.append(value.state)
            if len(asked) == 1:
                put(table, "H#A1", place, replace(NOTICE, state="counted"))
            return replace(value, went_to=())
        return value

    done = DynamoErasable(table).history("A1", "", 9, change)

    assert (done.changed, asked) == (1, ["pending", "counted"])
    assert history(table)[keys.notice(NOTICE.id)] == replace(NOTICE, state="counted", went_to=())


def test_a_notice_that_came_back_to_life_meanwhile_is_not_put_back(table: Table) -> None:
    filled(table)

    def change(place: str, value: Any) -> Any:
        if isinstance(value, Notice):
            table(pk="H#A1", sk=place).delete()
            return replace(value, went_to=())
        return value

    assert DynamoErasable(table).history("A1", "", 9, change).changed == 0
    assert keys.notice(NOTICE.id) not in history(table)


def test_an_agencys_reports_are_changed_in_its_own_partition(table: Table) -> None:
    report = AgencyReport("1", "contact", "digest", '{"name": "Jo"}', AT, "key", "plc_1")
    put(table, "G#north", keys.agency_report("contact", "1"), report)
    put(table, "G#south", keys.agency_report("contact", "1"), report)

    done = DynamoErasable(table).reports("north", "", 9, lambda _, one: replace(one, body="{}"))

    assert (done.looked_at, done.changed, done.mark) == (1, 1, None)
    bodies = [
        from_map(AgencyReport, table.get(pk, "IN#contact#1").value()).body
        for pk in ("G#north", "G#south")
    ]
    assert bodies == ["{}", '{"name": "Jo"}']


@pytest.fixture
def versioned() -> Iterator[Any]:
    with mock_aws():
        client = s3_client()
        where = {"LocationConstraint": client.meta.region_name}
        client.create_bucket(Bucket="files", CreateBucketConfiguration=where)
        client.put_bucket_versioning(Bucket="files", VersioningConfiguration={"Status": "Enabled"})
        yield client


def test_a_persons_files_go_with_all_their_versions_and_no_others(versioned: Any) -> None:
    archive = S3Archive(versioned, "files")
    for content in (b"first", b"second"):
        archive.put("people/A1/con_1/n/1.txt", content, "text/plain")
    versioned.delete_object(Bucket="files", Key="people/A1/con_1/n/1.txt")
    for other in ("people/A1/con_10/n/1.txt", "people/A10/con_1/n/1.txt", "notices/n.txt"):
        archive.put(other, b"other", "text/plain")

    gone = archive.erase("people/A1/con_1/")

    assert gone == 3  # two versions, and the mark that one was deleted
    left = versioned.list_object_versions(Bucket="files")
    assert [one["Key"] for one in left["Versions"]] == [
        "notices/n.txt", "people/A1/con_10/n/1.txt", "people/A10/con_1/n/1.txt",
    ]  # fmt: skip
    assert "DeleteMarkers" not in left
    assert archive.erase("people/A1/con_1/") == 0


@pytest.mark.parametrize("prefix", ["", "people/", "people/A1/", "people/A1/con_1", "notices/a/b/"])
def test_nothing_but_one_persons_files_is_ever_removed(prefix: str) -> None:
    with pytest.raises(InvalidInputError):
        S3Archive(None, "files").erase(prefix)
