"""Lists of release requests: those of an account, and those that someone is to answer (R8.5)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from chalicelib.core.errors import NotFoundError
from chalicelib.core.releases import ReleaseRequest
from chalicelib.flows.hold_lookup import amounts
from chalicelib.flows.ports import Page
from chalicelib.flows.ports_holds import HoldReads


@dataclass(frozen=True, slots=True)
class ReleaseLists:
    """Lists release requests: those of an account, and those that someone is to answer."""

    reads: HoldReads

    def of_account(self, account_id: str, today: date) -> list[dict[str, Any]]:
        """Return what an account keeps, oldest first: two requests to the store.

        Raises:
            NotFoundError: there is no such account.
        """
        heads = self.reads.look([account_id]).heads
        if account_id not in heads:
            raise NotFoundError(f"there is no account {account_id[:64]!r}")
        past_due = heads[account_id].past_due(today)
        found = self.reads.release_requests(account_id)
        return [request_values(account_id, one, past_due) for one in found]

    def one(self, account_id: str, request_id: str, today: date) -> dict[str, Any]:
        """Return one request of an account: two requests to the store.

        Raises:
            NotFoundError: there is no such account, or it keeps no such request.
        """
        for values in self.of_account(account_id, today):
            if values["request_id"] == request_id:
                return values
        raise NotFoundError(f"the account keeps no release request {request_id[:64]!r}")

    def to_answer(self, assignee: str, after: str, limit: int, today: date) -> Page[dict[str, Any]]:
        """Return what someone is to answer, over all accounts, oldest first: four requests at most."""
        page = self.reads.to_answer(assignee, after, limit)
        heads = self.reads.look(sorted({name for name, _ in page.rows})).heads
        rows = [
            request_values(name, one, heads[name].past_due(today) if name in heads else {})
            for name, one in page.rows
        ]
        return Page(rows, page.mark)


def request_values(
    account_id: str, request: ReleaseRequest, past_due: dict[str, int]
) -> dict[str, Any]:
    """Return a request as plain values. `past_due`: the account's totals now (R3.2)."""
    at, is_open = request.answered_at, request.state == "open"
    return {
        "request_id": request.id,
        "account_id": account_id,
        "state": request.state,
        "order_total": {"amount_minor": request.amount_minor, "currency": request.currency},
        "reference": request.reference,
        "note": request.note,
        "asked_by": request.by,
        "asked_at": request.asked_at.isoformat(),
        "assignee": request.assignee,
        "past_due": amounts(past_due),
        "past_due_when_asked": amounts(request.past_due),
        "all_delivered": request.undelivered_count == 0,
        "undelivered_invoice_ids": list(request.undelivered),
        "undelivered_count": request.undelivered_count,
        "answered_by": request.answered_by or None,
        "answered_at": at.isoformat() if at is not None else None,
        "until": request.until.isoformat() if request.until is not None else None,
        "reason_code": request.reason_code or None,
        "answer_note": request.answer_note or None,
        "allowed_actions": ["approve", "decline"] if is_open else [],
    }
