"""Items that an earlier version wrote are read by this one, and come to the same decisions.

Each file in `kept/` was written by `scripts/keep_items.py` as it stood on the day of its name.
"""

import base64
import gzip
import importlib.util
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from chalicelib.core.account import Account
from chalicelib.core.effects import Effect
from chalicelib.core.policy import Policy
from chalicelib.flows.effects_file import effect_lines
from chalicelib.flows.policies import load
from chalicelib.store.create import create_table
from chalicelib.store.ledger import DynamoAccounts
from chalicelib.store.tables import Table, bind, client_of
from moto import mock_aws

FILES = sorted((Path(__file__).parent / "kept").glob("*.jsonl.gz"))
DaysAfter = Callable[[Account, Policy, date], list[Effect]]


@dataclass
class Kept:
    """A table as an earlier version left it, and what that version then decided of its accounts."""

    table: Table
    decided: list[dict[str, Any]]


def put(table: Table, item: dict[str, Any]) -> None:
    raw = {
        name: {"B": base64.b64decode(value["B"])} if "B" in value else value
        for name, value in item.items()
    }
    client_of(table).put_item(TableName=table.Meta.table_name, Item=raw)


@pytest.fixture(scope="module", params=FILES, ids=lambda path: path.name.partition(".")[0])
def kept(request: pytest.FixtureRequest) -> Iterator[dict[str, Kept]]:
    """The tables of one file, by the name of their story."""
    with mock_aws():
        tables: dict[str, Kept] = {}
        for line in gzip.decompress(request.param.read_bytes()).decode().splitlines():
            values = json.loads(line)
            name = values["of"]
            if name not in tables:
                tables[name] = Kept(bind(name), [])
                create_table(tables[name].table)
            if "item" in values:
                put(tables[name].table, values["item"])
            else:
                tables[name].decided.append(values)
        yield tables


@pytest.fixture(scope="module")
def days_after(project: Path) -> DaysAfter:
    """What the days after bring, worked out as it was when the file was kept."""
    spec = importlib.util.spec_from_file_location(
        "keep_items", project / "scripts" / "keep_items.py"
    )
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    found: DaysAfter = module.days_after
    return found


def test_every_account_of_an_earlier_version_is_read_and_decided_as_it_was(
    kept: dict[str, Kept], days_after: DaysAfter, project: Path
) -> None:
    policies = {
        "standard": load("standard"),
        "seeded": load((project / "bench" / "seeded.toml").read_bytes()),
    }
    for name, one in kept.items():
        accounts = DynamoAccounts(one.table, 1)
        assert len(one.decided) == sum(1 for _ in accounts.account_ids()) > 5
        for was in one.decided:
            account = accounts.load(was["account_id"]).account
            last = date.fromisoformat(was["last"])
            effects = days_after(account, policies[name], last)

            assert list(effect_lines(effects)) == was["effects"], was["account_id"]


def test_every_line_of_an_earlier_versions_log_is_read(kept: dict[str, Kept]) -> None:
    for one in kept.values():
        accounts = DynamoAccounts(one.table, 1)
        for was in one.decided:
            assert sum(len(part.entries) for part in accounts.log(was["account_id"])) > 0
