"""Runs the command line in this process, as a person would type it."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from click.testing import CliRunner
from local.cli import main

INVOICE_HEADER = "account_id,invoice_id,issued_on,due_on,currency,amount\n"

# A process started in the background ignores Ctrl-C, and its children inherit that: undo it.
PROGRAM = (
    "import signal; signal.signal(signal.SIGINT, signal.default_int_handler); "
    "from local.cli import main; main()"
)


@dataclass(frozen=True)
class Done:
    """What a command answered."""

    code: int
    out: str
    err: str

    @property
    def document(self) -> Any:
        """The one JSON document on standard output."""
        return json.loads(self.out)


def pastdue(*args: str | Path) -> Done:
    """Run `pastdue` with arguments; an unexpected exception fails the test."""
    result = CliRunner().invoke(main, [str(arg) for arg in args], catch_exceptions=False)
    return Done(result.exit_code, result.stdout, result.stderr)


def write(folder: Path, name: str, text: str) -> Path:
    """Write a text file and return its path."""
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def invoices(folder: Path, *rows: str) -> Path:
    """Write an invoices file with Pastdue's own columns."""
    return write(folder, "invoices.csv", INVOICE_HEADER + "".join(f"{row}\n" for row in rows))
