"""A cursor goes on where a list stopped, in that list only."""

from __future__ import annotations

import pytest
from chalicelib.api.cursors import read_cursor, write_cursor
from chalicelib.api.problems import MalformedError
from hypothesis import given
from hypothesis import strategies as st

KEY = b"a key of the tests"
OPEN = {"status": "open"}


def test_a_cursor_gives_back_its_mark() -> None:
    cursor = write_cursor("INV#I7", OPEN, KEY)

    assert read_cursor(cursor, OPEN, KEY) == "INV#I7"


def test_a_cursor_of_other_filters_is_refused() -> None:
    cursor = write_cursor("INV#I7", OPEN, KEY)

    with pytest.raises(MalformedError) as caught:
        read_cursor(cursor, {"status": "closed"}, KEY)

    assert caught.value.faults[0].detail == "belongs to a list with other filters"


def test_a_cursor_signed_with_another_key_is_refused() -> None:
    cursor = write_cursor("INV#I7", OPEN, b"another key")

    with pytest.raises(MalformedError):
        read_cursor(cursor, OPEN, KEY)


@given(st.text(min_size=1, max_size=80))
def test_what_is_no_cursor_is_refused(text: str) -> None:
    with pytest.raises(MalformedError):
        read_cursor(text, OPEN, KEY)
