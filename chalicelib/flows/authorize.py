"""Finds out who calls, from the `Authorization` header: a key of ours, or an issuer's token."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from chalicelib.core.errors import NotFoundError, UnauthorizedError
from chalicelib.flows.api_keys import TOKEN, KeyShelf, key_grant
from chalicelib.flows.auth_grant import Grant

SCHEME = "bearer "  # in any case (RFC 9110)
LENGTH_MAX = 8_192  # API Gateway takes 10,240 bytes of headers in all


class AccessTokens(Protocol):
    """What reads access tokens of OIDC issuers."""

    def grant(self, token: str) -> Grant:
        """Return what a token grants.

        Raises:
            UnauthorizedError: it is not one that holds; the message is a code for the log.
            UnavailableError: whether it holds cannot be found out now.
        """
        ...


@dataclass(frozen=True, slots=True)
class Authorize:
    """Reads tokens of both kinds. What they need is made when a token of its kind first comes."""

    stage: str
    keys: Callable[[], KeyShelf]
    access_tokens: Callable[[], AccessTokens]

    def grant(self, header: str, now: datetime) -> Grant:
        """Return what an `Authorization` header grants.

        Raises:
            UnauthorizedError: nothing; the message is a code for the log.
            UnavailableError: whether it does cannot be found out now.
        """
        scheme, token = header[: len(SCHEME)], header[len(SCHEME) :]
        if len(header) > LENGTH_MAX or scheme.lower() != SCHEME:
            raise UnauthorizedError("not_a_bearer_token")
        if token.startswith("pdk_"):
            return self._key_grant(token, now)
        if token.startswith("eyJ"):
            return self.access_tokens().grant(token)
        raise UnauthorizedError("unknown_kind_of_token")

    def _key_grant(self, token: str, now: datetime) -> Grant:
        found = TOKEN.fullmatch(token)
        if found is None:
            raise UnauthorizedError("not_a_key")
        stage, key_id, secret = found.groups()
        if stage != self.stage:
            raise UnauthorizedError("key_of_another_stage")
        try:
            key = self.keys().get(key_id)
        except NotFoundError:
            raise UnauthorizedError(f"unknown_key {key_id}") from None
        try:
            return key_grant(key, secret, now)
        except UnauthorizedError as error:
            raise UnauthorizedError(f"{error} {key_id}") from None
