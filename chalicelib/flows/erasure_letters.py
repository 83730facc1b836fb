"""Kept letters without a person who is erased: references, stand-ins, and never another word."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from chalicelib.core.account import Notice, is_stand_in
from chalicelib.core.erased_words import Words
from chalicelib.core.erasure import ACCOUNT_ADDRESS
from chalicelib.core.errors import NotFoundError
from chalicelib.flows.kept_letters import HTML, TEXT, KeptFile, KeptLetters, listed_files
from chalicelib.flows.ports import Archive


def went_to(notice: Notice, contact_id: str) -> bool:
    """Return whether any attempt of a notice went to a contact, or to the account's own address."""
    named = "" if contact_id == ACCOUNT_ADDRESS else contact_id
    return any(one.contact_id == named and not one.is_copy for one in notice.went_to)


@dataclass(frozen=True, slots=True)
class LetterErasure:
    """Takes one person out of the kept letters of an account.

    `words` are looked for in letters that were kept before names lay apart. `digests`: of the
    person's addresses, which nobody else of the account has.
    """

    archive: Archive
    contact_id: str
    words: Words
    digests: Collection[str]
    to_look_at: list[str] = field(default_factory=list)  # files in which a part of the name is left

    def of(self, notice_id: str) -> int:
        """Rewrite what is kept of a notice's letter; return how many files changed.

        The digest of what was sent stays: it proves a copy that somebody else still has.

        Raises:
            UnavailableError: the archive does not answer now; the same again is right.
        """
        letters, changed = KeptLetters(self.archive), 0
        last = letters.record(notice_id)
        if last is None:
            return 0
        for attempt in (*range(1, int(last.get("attempt", 0)) + 1), 0):
            record = letters.record(notice_id, attempt)
            if record is None:
                continue
            files = listed_files(record, notice_id, attempt)
            texts = sum(self._rewritten(file) for file in files)
            after = self._record(record, is_changed=bool(texts))
            if after != record:
                letters.rewrite(notice_id, attempt, after)
                changed += 1
            changed += texts
        return changed

    def _record(self, record: Mapping[str, Any], *, is_changed: bool) -> dict[str, Any]:
        after = dict(record)
        stood = [(name, one) for name in ("to", "cc") for one in record.get(name, ())]
        known = [one["digest"] for name, one in stood if self._is_meant(name, one)]
        names = self._stand_ins([one for _, one in stood])
        instead = {digest: next(names) for digest in dict.fromkeys(known)}
        for name in ("to", "cc"):
            if name in record:
                after[name] = [
                    one | {"digest": instead[one["digest"]]} if self._is_meant(name, one) else one
                    for one in record[name]
                ]
        after["subject"] = self.words.out_of(record["subject"]) if record.get("subject") else ""
        if "subject" not in record:
            del after["subject"]
        is_named = record.get("as_sent", {}).get("contact_id") == self.contact_id
        if is_named:
            del after["as_sent"]
        if is_named or is_changed or after.get("subject") != record.get("subject"):
            erased = dict.fromkeys((*record.get("erased", ()), self.contact_id))
            after["erased"] = list(erased)
        return after

    def _is_meant(self, where: str, one: Mapping[str, str]) -> bool:
        if is_stand_in(one["digest"]) or not one["digest"]:
            return False
        named = "" if self.contact_id == ACCOUNT_ADDRESS else self.contact_id
        # A copy's contact is "" too: it is the sales owner's.
        return (where == "to" and one["contact_id"] == named) or one["digest"] in self.digests

    def _stand_ins(self, stood: Collection[Mapping[str, str]]) -> Iterator[str]:
        taken = {one["digest"] for one in stood}
        for number in range(1, 2 * len(stood) + 1):
            name = f"erased:{self.contact_id}:{number}"
            if name not in taken:
                yield name

    def _rewritten(self, file: KeptFile) -> int:
        """Take the words out of a letter's text, if it has any; return 1 if it was changed."""
        if file.name not in (TEXT, HTML):
            return 0
        try:
            before = self.archive.get(file.key).decode()
        except NotFoundError:
            return 0
        is_page = file.name == HTML
        after = self.words.out_of_html(before) if is_page else self.words.out_of(before)
        if self.words.may_be_in(after):
            self.to_look_at.append(file.key)
        if after == before:
            return 0
        self.archive.put(file.key, after.encode(), file.media_type)
        return 1
