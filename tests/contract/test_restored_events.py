"""After a restore from backup no event bears the id of another one, of the history taken back."""

from dataclasses import replace
from typing import Any

import boto3
from chalicelib.store.writes import Limits
from local.ops.table_copy import TableCopy

from tests.contract.store import TableStore, book, booked, issued, paid
from tests.contract.test_events import outlet_of

BACKUP = "backup"


def client_of(tables: TableStore) -> Any:
    """A client of the same cloud, as an operator's command has one."""
    meta = tables.table.Meta
    return boto3.client("dynamodb", region_name=meta.region, endpoint_url=meta.host)


def back_up(client: Any, live: str) -> None:
    """Make a table that has what the live one has now."""
    if BACKUP in client.list_tables()["TableNames"]:  # another test's, in the same cloud
        client.delete_table(TableName=BACKUP)
    described = client.describe_table(TableName=live)["Table"]
    client.create_table(
        TableName=BACKUP,
        BillingMode="PAY_PER_REQUEST",
        KeySchema=described["KeySchema"],
        AttributeDefinitions=[
            one for one in described["AttributeDefinitions"] if one["AttributeName"] in ("pk", "sk")
        ],
    )
    for item in client.scan(TableName=live)["Items"]:
        client.put_item(TableName=BACKUP, Item=item)


def restore(client: Any, live: str) -> None:
    TableCopy(client, BACKUP, live, segments=1, wait=lambda _: None).apply()


def test_what_happens_after_a_restore_is_told_under_ids_of_its_own(tables: TableStore) -> None:
    client, live, outlet = client_of(tables), tables.table.Meta.table_name, outlet_of(tables)
    book(outlet.accounts, "A1", issued("I1"), issued("I2"))
    back_up(client, live)
    book(outlet.accounts, "A1", paid("P1", 100_00, "I1"))
    restore(client, live)
    book(outlet.accounts, "A1", paid("P2", 100_00, "I2"))
    restore(client, live)

    book(outlet.accounts, "A1", paid("P3", 100_00, "I1"))

    ids = [event.id for event in outlet.bus.events]
    versions = [event.account_version for event in outlet.bus.events]
    assert outlet.bus.types.count("payment.booked") == 3
    assert len(ids) == len(set(ids))
    assert versions == sorted(versions)


def test_a_large_change_that_a_restore_finds_half_written_is_finished(tables: TableStore) -> None:
    limits = Limits(actions=8, part_bytes=600, parts_per_write=3)
    client, live = client_of(tables), tables.table.Meta.table_name
    outlet = outlet_of(tables, limits)
    book(outlet.accounts, "A1", issued("I0"))
    many = [issued(f"I{number:02}") for number in range(10, 22)]
    outlet.accounts.commit(replace(booked(outlet.accounts.load("A1"), many), finish_later=True))
    back_up(client, live)
    after = outlet.accounts.load("A1")
    book(outlet.accounts, "A1", paid("P1", 100_00, "I0"))
    restore(client, live)

    loaded = outlet.accounts.load("A1")

    assert loaded.account == after.account
    assert loaded.version > after.version + 1
    assert book(outlet.accounts, "A1", paid("P2", 100_00, "I0")).version > loaded.version
