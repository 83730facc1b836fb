"""Notices as finance reads them: what customers were told, and what became of it (R11)."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Literal

from pydantic import Field

from chalicelib.api.shapes.base import Answer, MoneyAnswer

State = Literal["pending", "sending", "sent", "unknown", "failed", "counted", "posted", "cancelled"]
Waits = Literal[
    "to_be_sent",
    "sending_paused",
    "sending_window",
    "tried_again_later",
    "being_sent",
    "delivery_not_reported",
    "nobody_knows_yet",
    "a_person_decides",
]


class AddresseeAnswer(Answer):
    """Whom the last attempt went to. `contact_id` null: the account's own address."""

    contact_id: str | None


class WaitsAnswer(Answer):
    """Why a notice is where it is, and until when at the latest, where time alone moves it on."""

    code: Waits
    until: datetime | None


class NoticeAnswer(Answer):
    """A letter that was decided on, and what is known of it.

    `state`: `pending` (to be sent), `sending`, `sent` (accepted for delivery), `unknown` (it may
    have left: never sent again by itself), `failed` (a person decides), and once it is done
    `counted` (it counts as sent), `posted` (by a person) or `cancelled` (nothing was left to ask).
    `kind`: which letter.
    `about`: the id of the plan, promise, hold or case that a letter without a stage is about.
    `total`: what was past due when it was decided on. `invoice_ids`: the first 100.
    `task_ids`: the open tasks to post it or to look into it.
    """

    notice_id: str
    account_id: str
    state: State
    state_at: datetime | None
    created_on: date
    kind: str
    stage: str | None
    about: str | None
    total: MoneyAnswer
    respond_by: date | None
    invoice_ids: list[str]
    invoice_count: int
    attempt: Annotated[int, Field(description="How often it was tried to be sent.")]
    to: list[AddresseeAnswer]
    waits: WaitsAnswer | None
    task_ids: list[str]


class SaidAnswer(Answer):
    """What the mail service said of an addressee, and on which day first."""

    what: str
    on: date


class AddressedAnswer(Answer):
    """One addressee of one attempt. `contact_id` null: the account's own address, or a copy's."""

    attempt: int
    contact_id: str | None
    is_copy: bool
    said: list[SaidAnswer]


class ProofAnswer(Answer):
    """What is known of its delivery.

    `message_id`: the mail service's, of the last attempt that it took. `state_at`: when the state
    was reached. `addressees`: everybody whom its attempts went to, with all that was said of them.
    """

    message_id: str | None
    state_at: datetime | None
    addressees: list[AddressedAnswer]


class WholeNoticeAnswer(NoticeAnswer):
    """A notice with its words as they were sent and kept; null while it was not written.

    `way`: `mail`, `post`, or `none` when it was cancelled (`cancelled_because`). `sha256` covers
    subject, text, HTML and attachments. `html` is to be shown in a sandbox only. `own_text` is the
    text of finance's own that it is written with, with its version; `own_text_failed` one that did
    not hold for it, so that the shipped words went. `is_as_sent` is false where a contact that it
    named was erased since: `[contact <id>]` stands for the name, and `sha256` is still of what was
    sent.
    """

    way: Literal["mail", "post", "none"] | None
    cancelled_because: str | None
    subject: str | None
    sha256: str | None
    is_as_sent: bool | None
    text: str | None
    html: str | None
    own_text: str | None
    own_text_failed: str | None
    proof: ProofAnswer


class NoticeFile(Answer):
    """A kept file of a notice. Whoever has the `url` can read it, until `expires_at`."""

    name: str
    media_type: str
    size_bytes: int
    url: str
    expires_at: datetime
