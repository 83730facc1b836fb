"""The stored copy of every letter, as it was sent (R11.1, R13.3)."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from chalicelib.core.account import WentTo
from chalicelib.flows.envelopes import Envelope
from chalicelib.flows.ports import Archive
from chalicelib.flows.ports_letters import RenderedLetter
from chalicelib.flows.ports_mail import OutgoingMail


def letter_key(notice_id: str, suffix: str, attempt: int = 0) -> str:
    """Return the key of a kept letter's part: `notices/<notice id>.html`, `.txt`, `.pdf`, `.json`.

    With an attempt, that of the copy which no later attempt replaces: `notices/<id>/<attempt>.html`.
    What is not safe in a key's one segment is percent-encoded.
    """
    copy = f"/{attempt}" if attempt else ""
    return f"notices/{quote(notice_id, safe=':')}{copy}.{suffix}"


@dataclass(frozen=True, slots=True)
class KeptLetters:
    """Keeps letters under their notice's id; the last one that was written is found without more.

    Records name contacts by reference only, so that a person can be erased.
    """

    archive: Archive

    def keep_mail(
        self, notice_id: str, rendered: RenderedLetter, mail: OutgoingMail, envelope: Envelope
    ) -> dict[str, Any]:
        """Keep a letter before it is sent, each attempt by itself; return its record.

        The record has what proves the letter: its digest, whom it went to by contact and digest of
        the address, the headers that hang it on its thread, and, by `complete`, its message's id.

        Raises:
            UnavailableError: the archive does not answer now; nothing was sent.
        """
        went_to = envelope.went_to(mail.attempt)
        record = _record(notice_id, rendered, "mail") | {
            "attempt": mail.attempt,
            "sender": mail.sender,
            "to": [_reference(one) for one in went_to if not one.is_copy],
            "cc": [_reference(one) for one in went_to if one.is_copy],
            "copy": envelope.copy,
            "headers": {"References": " ".join(mail.references)} if mail.references else {},
            "message_id": "",
        }
        for file in _files(rendered, None):
            self._keep_file(notice_id, file, mail.attempt)
        files = [self._keep_file(notice_id, file, 0) for file in _files(rendered, None)]
        record |= {"files": files}
        self._keep_record(notice_id, record)
        return record

    def complete(self, notice_id: str, record: dict[str, Any], message_id: str) -> None:
        """Add the id that the mail service gave the letter to its record.

        Raises:
            UnavailableError: the archive does not answer now.
        """
        self._keep_record(notice_id, record | {"message_id": message_id})

    def keep(self, notice_id: str, rendered: RenderedLetter, printed: bytes) -> None:
        """Keep a letter that is to be printed and posted: `printed`, its pages as PDF (R11.2).

        Raises:
            UnavailableError: the archive does not answer now.
        """
        files = [self._keep_file(notice_id, file, 0) for file in _files(rendered, printed)]
        self._keep_record(notice_id, _record(notice_id, rendered, "post") | {"files": files})

    def keep_cancelled(self, notice_id: str, reason: str) -> None:
        """Keep why a notice was never sent (R11.1)."""
        self._keep_record(notice_id, {"notice_id": notice_id, "way": "none", "cancelled": reason})

    def _keep_file(
        self, notice_id: str, file: tuple[str, str, str, bytes], attempt: int
    ) -> dict[str, Any]:
        suffix, name, media_type, content = file
        key = letter_key(notice_id, suffix, attempt)
        self.archive.put(key, content, media_type)
        return {"name": name, "media_type": media_type, "size": len(content), "key": key}

    def _keep_record(self, notice_id: str, record: dict[str, Any]) -> None:
        content = json.dumps(record, ensure_ascii=False, indent=1).encode()
        for attempt in dict.fromkeys((record.get("attempt", 0), 0)):
            key = letter_key(notice_id, "json", attempt)
            self.archive.put(key, content, "application/json")


def _record(notice_id: str, rendered: RenderedLetter, way: str) -> dict[str, Any]:
    """Return what the record of any letter says; every file is listed with its size beside it."""
    record: dict[str, Any] = {
        "notice_id": notice_id,
        "way": way,
        "subject": rendered.subject,
        "sha256": rendered.sha256,
        "attachments": [attachment.filename for attachment in rendered.attachments],
    }
    if rendered.own_text:
        record["own_text"] = rendered.own_text
    if rendered.own_text_failed:
        record["own_text_failed"] = rendered.own_text_failed
    return record


def _reference(one: WentTo) -> dict[str, str]:
    return {"contact_id": one.contact_id, "digest": one.digest}


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
