"""The public keys of an issuer: fetched with limits, kept for minutes, never for ever."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping
from http.client import HTTPException
from typing import Any

from chalicelib.core.errors import UnavailableError
from chalicelib.identity.issuers import Issuer

MAX_AGE_S = 300.0
COOLDOWN_S = 30.0  # between two fetches, whatever is asked for: an unknown kid costs nothing
STALE_MAX_S = 3_600.0  # how long keys are still used while their issuer does not answer
TIMEOUT_S = 3.0
BYTES_MAX = 262_144
USABLE_TYPES = frozenset({"EC", "RSA", "OKP"})

Fetch = Callable[[str], Any]
Key = Mapping[str, Any]
Keys = dict[str, Key]


def fetch_json(url: str) -> Any:
    """Return the JSON under an https address; redirects are not followed.

    Raises:
        UnavailableError: it does not answer within 3 s, or not with at most 256 kB of JSON.
    """
    opener = urllib.request.build_opener(_NoRedirect)
    request = urllib.request.Request(url, headers={"Accept": "application/json"})  # noqa: S310 - https, as `read_issuers` checks
    try:
        with opener.open(request, timeout=TIMEOUT_S) as answer:
            content = answer.read(BYTES_MAX + 1)
        if len(content) > BYTES_MAX:
            raise UnavailableError("the issuer's keys are too large")
        return json.loads(content)
    except (OSError, HTTPException, ValueError, RecursionError) as error:
        raise UnavailableError(f"the issuer's keys cannot be read: {error}") from error


class KeySet:
    """One issuer's keys by their `kid`. `monotonic` gives seconds."""

    def __init__(
        self, issuer: Issuer, monotonic: Callable[[], float], fetch: Fetch = fetch_json
    ) -> None:
        self._uri = issuer.jwks_uri
        self._monotonic = monotonic
        self._fetch = fetch
        self._keys = {} if self._uri else public_keys(issuer.jwks)
        self._fetched_at: float | None = None
        self._tried_at: float | None = None

    def key(self, kid: str) -> Key | None:
        """Return a key as a JWK, None when the issuer has none of that name.

        Raises:
            UnavailableError: the issuer's keys are not known and cannot be fetched now.
        """
        if self._uri:
            self._refresh(kid)
        return self._keys.get(kid)

    def _refresh(self, kid: str) -> None:
        now = self._monotonic()
        age_s = None if self._fetched_at is None else now - self._fetched_at
        if age_s is not None and age_s < MAX_AGE_S and kid in self._keys:
            return
        fault: UnavailableError | None = None
        if self._tried_at is None or now - self._tried_at >= COOLDOWN_S:
            self._tried_at = now
            try:
                self._keys = public_keys(self._fetch(self._uri))
                self._fetched_at = now
                return
            except UnavailableError as error:
                fault = error
        if age_s is None or age_s >= STALE_MAX_S:
            raise fault or UnavailableError("the issuer's keys could not be fetched just now")


def public_keys(document: Any) -> Keys:
    """Return the keys of a JWK set that signatures can be checked with, by `kid`.

    Keys without a name, for encryption, or of another kind are passed over.

    Raises:
        UnavailableError: this is no JWK set.
    """
    keys = document.get("keys") if isinstance(document, dict) else None
    if not isinstance(keys, list):
        raise UnavailableError("the issuer's keys are not a JWK set")
    return {key["kid"]: key for key in keys if _is_usable(key)}


def _is_usable(key: object) -> bool:
    return (
        isinstance(key, dict)
        and key.get("kty") in USABLE_TYPES
        and key.get("use", "sig") == "sig"
        and isinstance(key.get("kid"), str)
        and key["kid"] != ""
    )


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """An issuer's keys are where its settings say, or nowhere."""

    def redirect_request(self, *args: Any, **kwargs: Any) -> None:
        """Follow nothing: the redirect is then an HTTP error."""
