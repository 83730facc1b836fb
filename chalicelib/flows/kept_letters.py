"""The stored copy of every letter, as it was sent (R11.1, R13.3)."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from chalicelib.flows.ports import Archive
from chalicelib.flows.ports_letters import RenderedLetter
from chalicelib.flows.ports_mail import OutgoingMail


def letter_key(notice_id: str, suffix: str) -> str:
    """Return the key of a kept letter's part: `notices/<notice id>.html`, `.txt`, `.pdf`, `.json`.

    What is not safe in a key's one segment is percent-encoded.
    """
    return f"notices/{quote(notice_id, safe=':')}.{suffix}"


@dataclass(frozen=True, slots=True)
class KeptLetters:
    """Keeps letters under their notice's id; the last one that was written stays."""

    archive: Archive

    def keep(
        self,
        notice_id: str,
        rendered: RenderedLetter,
        mail: OutgoingMail | None,
        printed: bytes | None = None,
    ) -> None:
        """Keep a letter before it is sent; `mail` None: it is to be printed and posted (R11.2).

        `printed` is the letter as pages (PDF). The record lists every file with its size.

        Raises:
            UnavailableError: the archive does not answer now; nothing was sent.
        """
        record: dict[str, Any] = {
            "notice_id": notice_id,
            "way": "mail" if mail else "post",
            "subject": rendered.subject,
            "sha256": rendered.sha256,
            "attachments": [attachment.filename for attachment in rendered.attachments],
        }
        if rendered.own_text:
            record["own_text"] = rendered.own_text
        if rendered.own_text_failed:
            record["own_text_failed"] = rendered.own_text_failed
        if mail is not None:
            record |= {"attempt": mail.attempt, "to": list(mail.to), "sender": mail.sender}
        files = [self._keep_file(notice_id, *file) for file in _files(rendered, printed)]
        self._keep_record(notice_id, record | {"files": files})

    def keep_cancelled(self, notice_id: str, reason: str) -> None:
        """Keep why a notice was never sent (R11.1)."""
        self._keep_record(notice_id, {"notice_id": notice_id, "way": "none", "cancelled": reason})

    def _keep_file(
        self, notice_id: str, suffix: str, name: str, media_type: str, content: bytes
    ) -> dict[str, Any]:
        key = letter_key(notice_id, suffix)
        self.archive.put(key, content, media_type)
        return {"name": name, "media_type": media_type, "size": len(content), "key": key}

    def _keep_record(self, notice_id: str, record: dict[str, Any]) -> None:
        content = json.dumps(record, ensure_ascii=False, indent=1).encode()
        self.archive.put(letter_key(notice_id, "json"), content, "application/json")


def _files(
    rendered: RenderedLetter, printed: bytes | None
) -> Iterator[tuple[str, str, str, bytes]]:
    """Yield a letter's files: the suffix of the key, name, media type, content."""
    yield "html", "letter.html", "text/html; charset=utf-8", rendered.html.encode()
    yield "txt", "letter.txt", "text/plain; charset=utf-8", rendered.text.encode()
    if printed is not None:
        yield "pdf", "letter.pdf", "application/pdf", printed
    for number, one in enumerate(rendered.attachments, start=1):
        yield f"attachment-{number}", one.filename, one.media_type, one.content
