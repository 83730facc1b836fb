"""Notes of people about an account: lines of its timeline, and nothing else."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date

from chalicelib.core.account import Account
from chalicelib.core.policy import Policy
from chalicelib.flows.desk import Caller, Desk, Reply, Ruling, event_of


@dataclass(frozen=True, slots=True)
class Notes:
    """Writes notes into timelines."""

    desk: Desk

    def write(self, account_id: str, caller: Caller, text: str) -> Reply:
        """Write a note into the account's timeline; it changes nothing else.

        Raises:
            NotFoundError: there is no such account.
        """

        def act(account: Account, _policy: Policy, today: date) -> Ruling:
            event = event_of(caller, today, "note", note=text)
            body = {
                "account_id": account.id,
                "text": text,
                "written_by": caller.principal.id,
                "written_at": caller.at.astimezone(UTC).isoformat().replace("+00:00", "Z"),
            }
            return Ruling((), lambda _: Reply(201, body), (event,))

        return self.desk.book(account_id, caller, act)
