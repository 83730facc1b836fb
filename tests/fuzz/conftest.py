"""Tells at the end of a long look what was answered."""

from __future__ import annotations

import os

import pytest

from tests.fuzz import tally


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    if "FUZZ_EXAMPLES" not in os.environ or not tally.ANSWERS:
        return
    terminalreporter.section("answers by route and status")
    for line in tally.lines():
        terminalreporter.write_line(line)
