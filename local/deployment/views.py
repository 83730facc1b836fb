"""What a deployment shows: sizes, changes with what endangers data, outputs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from rich.table import Table

from local.deployment.changes import Change, what_happens
from local.deployment.release import Size
from local.tables import table

LOUD = "!!! DATA AT RISK !!!"


def changes_table(stack: str, changes: Iterable[Change]) -> Table:
    """Return a change set as a table; what endangers data comes first and is marked."""
    columns = ("", "Action", "Logical id", "Type", "Replacement", "What happens")
    rows = [
        (
            LOUD if one.endangers_data else "",
            one.action,
            one.name,
            one.kind,
            one.replacement or "-",
            what_happens(one),
        )
        for one in changes
    ]
    return table(f"What changes in {stack}", columns, rows)


def sizes_table(sizes: Iterable[Size]) -> Table:
    """Return how large a release is, beside what AWS takes."""
    rows = [
        (one.what, f"{one.found:,}", f"{one.most:,}", f"{one.found / one.most:.0%}")
        for one in sizes
    ]
    return table("Sizes", ("What", "Found", "AWS takes", "Used"), rows, right=3)


def release_lines(manifest: Mapping[str, Any]) -> Iterator[str]:
    """Yield what identifies a release: revision and sums."""
    changed = ", with changes that are not committed" if manifest["has_uncommitted_changes"] else ""
    yield f"revision {manifest['revision']}{changed}"
    for part in ("archive", "template"):
        yield f"{part} sha256 {manifest[part]['sha256']}"


def outputs_table(stack: str, outputs: Mapping[str, str]) -> Table:
    """Return what a stack says of itself."""
    return table(f"Outputs of {stack}", ("Name", "Value"), sorted(outputs.items()))
