"""The letters of an account as they were kept, each with what proves its delivery (R11.1, R11.3)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any

from chalicelib.core.account import Notice, digest_of
from chalicelib.core.effects import Event
from chalicelib.flows.evidence_files import Cell, EvidenceFiles, major, plain
from chalicelib.flows.evidence_gather import Gathered
from chalicelib.flows.kept_letters import HTML, TEXT, KeptLetter, KeptLetters
from chalicelib.flows.letter_digest import letter_digest
from chalicelib.flows.ports import Archive

SAME, DIFFERS, ERASED, NOT_WRITTEN = "same", "differs", "contact_erased", "not_written"
RECORD, SUBJECT = "record.json", "subject.txt"
PRINTED = "letter.pdf"  # the pages to post, which the digest of a letter leaves out
LETTER_COLUMNS = (
    "folder", "notice_id", "created_on", "kind", "stage", "currency", "asked_for", "respond_by",
    "state", "state_at", "way", "attempts", "message_id", "addressees", "digest", "digest_check",
    "invoices",
)  # fmt: skip
_NOTICE = tuple(one.name for one in fields(Notice) if one.name not in ("settled", "invoice_ids"))
_UNSAFE = re.compile(r"[^A-Za-z0-9._-]")


@dataclass(frozen=True, slots=True)
class Copy:
    """One copy of a letter: of an attempt to send it, or ("posted") what was printed."""

    name: str
    letter: KeptLetter

    @property
    def sha256(self) -> str:
        """The digest that was written down when it left, "" where none was."""
        return str(self.letter.record.get("sha256", ""))

    @property
    def check(self) -> str:
        """Whether the kept bytes are those that the digest was made of."""
        if not self.sha256:
            return NOT_WRITTEN
        if not self.letter.is_as_sent:
            return ERASED
        by_name = {one.name: one for one in self.letter.files}
        if TEXT not in by_name or HTML not in by_name:
            return DIFFERS
        attached = [
            (one.name, one.media_type, one.content)
            for one in self.letter.files
            if one.name not in (TEXT, HTML, PRINTED)
        ]
        subject = self.letter.subject or ""
        words = by_name[TEXT].content, by_name[HTML].content
        return SAME if letter_digest(subject, *words, attached) == self.sha256 else DIFFERS


def add_letters(files: EvidenceFiles, found: Gathered, archive: Archive) -> list[str]:
    """Add every letter with its files, record and delivery; return the checks of their digests.

    One request for each file of each attempt.

    Raises:
        UnavailableError: the archive does not answer now.
    """
    kept = KeptLetters(archive)
    told: dict[str, list[Event]] = {}
    for event in found.events:
        told.setdefault(event.subject, []).append(event)
    addresses = {one.id: one.email for one in found.contacts} | {"": found.account.details.email}
    rows, checks = [], []
    for number, notice in enumerate(found.notices, start=1):
        folder = f"letters/{number:04d}_{notice.created_on.isoformat()}_{_safe(notice.notice)}"
        copies = list(_copies(kept, notice))
        for copy in copies:
            _add_copy(files, f"{folder}/{copy.name}", copy)
        values = {one: getattr(notice, one) for one in _NOTICE}
        files.add_json(f"{folder}/notice.json", values)
        files.add_csv(f"{folder}/invoices.csv", ("invoice_id", "stages"), _invoices(notice))
        events = [
            one for one in told.get(notice.id, ()) if one.kind.startswith(("notice_", "copy"))
        ]
        files.add_json(f"{folder}/delivery.json", _delivery(notice, copies, events, addresses))
        checks += [copy.check for copy in copies if copy.check != NOT_WRITTEN]
        rows.append(_row(folder, notice, copies))
    files.add_csv("letters.csv", LETTER_COLUMNS, rows)
    return checks


def _copies(kept: KeptLetters, notice: Notice) -> Iterator[Copy]:
    """Yield every copy of a notice that is kept: each attempt's, then what was left to be posted."""
    last = kept.record(notice.id)
    if last is None:
        return
    attempts = max(notice.attempt, int(last.get("attempt", 0)))
    for attempt in range(1, attempts + 1):
        found = kept.read(notice.id, attempt)
        if found is not None:
            yield Copy(f"attempt-{attempt}", found)
    if not last.get("attempt"):
        found = kept.read(notice.id)
        if found is not None:
            yield Copy("posted" if found.record.get("way") == "post" else "not_sent", found)


