"""Pauses, legal stops, and every block of an account (R5.5)."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, Literal

from pydantic import ConfigDict, Field

from chalicelib.api.shapes.base import Answer, Day, Identity, ListQuery, Override, text

Reference = Annotated[str, text(200)]
Code = Annotated[str, text(40)]
LegalKind = Literal["insolvency", "administration", "lawsuit", "other"]
WHY: dict[str, Any] = {"reason_code": "customer_request", "note": "Their office moves this week."}
InvoiceId = Annotated[
    Identity | None, Field(description="One open invoice; left out: the account as a whole.")
]


def _config(example: dict[str, Any]) -> ConfigDict:
    return ConfigDict(
        strict=True, extra="forbid", frozen=True, json_schema_extra={"examples": [example]}
    )


class PauseBody(Override):
    """Let dunning rest through a day, at most 366 days from today."""

    model_config = _config(WHY | {"until_on": "2024-04-30"})

    until_on: Annotated[Day, Field(description="The last day of the pause.")]
    invoice_id: InvoiceId = None


class PauseAnswer(Answer):
    """A pause that is in force."""

    account_id: str
    id: str
    invoice_id: str | None
    since_on: date
    until_on: date
    reason_code: str


class ResumeBody(Override):
    """Let dunning go on: at the next run, or now."""

    model_config = _config(WHY | {"when": "next_run"})

    when: Annotated[
        Literal["next_run", "now"],
        Field(description="`now` decides the account at once, under the gates of the day's run."),
    ]
    invoice_id: InvoiceId = None


class ResumeAnswer(Answer):
    """A pause has ended. `held_back_by`: the gate of the day's run that is closed."""

    account_id: str
    invoice_id: str | None
    decided: Literal["now", "soon", "at_the_next_run"]
    held_back_by: Literal["sending_paused", "run_not_started"] | None


class LegalStopBody(Override):
    """Everything stops: the law says so, or wisdom."""

    model_config = _config(WHY | {"kind": "insolvency", "reference": "IN 412/25"})

    kind: LegalKind
    reference: Annotated[
        Reference, Field(description="The court's or the administrator's, as far as known.")
    ] = ""


class LegalStopAnswer(Answer):
    """A legal stop that is in force."""

    account_id: str
    kind: str
    reference: str
    since_on: date


class LegalStopEnd(Override):
    """A legal stop ends."""

    model_config = _config(WHY | {"kind": "insolvency"})

    kind: Annotated[LegalKind | None, Field(description="Left out: every one in force.")] = None


class LegalStopEnded(Answer):
    """Which legal stops ended, and which are left."""

    account_id: str
    ended: list[str]
    left: list[str]


class BlocksQuery(ListQuery):
    """Which blocks."""

    code: Annotated[
        Code | None, Field(description="Only blocks of this code.", examples=["paused"])
    ] = None


class Block(Answer):
    """A reason why something is not dunned now, and what would end it.

    `scope`: the `account`, a `currency` of it, or `invoices` (`invoice_ids` names the first 100 of
    so many). `stops` and `delays`: what of `stage` (with its charges), `notice`, `call`, `statement`,
    `hold` and `placement`. `until_on`: its last day; `may_end_on`: the first day on which it may be
    gone by itself. `amount_minor`: the disputed part, what was promised, or what is left to pay of a
    payment plan. `id`: of the pause, promise, plan or dispute. `due_on`: by when the dispute is to be
    resolved by its `owner`, or the plan's next instalment is due.
    """

    code: str
    sentence: str
    scope: Literal["account", "currency", "invoices"]
    stops: list[str]
    delays: list[str]
    ends_when: str
    id: str | None = None
    invoice_ids: list[str] | None = None
    invoices: int | None = None
    currency: str | None = None
    amount_minor: int | None = None
    reason: str | None = None
    reference: str | None = None
    owner: str | None = None
    since_on: date | None = None
    due_on: date | None = None
    until_on: date | None = None
    may_end_on: date | None = None
