"""What agencies hand over, as finance confirms or declines it (R10.6).

A confirmation concerns many accounts: it is kept, and the agency's one worker books it on each.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any, Final, Literal

from chalicelib.core.agency_lines import AgencyLine
from chalicelib.core.errors import BlockedError, Blocker, ConflictError, PastdueError
from chalicelib.flows.agency_desk import shelf_of
from chalicelib.flows.desk import Caller, Reply, check_match
from chalicelib.flows.invoice_act import Why
from chalicelib.flows.invoice_view import money
from chalicelib.flows.notice_state import DayOf
from chalicelib.flows.ports_agency import (
    Agencies,
    AgencyQueue,
    AgencyReport,
    AgencyShelf,
    Remittance,
    RemittanceLine,
)
from chalicelib.flows.ports_registry import Records
from chalicelib.flows.registry_desk import RegistryDesk, Rule, act_of, acts_in

CONFIRMATION: Final = "confirmation"  # what the worker is told of an answer as
LINES_SHOWN = 500
# What a remittance's ETag stands for: what an answer changes.
GUARDED = ("agency_id", "remittance_id", "state", "answered_at", "answered_by", "reason")
Answer = Literal["confirmed", "declined"]


@dataclass(frozen=True, slots=True)
class RemittanceDesk:
    """Answers remittances. `told` logs that the worker could not be told: it is told again."""

    agencies: Agencies
    queue: AgencyQueue
    desk: RegistryDesk
    day_of: DayOf
    told: Callable[[str, PastdueError], None]

    def confirm(self, caller: Caller, agency_id: str, remittance_id: str, why: Why) -> Reply:
        """Confirm that the money arrived: its payments are settled, by the worker, within a minute.

        Done again by the same person it changes nothing, and tells the worker again.

        Raises:
            NotFoundError: there is no such agency or remittance.
            PreconditionFailedError: it is not as the caller read it.
            BlockedError: it was answered before.
        """
        return self._answer(caller, agency_id, remittance_id, why, "confirmed")

    def decline(self, caller: Caller, agency_id: str, remittance_id: str, why: Why) -> Reply:
        """Decline a remittance: the agency may put its payments into another one.

        Raises:
            NotFoundError, PreconditionFailedError, BlockedError: as in `confirm`.
        """
        return self._answer(caller, agency_id, remittance_id, why, "declined")

    def _answer(
        self, caller: Caller, agency_id: str, remittance_id: str, why: Why, answer: Answer
    ) -> Reply:
        shelf = shelf_of(self.agencies, agency_id)

        def rule() -> Rule:
            there = shelf.remittance(remittance_id)
            # By whomever: a crash may have left the worker untold, and nobody need wait for one person.
            is_again = there.state == answer
            if not is_again:
                seen = remittance_body(agency_id, there)
                check_match(caller, {name: seen[name] for name in GUARDED})
                if there.state != "received":
                    raise _answered(there)
            after = there if is_again else _answered_now(there, answer, caller, why)
            if not is_again:
                self._keep(shelf, after, agency_id)
            self._tell(shelf, after, agency_id, caller)
            kind = f"remittance_{answer}"
            act = act_of(
                caller,
                log_of(agency_id, remittance_id),
                kind,
                remittance_id,
                reason_code=why.reason_code,
                note=why.note,
                agency=agency_id,
                paid_minor=str(after.paid_minor),
                currency=after.currency,
            )
            acts = (act,) if after.answered_by == caller.principal.person else ()
            return Rule((), Reply(200, remittance_body(agency_id, after)), acts)

        return self.desk.act(caller, rule)

    def _keep(self, shelf: AgencyShelf, after: Remittance, agency_id: str) -> None:
        assert after.answered_at is not None
        line = AgencyLine(
            f"{after.id}.{after.state}",
            f"remittance.{after.state}",
            agency_id,
            "",
            "",
            self.day_of(after.answered_at),
            state=after.state,
            because=after.note,
            ref=after.id,
            amount_minor=after.paid_minor,
            commission_minor=after.commission_minor,
            currency=after.currency,
        )
        try:
            shelf.answer_remittance(after, line)
        except ConflictError:
            raise _answered(shelf.remittance(after.id)) from None

    def _tell(self, shelf: AgencyShelf, after: Remittance, agency_id: str, caller: Caller) -> None:
        """Put the answer into the agency's inbox, where the worker finds it, told or not."""
        body = json.dumps({"remittance_id": after.id, "state": after.state})
        digest = hashlib.sha256(body.encode()).hexdigest()
        report = AgencyReport(after.id, CONFIRMATION, digest, body, caller.at, "")
        shelf.take_report(report)
        try:
            self.queue.send_agency([agency_id])
        except PastdueError as error:
            self.told(agency_id, error)


