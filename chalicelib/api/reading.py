"""Requests as values: JSON read strictly, every fault at once with its JSON pointer (api.md)."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from chalicelib.api.problems import MalformedError, TooLargeError, UnsupportedMediaError
from chalicelib.api.shapes.base import (
    CODE_PATTERN,
    CURRENCY_PATTERN,
    ID_PATTERN,
    KEY_PATTERN,
    OWN_ID_PATTERN,
    TIME_PATTERN,
)
from chalicelib.core.errors import Fault

M = TypeVar("M", bound=BaseModel)
Loc = tuple[str | int, ...]  # where pydantic found a fault

_SAID = {  # pydantic's kinds of error in our codes and words
    "missing": ("missing", "is missing"),
    "extra_forbidden": ("unknown_field", "is not known here"),
    "int_type": ("not_a_whole_number", "must be a whole number, without a decimal point or quotes"),
    "int_from_float": ("not_a_whole_number", "must be a whole number"),
    "int_parsing": ("not_a_whole_number", "must be a whole number"),
    "string_type": ("not_a_text", "must be a text"),
    "bool_type": ("not_true_or_false", "must be true or false"),
    "list_type": ("not_a_list", "must be a list"),
    "dict_type": ("not_an_object", "must be an object"),
    "model_type": ("not_an_object", "must be an object"),
    "model_attributes_type": ("not_an_object", "must be an object"),
    "date_type": ("not_a_date", "must be a date such as 2024-03-18"),
}
_LIMITS = {  # those that name a limit; the code stays pydantic's
    "string_too_long": "must have at most {max_length} characters",
    "string_too_short": "must have at least {min_length} characters",
    "too_long": "must have at most {max_length} entries",
    "too_short": "must have at least {min_length} entries",
    "greater_than_equal": "must be {ge} or more",
    "less_than_equal": "must be {le} or less",
    "literal_error": "must be {expected}",
}
_FORMS = {  # the commonest patterns in words
    ID_PATTERN: "may have letters, digits and . _ ~ - only, 64 at most",
    OWN_ID_PATTERN: "may have letters, digits and . _ ~ - only, 36 at most",
    KEY_PATTERN: "may have letters, digits and . _ ~ : @ % - only, 250 at most",
    CURRENCY_PATTERN: "must be an ISO 4217 code such as EUR",
    CODE_PATTERN: "must be a code of small letters, digits and _, such as goodwill",
    TIME_PATTERN: "must be a time from 00:00 to 23:59, such as 14:30",
}
_IDS = re.compile(ID_PATTERN)
_KEYS = re.compile(KEY_PATTERN)
# Ids that the caller's systems gave.
_RESOLVED_AWAY = frozenset({".", ".."})  # by clients and proxies, so that no path can name them
_CALLERS_OWN = frozenset({"account_id", "invoice_id", "contact_id"})
_DEPTH_SAID = "is nested too deeply"


def read_body(kind: type[M], content_type: str, raw: bytes, limit_bytes: int) -> M:
    """Return a request's body as a model.

    Raises:
        UnsupportedMediaError: it is not said to be JSON.
        TooLargeError: it has more bytes than this call takes.
        MalformedError: it is not JSON, or not of this shape; every fault is named.
    """
    if content_type.partition(";")[0].strip().lower() != "application/json":
        raise UnsupportedMediaError("the body must be application/json")
    if len(raw) > limit_bytes:
        raise TooLargeError(f"the body has {len(raw)} bytes, this call takes {limit_bytes}")
    _check_json(raw)
    return _validated(lambda: kind.model_validate_json(raw), "the body cannot be taken", _pointer)


def read_query(kind: type[M], values: Mapping[str, Sequence[str]]) -> M:
    """Return query parameters as a model.

    Raises:
        MalformedError: one is unknown, given twice, or not what it must be; every fault is named.
    """
    twice = [
        Fault(name[:64], "given_twice", "is given more than once")
        for name, given in values.items()
        if len(given) > 1
    ]
    if twice:
        raise MalformedError("the query cannot be answered", twice)
    plain = {name: given[0] for name, given in values.items()}
    return _validated(
        lambda: kind.model_validate(plain), "the query cannot be answered", _parameter
    )


def read_path(values: Mapping[str, str]) -> dict[str, str]:
    """Return path parameters, each an id as ids may be.

    Raises:
        MalformedError: one is not; every fault is named.
    """
    faults = []
    for name, value in values.items():
        pattern = _IDS if name in _CALLERS_OWN else _KEYS
        if not pattern.fullmatch(value) or value in _RESOLVED_AWAY:
            faults.append(Fault(name, "bad_id", _FORMS[pattern.pattern]))
    if faults:
        raise MalformedError("the path has an id that no id can be", faults)
    return dict(values)


def _validated(read: Callable[[], M], what: str, pointer: Callable[[Loc], str]) -> M:
    try:
        return read()
    except ValidationError as error:
        raise MalformedError(what, _faults(error, pointer)) from None


def faults_in(error: ValidationError) -> tuple[Fault, ...]:
    """Return every fault of a value, with JSON pointers into it."""
    return tuple(_faults(error, _pointer))


def _faults(error: ValidationError, pointer: Callable[[Loc], str]) -> list[Fault]:
    return [
        _fault(pointer(found["loc"]), found["type"], found["msg"], found.get("ctx", {}))
        for found in error.errors(include_url=False, include_input=False)
    ]


def _fault(where: str, kind: str, message: str, said_of: Mapping[str, Any]) -> Fault:
    if kind == "string_pattern_mismatch":
        pattern = str(said_of["pattern"])
        return Fault(where, "bad_form", _FORMS.get(pattern) or f"must match {pattern}")
    said = _SAID.get(kind)
    if said is not None:
        return Fault(where, *said)
    if kind in _LIMITS:
        is_empty = said_of.get("min_length") == 1
        return Fault(
            where, kind, "must not be empty" if is_empty else _LIMITS[kind].format(**said_of)
        )
    return Fault(where, kind, message[:1].lower() + message[1:])


def _pointer(loc: Loc) -> str:
    """Return a JSON pointer (RFC 6901)."""
    named = (part for part in loc if part != "[key]")  # pydantic's mark of a faulty name
    parts = (str(part).replace("~", "~0").replace("/", "~1")[:64] for part in named)
    return "".join(f"/{part}" for part in parts)


def _parameter(loc: Loc) -> str:
    return str(loc[0])[:64] if loc else ""


def _check_json(raw: bytes) -> None:
    """Refuse what a lenient reader would let pass: fields given twice, NaN, half characters."""
    try:
        value = json.loads(
            raw.decode("utf-8"), object_pairs_hook=_object, parse_constant=_no_number
        )
        json.dumps(value, ensure_ascii=False).encode()  # half a surrogate pair is no text
    except UnicodeError:
        raise MalformedError("the body is not UTF-8") from None
    except RecursionError:
        raise MalformedError(f"the body {_DEPTH_SAID}") from None
    except json.JSONDecodeError as error:
        said = f"the body is not JSON: line {error.lineno}, column {error.colno}: {error.msg}"
        raise MalformedError(said) from None
    except ValueError as error:  # a number of thousands of digits
        raise MalformedError(f"the body is not JSON: {error}") from None


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        times = Counter(name for name, _ in pairs)
        twice = sorted(name for name, many in times.items() if many > 1)
        faults = [Fault(_pointer((name,)), "given_twice", "is given twice") for name in twice]
        raise MalformedError("an object of the body names a field twice", faults)
    return found


def _no_number(name: str) -> Any:
    raise MalformedError(f"the body is not JSON: {name} is not a number")
