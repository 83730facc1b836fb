"""`pastdue ops export-account` and `verify-export`: an archive made, kept to oneself, and checked."""

from __future__ import annotations

import hashlib
import json
import stat
from pathlib import Path

import pytest
from local.ops.opened import OpenedStage, using

from tests.cli.command_line import Done, pastdue
from tests.flows.evidence_bench import exported, repacked, with_a_letter
from tests.flows.machine import Machine
from tests.flows.test_evidence_verify import put
from tests.workers.deployment import FakeDeployment

WHY = ("--reason", "lawsuit", "--note", "The claim.")


def export(machine: Machine, out: Path, *more: str, account: str = "A1") -> Done:
    with using(OpenedStage(FakeDeployment(machine), "operator:anna")):
        return pastdue("ops", "export-account", account, "--out", out, *(more or WHY))


def test_an_account_is_exported_and_the_timeline_has_who_had_it(tmp_path: Path) -> None:
    machine, out = with_a_letter(), tmp_path / "a1.zip"

    done = export(machine, out, *WHY, "--for", "Lindholm & Partners", "--json")

    said = json.loads(done.out)
    assert done.code == 0
    assert said["sha256"] == hashlib.sha256(out.read_bytes()).hexdigest()
    assert (said["counts"]["invoices"], said["counts"]["letters"]) == (1, 1)
    assert stat.S_IMODE(out.stat().st_mode) == 0o600
    [event] = machine.accounts.kept["A1"].log[-1].events
    assert (event.kind, event.actor) == ("evidence_exported", "operator:anna")
    assert event.figures["sha256"] == said["sha256"]


def test_what_does_not_agree_is_said_and_the_archive_is_there(tmp_path: Path) -> None:
    machine, out = with_a_letter(), tmp_path / "a1.zip"
    machine.accounts.kept["A1"].log.pop(0)

    done = export(machine, out)

    assert done.code == 1
    assert "NOT RIGHT: the ledger in USD does not add up" in done.out
    assert out.exists()


def test_a_file_that_is_there_is_never_written_over(tmp_path: Path) -> None:
    out = tmp_path / "a1.zip"
    out.write_text("mine")

    done = export(with_a_letter(), out)

    assert (done.code, out.read_text()) == (2, "mine")


@pytest.mark.parametrize(
    ("more", "said"),
    [
        (("--reason", "A law suit", "--note", "x"), "--reason"),
        (("--reason", "lawsuit", "--note", ""), "--note"),
        ((*WHY, "--for", "x" * 201), "--for"),
    ],
)
def test_a_reason_is_a_code_and_a_note(tmp_path: Path, more: tuple[str, ...], said: str) -> None:
    machine, out = with_a_letter(), tmp_path / "a1.zip"

    done = export(machine, out, *more)

    assert (done.code, out.exists()) == (2, False)
    assert said in done.err


def test_an_account_that_is_not_there_leaves_no_file(tmp_path: Path) -> None:
    out = tmp_path / "a9.zip"

    assert export(with_a_letter(), out, account="A9").code == 2
    assert not out.exists()


def test_an_archive_is_checked_without_any_stage(tmp_path: Path) -> None:
    out = tmp_path / "a1.zip"
    export(with_a_letter(), out)

    done = pastdue("ops", "verify-export", out)

    assert done.code == 0
    assert "Digests, ledger and letters agree." in done.out


def test_what_was_changed_since_is_listed(tmp_path: Path) -> None:

    files = put("ledger.csv", b"1000.00", b"9000.00")(dict(exported(with_a_letter()).files))
    out = tmp_path / "changed.zip"
    out.write_bytes(repacked(files))

    done = pastdue("ops", "verify-export", out, "--json")

    assert done.code == 1
    assert done.document["faults"][0].startswith("ledger.csv: its digest differs")


def test_what_is_no_archive_is_wrong_input(tmp_path: Path) -> None:
    assert pastdue("ops", "verify-export", tmp_path / "none.zip").code == 2


def test_what_is_no_archive_is_named(tmp_path: Path) -> None:
    file = tmp_path / "letter.pdf"
    file.write_bytes(b"%PDF-1.7")

    done = pastdue("ops", "verify-export", file)

    assert (done.code, str(file) in done.err) == (2, True)
