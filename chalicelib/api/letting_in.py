"""Who is let in: a role for each route, and of an agency the key as it is now (api.md, Agencies)."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime

from chalicelib.core.errors import ForbiddenError, NotFoundError, UnauthorizedError
from chalicelib.flows.api_keys import ACTIVE, KeyShelf
from chalicelib.flows.auth_grant import KEY_PREFIX, principal_of
from chalicelib.flows.principal import AGENCY, Principal


def let_in(context: Mapping[str, str], roles: Collection[str], now: datetime) -> Principal:
    """Return who calls, if one of their roles is among these.

    Raises:
        UnauthorizedError: nobody is known to call, or what was granted is over.
        ForbiddenError: they have none of the roles.
    """
    principal = principal_of(context, now)
    if principal.roles.isdisjoint(roles):
        raise ForbiddenError(f"this call needs one of the roles {', '.join(sorted(roles))}")
    return principal


def let_agency_in(
    context: Mapping[str, str], scope: str, keys: KeyShelf, now: datetime
) -> Principal:
    """Return the agency that calls, by its key as it is kept now, whatever was granted before.

    API Gateway keeps what the authorizer said for a minute; a key that was revoked in between, or
    is not of this agency, is nobody's. One read.

    Raises:
        UnauthorizedError: the key does not hold, or what was granted is not what it grants.
        ForbiddenError: it is no agency that calls, or the key has not this scope.
    """
    principal = let_in(context, {AGENCY}, now)
    key_id = context.get("key_id", "")
    if not key_id or not principal.agency_id:
        raise ForbiddenError("an agency calls with a key of its own")
    try:
        key = keys.get(key_id)
    except NotFoundError:
        raise UnauthorizedError("the key is not there") from None
    is_the_same = (KEY_PREFIX + key.id, key.agency_id) == (principal.id, principal.agency_id)
    if not is_the_same or AGENCY not in key.roles:
        raise UnauthorizedError("the key is another's")
    if key.status != ACTIVE or key.expires_at <= now:
        raise UnauthorizedError("the key is over")
    if scope not in key.scopes:
        raise ForbiddenError(f"this call needs a key with the scope {scope}")
    return principal
