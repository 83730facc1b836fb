"""The agency of a local stage: the shipped policies name one, and on this machine it is nobody real.

It is never packaged: in AWS an agency is there when an administrator has entered it.
"""

from __future__ import annotations

from datetime import datetime

from chalicelib.flows.ports_agency import Agencies, Agency

AGENCY_ID = "default"  # what the shipped policies' `[escalation] agencies` name
NAME = "Sandbox Collections"
EMAIL = "placements@sandbox-collections.example"


def open_sandbox(agencies: Agencies, now: datetime) -> Agency:
    """Enter the sandbox agency into a new stage, and return it."""
    agency = Agency(AGENCY_ID, NAME, now, EMAIL)
    agencies.put(agency)
    return agency
