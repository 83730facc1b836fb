"""The stored copy of every letter, as it was sent (R11.1, R13.3).

What is kept for good names contacts by reference only: where the letter greets a person by name,
`notices/` has the same letter with `[contact con_1]` in that place, and the bytes that were sent lie
apart under `people/<account>/<contact>/`, which is taken away whole when the person is erased. The
record beside them keeps the digest of what was sent, for good.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import quote

from chalicelib.core.account import WentTo
from chalicelib.core.errors import NotFoundError
from chalicelib.flows.envelopes import Envelope
from chalicelib.flows.ports import Archive
from chalicelib.flows.ports_letters import RenderedLetter
from chalicelib.flows.ports_mail import MailAttachment, OutgoingMail

SUBJECT = "subject.txt"  # a file of its own only where the subject names the person
TEXT, HTML = "letter.txt", "letter.html"


def letter_key(notice_id: str, suffix: str, attempt: int = 0) -> str:
    """Return the key of a kept letter's part: `notices/<notice id>.html`, `.txt`, `.pdf`, `.json`.

    With an attempt, that of the copy which no later attempt replaces: `notices/<id>/<attempt>.html`.
    What is not safe in a key's one segment is percent-encoded.
    """
    copy = f"/{attempt}" if attempt else ""
    return f"notices/{quote(notice_id, safe=':')}{copy}.{suffix}"


def person_prefix(account_id: str, contact_id: str) -> str:
    """Return under which keys everything lies that names a contact; it ends with `/`."""
    return f"people/{quote(account_id, safe=':')}/{quote(contact_id, safe=':')}/"


def reference_to(contact_id: str) -> str:
    """Return what stands for a contact's name in a letter that is kept for good."""
    return f"[contact {contact_id}]"


@dataclass(frozen=True, slots=True)
class ByReference:
    """The same letter with a reference in the place of the name of the one person it greets."""

    account_id: str
    contact_id: str
    rendered: RenderedLetter


@dataclass(frozen=True, slots=True)
class KeptFile:
    """One file of a kept letter: `key` is where its bytes lie in the archive."""

    name: str
    media_type: str
    size: int  # bytes
    key: str
    content: bytes = b""

    @property
    def values(self) -> dict[str, Any]:
        """What the record says of it."""
        return {
            "name": self.name,
            "media_type": self.media_type,
            "size": self.size,
            "key": self.key,
        }


@dataclass(frozen=True, slots=True)
class KeptLetter:
    """A letter as it was kept: what its record says, and its files.

    `is_as_sent`: the files are the very bytes that were sent, and `record["sha256"]` is theirs;
    else a contact that it named has been erased, and its name is a reference.
    """

    record: Mapping[str, Any]
    files: tuple[KeptFile, ...] = ()
    subject: str | None = None
    is_as_sent: bool = True

    def words(self, name: str) -> str | None:
        """Return a file's text, None where the letter has no such file."""
        return next((one.content.decode() for one in self.files if one.name == name), None)