@dataclass(frozen=True, slots=True)
class RemittanceReads:
    """Reads what agencies remitted."""

    agencies: Agencies
    records: Records

    def page(
        self, agency_id: str, before: str, limit: int
    ) -> tuple[list[dict[str, Any]], str | None]:
        """Return remittances of an agency, newest first, from before a mark, without their lines.

        Raises:
            NotFoundError: there is no such agency.
        """
        page = shelf_of(self.agencies, agency_id).remittances(before, limit)
        rows = [remittance_body(agency_id, one, with_lines=False) for one in page.rows]
        return rows, page.mark

    def one(self, agency_id: str, remittance_id: str) -> dict[str, Any]:
        """Return a remittance with its lines, and what people did about it.

        Raises:
            NotFoundError: there is no such agency or remittance.
        """
        shelf = shelf_of(self.agencies, agency_id)
        body = remittance_body(agency_id, shelf.remittance(remittance_id))
        return body | {"log": acts_in(self.records, log_of(agency_id, remittance_id))}


def log_of(agency_id: str, remittance_id: str) -> str:
    """Return the log of what people do about a remittance."""
    return f"remittance/{agency_id}/{remittance_id}"


def remittance_body(agency_id: str, one: Remittance, *, with_lines: bool = True) -> dict[str, Any]:
    """Return a remittance as plain values; of its lines the first 500, and how many there are."""
    currency = one.currency
    is_open = one.state == "received"
    values: dict[str, Any] = {
        "agency_id": agency_id,
        "remittance_id": one.id,
        "state": one.state,
        "kind": one.kind,
        "period_from": one.period_from.isoformat(),
        "period_until": one.period_until.isoformat(),
        "collected": money(one.collected_minor, currency),
        "commission": money(one.commission_minor, currency),
        "paid": money(one.paid_minor, currency),
        "received_at": _at(one.received_at),
        "answered_at": _at(one.answered_at),
        "answered_by": one.answered_by or None,
        "reason": one.note or None,
        "lines_count": len(one.lines),
        "allowed_actions": ["confirm", "decline"] if is_open else [],
    }
    if with_lines:
        values["lines"] = [_line(line, currency) for line in one.lines[:LINES_SHOWN]]
    return values


def _line(line: RemittanceLine, currency: str) -> dict[str, Any]:
    return {
        "placement_id": line.placement_id,
        "payment_id": line.payment_id,
        "amount": money(line.amount_minor, currency),
        "commission": money(line.commission_minor, currency),
    }


def _answered_now(there: Remittance, answer: Answer, caller: Caller, why: Why) -> Remittance:
    person = caller.principal.person
    return replace(
        there, state=answer, answered_by=person, answered_at=caller.at, note=why.reason_code
    )


def _answered(there: Remittance) -> BlockedError:
    blocker = Blocker(there.state, f"it was {there.state}")
    return BlockedError(f"remittance {there.id} was answered before", [blocker])


def _at(at: datetime | None) -> str | None:
    return None if at is None else at.astimezone(UTC).isoformat().replace("+00:00", "Z")
