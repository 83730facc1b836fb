"""Legal stops: insolvency and the like stop everything until a person ends them (R5.5)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from chalicelib.core.account import OTHER, Account
from chalicelib.core.errors import ConflictError
from chalicelib.core.facts import BlockEnded, BlockSet
from chalicelib.core.policy import Policy
from chalicelib.flows.desk import Caller, Desk, Reply, Ruling, event_of

LEGAL_STOP = "legal_stop"
Why = Mapping[str, str]  # `reason_code` and `note` of who decides


@dataclass(frozen=True, slots=True)
class LegalStops:
    """Sets and ends legal stops; one of each kind at a time."""

    desk: Desk

    def set(self, account_id: str, caller: Caller, kind: str, reference: str, why: Why) -> Reply:
        """Put a legal stop of a kind on the account; `reference` is the court's, as far as known.

        Raises:
            NotFoundError: there is no such account.
            ConflictError: one of this kind is in force.
        """

        def act(account: Account, _policy: Policy, today: date) -> Ruling:
            if kind in _in_force(account, today):
                raise ConflictError(f"a legal stop of the kind {kind} is in force already")
            fact = BlockSet(today, LEGAL_STOP, reason=kind, reference=reference)
            event = event_of(caller, today, "legal_stop_set", kind, reference=reference, **why)
            body = {"account_id": account_id, "kind": kind, "reference": reference}
            reply = Reply(201, body | {"since_on": today.isoformat()})
            return Ruling((fact,), lambda _: reply, (event,))

        return self.desk.book(account_id, caller, act)

    def end(self, account_id: str, caller: Caller, kind: str, why: Why) -> Reply:
        """End the legal stop of a kind, or ("") every one that is in force.

        Raises:
            NotFoundError: there is no such account.
            ConflictError: there is none to end.
        """

        def act(account: Account, _policy: Policy, today: date) -> Ruling:
            there = _in_force(account, today)
            ended = [found for found in there if kind in ("", found)]
            if not ended:
                said = f" of the kind {kind}" if kind else ""
                raise ConflictError(f"no legal stop{said} is in force")
            fact = BlockEnded(today, LEGAL_STOP, reason=kind)
            events = [event_of(caller, today, "legal_stop_ended", name, **why) for name in ended]
            body = {
                "account_id": account_id,
                "ended": ended,
                "left": [found for found in there if found not in ended],
            }
            return Ruling((fact,), lambda _: Reply(200, body), events)

        return self.desk.book(account_id, caller, act)


def _in_force(account: Account, today: date) -> list[str]:
    """Return the kinds of the legal stops in force; an imported one is of the kind `other`."""
    kinds = {
        mark.reason or OTHER
        for mark in account.marks
        if mark.block == LEGAL_STOP and (mark.until is None or today <= mark.until)
    }
    return sorted(kinds)
