"""An account's timeline: one flat row for each thing that happened."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Literal

from pydantic import Field

from chalicelib.api.shapes.base import Answer, ListQuery, MoneyAnswer, text

Kind = Annotated[str, text(40)]
Source = Literal["action", "ledger", "decision"]


class TimelineQuery(ListQuery):
    """Which rows. With a filter a page may be short, or empty, and not be the last."""

    source: Annotated[
        Source | None, Field(description="Only what people did, was booked, or was decided.")
    ] = None
    kind: Annotated[
        Kind | None, Field(description="Only rows of this kind.", examples=["notice"])
    ] = None


class TimelineRow(Answer):
    """One thing that happened. A field that says nothing is left out.

    `source` `action`: what a person or a system did, with `at`, `actor`, `reason_code`, `note` and
    `figures`. Kinds: `account_created`, `details_changed`, `contact_saved`, `contact_removed`,
    `contact_erased` (`subject`: the contact's id), `activity` (`subject`: the contact's id; channel,
    direction, outcome and day in `figures`), `reply_waiting_ended`, `paused` and `resumed` (`subject`: the
    invoice's id, or none), `legal_stop_set` and `legal_stop_ended` (`subject`: its kind), and those
    of the other calls that change an account. What became of a letter (`subject`: the notice's id;
    `contact_id`, `attempt` in `figures`; no contact: the account's own address): `notice_sent`,
    `notice_delivered`, `notice_delayed`, `notice_returned` (`said`: `bounced`, `suppressed` or
    `soft`), `notice_complained_of`, `notice_rejected`, `notice_goes_again`, `notice_unknown`,
    `notice_failed`, `notice_counted`, `notice_posted`, `notice_cancelled`; of a copy `copy_...`.
    `address_marked` and `mark_cleared` (`subject`: the contact's id).

    `source` `ledger`: a line of the ledger with its `amount`, value date and reference (`subject`).
    Kinds: `opening`, `invoice`, `charge`, `charge_reversal`, `payment`, `payment_reversal`,
    `credit_note`, `waiver`, `void`, `write_off`, `write_off_reversal`, `external`,
    `external_decrease`.

    `source` `decision`: what a rule brought about, with the `rules` and the `policy` version that it
    went by, and in a `sentence` (R13.3). Kinds:
    `stage` (a stage was applied), `charge` (posted, with its `basis` and what capped it), `notice`
    (created; `amount` is the demandable total, `invoice_ids` the first 100 of `invoices`),
    `hold_placed` (`basis`: the evidence), `hold_released`, `charge_reversed`, `charge_stopped` (it
    was not posted, as a table of rates does not reach its days: `detail` in `figures`), `skip` (a
    stage or notice did not happen because of `block`), `task` and `task_closed` (`subject`: the task's id),
    `promise` (it ended), `plan` (it came into a state; `amount` is what is left to pay),
    `instalment_missed` (`subject` of these: the promise's or plan's id), `case_opened` and
    `case_closed` (`subject`: the case's number).
    """

    source: Source
    kind: str
    on: date
    at: datetime | None = None
    actor: str | None = None
    subject: str | None = None
    amount: MoneyAnswer | None = None
    value_on: date | None = None
    invoice_id: str | None = None
    charge_id: str | None = None
    invoice_ids: list[str] | None = None
    invoices: int | None = None
    stage: str | None = None
    charge: str | None = None
    notice: str | None = None
    block: str | None = None
    basis: str | None = None
    capped_by: str | None = None
    reason_code: str | None = None
    note: str | None = None
    figures: dict[str, str] | None = None
    rules: list[str] | None = None
    sentence: str | None = None
    policy: str | None = None
