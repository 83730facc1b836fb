"""Keys for systems and agencies: made once, shown once, kept as a hash, revocable by one write."""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Protocol

from chalicelib.core.errors import ConflictError, Fault, InvalidInputError, UnauthorizedError
from chalicelib.flows.auth_grant import KEY_PREFIX, Grant, names_a_person
from chalicelib.flows.principal import AGENCY, ROLES, Principal

SECRET_BYTES = 32  # 256 bits: nothing to guess, so a plain hash is enough
ID_BYTES = 8
SHOWN = 4  # the secret's last characters, by which a person knows a key again
ACTIVE, REVOKED = "active", "revoked"
LABEL_MAX = 64  # characters
LIFE_MAX = timedelta(days=366)
OVERLAP_MAX = timedelta(days=30)  # how long a key may go on beside the one that follows it
READ, REPORT, REMIT = "read", "report", "remit"
SCOPES = (
    READ,
    REPORT,
    REMIT,
)  # what an agency's key may: pull, report what it did, hand money over
KEYS_MAX = 200  # of one stage, revoked ones included
TOKEN = re.compile(r"pdk_([a-z][a-z0-9]{1,15})_([0-9a-f]{16})_([0-9a-f]{64})")


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiKey:
    """A key as it is kept: whose it is and what it may, and of its secret the SHA-256 alone.

    `owner` is the person who made it and answers for it (four-eyes). `scopes`: of an agency's key
    alone, what it may. `replaced_by`: the key that was made of it by rotation.
    """

    id: str
    secret_sha256: str
    last_characters: str
    roles: tuple[str, ...]
    owner: str
    created_at: datetime
    expires_at: datetime
    status: str = ACTIVE
    agency_id: str = ""
    label: str = ""
    revoked_at: datetime | None = None
    revoked_by: str = ""
    scopes: tuple[str, ...] = ()
    replaced_by: str = ""


class KeyShelf(Protocol):
    """Where keys are kept."""

    def get(self, key_id: str) -> ApiKey:
        """Return a key as it is now.

        Raises:
            NotFoundError: there is none of that id.
        """
        ...

    def add(self, key: ApiKey) -> None:
        """Keep a new key.

        Raises:
            LimitError: there are 200 already.
            ConflictError: there is one of that id.
        """
        ...

    def replace(self, key: ApiKey) -> None:
        """Keep a key's new state."""
        ...

    def all(self) -> Sequence[ApiKey]:
        """Return every key, the newest first."""
        ...


