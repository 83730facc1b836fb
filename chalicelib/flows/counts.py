"""What a use case did, as metric names with how many."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

Counts = Mapping[str, int]


def add_up(all_counts: Iterable[Counts]) -> dict[str, int]:
    """Return the sums of counts, by name in order."""
    sums: dict[str, int] = {}
    for counts in all_counts:
        for name, count in counts.items():
            sums[name] = sums.get(name, 0) + count
    return dict(sorted(sums.items()))
