"""How often each route answered with which status: whether the questions reach anything."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

ANSWERS: Counter[tuple[str, int]] = Counter()


def lines() -> Iterator[str]:
    """Give a line for each route, then one for all."""
    routes = sorted({route for route, _ in ANSWERS}, key=lambda route: route.split()[::-1])
    for route in routes:
        yield f"{route:75} {_said({s: n for (r, s), n in ANSWERS.items() if r == route})}"
    total: Counter[int] = Counter()
    for (_, status), times in ANSWERS.items():
        total[status] += times
    yield f"{len(routes)} routes, {total.total()} answers: {_said(total)}"


def _said(counts: dict[int, int]) -> str:
    return "  ".join(f"{status}: {counts[status]}" for status in sorted(counts))
