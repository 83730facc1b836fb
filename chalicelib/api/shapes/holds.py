"""Credit holds: look-ups, holds by people, and releases (R8)."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

from pydantic import AfterValidator, ConfigDict, Field
from pydantic_core import PydanticCustomError

from chalicelib.api.shapes.base import (
    Answer,
    Day,
    Identity,
    MoneyAnswer,
    Note,
    Override,
    ReasonCode,
    Shape,
)
from chalicelib.flows.hold_lookup import LOOK_UP_MAX

Kind = Literal["on_hold", "prepaid"]


class ReleaseAnswer(Answer):
    """A temporary release: through which day, that day included, by whom, and why."""

    until: date
    granted_on: date
    granted_by: str
    reason_code: str


class HeldInvoiceAnswer(Answer):
    """An invoice that a hold rests on, as it was when the hold was placed.

    `open` is null for one that was settled then; `due_on` is its effective due date.
    """

    invoice_id: str
    open: MoneyAnswer | None
    due_on: date


class HoldReason(Answer):
    """One hold: its reason, evidence, since when, and what would release it.

    `invoices` are the first 20 it rests on, `more_invoices` how many others there are.
    `stops_shipping` is false on the days of its temporary release.
    """

    hold_id: str
    reason: str
    kind: Kind
    since: date
    placed_by: str
    evidence: str
    invoice_ids: list[str]
    invoices: list[HeldInvoiceAnswer]
    more_invoices: int
    stops_shipping: bool
    temporary_release: ReleaseAnswer | None
    released_when: str
    allowed_actions: list[str]


class HoldAnswer(Answer):
    """May this account be shipped to, and what that rests on.

    `credit_status` goes by the holds in place; a temporary release shows in `may_ship` only. The
    release shown is the first to end. `past_due` are totals per currency, open charges included.
    """

    account_id: str
    as_of: date
    may_ship: bool
    credit_status: Literal["open", "on_hold", "prepaid"]
    holds: list[HoldReason]
    past_due: list[MoneyAnswer]
    oldest_days_past_due: int
    temporary_release: ReleaseAnswer | None
    collector: str


class LookUpRow(Answer):
    """The answer for one account. `code`: `ok`, or `not_found`, and then there is no hold."""

    account_id: str
    code: Literal["ok", "not_found"]
    hold: HoldAnswer | None


class LookUpAnswer(Answer):
    """One row for each account, in the order asked."""

    data: list[LookUpRow]


def _once(names: list[str]) -> list[str]:
    if len(set(names)) < len(names):
        raise PydanticCustomError("given_twice", "must name each account once")
    return names


class LookUpBody(Shape):
    """The accounts to look up."""

    model_config = ConfigDict(
        strict=True, extra="forbid", frozen=True,
        json_schema_extra={"examples": [{"account_ids": ["4711", "4712"]}]},
    )  # fmt: skip

    account_ids: Annotated[
        list[Identity],
        Field(min_length=1, max_length=LOOK_UP_MAX, json_schema_extra={"uniqueItems": True}),
        AfterValidator(_once),
    ]


class HoldBody(Shape):
    """A person's hold. Its reason is the reason code; there is one hold for each reason."""

    model_config = ConfigDict(
        strict=True, extra="forbid", frozen=True,
        json_schema_extra={
            "examples": [
                {"kind": "on_hold", "reason_code": "fraud_check", "note": "Orders look odd."}
            ]
        },
    )  # fmt: skip

    kind: Annotated[
        Kind, Field(description="`prepaid`: shipped to only against payment; else not at all.")
    ]
    reason_code: ReasonCode
    note: Note


class ReleaseUntilBody(Override):
    """A temporary release: through this day, that day included, 92 days ahead at most."""

    model_config = ConfigDict(
        strict=True, extra="forbid", frozen=True,
        json_schema_extra={
            "examples": [
                {"until": "2024-03-24", "reason_code": "goodwill", "note": "Pays on Friday."}
            ]
        },
    )  # fmt: skip

    until: Day
