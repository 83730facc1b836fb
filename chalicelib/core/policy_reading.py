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
from chalicelib.core.rates import RateTable

FAULTS_MAX = 100
CLOSE = 0.6  # difflib's own measure of "probably a slip of the pen"
WORD_CHARS_MAX = 80
COUNTRY_LETTERS = 2

BAD: Final = object()  # what a kind returns when it has noted a fault instead of a value


class TooManyFaultsError(Exception):
    """Reading stops: the list of faults is as long as anyone would read."""

    code = "too_many_faults"


def looks_like_country(code: str) -> bool:
    """Return whether a code is written as those of ISO 3166-1 are: two capital letters."""
    return len(code) == COUNTRY_LETTERS and code.isascii() and code.isalpha() and code.isupper()


@dataclass(slots=True)
class Reading:
    """One reading of one document."""

    digits: Mapping[str, int]
    holidays_for: Callable[[str], Container[date] | None]
    # The currencies the document lists; empty when that list itself cannot be read.
    currencies: tuple[str, ...] = ()
    rate_tables: Mapping[str, RateTable] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)
    is_country: Callable[[str], bool] = looks_like_country

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
    """Return the known word nearest to `word`, or None when none is as near as `cutoff`.

    A word that is one slip of the pen away comes before those that only look alike.
    """
    word = word[:WORD_CHARS_MAX]
    words = sorted(known)
    slips = [one for one in words if _one_slip(word, one)]
    found = get_close_matches(word, slips or words, n=1, cutoff=0.0 if slips else cutoff)
    return found[0] if found else None


def _one_slip(written: str, meant: str) -> bool:
    """Say whether one letter was dropped, added or changed, or two neighbours were swapped."""
    start = _alike(written, meant)
    left, right = written[start:], meant[start:]
    end = _alike(left[::-1], right[::-1])
    left, right = left[: len(left) - end], right[: len(right) - end]
    swapped = len(left) == len(right) == 2 and left == right[::-1]  # noqa: PLR2004 - neighbours
    return swapped or max(len(left), len(right)) <= 1


def _alike(one: str, other: str) -> int:
    """Return how many letters two words have in common at their start."""
    pairs = enumerate(zip(one, other, strict=False))
    return next((n for n, (a, b) in pairs if a != b), min(len(one), len(other)))
