"""What a command says: one JSON document or tables on standard output, all else on standard error.

With `--json` the document is alone on standard output, and tables go to standard error.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rich.console import Console, RenderableType

_KEPT = "\n\u00a0\u202f"  # what holds amounts together is a space to a terminal
PLAIN_WIDTH = 110  # of tables that go to a file or a pipe
Step = Callable[[int], None]


class Output:
    """Where a command's words go. `as_json`: a program is reading."""

    def __init__(self, *, as_json: bool = False) -> None:
        self.as_json = as_json

    def say(self, line: str) -> None:
        """Write a line for people to standard error."""
        print(printable(line), file=sys.stderr, flush=True)

    def show(self, *parts: RenderableType) -> None:
        """Write tables or texts for people: to standard output, with `--json` to standard error."""
        console = self._console(sys.stderr if self.as_json else sys.stdout)
        for part in parts:
            console.print(part, markup=False, highlight=False, soft_wrap=isinstance(part, str))

    def document(self, value: Any) -> None:
        """Write the one JSON document of a command, if a program is reading."""
        if self.as_json:
            json.dump(value, sys.stdout, ensure_ascii=False, indent=2)
            print(flush=True)

    @contextmanager
    def progress(self, what: str, total: int) -> Iterator[Step]:
        """Show a bar on a terminal while the context lasts; the step is given how many are done."""
        if not sys.stderr.isatty():
            yield lambda done: None
            return
        from rich.progress import Progress  # noqa: PLC0415 - slow to import, and seldom needed

        with Progress(console=self._console(sys.stderr), transient=True) as bar:
            task = bar.add_task(what, total=total)

            yield lambda done: bar.update(task, completed=done)

    @contextmanager
    def status(self, what: str) -> Iterator[None]:
        """Say what is going on while the context lasts: turning on a terminal, else as a line."""
        if not sys.stderr.isatty():
            self.say(f"{what} ...")
            yield
            return
        with self._console(sys.stderr).status(f"{what} ..."):
            yield

    @staticmethod
    def _console(file: Any) -> Console:
        from rich.console import Console  # noqa: PLC0415 - slow to import, and help needs none

        terminal = file.isatty()
        width = None if terminal or "COLUMNS" in os.environ else PLAIN_WIDTH
        return Console(file=file, width=width, emoji=False, markup=False, highlight=False)


def printable(text: str) -> str:
    """Return a text without characters that could steer a terminal: ledgers hold any text."""
    return "".join(
        character if character.isprintable() or character in _KEPT else "\N{REPLACEMENT CHARACTER}"
        for character in text
    )
