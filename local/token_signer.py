"""Signs access tokens for a local stage, with a key that never leaves this machine.

None of this is packaged, and its issuer is only ever named to a local cloud.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import jwt
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ec import (
    SECP256R1,
    EllipticCurvePrivateKey,
    generate_private_key,
)

from chalicelib.core.errors import InvalidInputError
from chalicelib.flows.principal import AGENCY, ROLES
from local.stage import STATE_FILE

KEY_FILE = STATE_FILE.parent / "token_key.pem"
ISSUER, AUDIENCE, ALGORITHM = "urn:pastdue:local", "pastdue-local", "ES256"
ROLE_NAMES = {role: role for role in ROLES if role != AGENCY}
_OTHERS = 0o077


class SigningKeyError(InvalidInputError):
    """This machine's key for tokens cannot be made, read, or trusted."""

    code = "unusable_signing_key"


@dataclass(frozen=True, slots=True)
class Signer:
    """Issues tokens that a local stage takes, once it was given `issuers()`."""

    key: EllipticCurvePrivateKey

    def issue(self, subject: str, roles: Iterable[str], now: datetime, life: timedelta) -> str:
        """Return an access token (JWT) for a person, valid from now on for a while."""
        claims = {
            "iss": ISSUER,
            "aud": AUDIENCE,
            "sub": subject,
            "roles": sorted(set(roles)),
            "iat": now,
            "exp": now + life,
        }
        return jwt.encode(claims, self.key, ALGORITHM, headers={"kid": self._public()["kid"]})

    def issuers(self) -> str:
        """Return the setting `OIDC_ISSUERS` that makes a stage believe this signer, and no other."""
        issuer = {
            "issuer": ISSUER,
            "audience": AUDIENCE,
            "algorithms": [ALGORITHM],
            "jwks": {"keys": [self._public()]},
            "roles": ROLE_NAMES,
        }
        return json.dumps([issuer], separators=(",", ":"))

    def _public(self) -> dict[str, Any]:
        key = jwt.algorithms.ECAlgorithm.to_jwk(self.key.public_key(), as_dict=True)
        kid = hashlib.sha256(json.dumps(key, sort_keys=True).encode()).hexdigest()[:16]
        return {**key, "kid": kid, "use": "sig", "alg": ALGORITHM}


def open_signer(path: Path = KEY_FILE) -> Signer:
    """Return this machine's signer; its key is made once, readable by its owner alone.

    Raises:
        SigningKeyError: the key cannot be written or read, or others could read it.
    """
    try:
        if not path.exists():
            _make_key(path)
        if path.stat().st_mode & _OTHERS:
            raise SigningKeyError(f"others may read {path}; remove it, and a new one is made")
        key = serialization.load_pem_private_key(path.read_bytes(), password=None)
    except (OSError, ValueError, TypeError) as error:
        raise SigningKeyError(f"{path} cannot be used ({error}); remove it to make anew") from error
    if not isinstance(key, EllipticCurvePrivateKey) or not isinstance(key.curve, SECP256R1):
        raise SigningKeyError(f"{path} is no key of ours; remove it, and a new one is made")
    return Signer(key)


def _make_key(path: Path) -> None:
    """Write a new key whole or not at all; of two processes at once the first one's stays."""
    path.parent.mkdir(parents=True, exist_ok=True)
    pem = generate_private_key(SECP256R1()).private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    handle, scratch = tempfile.mkstemp(dir=path.parent)  # of mode 0600
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(pem)
        with contextlib.suppress(FileExistsError):
            Path(path).hardlink_to(scratch)
    finally:
        Path(scratch).unlink()
