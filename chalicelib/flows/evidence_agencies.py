"""What agencies had and reported of an account's placements, and nothing of any other account."""

from __future__ import annotations

import json
from typing import Any, cast

from chalicelib.core.effects import Event
from chalicelib.core.errors import NotFoundError
from chalicelib.core.placements import Placement
from chalicelib.flows.agency_money_ids import row_id
from chalicelib.flows.evidence_files import EvidenceFiles, plain
from chalicelib.flows.evidence_gather import Gathered
from chalicelib.flows.ports_agency import Agencies, AgencyShelf, DossierRow

READS_LOOKED_AT = 2_000  # of an agency's audit lines, the newest
PAGE = 200


def add_placements(files: EvidenceFiles, found: Gathered, agencies: Agencies) -> int:
    """Add each placement with what its agency saw, took and handed over; return how many.

    Raises:
        UnavailableError: the store does not answer now.
    """
    placements = sorted(found.account.placements.values(), key=lambda one: (one.made_on, one.id))
    events = list(found.events)
    for one in placements:
        values = {"placement": plain(one), "agency": _agency(agencies, one)}
        if one.agency:
            shelf = agencies.shelf(one.agency)
            values |= _shelf_values(shelf, one) | {"reports": _reports(shelf, one, events)}
        files.add_json(f"placements/{one.id}.json", values)
    return len(placements)


def _agency(agencies: Agencies, placement: Placement) -> dict[str, Any] | None:
    try:
        agency = agencies.get(placement.agency)
    except NotFoundError:
        return None
    return {"id": agency.id, "name": agency.name, "remit": agency.remit}


def _shelf_values(shelf: AgencyShelf, placement: Placement) -> dict[str, Any]:
    payments = [
        row
        for row in shelf.find_payments(_payment_ids(placement))
        if row.placement_id == placement.id
    ]
    names = {row.remittance_id for row in payments} | {
        one.remittance_id for one in placement.takings
    }
    return {
        "dossier": _dossier(shelf, placement),
        "payments_reported": plain(payments),
        "remittances": [_remittance(shelf, name, placement) for name in sorted(names) if name],
        "dossier_reads": _reads(shelf, placement),
        "dossier_reads_looked_at_most": READS_LOOKED_AT,
    }


def _payment_ids(placement: Placement) -> list[str]:
    return [row_id(placement.agency, placement.id, one.payment_id) for one in placement.takings]


def _reports(shelf: AgencyShelf, placement: Placement, events: list[Event]) -> list[dict[str, Any]]:
    """Return the reports that the timeline names for a placement, in the agency's own words."""
    found = []
    for event in events:
        kind, name = event.kind.removeprefix("agency_"), event.figures.get("report")
        if event.kind == kind or event.subject != placement.id or not name:
            continue
        try:
            report = shelf.report(kind, name)
        except NotFoundError:
            continue
        values = cast("dict[str, Any]", plain(report))
        found.append(values | {"body": json.loads(report.body)})
    return found


def _dossier(shelf: AgencyShelf, placement: Placement) -> dict[str, Any] | None:
    try:
        row: DossierRow = shelf.dossier(placement.id)
    except NotFoundError:
        return None
    body = json.loads(row.body) if row.body else None
    return {
        "state": row.state,
        "outcome": row.outcome,
        "ended_on": plain(row.ended_on),
        "made_from_account_version": row.account_version,
        "as_the_agency_sees_it": body,
    }


def _remittance(shelf: AgencyShelf, name: str, placement: Placement) -> dict[str, Any] | None:
    """Return a remittance with the lines of this placement; its totals are of others too, and stay."""
    try:
        found = shelf.remittance(name)
    except NotFoundError:
        return {"id": name, "is_kept": False}
    return {
        "id": found.id,
        "kind": found.kind,
        "period_from": plain(found.period_from),
        "period_until": plain(found.period_until),
        "currency": found.currency,
        "received_at": plain(found.received_at),
        "state": found.state,
        "answered_by": found.answered_by,
        "answered_at": plain(found.answered_at),
        "lines_of_this_placement": plain(
            [line for line in found.lines if line.placement_id == placement.id]
        ),
    }


def _reads(shelf: AgencyShelf, placement: Placement) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    mark: str | None = ""
    looked_at = 0
    while mark is not None and looked_at < READS_LOOKED_AT:
        page = shelf.reads(mark, PAGE)
        looked_at += len(page.rows)
        found += [
            {"at": plain(row.at), "key_id": row.key_id, "request_id": row.request_id}
            for row in page.rows
            if placement.id in row.placement_ids
        ]
        mark = page.mark
    return found
