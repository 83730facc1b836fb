"""What stays up until Ctrl-C says that it ends: putting all away takes a while."""

from __future__ import annotations

from typing import cast

from local.cloud.machine import LocalCloud
from local.main_job import wait_while_it_lives


class Interrupted:
    """A local cloud, and its emulator, at which Ctrl-C arrives."""

    @property
    def emulator(self) -> Interrupted:
        return self

    def check(self) -> None:
        raise KeyboardInterrupt


def test_who_waits_hears_that_it_was_told_to_stop() -> None:
    heard: list[str] = []

    wait_while_it_lives(cast("LocalCloud", Interrupted()), lambda: heard.append("Ending ..."))

    assert heard == ["Ending ..."]
