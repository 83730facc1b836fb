"""What the authorizer hands to the views: a principal and until when it holds, as flat strings."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from chalicelib.core.errors import UnauthorizedError
from chalicelib.flows.principal import ROLES, Principal

# Whoever issues tokens chooses subjects: printable ASCII, so that one id is one way of writing it.
IDENTITY = re.compile(r"[!-~]{1,128}")
KEY_PREFIX = "key:"  # of a key's own principal id; no token's subject may begin with it
AGENCY_PREFIX = "agency:"  # of who did what an agency reported; nor may it begin with this
# Who acts here without being a person: whose hold it is (R8.3), who is told of in a timeline.
OURS = frozenset({"rule", "pastdue", "upload"})


def names_a_person(identity: str) -> bool:
    """Return whether an id may stand for a person: it is well written, and not one of ours."""
    is_ours = identity.startswith((KEY_PREFIX, AGENCY_PREFIX)) or identity in OURS
    return IDENTITY.fullmatch(identity) is not None and not is_ours


@dataclass(frozen=True, slots=True)
class Grant:
    """Who a token stands for, and until when. `key_id` is the API key's, empty for a person."""

    principal: Principal
    until: datetime
    key_id: str = ""

    def context(self) -> dict[str, str]:
        """Return the grant as API Gateway carries it: text only, `exp` in seconds since 1970."""
        return {
            "principal": self.principal.id,
            "roles": " ".join(sorted(self.principal.roles)),
            "owner": self.principal.owner,
            "agency_id": self.principal.agency_id,
            "exp": str(int(self.until.timestamp())),
            "key_id": self.key_id,
        }


def principal_of(context: Mapping[str, str], now: datetime) -> Principal:
    """Return who calls, from the context that `Grant.context` wrote.

    API Gateway keeps an authorizer's answer for a while, so the end is looked at again here.

    Raises:
        UnauthorizedError: there is no such context, or what it grants is over.
    """
    identity, exp = context.get("principal", ""), context.get("exp", "")
    if not IDENTITY.fullmatch(identity) or not re.fullmatch(r"[0-9]{1,11}", exp):
        raise UnauthorizedError("who calls is not known")
    if int(exp) <= now.timestamp():
        raise UnauthorizedError("the token is no longer valid")
    return Principal(
        id=identity,
        roles=frozenset(context.get("roles", "").split()) & frozenset(ROLES),
        owner=context.get("owner", ""),
        agency_id=context.get("agency_id", ""),
    )
