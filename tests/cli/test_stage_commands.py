"""`run`, `serve` and `import`: what is said before anything is started or changed."""

import contextlib
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.command_line import Done, invoices, pastdue, write
from tests.cli.test_simulate import FIVE_FAULTS, TINY


@pytest.fixture
def taken_port() -> Iterator[int]:
    """A port of this machine that a program listens on."""
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        yield int(other.getsockname()[1])


@pytest.mark.parametrize("name", ["run", "serve"])
def test_a_port_that_is_taken_is_said_before_the_work(
    tmp_path: Path, taken_port: int, name: str
) -> None:
    done = pastdue(name, "--out", tmp_path / "out", "--port", str(taken_port))

    assert done.code == 2
    assert f"port {taken_port} is in use" in done.err
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("name", ["run", "serve"])
def test_a_folder_that_cannot_be_written_is_said_before_the_work(tmp_path: Path, name: str) -> None:
    blocked = write(tmp_path, "taken", "a file stands here")
    done = pastdue(name, "--out", blocked / "out")

    assert done.code == 2
    assert f"cannot write to {blocked / 'out'}" in done.err


def wrong(folder: Path, *arguments: str | Path) -> Done:
    """Run the main job with arguments that must be refused before anything is started."""
    done = pastdue("run", "--out", folder / "out", *arguments)
    assert done.code == 2
    assert not (folder / "out").exists()
    return done


def test_every_fault_of_the_policy_is_said_before_anything_starts(tmp_path: Path) -> None:
    policy = write(tmp_path, "mine.toml", FIVE_FAULTS)

    assert wrong(tmp_path, "--policy", policy).err.count(f"  {policy}: ") == 5


def test_a_ledger_that_cannot_be_read_stops_before_anything_starts(tmp_path: Path) -> None:
    file = write(tmp_path, "broken.csv", "account_id\nA1\n")

    assert str(file) in wrong(tmp_path, "--invoices", file).err


def test_a_strict_ledger_with_a_fault_stops_before_anything_starts(tmp_path: Path) -> None:
    file = invoices(tmp_path, *TINY, "A2,I2,2024-02-30,2024-03-30,USD,5.00")

    assert "line 3" in wrong(tmp_path, "--invoices", file, "--strict").err


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--as-of", "2026-02-29"), "2026-02-29 is no day of the calendar"),
        (("--days", "0"), "is not in the range"),
        (("--map", "ledger.toml"), "--map is for files of your own"),
        (("--payments", "payments.csv"), "--invoices is needed"),
        (("--port", "70000"), "is not in the range"),
    ],
)
def test_wrong_arguments_are_said_in_words(
    tmp_path: Path, arguments: tuple[str, ...], said: str
) -> None:
    assert said in wrong(tmp_path, *arguments).err


def test_import_says_how_to_start_a_stage_when_none_runs(tmp_path: Path) -> None:
    with contextlib.chdir(tmp_path):
        done = pastdue("import", invoices(tmp_path, *TINY))

    assert done.code == 2
    assert "start one with `pastdue serve`" in done.err


def test_a_full_import_is_refused_until_it_is_built(tmp_path: Path) -> None:
    done = pastdue("import", invoices(tmp_path, *TINY), "--full")

    assert done.code == 2
    assert "comes with the finance API" in done.err


def test_import_needs_a_file() -> None:
    done = pastdue("import")

    assert done.code == 2
    assert "Name at least one file" in done.err
