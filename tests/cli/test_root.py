"""The root of the command line: help, versions, and what every command has in common."""

import subprocess
import sys
from pathlib import Path

import pytest
from local.cli import COMMANDS, main

from tests.cli.command_line import pastdue


def test_help_lists_every_command_and_says_where_to_begin() -> None:
    done = pastdue("--help")

    assert done.code == 0
    assert all(f"  {name} " in done.out for name in COMMANDS)
    assert "pastdue run" in done.out


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_help(name: str) -> None:
    done = pastdue(name, "--help")

    assert done.code == 0
    assert done.out.startswith("Usage: main " + name)


def test_help_imports_neither_commands_nor_heavy_libraries() -> None:
    script = (
        "import sys; from local.cli import main\n"
        "try: main(['--help'])\n"
        "except SystemExit: pass\n"
        "heavy = {'boto3', 'rich', 'holidays', 'babel', 'jinja2', 'local.tables'}\n"
        "print(sorted(heavy & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )

    assert done.stdout.splitlines()[-1] == "[]"


@pytest.mark.parametrize("arguments", [("nothing",), ("--nothing",), ("simulate", "--nothing")])
def test_an_unknown_command_or_option_is_code_2(arguments: tuple[str, ...]) -> None:
    done = pastdue(*arguments)

    assert done.code == 2
    assert "No such" in done.err


def test_the_version_is_said() -> None:
    assert pastdue("--version").out.startswith("pastdue ")


def test_commands_are_reachable_by_their_names() -> None:
    assert sorted(main.list_commands(main.make_context("pastdue", ["run"]))) == sorted(COMMANDS)


def test_a_pipe_that_closes_early_is_no_traceback(project: Path) -> None:
    command = f"{sys.executable} -c 'from local.cli import main; main()' policy reference | head -1"
    done = subprocess.run(
        command, shell=True, cwd=project, capture_output=True, text=True, check=False
    )

    assert done.stdout
    assert "Traceback" not in done.stderr
