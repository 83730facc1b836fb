"""A version of a policy as it is kept and told: who proposed it, who decided, where it stands."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from chalicelib.flows.policy_table import INSTALLED_ON, PolicyCard
from chalicelib.flows.ports_registry import RecordKey

PROPOSED, APPROVED, DECLINED = "proposed", "approved", "declined"
SCHEDULED, IN_FORCE, SUPERSEDED = "scheduled", "in_force", "superseded"


@dataclass(frozen=True, slots=True)
class PolicyVersion:
    """A version that was proposed, and what became of it. `*_person` answer for the principals."""

    policy_id: str
    version: str
    state: str
    effective_on: date
    proposed_by: str
    proposed_person: str
    proposed_at: datetime
    decided_by: str = ""
    decided_at: datetime | None = None
    reason_code: str = ""
    note: str = ""


def version_key(policy_id: str, version: str) -> RecordKey:
    """Return where is kept what became of a version."""
    return RecordKey(f"P#{policy_id}", f"VERSION#{version}")


def log_of(policy_id: str) -> str:
    """Return the name of a policy's log."""
    return f"policy/{policy_id}"


def card_values(policy_id: str, card: PolicyCard, today: date) -> dict[str, Any]:
    """Return a policy's card as plain values; `effective_on` null: since it was installed."""
    entries = [entry for entry in card.scheduled if entry.effective_on <= today]
    since = entries[-1].effective_on if entries else INSTALLED_ON
    return {
        "policy_id": policy_id,
        "version": card.in_force(today),
        "effective_on": None if since == INSTALLED_ON else since.isoformat(),
        "scheduled": [
            {"version": entry.version, "effective_on": entry.effective_on.isoformat()}
            for entry in card.scheduled
            if entry.effective_on > today
        ],
        "proposed": list(card.proposed),
    }


def version_values(made: PolicyVersion, card: PolicyCard, today: date) -> dict[str, Any]:
    """Return a version as plain values, its state as of today."""
    return {
        "policy_id": made.policy_id,
        "version": made.version,
        "state": _state(made.state, made.version, card, today),
        "effective_on": made.effective_on.isoformat(),
        "proposed_by": made.proposed_by,
        "proposed_at": made.proposed_at.isoformat(),
        "decided_by": made.decided_by or None,
        "decided_at": None if made.decided_at is None else made.decided_at.isoformat(),
        "reason_code": made.reason_code or None,
        "note": made.note or None,
    }


def installed_values(policy_id: str, version: str, card: PolicyCard, today: date) -> dict[str, Any]:
    """Return a version that a stage was installed with: nobody proposed it."""
    blank = ("effective_on", "proposed_by", "proposed_at", "decided_by", "decided_at")
    return {
        "policy_id": policy_id,
        "version": version,
        "state": _state(APPROVED, version, card, today),
        **dict.fromkeys((*blank, "reason_code", "note")),
    }


def _state(state: str, version: str, card: PolicyCard, today: date) -> str:
    if state != APPROVED:
        return state
    if card.in_force(today) == version:
        return IN_FORCE
    later = any(e.version == version and e.effective_on > today for e in card.scheduled)
    return SCHEDULED if later else SUPERSEDED
