"""Seeded chance for the generator of ledgers and policies. Imports no `chalicelib`."""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import TypeVar

T = TypeVar("T")

DIGITS = {"USD": 2, "EUR": 2, "JPY": 0, "KWD": 3, "GBP": 2}
A_DOLLAR_IS = {"USD": 1.0, "EUR": 1.0, "JPY": 100.0, "KWD": 0.3, "GBP": 1.0}  # roughly


def in_major_units(minor: int, currency: str) -> str:
    digits = DIGITS[currency]
    whole, fraction = divmod(minor, 10**digits)
    return f"{whole}.{fraction:0{digits}d}" if digits else str(minor)


class Chance:
    """The same seed gives the same choices."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(f"pastdue-{seed}")

    def of(self, probability: float) -> bool:
        return self.random.random() < probability

    def choice(self, options: Sequence[T]) -> T:
        return self.random.choice(options)

    def whole(self, low: int, high: int) -> int:
        return self.random.randint(low, high)

    def sample(self, options: Sequence[T], count: int) -> list[T]:
        return self.random.sample(options, count)

    def money(self, low: float, high: float, currency: str) -> int:
        """Minor units, worth between `low` and `high` dollars; a round amount where one is between."""
        unit = A_DOLLAR_IS[currency]
        value = self.random.uniform(low, high) * unit
        if self.of(0.3) and low * unit <= round(value, -1) <= high * unit:
            value = round(value, -1)
        return max(1, int(value * 10 ** DIGITS[currency]))

    def table(
        self, currencies: Sequence[str], low: float, high: float, missing: float = 0.15
    ) -> str:
        """A TOML table of amounts, from which some currencies may be missing."""
        here = [c for c in currencies if not self.of(missing)] or [currencies[0]]
        cells = [f'{c} = "{in_major_units(self.money(low, high, c), c)}"' for c in here]
        return "{ " + ", ".join(cells) + " }"