@dataclass(frozen=True, slots=True)
class KeptLetters:
    """Keeps letters under their notice's id; the last one that was written is found without more.

    Records name contacts by reference only, so that a person can be erased.
    """

    archive: Archive

    def read(self, notice_id: str, attempt: int = 0, only: Sequence[str] = ()) -> KeptLetter | None:
        """Return a letter with its files as they were sent, None while it is not written.

        `attempt` 0 is the last one; `record["attempt"]` says how many there are to ask for. `only`:
        names of the files that are wanted, none: all. A name that was erased since is a reference.
        One request for each file, and one for the record.

        Raises:
            UnavailableError: the archive does not answer now.
        """
        record = self.record(notice_id, attempt)
        if record is None:
            return None
        named = [one for one in _named(record) if not only or one.name in (*only, SUBJECT)]
        found = {one.name: one for one in self._read(named)}
        is_as_sent = len(found) == len(named) and not record.get("erased")
        if not is_as_sent:
            found = {}
        subject = found.pop(SUBJECT, None)
        listed = listed_files(record, notice_id, attempt)
        rest = [one for one in listed if one.name not in found]
        rest = [one for one in rest if not only or one.name in only]
        files = found | {one.name: one for one in self._read(rest)}
        said = record.get("subject") if subject is None else subject.content.decode()
        return KeptLetter(record, tuple(files.values()), said, is_as_sent)

    def record(self, notice_id: str, attempt: int = 0) -> dict[str, Any] | None:
        """Return what is kept of a letter beside its files, None while it is not written.

        Raises:
            UnavailableError: the archive does not answer now.
        """
        try:
            found: dict[str, Any] = json.loads(
                self.archive.get(letter_key(notice_id, "json", attempt))
            )
        except NotFoundError:
            return None
        return found

    def listed(self, notice_id: str) -> tuple[KeptFile, ...]:
        """Return the files of a letter without their bytes: those that were sent while they are there.

        Raises:
            UnavailableError: the archive does not answer now.
        """
        record = self.record(notice_id) or {}
        files = {one.name: one for one in (*_listed(record), *_named(record))}
        files.pop(SUBJECT, None)
        return tuple(files.values())

    def keep_mail(
        self,
        notice_id: str,
        rendered: RenderedLetter,
        mail: OutgoingMail,
        envelope: Envelope,
        shown: ByReference | None = None,
    ) -> None:
        """Keep a letter before it is sent, each attempt by itself, with its record.

        The record has what proves the letter: its digest, whom it went to by contact and digest of
        the address, the headers that hang it on its thread, and, by `complete`, its message's id.
        `shown` is the letter without the name of the person it greets, None where it names nobody:
        then what was sent lies with the person, and this with the notice.

        Raises:
            UnavailableError: the archive does not answer now; nothing was sent.
        """
        went_to = envelope.went_to(mail.attempt)
        for_good = rendered if shown is None else shown.rendered
        record = _record(notice_id, rendered, "mail") | {
            "subject": for_good.subject,
            "attempt": mail.attempt,
            "sender": mail.sender,
            "to": [_reference(one) for one in went_to if not one.is_copy],
            "cc": [_reference(one) for one in went_to if one.is_copy],
            "copy": envelope.copy,
            "headers": {"References": " ".join(mail.references)} if mail.references else {},
            "message_id": "",
        }
        if shown is not None:
            record |= {"as_sent": self._keep_named(notice_id, rendered, mail.attempt, shown)}
        files = list(_files(for_good, rendered.attachments))
        for file in files:
            self._keep_file(letter_key(notice_id, file.suffix, mail.attempt), file)
        record |= {"files": self._keep_last(notice_id, files)}
        self._keep_record(notice_id, record)

    def complete(self, notice_id: str, attempt: int, message_id: str) -> None:
        """Add the id that the mail service gave an attempt's letter to its record.

        To the record as it is now: whom it went to may have been erased since it was kept. That of
        the last letter is left alone once it is another attempt's.

        Raises:
            UnavailableError: the archive does not answer now.
        """
        for copy in dict.fromkeys((attempt, 0)):
            record = self.record(notice_id, copy)
            if record is not None and record.get("attempt", 0) == attempt:
                self.rewrite(notice_id, copy, record | {"message_id": message_id})

    def keep(self, notice_id: str, rendered: RenderedLetter, printed: bytes) -> None:
        """Keep a letter that is to be printed and posted: `printed`, its pages as PDF (R11.2).

        It goes to nobody by name: there is nobody to write to.

        Raises:
            UnavailableError: the archive does not answer now.
        """
        files = [*_files(rendered, ()), _Part("pdf", "letter.pdf", "application/pdf", printed)]
        files += _attached(rendered.attachments)
        record = _record(notice_id, rendered, "post")
        self._keep_record(notice_id, record | {"files": self._keep_last(notice_id, files)})

    def keep_cancelled(self, notice_id: str, reason: str) -> None:
        """Keep why a notice was never sent (R11.1)."""
        self._keep_record(notice_id, {"notice_id": notice_id, "way": "none", "cancelled": reason})

    def _keep_named(
        self, notice_id: str, rendered: RenderedLetter, attempt: int, shown: ByReference
    ) -> dict[str, Any]:
        """Keep the words that were sent where everything of the person lies; return what they are."""
        parts = list(_files(rendered, ()))
        if rendered.subject != shown.rendered.subject:
            content = rendered.subject.encode()
            parts.append(_Part("subject", SUBJECT, "text/plain; charset=utf-8", content))
        where = person_prefix(shown.account_id, shown.contact_id) + quote(notice_id, safe=":")
        files = [self._keep_file(f"{where}/{attempt}.{part.suffix}", part) for part in parts]
        return {"contact_id": shown.contact_id, "files": files}

    def _keep_last(self, notice_id: str, parts: Iterable[_Part]) -> list[dict[str, Any]]:
        return [self._keep_file(letter_key(notice_id, part.suffix), part) for part in parts]

    def _keep_file(self, key: str, part: _Part) -> dict[str, Any]:
        self.archive.put(key, part.content, part.media_type)
        return KeptFile(part.name, part.media_type, len(part.content), key).values

    def _keep_record(self, notice_id: str, record: dict[str, Any]) -> None:
        for attempt in dict.fromkeys((record.get("attempt", 0), 0)):
            self.rewrite(notice_id, attempt, record)

    def rewrite(self, notice_id: str, attempt: int, record: Mapping[str, Any]) -> None:
        """Put a record in the place of an attempt's, 0: of the last one's.

        Raises:
            UnavailableError: the archive does not answer now.
        """
        content = json.dumps(dict(record), ensure_ascii=False, indent=1).encode()
        self.archive.put(letter_key(notice_id, "json", attempt), content, "application/json")

    def _read(self, files: Iterable[KeptFile]) -> Iterator[KeptFile]:
        """Yield files with their bytes, those that are there."""
        for file in files:
            try:
                yield replace(file, content=self.archive.get(file.key))
            except NotFoundError:
                continue


