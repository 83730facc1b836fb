"""What every request and answer is made of: strict models, money, texts, ids (api.md, Conventions)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated, Any, Generic, TypeVar
from unicodedata import category

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    GetCoreSchemaHandler,
    StringConstraints,
    WithJsonSchema,
)
from pydantic_core import PydanticCustomError

AMOUNT_MAX = 999_999_999_999_999  # 15 digits
ID_PATTERN = r"^[A-Za-z0-9._~-]{1,64}$"
OWN_ID_PATTERN = r"^[A-Za-z0-9._~-]{1,36}$"  # of what an agency reports
CURRENCY_PATTERN = r"^[A-Z]{3}$"
CODE_PATTERN = r"^[a-z][a-z0-9_]{0,39}$"
KEY_PATTERN = r"^[A-Za-z0-9._~:@%-]{1,250}$"  # of what is under an account: ids made from meaning
TIME_PATTERN = r"^([01][0-9]|2[0-3]):[0-5][0-9]$"
LIMIT_DEFAULT, LIMIT_MAX = 50, 200
# What is empty to whoever reads it: the space separators of Unicode.
_SPACES = "\u0020\u00a0\u1680\u2028\u2029\u202f\u205f\u3000" + "".join(
    map(chr, range(0x2000, 0x200B))
)
_CONTROLS = r"\u0000-\u001f\u007f-\u009f"
_ANY = f"[^{_CONTROLS}]"
_SAYS_SOMETHING = (
    rf"^{_ANY}*[^{_CONTROLS}\u0020\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]{_ANY}*$"
)
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_DIGITS = re.compile(r"-?[0-9]{1,18}")


class Shape(BaseModel):
    """A JSON object whose every field is named and typed; an unknown field is an error."""

    # Errors of the models may reach the log: they never repeat the values (names, addresses).
    model_config = ConfigDict(strict=True, extra="forbid", frozen=True, hide_input_in_errors=True)


class Answer(Shape):
    """What is answered: the values of the flows, written as JSON."""

    model_config = ConfigDict(strict=False, extra="forbid", frozen=True)


class Query(BaseModel):
    """Query parameters: texts that are read as what they mean; an unknown one is an error."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)


def _whole(value: Any) -> Any:
    """Take a whole number as a parameter has it: digits, and nothing else."""
    if isinstance(value, str) and not _DIGITS.fullmatch(value):
        raise PydanticCustomError("not_a_whole_number", "must be a whole number")
    return value


WholeParameter = Annotated[int, BeforeValidator(_whole)]


class ListQuery(Query):
    """The parameters of every list."""

    limit: Annotated[
        WholeParameter, Field(ge=1, le=LIMIT_MAX, description="How many rows at most.")
    ] = LIMIT_DEFAULT
    cursor: Annotated[
        str,
        Field(
            max_length=2_000,
            description="`next_cursor` of the answer before; empty: from the start.",
        ),
    ] = ""


def _plain(text: str) -> str:
    if any(category(letter) == "Cc" for letter in text):
        raise PydanticCustomError("control_character", "must not have control characters")
    return text


def _said(text: str) -> str:
    if not text.strip(_SPACES):
        raise PydanticCustomError("blank", "must not be blank")
    return _plain(text)


def _addressable(text: str) -> str:
    if text in (".", ".."):
        raise PydanticCustomError("bad_id", "no path can name it")
    return text


def _day(value: Any) -> Any:
    """Take a calendar date as JSON has it: text such as 2024-03-18, and nothing else."""
    if isinstance(value, str):
        if _DAY.fullmatch(value):  # not the week dates and basic forms that Python reads as well
            try:
                return date.fromisoformat(value)
            except ValueError:
                pass
        raise PydanticCustomError("not_a_date", "is not a date such as 2024-03-18")
    return value


