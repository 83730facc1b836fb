"""What an agency believes of its placements, compared with what is so (R10.5). Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from chalicelib.flows.ports_agency import DossierRow

RECONCILED_MAX = 1_000  # placements of one comparison
Difference = Literal[
    "unknown_placement", "named_twice", "status_differs", "balance_differs", "not_listed"
]


@dataclass(frozen=True, slots=True)
class Believed:
    """A placement as the agency has it; the balance in minor units of a currency."""

    placement_id: str
    status: str
    balance_minor: int
    currency: str


@dataclass(frozen=True, slots=True)
class Mismatch:
    """What differs of one placement: the codes, with what is so and what the agency believes.

    Of what is not the agency's nothing is told but the code; `theirs` is None for what it left out.
    """

    placement_id: str
    codes: tuple[Difference, ...]
    ours: DossierRow | None = None
    theirs: Believed | None = None


def mismatches(
    believed: Sequence[Believed], rows: Mapping[str, DossierRow], *, is_complete: bool = False
) -> Iterator[Mismatch]:
    """Yield what differs between an agency's list and its rows, by placement id, in list order.

    The balance of what has ended is not compared: the agency asks for nothing any more, and what is
    open then is not its business. `is_complete`: the rows are all that the agency has, and what goes
    on and is missing from the list is told too.
    """
    seen: set[str] = set()
    for one in believed:
        row = rows.get(one.placement_id)
        codes = tuple(_codes(one, row, is_again=one.placement_id in seen))
        seen.add(one.placement_id)
        if codes:
            yield Mismatch(one.placement_id, codes, row, one)
    if not is_complete:
        return
    for name in sorted(rows.keys() - seen):
        if rows[name].body:
            yield Mismatch(name, ("not_listed",), rows[name])


def _codes(one: Believed, row: DossierRow | None, *, is_again: bool) -> Iterator[Difference]:
    if is_again:
        yield "named_twice"
        return
    if row is None:
        yield "unknown_placement"
        return
    if one.status != row.state:
        yield "status_differs"
    if row.body and (one.balance_minor, one.currency) != (row.balance_minor, row.currency):
        yield "balance_differs"
