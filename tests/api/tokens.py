"""An identity provider in this process: keys, tokens, and its JWKS."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache
from typing import Any

import jwt
from chalicelib.core.errors import UnavailableError
from chalicelib.identity.issuers import Issuer
from chalicelib.identity.oidc import OidcTokens
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa

URL = "https://login.example/tenant"
AUDIENCE = "api://pastdue"
PAST, FUTURE = datetime(2001, 1, 1, tzinfo=UTC), datetime(2200, 1, 1, tzinfo=UTC)
CLAIMS: dict[str, Any] = {
    "iss": URL,
    "aud": AUDIENCE,
    "sub": "anna",
    "roles": ["Finance.Read", "Finance.Approve", "Canteen"],
    "exp": FUTURE,
}
ALGORITHMS = jwt.get_algorithm_by_name


@cache
def private_key(kind: str, number: int = 0) -> Any:
    """A private key, the same on each call."""
    del number
    match kind:
        case "RS256" | "PS256":
            return rsa.generate_private_key(65537, 2048)
        case "small":
            return rsa.generate_private_key(65537, 1024)
        case "EdDSA":
            return ed25519.Ed25519PrivateKey.generate()
    return ec.generate_private_key(ec.SECP256R1())


def public_jwk(kind: str, kid: str, number: int = 0, **more: str) -> dict[str, Any]:
    """The public half as a JWK."""
    algorithm = ALGORITHMS("RS256" if kind == "small" else kind)
    key = algorithm.to_jwk(private_key(kind, number).public_key(), as_dict=True)
    return {**key, "kid": kid, **more}


@dataclass
class Provider:
    """Answers for its JWKS, counts how often it was asked, and can be out of reach."""

    keys: list[dict[str, Any]] = field(default_factory=lambda: [public_jwk("ES256", "1")])
    asked: int = 0
    is_away: bool = False
    now_s: float = 1_000.0

    def fetch(self, url: str) -> Any:
        self.asked += 1
        assert url == f"{URL}/keys"
        if self.is_away:
            raise UnavailableError("the provider does not answer")
        return {"keys": self.keys}

    def tokens(self, **settings: Any) -> OidcTokens:
        """What reads this provider's tokens, and those of the issuers beside it."""
        beside = settings.pop("beside", ())
        values: dict[str, Any] = {
            "issuer": URL,
            "audience": (AUDIENCE,),
            "algorithms": ("ES256",),
            "roles": {"Finance.Read": "viewer", "Finance.Approve": "approver"},
            "jwks_uri": f"{URL}/keys",
        }
        mine = Issuer(**(values | settings))
        return OidcTokens([mine, *beside], lambda: self.now_s, self.fetch)


def signed(
    claims: Mapping[str, Any] | None = None,
    *,
    without: str = "",
    kind: str = "ES256",
    kid: str | None = "1",
    number: int = 0,
) -> str:
    """A token of the provider, its claims changed as a story needs it."""
    said = {name: value for name, value in (CLAIMS | dict(claims or {})).items() if name != without}
    headers = {} if kid is None else {"kid": kid}
    return jwt.encode(said, private_key(kind, number), kind, headers=headers)
