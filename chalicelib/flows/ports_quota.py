"""What the mail service lets the account send."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

NO_LIMIT = -1


@dataclass(frozen=True, slots=True, kw_only=True)
class SendingQuota:
    """What the mail service said of the account; the defaults are what a new account may (SES).

    `rate_per_s` is recipients per second; `per_day` recipients in any 24 hours, `NO_LIMIT` for none
    that is known; `sent_24h` recipients in the last 24 hours. `is_known` false: nobody answered.
    """

    rate_per_s: float = 1.0
    per_day: int = NO_LIMIT
    sent_24h: int = 0
    is_production: bool = False
    is_enabled: bool = True
    is_known: bool = True


UNKNOWN_QUOTA = SendingQuota(is_known=False)


class Quota(Protocol):
    """Tells the account's own quota."""

    def quota(self) -> SendingQuota:
        """Return the quota as of some minutes ago at most; one and the same value until then.

        When the mail service cannot be asked: the last one known, else the smallest there is.
        """
        ...
