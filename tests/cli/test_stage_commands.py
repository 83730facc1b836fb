"""`run`, `serve` and `import`: what is said before anything is started or changed."""

import contextlib
import socket
import subprocess
import sys
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from chalicelib.flows.policies import shipped_document
from local.cli_errors import FolderInUseError
from local.cli_files import claimed
from local.commands.import_ledger import day_of_import
from local.stage import Address

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


def test_a_page_port_that_is_taken_is_said_before_the_work(tmp_path: Path, taken_port: int) -> None:
    done = pastdue("serve", "--out", tmp_path / "out", "--page-port", str(taken_port))

    assert done.code == 2
    assert f"port {taken_port} is in use" in done.err
    assert "Packaging" not in done.err
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("name", ["run", "serve"])
def test_a_folder_that_another_command_uses_is_left_alone(tmp_path: Path, name: str) -> None:
    out = tmp_path / "out"
    out.mkdir()
    (out / "emulator.log").write_text("of the other")

    with claimed(out):
        done = pastdue(name, "--out", out)

    assert done.code == 2
    assert f"another pastdue is using {out}" in done.err
    assert [(path.name, path.read_text()) for path in out.iterdir()] == [
        ("emulator.log", "of the other")
    ]


def test_a_folder_is_free_again_when_its_process_is_killed(tmp_path: Path) -> None:
    code = (
        "import sys, time; from pathlib import Path; from local.cli_files import claimed\n"
        "with claimed(Path(sys.argv[1])): print('mine', flush=True); time.sleep(60)"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", code, tmp_path], stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "mine\n"
    with pytest.raises(FolderInUseError), claimed(tmp_path):
        pass
    process.kill()
    process.communicate()

    with claimed(tmp_path):
        pass


def wrong(folder: Path, *arguments: str | Path) -> Done:
    """Run the main job with arguments that must be refused before anything is started."""
    done = pastdue("run", "--out", folder / "out", *arguments)
    assert done.code == 2
    assert not (folder / "out").exists()
    return done


def test_every_fault_of_the_policy_is_said_before_anything_starts(tmp_path: Path) -> None:
    policy = write(tmp_path, "mine.toml", FIVE_FAULTS)

    assert wrong(tmp_path, "--policy", policy).err.count(f"  {policy}: ") == 5


@pytest.mark.parametrize("name", ["run", "serve"])
def test_a_letter_that_nobody_has_written_is_said_before_anything_starts(
    tmp_path: Path, name: str
) -> None:
    text = shipped_document("standard").decode()
    policy = write(tmp_path, "mine.toml", text.replace('notice = "reminder"', 'notice = "nudge"'))
    done = pastdue(name, "--out", tmp_path / "out", "--policy", policy)

    assert done.code == 2
    assert f'{policy}: stage "reminder": notice: there is no letter "nudge"' in done.err
    assert "reminder, late_fee, final_demand" in done.err
    assert not (tmp_path / "out").exists()
    assert pastdue("policy", "check", policy).code == 0


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


def test_import_can_update_what_moves_no_money() -> None:
    assert "--update" in pastdue("import", "--help").out


def test_a_mirror_is_not_served_from_the_sample(tmp_path: Path) -> None:
    done = pastdue("serve", "--ledger", "mirror", "--out", tmp_path / "out")

    assert done.code == 2
    assert "the sample has payments" in done.err


def an_address(last_day: str) -> Address:
    """An address of no stage."""
    return Address("http://127.0.0.1:1", "table", "bucket", "http://127.0.0.1:1", last_day=last_day)


def test_an_import_is_of_the_last_day_that_the_stage_ran() -> None:
    assert day_of_import(None, an_address("2026-03-12"))[0] == date(2026, 3, 12)
    assert day_of_import(date(2026, 3, 15), an_address("2026-03-12"))[0] == date(2026, 3, 15)
    assert day_of_import(None, an_address(""))[1] == "today"


def test_import_needs_a_file() -> None:
    done = pastdue("import")

    assert done.code == 2
    assert "Name at least one file" in done.err
