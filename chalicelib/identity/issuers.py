"""Who may issue access tokens, as the environment variable `OIDC_ISSUERS` says (JSON)."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from chalicelib.core.errors import Fault
from chalicelib.flows.principal import AGENCY, ROLES
from chalicelib.settings import SettingsError

VARIABLE = "OIDC_ISSUERS"
# Asymmetric only: with a shared secret whoever can check a token could make one.
ALGORITHMS = frozenset(
    {"RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA"}
)
ISSUERS_MAX = 10
_PREFIX = re.compile(r"([a-z][a-z0-9-]{0,15})?")
# An agency is its key: what it may see hangs on the agency's id, which only a key carries.
_ROLES = frozenset(ROLES) - {AGENCY}


@dataclass(frozen=True, slots=True, kw_only=True)
class Issuer:
    """One issuer of access tokens, and how its tokens are read.

    `audience_claim` names the claim that must hold one of `audience` (`client_id` where tokens
    carry no `aud`). `roles` maps values of `roles_claim` to roles of ours; other values are
    ignored. `required` are claims with the one value that they must have. `prefix` goes before a
    subject, so that two issuers cannot speak of each other's people. The keys are at `jwks_uri`,
    or `jwks` itself.
    """

    issuer: str
    audience: tuple[str, ...]
    algorithms: tuple[str, ...]
    roles: Mapping[str, str]
    jwks_uri: str = ""
    jwks: Mapping[str, Any] = field(default_factory=dict)
    audience_claim: str = "aud"
    subject_claim: str = "sub"
    roles_claim: str = "roles"
    required: Mapping[str, str] = field(default_factory=dict)
    prefix: str = ""


def read_issuers(text: str) -> tuple[Issuer, ...]:
    """Return the issuers that a list of JSON objects spells, keys as in `Issuer`; `[]` is none.

    Raises:
        SettingsError: every fault of every issuer at once.
    """
    try:
        values = json.loads(text)
    except ValueError:
        values = None
    if not isinstance(values, list) or not all(isinstance(value, dict) for value in values):
        fault = Fault(VARIABLE, "not_a_list", "this is not a JSON list of objects")
        raise SettingsError("the issuers of tokens cannot be read", [fault])
    faults = [fault for number, value in enumerate(values) for fault in _faults(number, value)]
    if len(values) > ISSUERS_MAX:
        faults.append(Fault(VARIABLE, "too_many", f"at most {ISSUERS_MAX} issuers are allowed"))
    for key in ("issuer", "prefix"):
        named = [str(value.get(key, "")) for value in values]
        if len(set(named)) < len(named):
            detail = f"two issuers have the same {key}, so nobody could tell their people apart"
            faults.append(Fault(VARIABLE, f"same_{key}", detail))
    if faults:
        raise SettingsError("the issuers of tokens do not hold together", faults)
    return tuple(_issuer(value) for value in values)


def _issuer(value: Mapping[str, Any]) -> Issuer:
    lists = {name: tuple(_listed(value[name])) for name in ("audience", "algorithms")}
    return Issuer(**{**value, **lists})


def _faults(number: int, value: Mapping[str, Any]) -> list[Fault]:
    checks = {
        "issuer": (_is_text, "must be the text of the `iss` claim"),
        "audience": (_are_texts, "must be a text, or a list of texts"),
        "algorithms": (_are_algorithms, f"must be some of {', '.join(sorted(ALGORITHMS))}"),
        "roles": (_is_role_map, f"must give each value of the claim one of {sorted(_ROLES)}"),
        "jwks_uri": (_is_https, "must be an https address"),
        "jwks": (_is_jwks, "must be a JWK set with public keys"),
        "audience_claim": (_is_text, "must be the name of a claim"),
        "subject_claim": (_is_text, "must be the name of a claim"),
        "roles_claim": (_is_text, "must be the name of a claim"),
        "required": (_is_text_map, "must give each claim the text that it must have"),
        "prefix": (_is_prefix, "must be up to 16 of a-z, 0-9 and -, not `key`"),
    }
    where = f"{VARIABLE}/{number}"
    faults = [
        Fault(f"{where}/{name}", "unknown_key", "is not a key of an issuer")
        for name in value.keys() - checks.keys()
    ]
    for name, (is_right, detail) in checks.items():
        if name in value and not is_right(value[name]):
            faults.append(Fault(f"{where}/{name}", "invalid", detail))
    for name in ("issuer", "audience", "algorithms", "roles"):
        if name not in value:
            faults.append(Fault(f"{where}/{name}", "missing", "must be there"))
    if ("jwks_uri" in value) == ("jwks" in value):
        faults.append(Fault(where, "keys", "needs either jwks_uri or jwks"))
    return sorted(faults, key=lambda fault: fault.where)


def _listed(value: str | Sequence[str]) -> Sequence[str]:
    return [value] if isinstance(value, str) else value


def _is_text(value: object) -> bool:
    return isinstance(value, str) and value != ""


def _are_texts(value: object) -> bool:
    return _is_text(value) or (
        isinstance(value, list) and bool(value) and all(_is_text(one) for one in value)
    )


def _are_algorithms(value: object) -> bool:
    return (
        isinstance(value, list)
        and bool(value)
        and all(_is_text(one) and one in ALGORITHMS for one in value)
    )


def _is_text_map(value: object) -> bool:
    return isinstance(value, dict) and all(_is_text(one) for one in value.values())


def _is_role_map(value: object) -> bool:
    return _is_text_map(value) and isinstance(value, dict) and set(value.values()) <= _ROLES


def _is_https(value: object) -> bool:
    if not isinstance(value, str):
        return False
    try:
        parts = urlsplit(value)
    except ValueError:
        return False
    return parts.scheme == "https" and bool(parts.hostname)


def _is_jwks(value: object) -> bool:
    keys = value.get("keys") if isinstance(value, dict) else None
    return (
        isinstance(keys, list)
        and bool(keys)
        and all(isinstance(key, dict) and not {"d", "k"} & key.keys() for key in keys)
    )


def _is_prefix(value: object) -> bool:
    return isinstance(value, str) and bool(_PREFIX.fullmatch(value)) and value != "key"
