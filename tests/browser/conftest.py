"""One browser for all tests of a file: starting it takes longer than most of them."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from tests.browser.window import Window, open_window


@pytest.fixture(scope="module")
def _opened() -> Iterator[Window]:
    with open_window() as window:
        yield window


@pytest.fixture
def window(_opened: Window) -> Window:
    """The browser's window, with no troubles so far."""
    _opened.troubles.clear()
    return _opened
