"""Core values to and from DynamoDB's typed values, by their type annotations alone.

A dataclass becomes a map of its fields, without those that have their default; so a new field with
a default needs no migration, and a field that this code does not know is an error, never dropped.
"""

from __future__ import annotations

import types
from collections.abc import Callable
from dataclasses import MISSING, Field, dataclass, fields, is_dataclass, replace
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import cache
from typing import Any, Literal, TypeVar, Union, get_args, get_origin, get_type_hints

from chalicelib.store.errors import FormatError, NewerFormatError

RawValue = Any  # the part behind the type letter, such as "12" of {"N": "12"}
RawMap = dict[str, dict[str, RawValue]]
T = TypeVar("T")
_TAG = "is"  # which dataclass a value of a union is: its `kind`


@dataclass(frozen=True, slots=True)
class Codec:
    """How one type is stored: DynamoDB's type letter, and both directions behind it."""

    letter: str
    encode: Callable[[Any], RawValue]
    decode: Callable[[Any], Any]
    is_optional: bool = False

    def wrap(self, value: Any) -> dict[str, RawValue]:
        """Return a value with its type letter."""
        if value is None and self.is_optional:
            return {"NULL": True}
        return {self.letter: self.encode(value)}

    def unwrap(self, wrapped: dict[str, RawValue]) -> Any:
        """Return the value of what `wrap` returned.

        Raises:
            FormatError: it is of another type.
        """
        if self.is_optional and "NULL" in wrapped:
            return None
        if self.letter not in wrapped:
            raise FormatError(f"stored as {'/'.join(wrapped)}, not as {self.letter}")
        return self.decode(wrapped[self.letter])


def to_map(value: Any) -> RawMap:
    """Return a dataclass value as the attributes of a DynamoDB map."""
    kind: Any = type(value)
    encoded: RawMap = codec_of(kind).encode(value)
    return encoded


def from_map(kind: type[T], raw: RawMap) -> T:
    """Return the value that `to_map` stored.

    Raises:
        NewerFormatError: it has a field that this code does not know.
        FormatError: a field is missing or of another type.
    """
    annotation: Any = kind
    value: T = codec_of(annotation).decode(raw)
    return value


@cache
def codec_of(annotation: Any) -> Codec:  # noqa: PLR0911 - one flat table of types
    """Return how values of a type are stored.

    Raises:
        TypeError: the type has no stored form; binary floating point never has one.
    """
    plain = _PLAIN.get(annotation)
    if plain is not None:
        return plain
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin is Literal:
        return _TEXT
    if origin in (Union, types.UnionType):
        return _union_codec(annotation, tuple(a for a in arguments if a is not type(None)))
    if origin is tuple:
        if arguments[-1] is Ellipsis:
            return _list_codec(codec_of(arguments[0]), tuple)
        return _record_codec(tuple(codec_of(a) for a in arguments))
    if origin is frozenset:
        return _list_codec(codec_of(arguments[0]), frozenset)
    if origin is dict and arguments[0] is str:
        return _dict_codec(codec_of(arguments[1]))
    if is_dataclass(annotation) and isinstance(annotation, type):
        return _dataclass_codec(annotation)
    raise TypeError(f"{annotation} has no stored form")


def _write_int(value: int) -> str:
    if type(value) is not int:
        raise TypeError(f"{value!r} is not a whole number")
    return str(value)


def _write_instant(value: datetime) -> str:
    if value.tzinfo is None:
        raise TypeError(f"{value!r} has no zone")
    return value.astimezone(UTC).isoformat(timespec="microseconds")


_TEXT = Codec("S", str, str)
_PLAIN: dict[Any, Codec] = {
    str: _TEXT,
    bool: Codec("BOOL", bool, bool),
    int: Codec("N", _write_int, int),
    Decimal: Codec("S", str, Decimal),
    date: Codec("S", date.isoformat, date.fromisoformat),
    datetime: Codec("S", _write_instant, datetime.fromisoformat),
}


def _list_codec(inner: Codec, kind: Callable[[Any], Any]) -> Codec:
    def encode(values: Any) -> RawValue:
        ordered = sorted(values) if kind is frozenset else values
        return [inner.wrap(value) for value in ordered]

    return Codec("L", encode, lambda raw: kind([inner.unwrap(value) for value in raw]))


def _record_codec(inner: tuple[Codec, ...]) -> Codec:
    def encode(values: Any) -> RawValue:
        return [codec.wrap(value) for codec, value in zip(inner, values, strict=True)]

    def decode(raw: RawValue) -> Any:
        return tuple(codec.unwrap(value) for codec, value in zip(inner, raw, strict=True))

    return Codec("L", encode, decode)


def _dict_codec(inner: Codec) -> Codec:
    return Codec(
        "M",
        lambda values: {key: inner.wrap(value) for key, value in values.items()},
        lambda raw: {key: inner.unwrap(value) for key, value in raw.items()},
    )


def _union_codec(annotation: Any, arguments: tuple[Any, ...]) -> Codec:
    """An optional value is stored as its type, or as null; dataclasses are tagged."""
    if len(arguments) == 1:
        return replace(codec_of(arguments[0]), is_optional=True)
    if not all(is_dataclass(argument) and hasattr(argument, "kind") for argument in arguments):
        raise TypeError(f"{annotation} has no stored form")
    by_kind = {argument.kind: codec_of(argument) for argument in arguments}

    def encode(value: Any) -> RawValue:
        return {_TAG: {"S": value.kind}, **by_kind[value.kind].encode(value)}

    def decode(raw: RawValue) -> Any:
        rest = dict(raw)
        kind = rest.pop(_TAG)["S"]
        if kind not in by_kind:
            raise NewerFormatError(f"{kind!r} is not known to this version")
        return by_kind[kind].decode(rest)

    return Codec("M", encode, decode)


def _dataclass_codec(kind: type[Any]) -> Codec:
    hints = get_type_hints(kind)
    parts = tuple((f.name, _default_of(f), codec_of(hints[f.name])) for f in fields(kind))
    known = {name: codec for name, _, codec in parts}

    def encode(value: Any) -> RawValue:
        raw = {}
        for name, default, codec in parts:
            item = getattr(value, name)
            if item != default or type(item) is not type(default):
                raw[name] = codec.wrap(item)
        return raw

    def decode(raw: RawValue) -> Any:
        strange = raw.keys() - known.keys()
        if strange:
            raise NewerFormatError(
                f"{kind.__name__} has {', '.join(sorted(strange))}, not known here"
            )
        try:
            return kind(**{name: known[name].unwrap(value) for name, value in raw.items()})
        except TypeError as error:
            raise FormatError(f"{kind.__name__} is not complete: {error}") from None

    return Codec("M", encode, decode)


def _default_of(field: Field[Any]) -> Any:
    if field.default is not MISSING:
        return field.default
    return field.default_factory() if field.default_factory is not MISSING else MISSING
