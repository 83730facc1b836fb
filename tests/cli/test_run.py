"""`pastdue run` on the local cloud: from the sample to letters, and ends in the middle."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.cli.command_line import PROGRAM, pastdue
from tests.cli.test_day_runs import POSTED, SPAN, simulated

pytestmark = [pytest.mark.emulator, pytest.mark.slow]
COMMAND = [sys.executable, "-c", PROGRAM, "run"]


def start(folder: Path, *arguments: str) -> subprocess.Popen[str]:
    """Start `pastdue run` in a process of its own."""
    return subprocess.Popen(
        [*COMMAND, "--out", "out", *arguments],
        cwd=folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def emulator_of(process: subprocess.Popen[str]) -> int:
    """Return the process id of the emulator that a run has started, as soon as a day runs."""
    assert process.stderr is not None
    for line in process.stderr:
        if line.startswith(f"{SPAN[0]:%a %d %b %Y}"):
            break
    children = Path(f"/proc/{process.pid}/task/{process.pid}/children")
    return int(children.read_text().split()[0])


def test_the_sample_becomes_the_effects_that_the_simulation_says(tmp_path: Path) -> None:
    days = 3
    done = pastdue("run", "--as-of", str(SPAN[0]), "--days", str(days), "--out", tmp_path, "--json")

    assert done.code == 0
    lines = (tmp_path / "effects.jsonl").read_text().splitlines()
    # Letters of accounts without an address are left to the post: only the machine sends any.
    written = [row for row in map(json.loads, lines) if row.get("task") not in POSTED]
    expected = simulated(SPAN[0], SPAN[days - 1])
    assert [(row["kind"], row["account_id"]) for row in written] == [
        (effect.kind, effect.account_id) for effect in expected
    ]
    document = done.document
    assert document["again"]["effects"] == document["again"]["letters_sent"] == 0
    assert document["failed"] == []
    letters = [tmp_path / letter["file"] for letter in document["letters"]]
    assert letters
    assert all("<html" in letter.read_text() for letter in letters)
    assert {letter["state"] for letter in document["letters"]} == {"delivered", "to be posted"}


@pytest.mark.skipif(not Path("/proc/self").exists(), reason="finds the emulator through /proc")
def test_an_emulator_that_dies_in_the_middle_is_said_and_nothing_is_half_said(
    tmp_path: Path,
) -> None:
    process = start(tmp_path)
    os.kill(emulator_of(process), signal.SIGKILL)
    out, err = process.communicate(timeout=120)

    assert process.returncode == 1
    assert "the local cloud's emulator ended in the middle" in err
    assert "Traceback" not in err
    assert out == ""
    assert not (tmp_path / "out/effects.jsonl").exists()


@pytest.mark.skipif(not Path("/proc/self").exists(), reason="finds the emulator through /proc")
@pytest.mark.parametrize("end", [signal.SIGINT, signal.SIGTERM])
def test_a_run_that_is_interrupted_puts_everything_away(
    tmp_path: Path, end: signal.Signals
) -> None:
    process = start(tmp_path)
    emulator = emulator_of(process)
    process.send_signal(end)
    out, err = process.communicate(timeout=120)

    assert process.returncode == 1
    assert "Interrupted" in err
    assert "Traceback" not in err
    assert out == ""
    time.sleep(0.2)
    assert not Path(f"/proc/{emulator}").exists()
    assert not (tmp_path / "out/emulator").exists()
