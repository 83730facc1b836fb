"""An upgrade reads what the version before wrote; taking it back loses nothing and overwrites nothing."""

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from local.cloud import archive
from local.cloud.emulator import Emulator, run_emulator

from tests.infra.versions import TABLE, Version

pytestmark = pytest.mark.emulator
OTHERS = "others"
DUE = "2026-03-01"
REMINDER, LATE_FEE, WARNING = "2026-03-16", "2026-04-30", "2026-05-06"  # of that due date
ACCOUNTS = ("A1", "A2", "A3")
BEGIN = (("create",), *(("issue", name, DUE) for name in ACCOUNTS), ("run", REMINDER))


@pytest.fixture(scope="module")
def emulator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Emulator]:
    with run_emulator(tmp_path_factory.mktemp("versions")) as running:
        yield running


@pytest.fixture(scope="module")
def present(unpacked: Path, emulator: Emulator) -> Version:
    """The package as it is."""
    return Version(unpacked, emulator)


def changed(unpacked: Path, folder: Path, file: str, old: str, new: str) -> Path:
    """A copy of the package in which one thing is different."""
    shutil.copytree(unpacked, folder)
    source = folder / file
    text = source.read_text()
    assert text.count(old) == 1, f"{file}: {old}"
    source.write_text(text.replace(old, new))
    archive.compile_sources(folder / "chalicelib")
    return folder


@pytest.fixture(scope="module")
def newer(unpacked: Path, emulator: Emulator, tmp_path_factory: pytest.TempPathFactory) -> Version:
    """The package of a release that knows one thing more of an account."""
    folder = changed(
        unpacked,
        tmp_path_factory.mktemp("newer") / "package",
        "chalicelib/core/account.py",
        '    registration_no: str = ""  # in the register of companies\n',
        '    registration_no: str = ""  # in the register of companies\n    nickname: str = ""\n',
    )
    return Version(folder, emulator)


@pytest.fixture(scope="module")
def other_format(
    unpacked: Path, emulator: Emulator, tmp_path_factory: pytest.TempPathFactory
) -> Version:
    """The package of a release that writes every item in a format of its own."""
    folder = changed(
        unpacked,
        tmp_path_factory.mktemp("other") / "package",
        "chalicelib/store/tables.py",
        "\nFORMAT = 1 ",
        "\nFORMAT = 2 ",
    )
    return Version(folder, emulator)


def items(emulator: Emulator, account_id: str, table: str = TABLE) -> list[dict[str, Any]]:
    found = emulator.client("dynamodb").scan(TableName=table)["Items"]
    return [item for item in found if item["pk"]["S"][2:] == account_id]


def test_an_upgrade_that_is_taken_back_and_made_again_loses_nothing(
    present: Version, newer: Version, emulator: Emulator
) -> None:
    present.does(*BEGIN)

    upgraded = newer.does(("nickname", "A2", "Acme", REMINDER), ("run", REMINDER), ("read", "A2"))
    of_newer = items(emulator, "A2")
    taken_back = present.does(("run", LATE_FEE))
    left_alone = items(emulator, "A2")
    again = newer.does(("run", LATE_FEE), ("read", "A2"))

    assert (upgraded["refused"], upgraded["nickname"]) == ([], "Acme")
    # The earlier version decides whom it can read, and refuses whom it would misread.
    assert taken_back["refused"] == ["A2 NewerFormatError"]
    assert {line.split()[1] for line in taken_back["effects"]} == {"A1", "A3"}
    assert left_alone == of_newer
    # Made again, the upgrade finds that account still due, and nothing of the others.
    assert (again["refused"], again["nickname"]) == ([], "Acme")
    assert {line.split()[1] for line in again["effects"]} == {"A2"}
    # One that was never taken back comes to the same, each effect once.
    straight = newer.does(*BEGIN, ("run", LATE_FEE), table=OTHERS)
    both = sorted(taken_back["effects"] + again["effects"])
    assert both == sorted(line for line in straight["effects"] if line.startswith(LATE_FEE))


def test_an_earlier_version_leaves_alone_whatever_has_another_format(
    present: Version, other_format: Version, emulator: Emulator
) -> None:
    table = "formats"
    present.does(*BEGIN, table=table)
    other_format.does(("run", LATE_FEE), ("issue", "A4", DUE), table=table)
    written = {name: items(emulator, name, table) for name in (*ACCOUNTS, "A4")}

    told = present.does(("run", WARNING), table=table)

    refused = {line.split()[0] for line in told["refused"]}
    assert {line.split()[1] for line in told["effects"]}.isdisjoint(refused)
    assert refused == {*ACCOUNTS, "A4"}
    assert {name: items(emulator, name, table) for name in written} == written
