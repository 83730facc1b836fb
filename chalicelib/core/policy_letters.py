"""What a policy says of letters: statements, others beside notices, and when they leave."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import time

ACCOUNTS_ROLE = "accounts"
ATTACHMENTS = ("pdf", "csv")


@dataclass(frozen=True, slots=True)
class StatementRules:
    """`[statements]` (R5.1)."""

    weekly: str | None = None
    monthly: int = 0
    role: str = ACCOUNTS_ROLE
    attach: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SendingRules:
    """`[sending]`: letters leave between two times of day in the seller's zone; None: at any time."""

    opens_at: time | None = None
    closes_at: time | None = None


@dataclass(frozen=True, slots=True)
class LetterRules:
    """`[letters]`: which letters go out beside notices, statements and those about plans."""

    promise: bool = False
    hold: bool = False
    thank_you: bool = False
