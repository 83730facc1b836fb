"""A clock that stands still until somebody sleeps."""

from __future__ import annotations


class SleepClock:
    """Seconds that pass only by sleeping, which takes no time. `slept` has every sleep."""

    def __init__(self, now: float = 0.0) -> None:
        self.now = now
        self.slept: list[float] = []

    def monotonic(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds
