"""The model of a policy document: which keys there are, of which kind, with which default (R2.1).

The loader, the fault messages and the generated reference all read this one model.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from chalicelib.core.policy_kinds import Kind

OFF = "off"  # defaults in words
NO_BOUND = "no bound"


@dataclass(frozen=True, slots=True)
class Key:
    """One key. `default` is the value that is used when the key is not given.

    `default_says` puts the default into words where the value itself would not tell: "no bound".
    """

    name: str
    kind: Kind | Table | Tables
    doc: str
    rule: str = ""
    default: Any = None
    default_says: str = ""
    needed: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """A table of keys. `absent_is_none` tells a table that is not given from an empty one."""

    keys: tuple[Key, ...]
    absent_is_none: bool = False
    says: str = "a table"
    by_name: dict[str, Key] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "by_name", {key.name: key for key in self.keys})


@dataclass(frozen=True, slots=True)
class Tables:
    """A list of tables, at most `most`; `array_header` says that each is written `[[name]]`."""

    table: Table
    most: int
    least: int = 0
    array_header: bool = False

    @property
    def says(self) -> str:
        """Return what may be written, in words."""
        return f"a list of {self.least} to {self.most} tables"


def walk(table: Table, path: str = "") -> Iterator[tuple[str, Key]]:
    """Yield every key of the model with its path, such as `stages[].charges[].rate`, in order."""
    for key in table.keys:
        here = f"{path}{key.name}"
        yield here, key
        if isinstance(key.kind, Table):
            yield from walk(key.kind, f"{here}.")
        elif isinstance(key.kind, Tables):
            yield from walk(key.kind.table, f"{here}[].")
