"""Finance's own texts for letters: published, removed and tried, without code (R11.5).

A text is checked whole by writing sample letters with it, as its policy would send them. It takes
effect at once, for letters that are written from then on; who changed it and when is kept.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from chalicelib.core.errors import (
    LimitError,
    NotFoundError,
)
from chalicelib.flows.desk import Caller, Reply, check_match
from chalicelib.flows.letter_samples import SampleFor
from chalicelib.flows.letter_text_shelf import (
    HISTORY_MAX,
    PUBLISHED,
    REMOVED,
    LetterText,
    TextVersion,
    TextWords,
    book_of,
    text_key,
    text_values,
    version_of,
    words_key,
)
from chalicelib.flows.letter_text_trials import TextName, TextTrials, unfit
from chalicelib.flows.ports_letters import AnyLetter
from chalicelib.flows.ports_registry import NEW, Put, Record, Records, Removal
from chalicelib.flows.ports_texts import Blocks, TextFault
from chalicelib.flows.registry_desk import RegistryDesk, Rule, act_of

TEXTS_MAX = 300  # of one policy, removed ones included


@dataclass(frozen=True, slots=True)
class LetterTexts:
    """Publishes and removes own texts, and shows what they come to."""

    records: Records
    desk: RegistryDesk
    trials: TextTrials

    def list(
        self, policy_id: str, after: str, most: int
    ) -> tuple[list[dict[str, Any]], str | None]:
        """Return a policy's texts without their words, and the mark of the next page."""
        found = self.records.list(book_of(policy_id), LetterText, after=after, most=most + 1)
        rows = [text_values(row.value, whole=False) for row in found[:most] if row.value.version]
        return rows, found[most - 1].key.name if len(found) > most else None

    def get(self, policy_id: str, language: str, text: str) -> dict[str, Any]:
        """Return a text with its words and history.

        Raises:
            NotFoundError: there is none.
        """
        return text_values(self._there(policy_id, language, text).value)

    def version(self, policy_id: str, language: str, text: str, version: str) -> dict[str, Any]:
        """Return the words of one of a text's last versions, also when it was removed since.

        Raises:
            NotFoundError: there is no such text, or it has not had this version lately.
        """
        found = self.records.read(words_key(policy_id, language, text, version), TextWords)
        if found is None:
            raise NotFoundError(f"{language}/{text[:64]} has no version {version[:64]!r} lately")
        values = {"letter": found.value.kind, "blocks": dict(found.value.blocks)}
        names = {"policy_id": policy_id, "language": language, "text": text, "version": version}
        return names | values

    def put(self, caller: Caller, name: TextName, blocks: Blocks, kind: str = "") -> Reply:
        """Publish a text: letters written from now on use it. The same again changes nothing.

        `kind` is the letter that it is for, needed where neither its name nor a stage says so.

        Raises:
            InvalidInputError: the language is none.
            UnfitInputError: the text does not hold together; every fault at once.
            PreconditionFailedError, PreconditionRequiredError: as api.md says of `If-Match`.
            LimitError: the policy has 300 texts.
        """
        kind = self.trials.kind_of(name, kind)
        report = self.trials.check(name, kind, blocks)
        if report.faults:
            raise unfit(report)
        version = version_of(kind, blocks)

        def rule() -> Rule:
            record = self._record(name.policy.id, name.language, name.text)
            there = record.value if record and record.value.version else None
            check_match(caller, text_values(there) if there else None)
            remarks = {"remarks": _told(report.remarks)}
            if there is not None and there.version == version:
                return Rule((), Reply(200, text_values(there) | remarks))
            if record is None:
                self._check_room(name.policy.id)
            after = _changed(caller, name, record, version, kind, blocks)
            words = words_key(name.policy.id, name.language, name.text, version)
            said = f"{name.language}/{name.text}@{version}"
            return Rule(
                (
                    *_forgotten(record, after),
                    Put(text_key(after.policy_id, after.language, after.text), after,
                        record.revision if record else NEW),
                    Put(words, TextWords(kind, dict(blocks))),
                ),
                Reply(200 if there else 201, text_values(after) | remarks, _path(name)),
                (act_of(caller, f"policy/{name.policy.id}", "letter_text_published", said),),
            )  # fmt: skip

        return self.desk.act(caller, rule)

    def remove(self, caller: Caller, policy_id: str, language: str, text: str) -> Reply:
        """Remove a text: letters written from now on say the shipped words again.

        Raises:
            NotFoundError: there is none.
            PreconditionFailedError: it is not as the caller read it.
        """

        def rule() -> Rule:
            record = self._there(policy_id, language, text)
            there = record.value
            check_match(caller, text_values(there))
            entry = TextVersion("", REMOVED, caller.principal.id, caller.at)
            history = (entry, *there.history)[:HISTORY_MAX]
            after = LetterText(policy_id, language, text, history=history)
            body = {"policy_id": policy_id, "language": language, "text": text, "removed": True}
            said = f"{language}/{text}@{there.version}"
            return Rule(
                (*_forgotten(record, after), Put(record.key, after, record.revision)),
                Reply(200, body),
                (act_of(caller, f"policy/{policy_id}", "letter_text_removed", said),),
            )

        return self.desk.act(caller, rule)

    def preview(
        self,
        name: TextName,
        blocks: Blocks | None,
        kind: str = "",
        letter_of: Callable[[SampleFor], AnyLetter] | None = None,
    ) -> dict[str, Any]:
        """Return what a letter comes to with a text: given, else published, else the shipped one.

        `letter_of` gives the letter of an account, None: the policy's sample. Nothing is changed.

        Raises:
            InvalidInputError: the language is none.
            UnfitInputError: the text does not hold together; every fault at once.
        """
        version = ""
        record = self._record(name.policy.id, name.language, name.text)
        if record is not None and record.value.version:
            kind = kind or record.value.kind
            if blocks is None:
                blocks, version = record.value.blocks, record.value.version
        kind = self.trials.kind_of(name, kind)
        wanted = SampleFor(kind, name.text, name.language)
        letter = letter_of(wanted) if letter_of is not None else None
        rendered, remarks = self.trials.written(name, kind, blocks, letter)
        return {
            "version": version or None,
            "subject": rendered.subject,
            "plain_text": rendered.text,
            "html": rendered.html,
            "sha256": rendered.sha256,
            "attachments": [one.filename for one in rendered.attachments],
            "remarks": _told(remarks),
        }

    def _check_room(self, policy_id: str) -> None:
        found = self.records.list(book_of(policy_id), LetterText, most=TEXTS_MAX)
        if len(found) >= TEXTS_MAX:
            raise LimitError(f"a policy can have {TEXTS_MAX} texts")

    def _record(self, policy_id: str, language: str, text: str) -> Record[LetterText] | None:
        return self.records.read(text_key(policy_id, language, text), LetterText)

    def _there(self, policy_id: str, language: str, text: str) -> Record[LetterText]:
        record = self._record(policy_id, language, text)
        if record is None or not record.value.version:
            said = f"{policy_id[:64]} has no text of its own {text[:64]!r} in {language[:16]!r}"
            raise NotFoundError(said)
        return record


def _changed(
    caller: Caller,
    name: TextName,
    record: Record[LetterText] | None,
    version: str,
    kind: str,
    blocks: Blocks,
) -> LetterText:
    entry = TextVersion(version, PUBLISHED, caller.principal.id, caller.at)
    before = record.value.history if record else ()
    history = (entry, *before)[:HISTORY_MAX]
    policy_id = name.policy.id
    return LetterText(policy_id, name.language, name.text, version, kind, dict(blocks), history)


def _forgotten(before: Record[LetterText] | None, after: LetterText) -> tuple[Removal, ...]:
    """Return the removal of words that no change in the history speaks of any more."""
    if before is None:
        return ()
    kept = {one.version for one in after.history}
    gone = {one.version for one in before.value.history} - kept - {""}
    return tuple(
        Removal(words_key(after.policy_id, after.language, after.text, version))
        for version in sorted(gone)
    )


def _path(name: TextName) -> str:
    return f"/v1/policies/{name.policy.id}/letter_texts/{name.language}/{name.text}"


def _told(remarks: tuple[TextFault, ...]) -> list[dict[str, str]]:
    faults = [one.fault for one in remarks]
    return [{"pointer": one.where, "code": one.code, "detail": one.detail} for one in faults]
