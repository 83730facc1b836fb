"""The stored copy of every letter, as it was sent (R11.1, R13.3)."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from chalicelib.flows.ports import Archive
from chalicelib.flows.ports_letters import RenderedLetter
from chalicelib.flows.ports_mail import OutgoingMail


def letter_key(notice_id: str, suffix: str) -> str:
    """Return the key of a kept letter's part: `notices/<notice id>.html`, `.txt` or `.json`.

    What is not safe in a key's one segment is percent-encoded.
    """
    return f"notices/{quote(notice_id, safe=':')}.{suffix}"


@dataclass(frozen=True, slots=True)
class KeptLetters:
    """Keeps letters under their notice's id; the last one that was written stays."""

    archive: Archive

    def keep(self, notice_id: str, rendered: RenderedLetter, mail: OutgoingMail | None) -> None:
        """Keep a letter before it is sent; `mail` None: it is to be printed and posted (R11.2).

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
        if mail is not None:
            record |= {"attempt": mail.attempt, "to": list(mail.to), "sender": mail.sender}
        text, html = rendered.text.encode(), rendered.html.encode()
        self.archive.put(letter_key(notice_id, "html"), html, "text/html; charset=utf-8")
        self.archive.put(letter_key(notice_id, "txt"), text, "text/plain; charset=utf-8")
        for number, attachment in enumerate(rendered.attachments, start=1):
            key = letter_key(notice_id, f"attachment-{number}")
            self.archive.put(key, attachment.content, attachment.media_type)
        self._keep_record(notice_id, record)

    def keep_cancelled(self, notice_id: str, reason: str) -> None:
        """Keep why a notice was never sent (R11.1)."""
        self._keep_record(notice_id, {"notice_id": notice_id, "way": "none", "cancelled": reason})

    def _keep_record(self, notice_id: str, record: dict[str, Any]) -> None:
        content = json.dumps(record, ensure_ascii=False, indent=1).encode()
        self.archive.put(letter_key(notice_id, "json"), content, "application/json")
