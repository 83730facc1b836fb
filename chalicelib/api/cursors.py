"""Cursors: where a list goes on, signed, and bound to the filters it was asked with (api.md).

The key that signs them can be rotated: a cursor of the one before is taken too.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
from collections.abc import Mapping
from typing import Protocol

from chalicelib.api.problems import MalformedError
from chalicelib.core.errors import Fault

_SIGNATURE_BYTES = 16


class CursorKeys(Protocol):
    """The keys of the stage, the one to sign with first."""

    def accepted(self) -> tuple[bytes, ...]:
        """Return the keys whose cursors are taken, as of some minutes ago at most."""
        ...

    def renewed(self) -> tuple[bytes, ...]:
        """Return the same, read anew unless that was moments ago."""
        ...


def write_cursor(mark: str, filters: Mapping[str, str], keys: CursorKeys) -> str:
    """Return the cursor for a mark in a list with these filters."""
    key = keys.accepted()[0]
    payload = json.dumps([_bound(filters), mark]).encode()
    return base64.urlsafe_b64encode(_signature(payload, key) + payload).decode().rstrip("=")


def read_cursor(cursor: str, filters: Mapping[str, str], keys: CursorKeys) -> str:
    """Return the mark that a cursor stands for.

    Raises:
        MalformedError: it is none of ours, or of a list with other filters.
    """
    try:
        raw = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        raise _refused("is not a cursor") from None
    signature, payload = raw[:_SIGNATURE_BYTES], raw[_SIGNATURE_BYTES:]
    if not _is_of(keys.accepted(), signature, payload) and not _is_of(
        keys.renewed(), signature, payload
    ):
        raise _refused("is not a cursor")
    bound, mark = json.loads(payload)
    if bound != _bound(filters):
        raise _refused("belongs to a list with other filters")
    return str(mark)


def _refused(detail: str) -> MalformedError:
    fault = Fault("cursor", "bad_cursor", detail)
    return MalformedError("the list cannot go on from there", [fault])


def _is_of(keys: tuple[bytes, ...], signature: bytes, payload: bytes) -> bool:
    return any(hmac.compare_digest(signature, _signature(payload, key)) for key in keys)


def _signature(payload: bytes, key: bytes) -> bytes:
    return hmac.new(key, b"cursor:" + payload, hashlib.sha256).digest()[:_SIGNATURE_BYTES]


def _bound(filters: Mapping[str, str]) -> str:
    text = json.dumps(dict(filters), sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:16]
