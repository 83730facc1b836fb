"""Reads OIDC access tokens: whose they are, checked against the issuers that the settings name."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import jwt

from chalicelib.core.errors import UnauthorizedError
from chalicelib.flows.auth_grant import Grant, names_a_person
from chalicelib.flows.principal import Principal
from chalicelib.identity.issuers import Issuer
from chalicelib.identity.jwks import Fetch, KeySet, fetch_json

LEEWAY = timedelta(seconds=10)  # between the issuer's clock and ours


class OidcTokens:
    """`AccessTokens` of some issuers. Their keys are fetched when a token first names them."""

    def __init__(
        self,
        issuers: Sequence[Issuer],
        monotonic: Callable[[], float],
        fetch: Fetch = fetch_json,
    ) -> None:
        self._issuers = {
            issuer.issuer: (issuer, KeySet(issuer, monotonic, fetch)) for issuer in issuers
        }
        # What another issuer's people are named by: nobody's subject may begin so by itself.
        self._taken = tuple(f"{one.prefix}:" for one in issuers if one.prefix)

    def grant(self, token: str) -> Grant:
        """Return what a token grants.

        Raises:
            UnauthorizedError: it is not one that holds; the message is a code for the log.
            UnavailableError: the issuer's keys cannot be fetched now.
        """
        try:
            claimed = jwt.decode_complete(token, options={"verify_signature": False})
            issuer, keys = self._named(claimed["payload"])
            claims = self._checked(token, claimed["header"], issuer, keys)
        except (jwt.PyJWTError, RecursionError) as error:
            # The kind alone: PyJWT's messages repeat what the token says.
            raise UnauthorizedError(type(error).__name__) from None
        return _grant(claims, issuer, self._taken)

    def _named(self, unchecked: Mapping[str, Any]) -> tuple[Issuer, KeySet]:
        """Return the issuer that a token claims, before anything of it is believed."""
        name = unchecked.get("iss")
        if not isinstance(name, str) or name not in self._issuers:
            raise UnauthorizedError("unknown_issuer")
        return self._issuers[name]

    def _checked(
        self, token: str, header: Mapping[str, Any], issuer: Issuer, keys: KeySet
    ) -> Mapping[str, Any]:
        """Return a token's claims once signature, issuer, audience and times hold."""
        kid, algorithm = header.get("kid"), header.get("alg")
        if not isinstance(kid, str) or algorithm not in issuer.algorithms:
            raise UnauthorizedError("unknown_algorithm_or_key")
        key = keys.key(kid)
        if key is None:
            raise UnauthorizedError("unknown_key")
        if key.get("alg", algorithm) != algorithm:
            raise UnauthorizedError("another_algorithm")
        has_aud = issuer.audience_claim == "aud"
        claims = jwt.decode(
            token,
            jwt.PyJWK(dict(key), algorithm),  # refuses a key of another kind than the algorithm's
            algorithms=[algorithm],
            issuer=issuer.issuer,
            audience=issuer.audience if has_aud else None,
            leeway=LEEWAY,
            options={
                "require": ["exp", "iss", issuer.audience_claim, issuer.subject_claim],
                "verify_aud": has_aud,
                "enforce_minimum_key_length": True,
            },
        )
        if not has_aud and claims[issuer.audience_claim] not in issuer.audience:
            raise UnauthorizedError("another_audience")
        if any(claims.get(name) != value for name, value in issuer.required.items()):
            raise UnauthorizedError("required_claim")
        return claims


def _grant(claims: Mapping[str, Any], issuer: Issuer, taken: tuple[str, ...]) -> Grant:
    subject = claims[issuer.subject_claim]
    if not isinstance(subject, str) or not subject:
        raise UnauthorizedError("unusable_subject")
    identity = f"{issuer.prefix}:{subject}" if issuer.prefix else subject
    if not names_a_person(identity) or (not issuer.prefix and identity.startswith(taken)):
        raise UnauthorizedError("unusable_subject")
    said = claims.get(issuer.roles_claim, ())
    values = said.split() if isinstance(said, str) else said
    if not isinstance(values, list | tuple):
        raise UnauthorizedError("unusable_roles")
    roles = frozenset(
        issuer.roles[value] for value in values if isinstance(value, str) and value in issuer.roles
    )
    try:
        until = datetime.fromtimestamp(int(claims["exp"]), UTC) + LEEWAY
    except (OverflowError, ValueError, OSError):
        raise UnauthorizedError("unusable_end") from None
    return Grant(Principal(identity, roles), until)
