"""What reading a policy document gathers: its faults, all at once, and the values that are right.

A document with a fault is never used; values are still gathered after the first fault, so that one
reading finds everything there is to correct (R2.1).
"""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from difflib import get_close_matches
from typing import Any, Final

from chalicelib.core.errors import Fault

FAULTS_MAX = 100
CLOSE = 0.6  # difflib's own measure of "probably a slip of the pen"
WORD_CHARS_MAX = 80

BAD: Final = object()  # what a kind returns when it has noted a fault instead of a value


class TooManyFaultsError(Exception):
    """Reading stops: the list of faults is as long as anyone would read."""

    code = "too_many_faults"


@dataclass(slots=True)
class Reading:
    """One reading of one document."""

    digits: Mapping[str, int]
    holidays_for: Callable[[str], Container[date] | None]
    # The currencies the document lists; empty when that list itself cannot be read.
    currencies: tuple[str, ...] = ()
    faults: list[Fault] = field(default_factory=list)

    def bad(self, where: str, code: str, detail: str) -> object:
        """Note a fault and return `BAD`.

        Raises:
            TooManyFaultsError: there are more than `FAULTS_MAX`.
        """
        if len(self.faults) == FAULTS_MAX:
            raise TooManyFaultsError
        self.faults.append(Fault(where, code, detail))
        return BAD


@dataclass(slots=True)
class Section:
    """One table of the document as read: `values` are right; `given` also names what is not."""

    where: str
    values: dict[str, Any] = field(default_factory=dict)
    given: set[str] = field(default_factory=set)

    def at(self, name: str) -> str:
        """Return how a fault names a key of this table."""
        return f"{self.where}.{name}" if self.where else name

    def __getitem__(self, name: str) -> Any:
        """Return a value, or None where the key was refused."""
        return self.values.get(name)


def nearest(word: str, known: Iterable[str], cutoff: float = CLOSE) -> str | None:
    """Return the known word nearest to `word`, or None when none is as near as `cutoff`."""
    found = get_close_matches(word[:WORD_CHARS_MAX], sorted(known), n=1, cutoff=cutoff)
    return found[0] if found else None
