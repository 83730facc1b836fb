"""The table that the code means is the table that the stack makes."""

from pathlib import Path
from typing import Any

import pytest
import yaml  # type: ignore[import-untyped]  # no types installed
from chalicelib.store.create import create_table
from chalicelib.store.tables import Table, bind, client_of
from moto import mock_aws


class Loader(yaml.SafeLoader):  # type: ignore[misc]  # untyped upstream
    """Reads CloudFormation's short forms as plain values."""


def short_form(loader: Any, suffix: str, node: Any) -> Any:
    if isinstance(node, yaml.ScalarNode):
        return loader.construct_scalar(node)
    return loader.construct_sequence(node)


Loader.add_multi_constructor("!", short_form)


@pytest.fixture
def described() -> dict[str, Any]:
    with mock_aws():
        table: Table = bind("table")
        create_table(table)
        create_table(table)  # it is there already: nothing happens
        found: dict[str, Any] = client_of(table).describe_table(TableName="table")["Table"]
        return found


@pytest.fixture(scope="module")
def declared(project: Path) -> dict[str, Any]:
    text = (project / "infra" / "store.yaml").read_text()
    found: dict[str, Any] = yaml.load(text, Loader)["Resources"]["Table"]["Properties"]
    return found


def by_name(values: list[dict[str, Any]], name: str) -> list[dict[str, Any]]:
    return sorted(values, key=lambda value: str(value[name]))


def test_keys_and_indexes_are_those_of_the_stack(
    described: dict[str, Any], declared: dict[str, Any]
) -> None:
    assert described["KeySchema"] == declared["KeySchema"]
    attributes = [by_name(side["AttributeDefinitions"], "AttributeName")
                  for side in (described, declared)]  # fmt: skip
    assert attributes[0] == attributes[1]
    indexes = [
        {i["IndexName"]: (i["KeySchema"], i["Projection"]) for i in side["GlobalSecondaryIndexes"]}
        for side in (described, declared)
    ]
    assert indexes[0] == indexes[1]


def test_what_expires_says_so_where_the_stack_looks(declared: dict[str, Any]) -> None:
    assert declared["TimeToLiveSpecification"]["AttributeName"] in bind("x").get_attributes()


def test_every_kind_of_item_goes_through_one_client() -> None:
    table = bind("one-client")
    assert client_of(table) is client_of(table)
    assert client_of(table).meta.config.connect_timeout == 1
    assert client_of(table).meta.config.read_timeout == 3
