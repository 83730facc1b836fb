"""What the erasure of a person needs of the store beside accounts and records."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

# Is given where a value lies and the value; returns what is to be there instead, the same for: that.
Rewrite = Callable[[str, Any], Any]


@dataclass(frozen=True, slots=True)
class Rewritten:
    """A part of what was gone through: how many values there were, how many changed, where to go on."""

    looked_at: int
    changed: int
    mark: str | None = None  # None: that was the end


class Erasable(Protocol):
    """What was written once and for all, and may be changed for this one purpose only."""

    def history(self, account_id: str, after: str, limit: int, change: Rewrite) -> Rewritten:
        """Let `change` go over an account's log, past notices and settled money, from after a mark.

        Each value is replaced only as it was read; one that is changed by others meanwhile is asked
        for again. Nothing else is written, no version goes up. One query, and a write a change.

        Raises:
            UnavailableError: the store does not answer now; the same again is right.
        """
        ...

    def reports(self, agency_id: str, after: str, limit: int, change: Rewrite) -> Rewritten:
        """Let `change` go over what an agency has reported, as `history` does.

        Raises:
            UnavailableError: the store does not answer now; the same again is right.
        """
        ...


class Shredder(Protocol):
    """Takes kept files away for good."""

    def erase(self, prefix: str) -> int:
        """Remove every version of every file whose key begins so; return how many versions went.

        Raises:
            InvalidInputError: the prefix does not name one person's files.
            UnavailableError: the archive does not answer now; the same again is right.
        """
        ...
