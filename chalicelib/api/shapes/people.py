"""People: collectors, who stands in for them, and when they are out of office (R6.1)."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from pydantic import ConfigDict, Field, StringConstraints

from chalicelib.api.shapes.base import Answer, Day, Key, Name, Shape

EMAIL_PATTERN = (
    r"^[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9-]{1,63}(\.[A-Za-z0-9-]{1,63}){1,8}$"
)
STAND_INS_MAX = 10
AWAY_MAX = 50

Email = Annotated[str, StringConstraints(pattern=EMAIL_PATTERN, max_length=254)]
Phone = Annotated[str, StringConstraints(pattern=r"^[0-9 ()+./-]{0,50}$")]


class AwayBody(Shape):
    """Out of office, from a day through a day."""

    from_on: Day
    through_on: Day


class PersonBody(Shape):
    """A person, whole. `stand_ins` take their accounts in this order while they are away."""

    model_config = ConfigDict(
        strict=True, extra="forbid", frozen=True,
        json_schema_extra={
            "examples": [
                {
                    "name": "Dana Reyes",
                    "email": "dana.reyes@seller.example",
                    "phone": "+49 30 5550100",
                    "away": [{"from_on": "2024-07-01", "through_on": "2024-07-12"}],
                }
            ]
        },
    )  # fmt: skip

    name: Annotated[Name, Field(min_length=1)]
    email: Email
    phone: Phone = ""
    stand_ins: Annotated[tuple[Key, ...], Field(max_length=STAND_INS_MAX)] = ()
    away: Annotated[tuple[AwayBody, ...], Field(max_length=AWAY_MAX)] = ()
    active: bool = True


class AwayAnswer(Answer):
    """Out of office, from a day through a day."""

    from_on: date
    through_on: date


class PersonAnswer(Answer):
    """A person. `acts_today`: who takes their accounts today; null: nobody of these is in."""

    person_id: str
    name: str
    email: str
    phone: str
    stand_ins: list[str]
    away: list[AwayAnswer]
    active: bool
    is_in_today: bool
    acts_today: str | None
