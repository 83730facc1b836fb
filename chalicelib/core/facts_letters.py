"""Facts about letters under way: what the mail service says of them, and of addresses (R11.3, R11.4)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

# What the mail service may say of an attempt, for some or all of its addressees. `bounced` and
# `suppressed` are for good, `soft` is that it gave up for now; `sent` says that it took the letter.
Saying = Literal[
    "sent", "delivered", "delayed", "soft", "bounced", "suppressed", "complained", "rejected"
]


@dataclass(frozen=True, slots=True)
class LetterReported:
    """The mail service says something of one attempt to send a notice (R11.3).

    `digests` stand for the addresses that it names, none: for all. `on` is the day of `at`, in the
    seller's zone. What a sandbox says marks no address and sends nothing anew (R13.4).
    """

    on: date
    notice_id: str
    attempt: int
    saying: Saying
    at: datetime
    digests: tuple[str, ...] = ()
    message_id: str = ""
    is_sandbox: bool = False


@dataclass(frozen=True, slots=True)
class MarkCleared:
    """A person says that an address may be written to again (R11.4)."""

    on: date
    digest: str


LetterFact = LetterReported | MarkCleared
