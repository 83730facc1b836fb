"""Free texts of people, and how an erased person's name goes from them.

Only what somebody may have typed is changed: ids, codes, amounts and days never are, so that every
figure and every reference stays as it was.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass, replace
from typing import Any, TypeVar

from chalicelib.core.erased_words import Words

# Fields that hold somebody's own words, by the type's name. All other texts are ids and codes:
# a test asks of each new one which it is.
FREE_TEXTS: Mapping[str, tuple[str, ...]] = {
    "Dispute": ("reference",),
    "Event": ("note",),
    "Hold": ("evidence",),
    "HoldPlaced": ("evidence",),
    "Mark": ("reason", "reference"),
    "Money": ("reference", "reason"),
    "PausedSpan": ("reason",),
    "Placement": ("agency_reference", "reason"),
    "Plan": ("reason",),
    "Recall": ("reason", "objection"),
    "ReleaseRequest": ("reference", "note", "answer_note"),
    "Task": ("why",),
}
# Figures of events are ids, codes and amounts, but for these.
FREE_FIGURES = ("note", "reference", "agency_reference", "evidence", "why", "text", "recipient")

# These hold none, and an account may have ten thousand of them: they are not looked into.
WITHOUT_TEXTS = frozenset({"Invoice", "Notice", "Settlement", "ClosedInvoice"})

T = TypeVar("T")


def without_words(value: T, words: Words) -> T:
    """Return a value with the words gone from its free texts; the very same one if none had any."""
    found: Any = _of(value, words)
    result: T = found
    return result


def mentions(value: Any, words: Words) -> bool:
    """Whether a part of a name is left in a free text of a value, for a person to look at."""
    return any(words.may_be_in(text) for text in free_texts(value))


def free_texts(value: Any) -> Iterator[str]:
    """Yield the free texts of a value, and of all that it holds."""
    if type(value).__name__ in WITHOUT_TEXTS:
        return
    if is_dataclass(value):
        free = FREE_TEXTS.get(type(value).__name__, ())
        for one in fields(value):
            found = getattr(value, one.name)
            if one.name in free:
                yield found
            elif one.name == "figures" and isinstance(found, Mapping):
                yield from (text for name, text in found.items() if name in FREE_FIGURES)
            else:
                yield from free_texts(found)
    elif isinstance(value, Mapping):
        for found in value.values():
            yield from free_texts(found)
    elif isinstance(value, tuple):
        for found in value:
            yield from free_texts(found)


def _of(value: Any, words: Words) -> Any:
    if type(value).__name__ in WITHOUT_TEXTS:
        return value
    if is_dataclass(value) and not isinstance(value, type):
        return _of_dataclass(value, words)
    if isinstance(value, dict):
        named = {name: _of(one, words) for name, one in value.items()}
        is_same = all(named[name] is one for name, one in value.items())
        return value if is_same else named
    if isinstance(value, tuple):
        listed = tuple(_of(one, words) for one in value)
        is_same = all(new is old for new, old in zip(listed, value, strict=True))
        return value if is_same else listed
    return value


def _of_dataclass(value: Any, words: Words) -> Any:
    free = FREE_TEXTS.get(type(value).__name__, ())
    changed: dict[str, Any] = {}
    for one in fields(value):
        old = getattr(value, one.name)
        if one.name in free:
            new: Any = words.out_of(old)
        elif one.name == "figures" and isinstance(old, dict):
            new = {k: words.out_of(v) if k in FREE_FIGURES else v for k, v in old.items()}
        else:
            new = _of(old, words)
        if new is not old and new != old:
            changed[one.name] = new
    return replace(value, **changed) if changed else value
