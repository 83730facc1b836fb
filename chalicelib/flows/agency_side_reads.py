"""What an agency reads, as JSON values, from its own shelf and nothing else (R10.5)."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from chalicelib.core.errors import NotFoundError
from chalicelib.flows.agency_money_ids import told_ref
from chalicelib.flows.ports_agency import (
    AgencyReport,
    AgencyShelf,
    DossierRow,
    FeedEvent,
    PaymentRow,
    Remittance,
)
from chalicelib.flows.reconciliations import Believed, Mismatch, mismatches

_PAGE = 200
FINANCES_OWN = "confirmation"  # a kind of report that no agency sends or reads


def event_values(event: FeedEvent) -> dict[str, Any]:
    """Return a line of the feed; whose account it is is in the dossier only."""
    line = event.line
    return {
        "id": line.id,
        "sequence": event.sequence,
        "type": line.type,
        "at": event.at,
        "on": line.on,
        "placement_id": line.placement_id or None,
        "status": line.state or None,
        "outcome": line.outcome or None,
        "because": line.because or None,
        "ref": told_ref(line) or None,
        "amount": _money_or_none(line.amount_minor, line.currency),
        "balance": _money_or_none(line.balance_minor, line.currency),
        "commission": _money_or_none(line.commission_minor, line.currency),
        "effective_on": line.effective_on,
    }


def event_cells(event: FeedEvent) -> dict[str, Any]:
    """Return a line of the feed as cells, its amounts in columns of minor units."""
    values = event_values(event)
    for name in ("amount", "balance", "commission"):
        values[f"{name}_minor"] = getattr(event.line, f"{name}_minor")
    effective = event.line.effective_on
    return values | {
        "at": instant(event.at),
        "on": event.line.on.isoformat(),
        "currency": event.line.currency,
        "effective_on": effective.isoformat() if effective else None,
    }


def summary_values(row: DossierRow) -> dict[str, Any]:
    """Return a placement in a list."""
    return {
        "id": row.placement_id,
        "status": row.state,
        "balance": _money(row.balance_minor, row.currency),
        "outcome": row.outcome,
        "ended_on": row.ended_on,
    }


def tombstone_values(row: DossierRow) -> dict[str, Any]:
    """Return what is left of a placement that has ended."""
    return {
        "id": row.placement_id,
        "status": row.state,
        "outcome": row.outcome,
        "ended_on": row.ended_on,
    }


def placement_cells(row: DossierRow) -> dict[str, Any]:
    """Return a placement as cells: of one that goes on also whom to reach, and what is open."""
    cells: dict[str, Any] = {
        "id": row.placement_id,
        "status": row.state,
        "outcome": row.outcome,
        "ended_on": row.ended_on.isoformat() if row.ended_on else None,
        "currency": row.currency,
        "balance_minor": row.balance_minor,
    }
    if not row.body:
        return cells
    dossier = json.loads(row.body)
    debtor = dossier["debtor"]
    contact: dict[str, Any] = next(iter(debtor["contacts"]), {})
    cells |= {
        f"{name}_minor": value["amount_minor"]
        for name, value in dossier["amounts"].items()
        if isinstance(value, Mapping)
    }
    cells |= {name: dossier["dates"][name] for name in ("offered_on", "offered_until")}
    return cells | {
        "agency_reference": dossier["agency_reference"],
        "creditor_reference": dossier["creditor"]["reference"],
        "debtor_name": debtor["name"],
        "debtor_registration_no": debtor["registration_no"],
        "debtor_country": debtor["country"],
        "debtor_language": debtor["language"],
        "debtor_email": debtor["email"],
        "debtor_address": ", ".join(debtor["address"]),
        "contact_name": contact.get("name"),
        "contact_email": contact.get("email"),
        "contact_phone": contact.get("phone"),
        "suspended_for": " ".join(dossier["suspended_for"]),
        "recall_effective_on": (dossier["recall"] or {}).get("effective_on"),
    }


def payment_values(row: PaymentRow) -> dict[str, Any]:
    """Return money between agency and seller."""
    return {
        "payment_id": row.payment_id,
        "placement_id": row.placement_id,
        "received_on": row.received_on,
        "amount": _money(row.amount_minor, row.currency),
        "commission": _money(row.commission_minor, row.currency),
        "received_by": row.by,
        "remittance_id": row.remittance_id or None,
        "bounced": row.bounced,
    }


def payment_cells(row: PaymentRow) -> dict[str, Any]:
    """Return money between agency and seller as cells."""
    return payment_values(row) | {
        "received_on": row.received_on.isoformat(),
        "amount_minor": row.amount_minor,
        "commission_minor": row.commission_minor,
        "currency": row.currency,
        "bounced": "true" if row.bounced else "false",
    }


def report_values(shelf: AgencyShelf, kind: str, report_id: str) -> dict[str, Any]:
    """Return what became of a report.

    Raises:
        NotFoundError: there is none of this kind and id.
    """
    try:
        if kind == FINANCES_OWN:
            raise NotFoundError(kind)
        report = shelf.report(kind, report_id)
    except NotFoundError:
        raise NotFoundError("there is no such report") from None
    return {
        **taken_values(report),
        "status": report.state,
        "received_at": report.received_at,
        "applied_at": report.applied_at,
        "code": report.code or None,
        "detail": report.detail or None,
    }


def taken_values(report: AgencyReport) -> dict[str, Any]:
    """Return what is answered to whoever reports: the same each time."""
    return {
        "id": report.id,
        "kind": report.kind,
        "status": "received",
        "placement_id": report.placement_id or None,
    }


def remittance_values(shelf: AgencyShelf, remittance_id: str) -> dict[str, Any]:
    """Return a remittance with its lines.

    Raises:
        NotFoundError: there is none.
    """
    try:
        found = shelf.remittance(remittance_id)
    except NotFoundError:
        raise NotFoundError("there is no such remittance") from None
    lines = [
        {
            "placement_id": line.placement_id,
            "payment_id": line.payment_id,
            "amount": _money(line.amount_minor, found.currency),
            "commission": _money(line.commission_minor, found.currency),
        }
        for line in found.lines
    ]
    return remittance_summary(found) | {"lines": lines}


def remittance_summary(found: Remittance) -> dict[str, Any]:
    """Return a remittance in a list. Who of the house answered it is not told."""
    return {
        "id": found.id,
        "kind": found.kind,
        "period_from": found.period_from,
        "period_until": found.period_until,
        "count": len(found.lines),
        "collected": _money(found.collected_minor, found.currency),
        "commission": _money(found.commission_minor, found.currency),
        "paid": _money(found.paid_minor, found.currency),
        "status": found.state,
        "received_at": found.received_at,
        "answered_at": found.answered_at,
    }


def reconciled(
    shelf: AgencyShelf, believed: Sequence[Believed], *, is_complete: bool
) -> dict[str, Any]:
    """Return what differs between what an agency has and its shelf: one query for 200 placements."""
    rows = {row.placement_id: row for row in _all_rows(shelf)}
    found = mismatches(believed, rows, is_complete=is_complete)
    return {"compared": len(believed), "data": [_mismatch(one) for one in found]}


def _mismatch(one: Mismatch) -> dict[str, Any]:
    row = one.ours
    return {
        "placement_id": one.placement_id,
        "codes": list(one.codes),
        "status": None if row is None else row.state,
        "balance": None if row is None else _money(row.balance_minor, row.currency),
    }


def _all_rows(shelf: AgencyShelf) -> Iterator[DossierRow]:
    mark: str | None = ""
    while mark is not None:
        page = shelf.dossiers(mark, _PAGE)
        yield from page.rows
        mark = page.mark


def instant(at: Any) -> str:
    """Return an instant as answers write it."""
    return str(at.isoformat()).replace("+00:00", "Z")


def _money(amount_minor: int, currency: str) -> dict[str, Any]:
    return {"amount_minor": amount_minor, "currency": currency}


def _money_or_none(amount_minor: int | None, currency: str) -> dict[str, Any] | None:
    return None if amount_minor is None else _money(amount_minor, currency)
