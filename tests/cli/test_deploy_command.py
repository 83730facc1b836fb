"""`make package` and `make deploy` say what is wrong, what would change, and wait for a yes."""

import io
import sys
from pathlib import Path
from typing import TextIO

import pytest
from click.testing import CliRunner
from local.cli_errors import exit_code
from local.cli_output import Output
from local.cloud.errors import WrongPythonError
from local.deployment.__main__ import Terminal, main, read_stage
from local.deployment.changes import Change
from local.deployment.errors import StageFileError
from local.deployment.release import Size
from local.deployment.views import LOUD, changes_table, outputs_table, release_lines, sizes_table
from rich.console import Console
from rich.table import Table

TABLE = Change("Modify", "Table", "AWS::DynamoDB::Table", "True")
QUEUE = Change("Add", "Work", "AWS::SQS::Queue")


def drawn(table: Table) -> str:
    file = io.StringIO()
    Console(file=file, width=160).print(table)
    return file.getvalue()


@pytest.mark.parametrize("command", ["package", "deploy"])
def test_a_stage_that_is_not_filled_in_is_neither_packaged_nor_deployed(command: str) -> None:
    done = CliRunner().invoke(main, [command, "--stage", "prod"])

    assert done.exit_code == 2
    assert "error (invalid_stage_file): infra/stages/prod.toml is not complete" in done.stderr
    assert "parameters.production_account_id" in done.stderr


@pytest.mark.parametrize("version", [(3, 11), (3, 12)])
def test_the_wrong_python_is_told_together_with_what_the_file_lacks(
    version: tuple[int, int],
) -> None:
    with pytest.raises(StageFileError) as refused:
        read_stage("prod", version)

    first, *others = refused.value.faults
    assert (first.where, first.code) == ("PYTHON", "wrong_python")
    assert "PYTHON=python3.13" in first.detail
    assert {fault.code for fault in others} == {"to_fill_in"}


def test_the_right_python_is_no_fault() -> None:
    with pytest.raises(StageFileError) as refused:
        read_stage("prod", (3, 13))

    assert {fault.code for fault in refused.value.faults} == {"to_fill_in"}


def test_the_wrong_python_alone_is_a_wrong_input_too(tmp_path: Path) -> None:
    text = """
region = "eu-central-1"
account_id = "111122223333"
[parameters]
seller_zone = "Europe/Berlin"
sender_address = "receivables@seller.example"
sandbox_address = "trial@seller.example"
"""
    (tmp_path / "infra/stages").mkdir(parents=True)
    (tmp_path / "infra/stages/dev.toml").write_text(text)

    with pytest.raises(WrongPythonError) as refused:
        read_stage("dev", (3, 11), tmp_path)

    assert exit_code(refused.value) == 2
    assert read_stage("dev", (3, 13), tmp_path).stage == "dev"


def test_what_endangers_data_is_marked_loudly() -> None:
    at_risk, harmless = (
        next(line for line in drawn(changes_table("pastdue-dev", [one])).splitlines() if one.name in line)
        for one in (TABLE, QUEUE)
    )  # fmt: skip

    assert LOUD in at_risk
    assert "is replaced by a new, empty one" in at_risk
    assert LOUD not in harmless


def test_sizes_outputs_and_sums_are_shown() -> None:
    sums = {"archive": {"sha256": "a1"}, "template": {"sha256": "b2"}}
    lines = list(release_lines({"revision": "r", "has_uncommitted_changes": True, **sums}))

    assert "46%" in drawn(sizes_table([Size("archive", 23, 50)]))
    assert "pastdue-dev" in drawn(outputs_table("pastdue-dev", {"TableName": "pastdue-dev"}))
    assert lines == [
        "revision r, with changes that are not committed",
        "archive sha256 a1",
        "template sha256 b2",
    ]


def answered(text: str, *, says_yes: bool = False, is_terminal: bool = True) -> bool:
    class Typed(io.StringIO):
        def isatty(self) -> bool:
            return is_terminal

    before: TextIO = sys.stdin
    sys.stdin = Typed(text)
    try:
        return Terminal(Output(), says_yes=says_yes).agrees("Change it?")
    finally:
        sys.stdin = before


@pytest.mark.parametrize(
    ("text", "is_agreed"), [("yes\n", True), ("y\n", False), ("", False), ("no\n", False)]
)
def test_only_the_whole_word_is_a_yes(text: str, is_agreed: bool) -> None:
    assert answered(text) == is_agreed


def test_a_pipeline_says_yes_before_and_nobody_else_does() -> None:
    assert answered("", says_yes=True, is_terminal=False)
    assert not answered("yes\n", is_terminal=False)