@dataclass(frozen=True, slots=True)
class _Part:
    suffix: str  # of the key
    name: str
    media_type: str
    content: bytes


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


def _listed(said: Mapping[str, Any]) -> list[KeptFile]:
    """Return the files that a record lists."""
    return [
        KeptFile(one["name"], one["media_type"], one["size"], one["key"])
        for one in said.get("files", ())
    ]


def listed_files(record: Mapping[str, Any], notice_id: str, attempt: int = 0) -> list[KeptFile]:
    """Return the files that a record of an attempt lists, without their bytes; 0: of the last one."""
    return _of_attempt(_listed(record), notice_id, attempt)


def _of_attempt(files: Iterable[KeptFile], notice_id: str, attempt: int) -> list[KeptFile]:
    """Return an attempt's own copies of the files that its record lists as the last one's."""
    first, own = letter_key(notice_id, ""), letter_key(notice_id, "", attempt)
    return [replace(one, key=own + one.key.removeprefix(first)) for one in files]


def _named(record: Mapping[str, Any]) -> list[KeptFile]:
    """Return the files that lie with the person whom the letter names, none once it is erased."""
    return _listed({} if record.get("erased") else record.get("as_sent", {}))


def _files(rendered: RenderedLetter, attachments: Sequence[MailAttachment]) -> Iterator[_Part]:
    """Yield a letter's words in both forms, then what goes with it."""
    yield _Part("html", HTML, "text/html; charset=utf-8", rendered.html.encode())
    yield _Part("txt", TEXT, "text/plain; charset=utf-8", rendered.text.encode())
    yield from _attached(attachments)


def _attached(attachments: Sequence[MailAttachment]) -> Iterator[_Part]:
    for number, one in enumerate(attachments, start=1):
        yield _Part(f"attachment-{number}", one.filename, one.media_type, one.content)
