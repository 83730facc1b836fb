"""What an agency believes of its placements, compared with what is so (R10.5)."""

from __future__ import annotations

import pytest
from chalicelib.flows.ports_agency import DossierRow
from chalicelib.flows.reconciliations import Believed, mismatches

ROWS = {
    "p1": DossierRow("p1", "A1", 4, "active", "USD", 230_000, body="{}"),
    "p2": DossierRow("p2", "A2", 9, "closing", "USD", 50_000, outcome="recalled"),
}


@pytest.mark.parametrize(
    ("believed", "codes"),
    [
        (Believed("p1", "active", 230_000, "USD"), ()),
        (Believed("p1", "active", 230_001, "USD"), ("balance_differs",)),
        (Believed("p1", "active", 230_000, "EUR"), ("balance_differs",)),
        (Believed("p1", "offered", 230_000, "USD"), ("status_differs",)),
        (Believed("p1", "offered", 1, "USD"), ("status_differs", "balance_differs")),
        (Believed("p2", "closing", 0, "USD"), ()),
        (Believed("p2", "active", 50_000, "USD"), ("status_differs",)),
        (Believed("p3", "active", 1, "USD"), ("unknown_placement",)),
    ],
)
def test_what_differs_is_told_by_codes(believed: Believed, codes: tuple[str, ...]) -> None:
    found = list(mismatches([believed], ROWS))

    assert [one.codes for one in found] == ([codes] if codes else [])


def test_of_what_is_not_the_agencys_nothing_else_is_told() -> None:
    (found,) = mismatches([Believed("p3", "active", 1, "USD")], ROWS)

    assert found.ours is None


def test_what_is_named_twice_is_told_once_more() -> None:
    one = Believed("p1", "active", 230_000, "USD")

    assert [found.codes for found in mismatches([one, one], ROWS)] == [("named_twice",)]


def test_what_goes_on_and_is_not_listed_is_told_where_the_list_is_whole() -> None:
    found = list(mismatches([], ROWS, is_complete=True))

    assert [(one.placement_id, one.codes) for one in found] == [("p1", ("not_listed",))]
