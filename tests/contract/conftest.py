"""One store, three ways: in memory, on moto, and on the local emulator."""

import itertools
from collections.abc import Iterator

import pytest
from chalicelib.store.create import create_table
from chalicelib.store.tables import Table, bind
from local.cloud.emulator import ACCOUNT_ID, REGION, Emulator, run_emulator
from moto import mock_aws

from tests.contract.store import MemoryStore, Store, TableStore

NUMBERS = itertools.count()


@pytest.fixture(scope="session")
def emulator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Emulator]:
    """The local cloud's emulator, as a child process."""
    with run_emulator(tmp_path_factory.mktemp("emulator")) as running:
        yield running


@pytest.fixture(scope="session")
def moto_table() -> Table:
    """The model of a table in moto; what it holds is gone with each test."""
    return bind("contract")


def on_moto(table: Table) -> Iterator[TableStore]:
    with mock_aws():
        create_table(table)
        yield TableStore(table)


def on_emulator(emulator: Emulator) -> Iterator[TableStore]:
    table = bind(
        f"contract-{next(NUMBERS)}",
        endpoint_url=emulator.url,
        region=REGION,
        credentials=(ACCOUNT_ID, "local"),
    )
    create_table(table)
    yield TableStore(table)


# The emulator runs the same code of ours; counting lines would double the time of moto's own.
BOTH = [
    pytest.param("moto", marks=pytest.mark.no_cover),
    pytest.param("emulator", marks=pytest.mark.emulator),
]


@pytest.fixture(params=["memory", *BOTH])
def store(request: pytest.FixtureRequest) -> Iterator[Store]:
    """A store with nothing in it."""
    if request.param == "memory":
        yield MemoryStore()
    elif request.param == "moto":
        yield from on_moto(request.getfixturevalue("moto_table"))
    else:
        yield from on_emulator(request.getfixturevalue("emulator"))


@pytest.fixture(params=BOTH)
def tables(request: pytest.FixtureRequest) -> Iterator[TableStore]:
    """A store with nothing in it, over a table."""
    if request.param == "moto":
        yield from on_moto(request.getfixturevalue("moto_table"))
    else:
        yield from on_emulator(request.getfixturevalue("emulator"))