@dataclass(frozen=True, slots=True)
class Text:
    """Says of a `str` how long it may be: `Annotated[str, text(40)]`."""

    most: int
    least: int = 0

    def __get_pydantic_core_schema__(self, _source: Any, handler: GetCoreSchemaHandler) -> Any:
        """Return the schema of a text of these lengths without control characters.

        One that must be there says something: spaces alone are refused.
        """
        limits = StringConstraints(min_length=self.least, max_length=self.most)
        schema = {
            "type": "string", "minLength": self.least, "maxLength": self.most,
            "pattern": _SAYS_SOMETHING if self.least else f"^{_ANY}*$",
        }  # fmt: skip
        check = AfterValidator(_said if self.least else _plain)
        kind: Any = Annotated[str, limits, check, WithJsonSchema(schema)]
        return handler.generate_schema(kind)

    def __or__(self, other: Any) -> Any:
        """Return the type of such a text or something else."""
        return Annotated[str, self] | other


def text(most: int, least: int = 0) -> Any:
    """Return what makes a `str` a text of `least` to `most` characters without control characters.

    It goes into `Annotated[str, text(40)]`.
    """
    return Text(most, least)


Day = Annotated[date, BeforeValidator(_day)]
Instant = AwareDatetime
Name = Annotated[str, text(200)]
Note = Annotated[str, text(2_000, 1), Field(description="Why, in the words of who decides.")]
ReasonCode = Annotated[
    str,
    StringConstraints(pattern=CODE_PATTERN),
    Field(description="A stable code of the reason, such as `goodwill`."),
]
Identity = Annotated[str, StringConstraints(pattern=ID_PATTERN), AfterValidator(_addressable)]
Key = Annotated[str, StringConstraints(pattern=KEY_PATTERN), AfterValidator(_addressable)]
OwnId = Annotated[
    str,
    StringConstraints(pattern=OWN_ID_PATTERN),
    AfterValidator(_addressable),
    Field(
        description="An id of the agency's own: the same again with the same content is harmless."
    ),
]
Currency = Annotated[
    str, StringConstraints(pattern=CURRENCY_PATTERN), Field(description="ISO 4217 code.")
]
AmountMinor = Annotated[
    int,
    Field(ge=0, le=AMOUNT_MAX, description="Minor units: 123450 is 1,234.50 in EUR."),
]
PositiveMinor = Annotated[int, Field(ge=1, le=AMOUNT_MAX, description="Minor units, above 0.")]
# Of an answer: each amount that comes in has 15 digits at most, what they add up to may have more.
SignedMinor = Annotated[int, Field(description="Minor units; a sum may have over 15 digits.")]


class Money(Shape):
    """An amount of minor units in a currency."""

    amount_minor: AmountMinor
    currency: Currency


class PositiveMoney(Shape):
    """An amount above 0, of minor units in a currency."""

    amount_minor: PositiveMinor
    currency: Currency


class MoneyAnswer(Answer):
    """An amount of minor units in a currency; below 0 where it is owed the other way."""

    amount_minor: SignedMinor
    currency: str


class Override(Shape):
    """An override says why: it lands in the account's timeline with who did it."""

    model_config = ConfigDict(
        strict=True, extra="forbid", frozen=True,
        json_schema_extra={"examples": [{"reason_code": "goodwill", "note": "Agreed by phone."}]},
    )  # fmt: skip

    reason_code: ReasonCode
    note: Note


Row = TypeVar("Row")


class Listed(Answer, Generic[Row]):
    """A part of a list. `next_cursor` gets the next part; null at the end."""

    data: list[Row]
    next_cursor: str | None


class FaultAnswer(Answer):
    """One thing that is wrong with a request. `pointer`: a JSON pointer, or a parameter's name."""

    pointer: str
    code: str
    detail: str


class BlockerAnswer(Answer):
    """One reason why a transition is refused, and from when it may be possible."""

    code: str
    detail: str
    eligible_from: date | None = None


class Problem(Answer):
    """An error, as RFC 9457 says. `code` is stable; `errors` names every fault at once."""

    type: str
    title: str
    status: int
    detail: str
    code: str
    request_id: str
    errors: list[FaultAnswer] | None = None
    blockers: list[BlockerAnswer] | None = None
    allowed_actions: list[str] | None = None


__all__ = [
    "AmountMinor", "Answer", "Currency", "Day", "Identity", "Instant", "Key", "ListQuery", "Listed",
    "Money", "MoneyAnswer", "Name", "Note", "Override", "OwnId", "PositiveMinor", "PositiveMoney",
    "Problem", "Query", "ReasonCode", "Shape", "SignedMinor", "date", "datetime", "text",
]  # fmt: skip