class ApiKeys:
    """Makes, reads, lists and revokes the keys of one stage. `random` gives so many random bytes."""

    def __init__(self, shelf: KeyShelf, stage: str, random: Callable[[int], bytes]) -> None:
        self._shelf = shelf
        self._stage = stage
        self._random = random

    def create(
        self,
        *,
        roles: Sequence[str],
        owner: str,
        now: datetime,
        life: timedelta,
        agency_id: str = "",
        label: str = "",
        scopes: Sequence[str] = (),
    ) -> tuple[str, ApiKey]:
        """Make a key and return the token, which is never to be seen again, and what is kept.

        `scopes`: of an agency's key, which needs one at least; others have none.

        Raises:
            InvalidInputError: every fault of what was asked for.
            LimitError: there are too many keys.
        """
        faults = _faults(roles, owner, life, agency_id, label)
        faults += _scope_faults(AGENCY in roles, scopes)
        if faults:
            raise InvalidInputError("the key cannot be made", faults)
        key_id, secret = self._random(ID_BYTES).hex(), self._random(SECRET_BYTES).hex()
        key = ApiKey(
            id=key_id,
            secret_sha256=_sha256(secret),
            last_characters=secret[-SHOWN:],
            roles=tuple(sorted(set(roles))),
            owner=owner,
            created_at=now,
            expires_at=now + life,
            agency_id=agency_id,
            label=label,
            scopes=tuple(scope for scope in SCOPES if scope in scopes),
        )
        self._shelf.add(key)
        return f"pdk_{self._stage}_{key_id}_{secret}", key

    def rotate(self, key_id: str, *, now: datetime, overlap: timedelta) -> tuple[str, ApiKey]:
        """Make a key that follows another: its owner's, with its roles, agency, scopes, label, life.

        Returns the token, shown this once, and what is kept. The old key ends after `overlap`, 0 to
        30 days, unless it ends earlier by itself. Who rotated it is for the log of whoever asks.

        Raises:
            NotFoundError: there is none of that id.
            ConflictError: it is over, or was rotated before.
            InvalidInputError: every fault of what was asked for.
            LimitError: there are too many keys.
        """
        old = self._shelf.get(key_id)
        if not timedelta(0) <= overlap <= OVERLAP_MAX:
            fault = Fault("overlap", "out_of_range", "must be 0 to 30 days")
            raise InvalidInputError("the key cannot be rotated", [fault])
        if old.status != ACTIVE or old.expires_at <= now:
            raise ConflictError("the key is over: make a new one")
        if old.replaced_by:
            raise ConflictError(f"the key was rotated before: key {old.replaced_by} follows it")
        # The new one first: after a crash in between both hold, and none is lost but the new one.
        token, new = self.create(
            roles=old.roles,
            owner=old.owner,
            now=now,
            life=old.expires_at - old.created_at,
            agency_id=old.agency_id,
            label=old.label,
            scopes=old.scopes,
        )
        ends_at = min(old.expires_at, now + overlap)
        self._shelf.replace(replace(old, expires_at=ends_at, replaced_by=new.id))
        return token, new

    def revoke(self, key_id: str, *, by: str, now: datetime) -> ApiKey:
        """End a key; one that was ended before stays as it is. It holds for a minute at most.

        Raises:
            NotFoundError: there is none of that id.
        """
        key = self._shelf.get(key_id)
        if key.status == REVOKED:
            return key
        ended = replace(key, status=REVOKED, revoked_at=now, revoked_by=by)
        self._shelf.replace(ended)
        return ended

    def all(self) -> Sequence[ApiKey]:
        """Return every key, the newest first."""
        return self._shelf.all()


def key_grant(key: ApiKey, secret: str, now: datetime) -> Grant:
    """Return what a key grants to whoever holds its secret.

    Raises:
        UnauthorizedError: another secret, revoked, or over; the message is a code for the log.
    """
    if not hmac.compare_digest(key.secret_sha256, _sha256(secret)):
        raise UnauthorizedError("wrong_secret")
    if key.status != ACTIVE:
        raise UnauthorizedError("key_revoked")
    if key.expires_at <= now:
        raise UnauthorizedError("key_expired")
    principal = Principal(KEY_PREFIX + key.id, frozenset(key.roles), key.owner, key.agency_id)
    return Grant(principal, key.expires_at, key.id)


def _sha256(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


def _scope_faults(is_agencys: bool, scopes: Sequence[str]) -> list[Fault]:
    faults = [
        Fault("scopes", "unknown_scope", f"{scope!r} is not one of {', '.join(SCOPES)}")
        for scope in scopes
        if scope not in SCOPES
    ]
    if is_agencys and not scopes:
        faults.append(Fault("scopes", "missing", f"say what it may: {', '.join(SCOPES)}"))
    if scopes and not is_agencys:
        faults.append(Fault("scopes", "agency_only", "only an agency's key has scopes"))
    return faults


def _faults(
    roles: Sequence[str], owner: str, life: timedelta, agency_id: str, label: str
) -> list[Fault]:
    faults = [
        Fault("roles", "unknown_role", f"{role!r} is not one of {', '.join(ROLES)}")
        for role in roles
        if role not in ROLES
    ]
    if not roles:
        faults.append(Fault("roles", "missing", "a key needs a role"))
    if (AGENCY in roles) != bool(agency_id) or (AGENCY in roles and set(roles) != {AGENCY}):
        detail = "an agency's key has the role agency alone, and names its agency"
        faults.append(Fault("agency_id", "agency_alone", detail))
    if not names_a_person(owner):
        faults.append(Fault("owner", "not_a_person", "must name the person who answers for it"))
    if not timedelta(0) < life <= LIFE_MAX:
        faults.append(Fault("expires_in", "out_of_range", "must be at most 366 days"))
    if len(label) > LABEL_MAX or not label.isprintable():
        detail = f"must be at most {LABEL_MAX} printable characters"
        faults.append(Fault("label", "too_long", detail))
    return faults
