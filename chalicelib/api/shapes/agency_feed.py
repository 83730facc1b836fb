"""The feed: what changed, in order, at least once (R10.5)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from types import MappingProxyType
from typing import Annotated

from pydantic import Field

from chalicelib.api.shapes.agency_reports import shown
from chalicelib.api.shapes.base import Answer, MoneyAnswer, Shape

EVENTS: Mapping[str, str] = MappingProxyType(
    {
        "placement.offered": "Read its dossier; accept or reject it by `effective_on`.",
        "placement.accepted": "It may be worked from now on.",
        "placement.suspended": "Contact nobody; `because` says why. Also of what is asked back.",
        "placement.resumed": "Nothing keeps it from being worked any more.",
        "placement.recall_requested": "It ends on `effective_on`; confirm, or object.",
        "placement.recall_objected": "The objection was noted; the day stands until it is moved.",
        "placement.recall_moved": "It ends on `effective_on` now.",
        "placement.recall_cancelled": "It goes on as if it had not been asked back.",
        "placement.recalled": "It has ended: contact nobody, and delete what is had of it.",
        "placement.returned": "It has ended, as the agency said; delete what is had of it.",
        "placement.paid": "It has ended, nothing is open any more; delete what is had of it.",
        "placement.settled": "It has ended, the rest was given up; delete what is had of it.",
        "placement.closed": "It is over, `outcome` says how; delete what is had of it.",
        "placement.balance_changed": (
            "By `amount` to `balance`. `because`: `payment_direct`, `payment_agency`, "
            "`payment_reversed`, `credit_note`, `fee`, `charge`, `waiver`, `void`, `write_off`, "
            "`external` or `correction`."
        ),
        "placement.invoice_withdrawn": "Nothing is open any more of the invoice `ref`.",
        "placement.dossier_changed": "Who the debtor is, or what is disputed or due: read it again.",
        "settlement.agreed": "With `amount` paid by `effective_on` the rest is given up.",
        "settlement.declined": "The proposal `ref` was declined.",
        "settlement.lapsed": "The proposal `ref` was not paid by `effective_on`.",
        "report.applied": "The report `ref` (its kind and id) did what it said.",
        "report.refused": "It did nothing; `because` is a code, and the report itself says more.",
        "remittance.confirmed": "The money of the remittance `ref` is there.",
        "remittance.declined": "It counts for nothing: its payments are to be remitted again.",
    }
)  # what is told, and what the agency does then


class FeedEventAnswer(Answer):
    """One change. `id` stays the same however often it comes: take each one once.

    `because` and `ref`: why, and the payment, invoice, report, settlement proposal or remittance
    that it is about. `amount` went up or down to `balance`; `commission`: what the agency earns by it.
    `effective_on`: of an offer its last day, of a recall when it takes effect, of a settlement by
    when it is to be paid. What does not apply is null.
    """

    id: str
    sequence: int
    type: Annotated[
        str,
        Field(
            description="What happened; pass over what you do not know. "
            + " ".join(f"`{name}`: {said}" for name, said in EVENTS.items()),
            examples=list(EVENTS),
        ),
    ]
    at: datetime
    on: date
    placement_id: str | None
    status: str | None
    outcome: str | None
    because: str | None
    ref: str | None
    amount: MoneyAnswer | None
    balance: MoneyAnswer | None
    commission: MoneyAnswer | None
    effective_on: date | None


class FeedAnswer(Answer):
    """Changes in order. `next_cursor` is there also when nothing is: ask with it next time.

    `has_more`: there may be more already.
    """

    data: list[FeedEventAnswer]
    next_cursor: str
    has_more: bool


class AckBody(Shape):
    """All up to a cursor has arrived and is kept. It goes forward only."""

    model_config = shown({"cursor": "next_cursor of the last answer"})

    cursor: Annotated[
        str, Field(min_length=1, max_length=2_000, description="`next_cursor` of an answer.")
    ]


class AckAnswer(Answer):
    """How far the feed is, and how far it is acknowledged, by `sequence`."""

    last: int
    acknowledged: int
    acknowledged_at: datetime | None
