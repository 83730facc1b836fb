"""The ERP's side: heartbeat, export feed, imports that wait (R7.6, R13.1)."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Literal

from pydantic import ConfigDict, Field

from chalicelib.api.shapes.base import Answer, Day, MoneyAnswer, Override, Shape


class HeartbeatBody(Shape):
    """The ERP has sent all that it knows through the end of a day."""

    model_config = ConfigDict(
        strict=True, extra="forbid", frozen=True,
        json_schema_extra={"examples": [{"covers_through": "2024-03-15"}]},
    )  # fmt: skip

    covers_through: Day


class FreshnessAnswer(Answer):
    """The day through whose end the ledger is said to be complete (R13.1); it never moves back."""

    fresh_through: date | None


class ExportLineAnswer(Answer):
    """One line for the ERP to book once, whatever number of times it is delivered.

    Its `id` is one of its account's: `account_id` and `id` together are of no other line.

    `charge`: a late fee, interest or compensation, under the charge's id; a reinstated charge is
    one of its own. `charge_reversal`, `waiver` and `charge_cancelled` (its invoice was voided) take
    an amount of a charge back.
    """

    id: str
    sequence: int
    kind: Literal["charge", "charge_reversal", "waiver", "charge_cancelled"]
    account_id: str
    invoice_id: str
    charge_id: str
    charge: str
    stage: str
    amount: MoneyAnswer
    on: date
    value_on: date
    reason: str
    basis: str


class ExportAnswer(Answer):
    """A part of the feed. `next_cursor` goes on after it, also when nothing new is there yet."""

    data: list[ExportLineAnswer]
    next_cursor: str


class ImportAmount(Answer):
    """An amount that an import moved, or would move."""

    what: str
    amount_minor: int
    currency: str


class ImportAnswer(Answer):
    """An import, and what it did; of one that waits, what it would do (R7.6).

    `settled` of the `open_before` invoices have nothing open any more by it. `taken`: how many
    of each; `known`: what was as it is stated. `refused_rows_total` and `not_taken_total` count
    what the result file beside an uploaded file lists.
    """

    import_id: str
    state: Literal["taken", "waiting", "approved", "declined", "refused"]
    kind: str
    files: list[str]
    etag: str
    as_of: date
    given_at: datetime
    asked_by: str
    code: str
    reason: str
    open_before: int
    settled: int
    taken: dict[str, int]
    known: int
    amounts: list[ImportAmount]
    refused_rows_total: int
    not_taken_total: int
    fresh_through: date | None
    decided_by: str
    decided_at: datetime | None
    reason_code: str
    note: str


class ImportApproval(Override):
    """An approval names the count of invoices that the import would settle."""

    model_config = ConfigDict(
        strict=True, extra="forbid", frozen=True,
        json_schema_extra={
            "examples": [
                {
                    "count": 3,
                    "reason_code": "clean_up",
                    "note": "The old branch was closed and all of it paid.",
                }
            ]
        },
    )  # fmt: skip

    count: Annotated[int, Field(ge=0, le=999_999_999)]
