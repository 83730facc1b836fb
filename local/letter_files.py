"""Own texts for letters as files: TOML with the letter, the locale, and its blocks."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from chalicelib.core.errors import Fault, InvalidInputError
from chalicelib.flows.ports_texts import BLOCKS, TextFault
from local.cli_files import read_file

NAMES = ("letter", "locale", "text")
_BYTES_MAX = 500_000


class LetterFileError(InvalidInputError):
    """A file with an own text does not hold together; every fault is named, with its line."""

    code = "invalid_letter_text"


@dataclass(frozen=True, slots=True)
class LetterFile:
    """A text as a file has it. `starts`: the line of the file at which each block's words begin.

    `letter`, `locale` and `text` are "" where the file does not name them. `faults` are those of
    keys that cannot be; the blocks are the others.
    """

    path: Path
    letter: str
    locale: str
    text: str
    blocks: Mapping[str, str]
    starts: Mapping[str, int]
    faults: tuple[Fault, ...] = ()

    def placed(self, found: Iterable[TextFault]) -> list[Fault]:
        """Return faults with the file and its line, in the order of the lines."""
        lines = [(self._line(one), one) for one in found]
        lines.sort(key=lambda pair: pair[0])
        return [
            Fault(_where(self.path, line, one.block), one.code, one.detail) for line, one in lines
        ]

    def at(self, name: str) -> str:
        """Return where in the file a key is, for a fault of it."""
        return _where(self.path, self.starts.get(name, 0), name)

    def _line(self, one: TextFault) -> int:
        start = self.starts.get(one.block, 0)
        return start + one.line - 1 if start and one.line else start


def read_letter_file(path: Path) -> LetterFile:
    """Return the text of a file.

    Raises:
        InputFileError: it cannot be read.
        LetterFileError: it is no TOML.
    """
    raw = read_file(path)
    if len(raw) > _BYTES_MAX:
        said = f"has {len(raw)} bytes, a text may have {_BYTES_MAX}"
        raise LetterFileError(f"{path} {said}", [Fault(str(path), "too_long", said)])
    try:
        source = raw.decode("utf-8-sig")
        values = tomllib.loads(source)
    except (UnicodeDecodeError, tomllib.TOMLDecodeError, RecursionError) as error:
        fault = Fault(str(path), "not_toml", _unread(error))
        raise LetterFileError(f"{path} cannot be read as TOML", [fault]) from None
    starts = dict(_starts(source))
    sound = {name: value for name, value in values.items() if isinstance(value, str)}
    letter, locale, text = (sound.get(name, "") for name in NAMES)
    blocks = {name: sound[name] for name in BLOCKS if name in sound}
    faults = tuple(_faults(path, values, starts))
    return LetterFile(path, letter, locale, text, blocks, starts, faults)


def _unread(error: Exception) -> str:
    if isinstance(error, UnicodeDecodeError):
        return "is not UTF-8 text: save it as UTF-8"
    if isinstance(error, RecursionError):
        return "is nested too deeply to be read"
    return f"is not TOML: {str(error)[:200]}"


def _faults(path: Path, values: Mapping[str, Any], starts: Mapping[str, int]) -> Iterator[Fault]:
    for name, value in values.items():
        where = _where(path, starts.get(name, 0), name)
        if name not in (*NAMES, *BLOCKS):
            known = ", ".join((*NAMES, *BLOCKS))
            yield Fault(where, "unknown_key", f"is not known (known: {known})")
        elif not isinstance(value, str):
            yield Fault(where, "not_a_text", "must be a text")


def _where(path: Path, line: int, name: str) -> str:
    return ":".join((str(path), *([str(line)] if line else []), *([f" {name}"] if name else [])))


def _starts(source: str) -> Iterator[tuple[str, int]]:
    """Yield each key with the line at which its value's words begin."""
    for number, line in enumerate(source.splitlines(), start=1):
        found = re.match(r"\s*([A-Za-z_]+)\s*=\s*(\"\"\"|''')?(.*)$", line)
        if found:
            begins_below = bool(found[2]) and not found[3].strip()
            yield found[1], number + 1 if begins_below else number