def _add_copy(files: EvidenceFiles, folder: str, copy: Copy) -> None:
    """Add a copy's files under names that every file system takes, and its record, which lists them."""
    paths: dict[str, str] = {RECORD: RECORD, SUBJECT: SUBJECT}
    for number, one in enumerate(copy.letter.files, start=1):
        path = _safe(one.name)
        paths[one.name] = path = f"{number}_{path}" if path in paths.values() else path
        files.add(f"{folder}/{path}", one.content)
    if copy.letter.subject is not None:
        files.add_text(f"{folder}/{SUBJECT}", f"{copy.letter.subject}\n")
    listed = [
        {"name": one.name, "path": paths[one.name], "media_type": one.media_type}
        for one in copy.letter.files
    ]
    told = {"is_as_sent": copy.letter.is_as_sent, "exported_files": listed}
    files.add_json(f"{folder}/{RECORD}", {**copy.letter.record, **told})


def _delivery(
    notice: Notice, copies: Sequence[Copy], events: Sequence[Event], addresses: Mapping[str, str]
) -> dict[str, Any]:
    """Return how a letter went; `addresses` are those of now, by contact ("" is the account's)."""
    return {
        "notice_id": notice.id,
        "state": notice.state,
        "state_at": plain(notice.state_at),
        "counts_as_sent": notice.state in ("counted", "posted"),
        "message_id": notice.message_id,
        "what_happened": [_told(event) for event in events],
        "addressees": [
            {
                "attempt": one.attempt,
                "contact_id": one.contact_id,
                "address": "the account's own" if not one.contact_id else "the contact's",
                "address_digest": one.digest,
                "is_the_address_of_now": digest_of(addresses.get(one.contact_id, "")) == one.digest,
                "is_copy_to_sales_owner": one.is_copy,
                "mail_service_said": [{"what": what, "on": plain(on)} for what, on in one.said],
            }
            for one in notice.went_to
        ],
        "copies": [
            {
                "folder": copy.name,
                "message_id": copy.letter.record.get("message_id", ""),
                "sha256_when_it_left": copy.sha256,
                "digest_check": copy.check,
            }
            for copy in copies
        ],
    }


def _told(event: Event) -> Mapping[str, Any]:
    return {"at": plain(event.at), "on": plain(event.on), "what": event.kind, **event.figures}


def _row(folder: str, notice: Notice, copies: Sequence[Copy]) -> dict[str, Cell]:
    last = copies[-1] if copies else None
    return {
        "folder": folder,
        "notice_id": notice.id,
        "created_on": notice.created_on,
        "kind": notice.notice,
        "stage": notice.stage,
        "currency": notice.currency,
        "asked_for": major(notice.past_due_minor, notice.currency),
        "respond_by": notice.respond_by,
        "state": notice.state,
        "state_at": notice.state_at,
        "way": last.letter.record.get("way", "") if last else "",
        "attempts": notice.attempt,
        "message_id": notice.message_id,
        "addressees": "; ".join(_addressees(notice)),
        "digest": last.sha256 if last else "",
        "digest_check": last.check if last else NOT_WRITTEN,
        "invoices": len(notice.invoice_ids),
    }


def _invoices(notice: Notice) -> Iterator[dict[str, Cell]]:
    """Yield the invoices that a letter lists, with the stages of theirs that it told of."""
    settled = dict(notice.settled)
    for name in notice.invoice_ids:
        yield {"invoice_id": name, "stages": " ".join(one.stage for one in settled.get(name, ()))}


def _addressees(notice: Notice) -> Iterator[str]:
    for one in notice.went_to:
        whom = "sales owner (copy)" if one.is_copy else one.contact_id or "the account's address"
        said = ", ".join(f"{what} {on.isoformat()}" for what, on in one.said)
        yield f"attempt {one.attempt} to {whom}" + (f": {said}" if said else "")


def _safe(name: str) -> str:
    """Return a name that every file system takes."""
    return _UNSAFE.sub("_", name).lstrip(".")[:100] or "file"
