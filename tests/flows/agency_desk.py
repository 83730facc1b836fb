"""An agency at work over fakes: what it is offered, reports, and is told."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any

from chalicelib.core.facts import Fact
from chalicelib.core.facts_placements import PlacementAct, PlacementProposed
from chalicelib.core.placements import Placement, PlacementTerms
from chalicelib.flows.agency_work import AgencyWork
from chalicelib.flows.desk import Desk
from chalicelib.flows.ledger_kind import OWN
from chalicelib.flows.ports_agency import AgencyReport, DossierRow, ReportKind
from tests.api.placing import AGENCY, placing
from tests.fakes_agency import MemoryShelf
from tests.flows.machine import LETTERHEAD, TODAY, Machine

TERMS = PlacementTerms(
    commission=Decimal("0.20"), commission_on_direct=True, settlement_floor=Decimal("0.80")
)


def usd(amount_minor: int) -> dict[str, Any]:
    return {"amount_minor": amount_minor, "currency": "USD"}


@dataclass
class AtAgency:
    """A machine, one account of which two invoices of 1,000.00 are offered to an agency."""

    machine: Machine = field(default_factory=placing)
    ledger_kind: str = OWN
    agency: str = AGENCY

    def __post_init__(self) -> None:
        machine = self.machine
        self.desk = Desk(machine.accounts, machine.policies, lambda at: at.date())
        self.counted: list[dict[str, int]] = []
        self.worker = AgencyWork(
            machine.agencies,
            self.desk,
            machine.clock,
            machine.agency_queue,
            lambda: LETTERHEAD,
            self.ledger_kind,
            lambda counts: self.counted.append(dict(counts)),
        )
        self.book(PlacementProposed(TODAY, "USD", "anna"))
        self.book(PlacementAct(TODAY, self.id, "submit", "anna"))
        self.book(PlacementAct(TODAY, self.id, "approve", "bert"))
        kept = machine.accounts.kept["A1"]
        terms = replace(self.placement, terms=TERMS)  # that the standard policy leaves open
        kept.account = replace(kept.account, placements={self.id: terms})

    @property
    def id(self) -> str:
        (name,) = self.machine.account("A1").placements
        return name

    @property
    def placement(self) -> Placement:
        return self.machine.account("A1").placements[self.id]

    @property
    def shelf(self) -> MemoryShelf:
        return self.machine.agencies.shelf(self.agency)

    @property
    def row(self) -> DossierRow:
        return self.shelf.kept[self.id]

    @property
    def dossier(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.row.body)
        return found

    def book(self, *facts: Fact) -> None:
        """Book what finance says of the account, today as the clock has it."""
        self.machine.take_in("A1", *facts)

    def report(self, kind: ReportKind, report_id: str = "R1", /, **body: Any) -> AgencyReport:
        """Let the agency report something of the placement, once it has seen that."""
        if self.id not in self.shelf.kept:
            self.work()
        placement_id = "" if kind in ("remittance", "confirmation") else self.id
        text = json.dumps({"id": report_id, "note": "", "reason_code": ""} | body)
        digest = hashlib.sha256(text.encode()).hexdigest()
        at = self.machine.clock.now()
        report = AgencyReport(report_id, kind, digest, text, at, "key1", placement_id)
        self.machine.clock.pass_by(seconds=1)
        return self.shelf.take_report(report)

    def pays(self, cents: int, report_id: str = "P1", **changes: Any) -> AgencyReport:
        """Let the agency report money that it took."""
        body = {"received_on": TODAY.isoformat(), "amount": usd(cents), "invoice_ids": []}
        return self.report("payment", report_id, **(body | {"reference": ""} | changes))

    def work(self) -> dict[str, int]:
        return dict(self.worker.work(self.agency))

    def accepts(self) -> None:
        """Let the agency accept, and the worker come to it."""
        self.report("accept", "A1", agency_reference="NG-1")
        self.work()

    def outcome(self, report: AgencyReport) -> tuple[str, str]:
        """Return what became of a report: its state, and why if it was refused."""
        found = self.shelf.report(report.kind, report.id)
        return found.state, found.code

    def told(self) -> list[str]:
        """Return the types of what the feed has, in order."""
        return [event.line.type for event in self.shelf.events]

    def remits(
        self, *row_ids: str, report_id: str = "M1", kind: str = "gross", **changes: Any
    ) -> AgencyReport:
        """Let the agency remit payments, as its shelf has them."""
        rows = self.shelf.find_payments(row_ids)
        collected = sum(row.amount_minor for row in rows)
        commission = sum(row.commission_minor for row in rows)
        lines = [
            {
                "placement_id": row.placement_id,
                "payment_id": row.payment_id,
                "amount": usd(row.amount_minor),
                "commission": usd(row.commission_minor),
            }
            for row in rows
        ]
        body = {
            "kind": kind,
            "period_from": "2024-03-01",
            "period_until": "2024-03-31",
            "currency": "USD",
            "lines": lines,
            "totals": {
                "count": len(lines),
                "collected": usd(collected),
                "commission": usd(commission),
                "paid": usd(collected - (commission if kind == "net" else 0)),
            },
        }
        return self.report("remittance", report_id, **(body | changes))
