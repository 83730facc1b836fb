"""Finance's own texts as they are kept: one record for each policy, language and text."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from chalicelib.flows.ports_registry import RecordKey, Records

HISTORY_MAX = 20  # versions that are remembered, their words too
CACHED_S = 60.0  # how long a worker may go by a text it has read
CACHED_MAX = 2_000  # look-ups that a worker remembers
PUBLISHED, REMOVED = "published", "removed"


@dataclass(frozen=True, slots=True)
class TextVersion:
    """One change of a text: the version that it brought, "" where it was removed, by whom, when."""

    version: str
    change: str
    changed_by: str
    changed_at: datetime


@dataclass(frozen=True, slots=True)
class TextWords:
    """The words of one version: its blocks, and the kind of letter that they are for."""

    kind: str
    blocks: dict[str, str]


@dataclass(frozen=True, slots=True)
class LetterText:
    """A text as it now is. `version` "": it was removed, and only its history is left.

    `language` is a language or a language with a territory, `de` or `de_AT`; `text` the name that
    letters are looked up by; `history` the last 20 changes, the newest first.
    """

    policy_id: str
    language: str
    text: str
    version: str = ""
    kind: str = ""
    blocks: dict[str, str] = field(default_factory=dict)
    history: tuple[TextVersion, ...] = ()

    @property
    def label(self) -> str:
        """What records of letters name it by: `standard/de/reminder@3f2a9c1b7d5e`."""
        return f"{self.policy_id}/{self.language}/{self.text}@{self.version}"


def version_of(kind: str, blocks: Mapping[str, str]) -> str:
    """Return the version of a text: the first 12 hex digits of the SHA-256 of all it says."""
    said = json.dumps([kind, dict(blocks)], sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(said.encode()).hexdigest()[:12]


def book_of(policy_id: str) -> str:
    """Return the book in which a policy's texts are."""
    return f"TEXTS#{policy_id}"


def text_key(policy_id: str, language: str, text: str) -> RecordKey:
    """Return where a text is kept."""
    return RecordKey(book_of(policy_id), f"{language}#{text}")


def words_key(policy_id: str, language: str, text: str, version: str) -> RecordKey:
    """Return where the words of one version are kept."""
    return RecordKey(f"TEXTWORDS#{policy_id}", f"{language}#{text}#{version}")


def text_values(one: LetterText, *, whole: bool = True) -> dict[str, Any]:
    """Return a text as the API tells it; without its words in lists."""
    last = one.history[0]
    values: dict[str, Any] = {
        "policy_id": one.policy_id,
        "language": one.language,
        "text": one.text,
        "letter": one.kind,
        "version": one.version,
        "changed_by": last.changed_by,
        "changed_at": last.changed_at.isoformat(),
    }
    if whole:
        values["blocks"] = dict(one.blocks)
        values["history"] = [
            {
                "version": past.version or None,
                "change": past.change,
                "changed_by": past.changed_by,
                "changed_at": past.changed_at.isoformat(),
            }
            for past in one.history
        ]
    return values


class TextShelf:
    """Gives letters finance's own texts, as they were at most 60 seconds ago; keeps them at hand.

    `monotonic` tells how old what is remembered is, in seconds.
    """

    def __init__(self, records: Records, monotonic: Callable[[], float]) -> None:
        self._records = records
        self._monotonic = monotonic
        self._read: dict[RecordKey, tuple[float, LetterText | None]] = {}

    def find(
        self,
        policy_id: str,
        locale: str,
        names: Iterator[str] | tuple[str, ...],
        is_shipped: Callable[[str, str], bool],
    ) -> LetterText | None:
        """Return the text for a letter, None where the shipped words are for it.

        `names` are the names of the letter's text, its own first, then its kind's. Each is looked
        for in the reader's language with its territory, then in the language alone; a name that
        the language itself ships (`is_shipped`) ends the search: it says more than its kind.

        Raises:
            UnavailableError: the store does not answer now.
        """
        whole = locale.replace("-", "_")
        language = whole.partition("_")[0]
        for name in dict.fromkeys(names):
            for where in dict.fromkeys((whole, language)):
                found = self._get(text_key(policy_id, where, name))
                if found is not None:
                    return found
            if is_shipped(language, name):
                return None
        return None

    def _get(self, key: RecordKey) -> LetterText | None:
        now = self._monotonic()
        known = self._read.get(key)
        if known is not None and now - known[0] < CACHED_S:
            return known[1]
        record = self._records.read(key, LetterText)
        found = record.value if record is not None and record.value.version else None
        if len(self._read) >= CACHED_MAX:
            self._read.clear()
        self._read[key] = (now, found)
        return found
