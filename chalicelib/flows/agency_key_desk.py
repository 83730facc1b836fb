"""The keys of agencies: made and rotated with the secret shown once, listed, revoked (R10.5).

A secret is in one answer and nowhere else: the answer that is kept for the idempotency key has none.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from chalicelib.core.errors import BlockedError, Blocker, NotFoundError, PastdueError
from chalicelib.flows.agency_desk import log_of
from chalicelib.flows.api_keys import ACTIVE, REVOKED, ApiKey, ApiKeys
from chalicelib.flows.desk import Caller, Reply
from chalicelib.flows.ports_agency import Agencies
from chalicelib.flows.principal import AGENCY
from chalicelib.flows.registry_desk import LoggedAct, RegistryDesk, Rule, act_of


@dataclass(frozen=True, slots=True)
class AgencyKeyDesk:
    """Makes and ends the keys of agencies, and keeps who did it."""

    agencies: Agencies
    keys: ApiKeys
    desk: RegistryDesk

    def create(
        self, caller: Caller, agency_id: str, scopes: Sequence[str], days: int, label: str
    ) -> Reply:
        """Make a key of an agency, which `caller` answers for; the token is in this answer alone.

        Given again for the same idempotency key, the answer has no token.

        Raises:
            NotFoundError: there is no such agency.
            LimitError: there are too many keys.
        """
        self.agencies.get(agency_id)
        given = self.desk.given(caller)
        if given is not None:
            return given
        token, key = self.keys.create(
            roles=(AGENCY,),
            owner=caller.principal.person,
            now=caller.at,
            life=timedelta(days=days),
            agency_id=agency_id,
            label=label,
            scopes=scopes,
        )
        act = act_of(
            caller,
            log_of(agency_id),
            "agency_key_made",
            key.id,
            agency=agency_id,
            scopes=" ".join(key.scopes),
        )
        return self._shown_once(caller, token, key, act)

    def rotate(self, caller: Caller, agency_id: str, key_id: str, overlap_hours: int) -> Reply:
        """Make the key that follows another, which ends after the overlap; shown once as in `create`.

        Raises:
            NotFoundError: the agency has no such key.
            BlockedError: it is over, or another follows it already.
            LimitError: there are too many keys.
        """
        given = self.desk.given(caller)
        if given is not None:
            return given
        old = self._find(agency_id, key_id)
        status = status_of(old, caller.at)
        if status != ACTIVE or old.replaced_by:
            raise _not_rotated(old, status)
        overlap = timedelta(hours=overlap_hours)
        token, key = self.keys.rotate(key_id, now=caller.at, overlap=overlap)
        hours = str(overlap_hours)
        act = act_of(
            caller,
            log_of(agency_id),
            "agency_key_rotated",
            key_id,
            agency=agency_id,
            follows=key.id,
            hours=hours,
        )
        return self._shown_once(caller, token, key, act)

    def revoke(self, caller: Caller, agency_id: str, key_id: str) -> Reply:
        """End a key at once; one that was ended before stays as it is.

        Raises:
            NotFoundError: the agency has no such key.
        """
        self._find(agency_id, key_id)
        ended = self.keys.revoke(key_id, by=caller.principal.person, now=caller.at)
        reply = Reply(200, key_body(ended, caller.at))
        act = act_of(caller, log_of(agency_id), "agency_key_revoked", key_id, agency=agency_id)
        return self.desk.act(caller, lambda: Rule((), reply, (act,)))

    def page(
        self, agency_id: str, mark: str, limit: int, now: datetime
    ) -> tuple[list[dict[str, Any]], str | None]:
        """Return an agency's keys without their secrets, newest first, from a mark; the next mark.

        Raises:
            NotFoundError: there is no such agency.
        """
        self.agencies.get(agency_id)
        found = [key for key in self.keys.all() if key.agency_id == agency_id]
        first = int(mark or "0")
        rows = [key_body(key, now) for key in found[first : first + limit]]
        return rows, str(first + limit) if len(found) > first + limit else None

    def _find(self, agency_id: str, key_id: str) -> ApiKey:
        for key in self.keys.all():
            if key.id == key_id and key.agency_id == agency_id:
                return key
        raise NotFoundError(f"agency {agency_id[:64]} has no key {key_id[:64]!r}")

    def _shown_once(self, caller: Caller, token: str, key: ApiKey, act: LoggedAct) -> Reply:
        """Keep the answer without the token, and give it with the token; or take the key back.

        Of two calls with the same idempotency key at once, one key stays: nobody was shown the
        other's token, so it ends again.
        """
        body = {**key_body(key, caller.at), "token": None}
        where = f"/v1/agencies/{key.agency_id}/keys"
        kept = Rule((), Reply(201, body, where), (act,))
        try:
            reply = self.desk.act(caller, lambda: kept)
        except PastdueError:
            self.keys.revoke(key.id, by=caller.principal.person, now=caller.at)
            raise
        if reply.is_replayed:
            self.keys.revoke(key.id, by=caller.principal.person, now=caller.at)
            return reply
        return Reply(201, {**body, "token": token}, where)


def status_of(key: ApiKey, now: datetime) -> str:
    """Return `active`, `revoked` or `expired`."""
    if key.status == REVOKED:
        return REVOKED
    return ACTIVE if now < key.expires_at else "expired"


def key_body(key: ApiKey, now: datetime) -> dict[str, Any]:
    """Return a key as plain values: nothing of its secret but the last characters."""
    status = status_of(key, now)
    may_rotate = status == ACTIVE and not key.replaced_by
    return {
        "key_id": key.id,
        "agency_id": key.agency_id,
        "label": key.label or None,
        "scopes": list(key.scopes),
        "status": status,
        "last_characters": key.last_characters,
        "made_by": key.owner,
        "created_at": _at(key.created_at),
        "expires_at": _at(key.expires_at),
        "replaced_by": key.replaced_by or None,
        "revoked_at": _at(key.revoked_at),
        "revoked_by": key.revoked_by or None,
        "allowed_actions": [
            *(["rotate"] if may_rotate else []),
            *(["revoke"] if status == ACTIVE else []),
        ],
    }


def _not_rotated(key: ApiKey, status: str) -> BlockedError:
    blocker = Blocker(status, f"it is {status}")
    if status == ACTIVE:
        blocker = Blocker("rotated", f"key {key.replaced_by} follows it already")
    actions = ("revoke",) if status == ACTIVE else ()
    return BlockedError(f"key {key.id} cannot be rotated", [blocker], actions)


def _at(at: datetime | None) -> str | None:
    return None if at is None else at.astimezone(UTC).isoformat().replace("+00:00", "Z")
