"""What the order desk's questions read: few requests, whatever the size of an account (R8.5, R8.7)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from chalicelib.core.head import Head
from chalicelib.core.policy import Staff
from chalicelib.core.releases import ReleaseRequest
from chalicelib.flows.policy_table import PolicyTable
from chalicelib.flows.ports import Page


@dataclass(frozen=True, slots=True)
class Desktop:
    """What a look-up rests on: heads by account, which policy is for whom, and who is in."""

    heads: Mapping[str, Head]
    policies: PolicyTable
    staff: Staff


class HoldReads(Protocol):
    """Reads of holds and release requests. A stored change that is not finished shows later."""

    def look(self, account_ids: Sequence[str]) -> Desktop:
        """Return the heads of the accounts that are there, the table of policies, and the staff.

        One request for each 100 items: up to 98 accounts take one, 200 take three.

        Raises:
            UnavailableError: the store does not answer now.
        """
        ...

    def release_requests(self, account_id: str) -> Sequence[ReleaseRequest]:
        """Return the release requests that an account keeps, at most 40, oldest first: one request."""
        ...

    def to_answer(self, assignee: str, after: str, limit: int) -> Page[tuple[str, ReleaseRequest]]:
        """Return (account id, open release request) for someone to answer, oldest first.

        One request. What was asked or answered within about a second may not show yet.
        """
        ...
