"""A small client of an agency: all it has is its key, all it uses is the public API (`/agency/v1`).

It keeps what an agency's own system would keep: how far it has read the feed, and which placements
it has, in what state and with what balance, as the events told.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from chalicelib.core.errors import PastdueError
from local.http_json import Answered, Caller

GONE = 410
WORKED = ("offered", "active", "suspended", "recall_pending")
Values = Mapping[str, Any]


class ReportRefusedError(PastdueError):
    """A report was taken, and then refused when it was applied."""

    code = "report_refused"


@dataclass(slots=True)
class Believed:
    """A placement as the agency has it: the balance is an amount as the API writes it."""

    status: str
    balance: Values


@dataclass(slots=True)
class AgencyClient:
    """An agency's system. Every call raises `RefusedCallError` where the API answers a problem."""

    api: Caller
    cursor: str = ""
    placements: dict[str, Believed] = field(default_factory=dict)
    seen: set[str] = field(default_factory=set)  # ids of events: they come at least once

    def pull(self) -> list[Values]:
        """Read the feed from where it was left, believe it, acknowledge it; return what is new."""
        found: list[Values] = []
        has_more = True
        while has_more:
            where = f"?cursor={self.cursor}" if self.cursor else ""
            page = self.api.get(f"/agency/v1/feed{where}")
            for event in page["data"]:
                if event["id"] not in self.seen:
                    self.seen.add(event["id"])
                    self._believe(event)
                    found.append(event)
            self.cursor, has_more = page["next_cursor"], page["has_more"]
        if found:
            self.api.post("/agency/v1/feed/ack", {"cursor": self.cursor})
        return found

    def _believe(self, event: Values) -> None:
        placement_id = event["placement_id"]
        if placement_id is None:
            return
        there = self.placements.get(placement_id)
        status = event["status"] or (there.status if there else "")
        balance = event["balance"] or (there.balance if there else None)
        if status and balance:
            self.placements[placement_id] = Believed(status, balance)

    def ask(self, placement_id: str) -> Answered:
        """Return the answer to a read of a dossier, whatever it is: 410 when it has ended."""
        return self.api.ask("GET", f"/agency/v1/placements/{placement_id}")

    def dossier(self, placement_id: str) -> Values:
        """Return a placement's dossier."""
        return self.api.get(f"/agency/v1/placements/{placement_id}")

    def report(self, placement_id: str, where: str, body: Values) -> Values:
        """Report something about a placement, such as `accept`; return how it was taken."""
        return self.api.post(f"/agency/v1/placements/{placement_id}/{where}", dict(body))

    def outcome(self, taken: Values) -> Values:
        """Return what became of a report.

        Raises:
            ReportRefusedError: it was refused.
        """
        found = self.api.get(f"/agency/v1/reports/{taken['kind']}/{taken['id']}")
        if found["status"] == "refused":
            raise ReportRefusedError(f"{taken['kind']} {taken['id']}: {found['detail']}")
        return found

    def payments(self) -> Sequence[Values]:
        """Return the money that counts for what is placed, the first 200 rows."""
        rows: Sequence[Values] = self.api.get("/agency/v1/payments?limit=200")["data"]
        return rows

    def remit(self, remittance_id: str, day: str, kind: str, currency: str) -> Values:
        """Hand over all money that the agency took and that is in no remittance; return the body.

        The control totals are added up from the lines, as an agency's own books would.
        """
        rows = [
            row
            for row in self.payments()
            if row["received_by"] == "agency" and not row["remittance_id"] and not row["bounced"]
        ]
        collected = sum(row["amount"]["amount_minor"] for row in rows)
        commission = sum(row["commission"]["amount_minor"] for row in rows)
        paid = collected - commission if kind == "net" else collected

        def amount(minor: int) -> Values:
            return {"amount_minor": minor, "currency": currency}

        names = ("placement_id", "payment_id", "amount", "commission")
        body = {
            "id": remittance_id,
            "kind": kind,
            "period_from": min(row["received_on"] for row in rows),
            "period_until": day,
            "currency": currency,
            "lines": [{name: row[name] for name in names} for row in rows],
            "totals": {
                "count": len(rows),
                "collected": amount(collected),
                "commission": amount(commission),
                "paid": amount(paid),
            },
        }
        self.api.post("/agency/v1/remittances", body)
        return body

    def reconcile(self) -> Values:
        """Say all that the agency believes; return what the seller answers that differs."""
        believed = [
            {"placement_id": name, "status": one.status, "balance": dict(one.balance)}
            for name, one in sorted(self.placements.items())
        ]
        body = {"placements": believed, "is_complete": True}
        return self.api.post("/agency/v1/reconciliations", body)
