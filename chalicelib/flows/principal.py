"""Who calls: what authentication found out about the caller, and nothing else."""

from __future__ import annotations

from dataclasses import dataclass

VIEWER = "viewer"
COLLECTOR = "collector"
APPROVER = "approver"
ADMIN = "admin"
SERVICE = "service"
AGENCY = "agency"

ROLES = (VIEWER, COLLECTOR, APPROVER, ADMIN, SERVICE, AGENCY)


@dataclass(frozen=True, slots=True)
class Principal:
    """An authenticated caller: a person, or a key that a person made.

    `owner` is who made the key, `agency_id` the agency that the key belongs to; a person has
    neither.
    """

    id: str
    roles: frozenset[str]
    owner: str = ""
    agency_id: str = ""

    @property
    def person(self) -> str:
        """Who answers for the call: an approval compares this, so that no key stands in (four-eyes)."""
        return self.owner or self.id
