"""The agencies of a deployment, as administrators put them in, and what finance sees of each (R10)."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from chalicelib.core.addresses import is_address
from chalicelib.core.errors import Fault, InvalidInputError, NotFoundError, UnfitInputError
from chalicelib.flows.desk import Caller, Reply, check_match
from chalicelib.flows.ports_agency import (
    AGENCY_ID,
    Agencies,
    Agency,
    AgencyReport,
    AgencyShelf,
    DossierRead,
    Remit,
)
from chalicelib.flows.ports_registry import Records
from chalicelib.flows.registry_desk import RegistryDesk, Rule, act_of, acts_in

REPORTS_SHOWN = 200  # that wait
# What an agency's ETag stands for: what an administrator can change.
GUARDED = ("agency_id", "name", "email", "active", "remit")


@dataclass(frozen=True, slots=True)
class Said:
    """What is said of an agency, as a whole."""

    name: str
    email: str = ""
    active: bool | None = None  # as it was; a new one is
    remit: Remit = "gross"


@dataclass(frozen=True, slots=True)
class AgencyDesk:
    """Keeps the agencies, and who changed what of them."""

    agencies: Agencies
    desk: RegistryDesk

    def put(self, caller: Caller, agency_id: str, said: Said) -> Reply:
        """Put an agency in, or another state of one; 201 for a new one.

        One that is not active gets no offers; what it has goes on.

        Raises:
            UnfitInputError: no agency can have this id, or the address is none.
            PreconditionFailedError, PreconditionRequiredError: as api.md says of `If-Match`.
            LimitError: there are 100 agencies already.
        """
        faults = []
        if not re.fullmatch(AGENCY_ID, agency_id):
            detail = "must be 1 to 20 small letters, digits or hyphens"
            faults.append(Fault("agency_id", "bad_id", detail))
        if said.email and not is_address(said.email):
            detail = "must be an e-mail address, or empty"
            faults.append(Fault("/email", "not_an_address", detail))
        if faults:
            raise UnfitInputError("the agency cannot be put in", faults)

        def rule() -> Rule:
            there = self._find(agency_id)
            if there is None:
                check_match(caller, None)
            made_at = caller.at if there is None else there.created_at
            is_active = there is None or there.is_active
            if said.active is not None:
                is_active = said.active
            after = Agency(
                agency_id, said.name, made_at, said.email, is_active=is_active, remit=said.remit
            )
            body = agency_body(after)
            if there == after:
                return Rule((), Reply(200, body))
            if there is not None:
                seen = agency_body(there)
                check_match(caller, {name: seen[name] for name in GUARDED})
            # It is kept before its line in the log: doing both again changes nothing.
            self.agencies.put(after)
            status = 201 if there is None else 200
            act = act_of(
                caller,
                log_of(agency_id),
                "agency_put",
                agency_id,
                active=str(is_active),
                remit=said.remit,
            )
            return Rule((), Reply(status, body, f"/v1/agencies/{agency_id}"), (act,))

        return self.desk.act(caller, rule)

    def _find(self, agency_id: str) -> Agency | None:
        try:
            return self.agencies.get(agency_id)
        except NotFoundError:
            return None


@dataclass(frozen=True, slots=True)
class AgencyReads:
    """Reads agencies, how far each one's feed is, who read its dossiers, and what it reported."""

    agencies: Agencies
    records: Records

    def one(self, agency_id: str) -> dict[str, Any]:
        """Return an agency, with the last 50 things that people did about it and its keys.

        Raises:
            NotFoundError: there is none of that id.
        """
        body = agency_body(self.agencies.get(agency_id))
        return body | {"log": acts_in(self.records, log_of(agency_id))}

    def page(self, after: str, limit: int) -> tuple[list[dict[str, Any]], str | None]:
        """Return agencies by id from after a mark, and the mark of the next page."""
        found = [one for one in self.agencies.all() if one.id > after]
        rows = [agency_body(one) for one in found[:limit]]
        return rows, found[limit - 1].id if len(found) > limit else None

    def feed_state(self, agency_id: str) -> dict[str, Any]:
        """Return how far an agency's feed is, and since when something waits to be acknowledged.

        Raises:
            NotFoundError: there is no such agency.
        """
        state = self.shelf(agency_id).feed_state()
        return {
            "agency_id": agency_id,
            "last": state.last,
            "acknowledged": state.acknowledged,
            "unacknowledged": state.last - state.acknowledged,
            "acknowledged_at": _at(state.acknowledged_at),
            "waiting_since": _at(state.oldest_at),
        }

    def reads(
        self, agency_id: str, before: str, limit: int
    ) -> tuple[list[dict[str, Any]], str | None]:
        """Return who read which dossiers of an agency, the newest first, and the next page's mark.

        Raises:
            NotFoundError: there is no such agency.
        """
        page = self.shelf(agency_id).reads(before, limit)
        return [_read(one) for one in page.rows], page.mark

    def waiting(self, agency_id: str) -> list[dict[str, Any]]:
        """Return the agency's reports that wait to be applied, in order, at most 200.

        Raises:
            NotFoundError: there is no such agency.
        """
        return [report_body(one) for one in self.shelf(agency_id).reports_waiting(REPORTS_SHOWN)]

    def report(self, agency_id: str, kind: str, report_id: str) -> dict[str, Any]:
        """Return what an agency reported, and what became of it.

        Raises:
            NotFoundError: there is no such agency or report.
        """
        return report_body(self.shelf(agency_id).report(kind, report_id))

    def shelf(self, agency_id: str) -> AgencyShelf:
        """Return the partition of an agency that is there.

        Raises:
            NotFoundError: there is no such agency.
        """
        return shelf_of(self.agencies, agency_id)


def log_of(agency_id: str) -> str:
    """Return the log of what people do about an agency and its keys."""
    return f"agency/{agency_id}"


def shelf_of(agencies: Agencies, agency_id: str) -> AgencyShelf:
    """Return the partition of an agency that is there.

    Raises:
        NotFoundError: there is no such agency.
    """
    try:
        agencies.get(agency_id)
    except InvalidInputError as error:
        raise NotFoundError(str(error)) from None
    return agencies.shelf(agency_id)


def agency_body(agency: Agency) -> dict[str, Any]:
    """Return an agency as plain values."""
    return {
        "agency_id": agency.id,
        "name": agency.name,
        "email": agency.email or None,
        "active": agency.is_active,
        "remit": agency.remit,
        "created_at": _at(agency.created_at),
    }


def report_body(report: AgencyReport) -> dict[str, Any]:
    """Return a report as plain values: what was said, and what became of it."""
    said: Mapping[str, Any] = json.loads(report.body) if report.body else {}
    return {
        "report_id": report.id,
        "kind": report.kind,
        "placement_id": report.placement_id or None,
        "state": report.state,
        "code": report.code or None,
        "detail": report.detail or None,
        "received_at": _at(report.received_at),
        "applied_at": _at(report.applied_at),
        "key_id": report.key_id or None,
        "said": dict(said),
    }


def _read(one: DossierRead) -> dict[str, Any]:
    return {
        "at": _at(one.at),
        "key_id": one.key_id,
        "placement_ids": list(one.placement_ids),
        "request_id": one.request_id or None,
    }


def _at(at: datetime | None) -> str | None:
    return None if at is None else at.astimezone(UTC).isoformat().replace("+00:00", "Z")
