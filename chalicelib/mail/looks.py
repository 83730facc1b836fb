"""The colours of each letter: calm while all goes well, warmer the more there is to do.

`accent` stands on white with a contrast of at least 4.5 to 1, `dark` on the dark sheet.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Look:
    """`accent` of rules and titles, `tint` behind the head's facts, `dark` for dark mode."""

    accent: str
    tint: str
    dark: str


_BLUE = Look("#1d5c88", "#eaf3f9", "#84c0ee")
_AMBER = Look("#8f5200", "#fdf4e3", "#ecb660")
_RED = Look("#a11c2e", "#fbecee", "#f4929f")
_GREEN = Look("#1f6b45", "#e9f5ee", "#7fd0a3")

LOOKS = {
    "reminder": _BLUE,
    "late_fee": _AMBER,
    "final_demand": _RED,
    "plan_agreed": _GREEN,
    "plan_missed": _AMBER,
    "plan_broken": _RED,
    "plan_completed": _GREEN,
    "plan_cancelled": _BLUE,
    "promise_made": _BLUE,
    "hold_placed": _AMBER,
    "hold_released": _GREEN,
    "thank_you": _GREEN,
    "statement": _BLUE,
}
