"""The digest of a letter: what its kept copy is held against (R11.5, R13.3)."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable


def letter_digest(
    subject: str, text: bytes, html: bytes, attachments: Iterable[tuple[str, str, bytes]]
) -> str:
    """Return the SHA-256 of all that a letter is, in hex; attachments: name, media type, content.

    Each part goes in with its length, so that no two letters share a digest by moving bytes.
    """
    parts = [subject.encode(), text, html]
    for name, media_type, content in attachments:
        parts += [name.encode(), media_type.encode(), content]
    digest = hashlib.sha256()
    for part in parts:
        digest.update(len(part).to_bytes(8, "big"))
        digest.update(part)
    return digest.hexdigest()
