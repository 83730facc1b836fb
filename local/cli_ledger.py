"""The options that name a ledger's files, and what reading them found."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import click

from chalicelib.flows.ledger_columns import Role
from chalicelib.flows.ledger_faults import RowFault
from chalicelib.flows.ledger_map import LedgerMap, TermsOf, parse_ledger_map
from chalicelib.flows.ledger_read import Ledger, read_ledger
from local.cli_files import read_file, read_files
from local.cli_output import Output, printable

ROWS_SAID_MAX = 50  # of refused rows and of warnings each, for people; JSON has them all
PATH = click.Path(path_type=Path)
Decorated = TypeVar("Decorated", bound=Callable[..., Any])


@dataclass(frozen=True, slots=True)
class LedgerFiles:
    """The files of a ledger as they were named, and how to read them."""

    invoices: tuple[Path, ...] = ()
    payments: tuple[Path, ...] = ()
    credit_notes: tuple[Path, ...] = ()
    facts: tuple[Path, ...] = ()
    map: Path | None = None
    strict: bool = False
    update: bool = False

    def named(self) -> Iterator[tuple[Role, Path]]:
        """Yield each file with what it holds."""
        for path in self.invoices:
            yield "invoices", path
        for path in self.payments:
            yield "payments", path
        for path in self.credit_notes:
            yield "credit_notes", path
        for path in self.facts:
            yield "facts", path

    def read(self, terms_of: TermsOf | None = None) -> Ledger:
        """Return the ledger that the files hold; rows that cannot be taken are in its `faults`.

        `terms_of` gives the terms of invoices that come with neither a due date nor terms (R3.5).

        Raises:
            InputFileError: a file is not there or cannot be read.
            LedgerFileError: a file is broken as a whole, or `strict` and a row is refused.
        """
        contents = read_files([path for _, path in self.named()])
        mapping: LedgerMap | None = None
        if self.map is not None:
            mapping = parse_ledger_map(read_file(self.map), str(self.map))
        sources = [(role, str(path), contents[path]) for role, path in self.named()]
        return read_ledger(
            sources, mapping, strict=self.strict, update=self.update, terms_of=terms_of
        )


def ledger_options(
    *, invoices_needed: bool, update: bool = True
) -> Callable[[Decorated], Decorated]:
    """Return a decorator that adds the options of a ledger's files to a command.

    `update` False leaves `--update` out: rows that a stage took in are not replaced by others.
    """
    options = [
        click.option(
            "--invoices",
            type=PATH,
            multiple=True,
            required=invoices_needed,
            metavar="FILE",
            help="Invoices: CSV with a header, or JSON Lines. May be given more than once.",
        ),
        click.option("--payments", type=PATH, multiple=True, metavar="FILE", help="Payments."),
        click.option(
            "--credit-notes", type=PATH, multiple=True, metavar="FILE", help="Credit notes."
        ),
        click.option(
            "--facts",
            type=PATH,
            multiple=True,
            metavar="FILE",
            help="Disputes, promises, payment plans, outcomes of calls ...: JSON Lines.",
        ),
        click.option(
            "--map",
            "map_file",
            type=PATH,
            metavar="FILE",
            help="How another system's files are laid out: TOML.",
        ),
        click.option(
            "--strict", is_flag=True, help="Refuse the whole ledger if any row has a fault."
        ),
        click.option(
            "--update",
            is_flag=True,
            help="Let a later row replace an earlier one of the same id with other content.",
        ),
    ]
    if not update:
        options.pop()

    def decorate(command: Decorated) -> Decorated:
        for option in reversed(options):
            command = option(command)
        return command

    return decorate


def say_ledger(output: Output, ledger: Ledger) -> None:
    """Say what became of the files' rows: refused ones and warnings with file, line and column."""
    for counts in ledger.counts:
        parts = [f"{counts.taken:,} taken"]
        parts += [f"{counts.replaced:,} replaced"] if counts.replaced else []
        parts += [f"{counts.duplicates:,} twice"] if counts.duplicates else []
        parts += [f"{counts.refused:,} refused"] if counts.refused else []
        output.say(f"{counts.file}: {counts.read:,} rows, {', '.join(parts)}")
    _say_rows(output, "Warning", ledger.warnings)
    _say_rows(output, "Refused", ledger.faults)


def _say_rows(output: Output, word: str, rows: Sequence[RowFault]) -> None:
    for row in rows[:ROWS_SAID_MAX]:
        output.say(f"{word}: {printable(str(row))}")
    if len(rows) > ROWS_SAID_MAX:
        more = len(rows) - ROWS_SAID_MAX
        output.say(f"... and {more:,} more of these; --json lists them all")


def ledger_document(ledger: Ledger) -> dict[str, Any]:
    """Return what reading found, for the JSON document of a command."""
    return {
        "accounts": len(ledger.accounts),
        "files": [
            {
                "file": counts.file,
                "role": counts.role,
                "read": counts.read,
                "taken": counts.taken,
                "replaced": counts.replaced,
                "duplicates": counts.duplicates,
                "refused": counts.refused,
            }
            for counts in ledger.counts
        ],
        "refused": [_row(fault) for fault in ledger.faults],
        "warnings": [_row(fault) for fault in ledger.warnings],
    }


def _row(fault: RowFault) -> dict[str, Any]:
    return {
        "file": fault.file,
        "line": fault.line,
        "column": fault.column,
        "code": fault.code,
        "detail": fault.detail,
    }
