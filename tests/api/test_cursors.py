"""A cursor goes on where a list stopped, in that list only."""

from __future__ import annotations

import pytest
from chalicelib.api.cursors import read_cursor, write_cursor
from chalicelib.api.problems import MalformedError
from hypothesis import given
from hypothesis import strategies as st
from tests.fakes_cursors import FixedKeys

KEY = FixedKeys(b"a key of the tests")
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
    cursor = write_cursor("INV#I7", OPEN, FixedKeys(b"another key"))

    with pytest.raises(MalformedError):
        read_cursor(cursor, OPEN, KEY)


def test_a_cursor_in_flight_outlives_a_rotation_of_the_secret() -> None:
    cursor = write_cursor("INV#I7", OPEN, FixedKeys(b"old"))

    assert read_cursor(cursor, OPEN, FixedKeys(b"new", b"old")) == "INV#I7"


def test_a_cursor_of_a_key_that_another_process_knows_already_is_taken() -> None:
    late = FixedKeys(b"old", newer=(b"new", b"old"))
    cursor = write_cursor("INV#I7", OPEN, FixedKeys(b"new", b"old"))

    assert read_cursor(cursor, OPEN, late) == "INV#I7"
    assert late.looks == 1


def test_a_cursor_of_two_rotations_ago_is_refused() -> None:
    cursor = write_cursor("INV#I7", OPEN, FixedKeys(b"oldest"))

    with pytest.raises(MalformedError):
        read_cursor(cursor, OPEN, FixedKeys(b"new", b"old"))


@given(st.text(min_size=1, max_size=80))
def test_what_is_no_cursor_is_refused(text: str) -> None:
    with pytest.raises(MalformedError):
        read_cursor(text, OPEN, KEY)
