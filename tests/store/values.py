"""Any value of a core type, from its annotations: so that a new field is tried without being told."""

import types
from dataclasses import fields, is_dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import cache, partial
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

from chalicelib.core.account import Account
from chalicelib.core.agreements import Promise
from chalicelib.store.keys import safe
from hypothesis import strategies as st

TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
PLAIN: dict[Any, st.SearchStrategy[Any]] = {
    str: TEXTS,
    bool: st.booleans(),
    int: st.integers(-(10**15), 10**15),
    date: st.dates(),
    datetime: st.datetimes(timezones=st.just(UTC)),
    # Rates as they are written: up to 12 digits, and zeros at the end that are kept.
    Decimal: st.builds(
        lambda digits, places: Decimal(digits).scaleb(-places),
        st.integers(-(10**12 - 1), 10**12 - 1),
        st.integers(0, 12),
    ),
}
IDS = st.text(st.sampled_from("aB1#%:/é "), min_size=1, max_size=6)


@cache
def any_of(annotation: Any) -> st.SearchStrategy[Any]:  # noqa: PLR0911 - one flat table
    """Values of a type."""
    if annotation in PLAIN:
        return PLAIN[annotation]
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin in (Union, types.UnionType):
        return st.one_of(*(st.none() if a is type(None) else any_of(a) for a in arguments))
    if origin is Literal:
        return st.sampled_from(arguments)
    if origin is tuple and arguments[-1] is Ellipsis:
        return st.lists(any_of(arguments[0]), max_size=2).map(tuple)
    if origin is tuple:
        return st.tuples(*(any_of(a) for a in arguments))
    if origin is frozenset:
        return st.frozensets(any_of(arguments[0]), max_size=2)
    if origin is dict:
        return st.dictionaries(TEXTS, any_of(arguments[1]), max_size=2)
    assert is_dataclass(annotation), annotation
    assert isinstance(annotation, type)
    hints = get_type_hints(annotation)
    return st.builds(annotation, **{f.name: any_of(hints[f.name]) for f in fields(annotation)})


KEYED = {
    "invoices": "id", "money": "key", "holds": "reason", "notices": "id", "tasks": "id",
    "contact_people": "id", "release_requests": "id", "credit_news": "id",
    "plans": "id", "disputes": "id", "placements": "id",
}  # fmt: skip


def accounts() -> st.SearchStrategy[Account]:
    """Accounts whose tables are keyed as the core keys them, with nothing closed at hand."""
    hints = get_type_hints(Account)
    parts: dict[str, st.SearchStrategy[Any]] = {
        "id": IDS,
        "closed": st.just({}),
        "past_notices": st.just({}),
    }
    for name, key in KEYED.items():
        values = st.lists(any_of(get_args(hints[name])[1]), max_size=2)
        parts[name] = values.map(partial(_by, key))
    promises = st.lists(any_of(Promise), max_size=2, unique_by=_place)
    parts["promises"] = promises.map(lambda found: tuple(sorted(found, key=_place)))
    for f in fields(Account):
        if f.name not in parts:
            parts[f.name] = any_of(hints[f.name])
    return st.builds(Account, **parts)


def _place(promise: Promise) -> str:
    """Where a promise lies among the others: they keep the order of their ids."""
    return safe(promise.id)


def _by(key: str, values: list[Any]) -> dict[str, Any]:
    return {getattr(value, key): value for value in values}
