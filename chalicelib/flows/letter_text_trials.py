"""Own texts tried on sample letters: what is wrong with them, and what they come to (R11.5).

Nothing is kept here: the API publishes what passes, the command line only shows it.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from chalicelib.core.errors import Fault, InvalidInputError, UnfitInputError
from chalicelib.core.policy import Policy
from chalicelib.flows.letter_samples import SampleFor, sample_letters
from chalicelib.flows.letterhead import Letterhead
from chalicelib.flows.ports_letters import AnyLetter, RenderedLetter
from chalicelib.flows.ports_texts import Blocks, OwnTexts, TextFault, TextReport
from chalicelib.flows.sample_stories import kinds

_LANGUAGE = re.compile(r"[a-z]{2,3}(_[A-Z]{2})?")


@dataclass(frozen=True, slots=True)
class TextName:
    """Which text is meant: of which policy, in which language, under which name."""

    policy: Policy
    language: str
    text: str


@dataclass(frozen=True, slots=True)
class TextTrials:
    """Tries own texts on letters.

    `is_locale` knows which locales there are; `head` gives who letters are from, None for a made-up
    seller.
    """

    texts: OwnTexts
    is_locale: Callable[[str], bool]
    head: Callable[[], Letterhead | None]

    def check(self, name: TextName, kind: str, blocks: Blocks) -> TextReport:
        """Return what is wrong with a text, tried on sample letters of its policy."""
        return self.texts.check(blocks, self.samples(name, kind))

    def written(
        self, name: TextName, kind: str, blocks: Blocks | None, letter: AnyLetter | None = None
    ) -> tuple[RenderedLetter, tuple[TextFault, ...]]:
        """Return a letter with a text, None for the shipped words, and remarks on it.

        `letter`: which letter, None for the fullest sample.

        Raises:
            UnfitInputError: the text does not hold together; every fault at once.
        """
        letters = (letter,) if letter is not None else self.samples(name, kind)
        report = TextReport() if blocks is None else self.texts.check(blocks, letters)
        if report.faults:
            raise unfit(report)
        return self.texts.written(blocks or {}, letters[0]), report.remarks

    def samples(self, name: TextName, kind: str) -> tuple[AnyLetter, ...]:
        """Return sample letters for a text, the fullest first."""
        return sample_letters(name.policy, SampleFor(kind, name.text, name.language), self.head())

    def kind_of(self, name: TextName, kind: str = "") -> str:
        """Return the kind of letter that a text is for.

        It is what is said; else its own name, or the longest kind that its name begins with, such
        as `late_fee_second`; else the notice of the stage whose `text` names it.

        Raises:
            InvalidInputError: there is no such language.
            UnfitInputError: nothing says which letter it is for.
        """
        if not _LANGUAGE.fullmatch(name.language) or not self.is_locale(name.language):
            detail = "must be a language such as de, or one with a territory such as de_AT"
            raise InvalidInputError(
                "there is no such language", [Fault("language", "bad_language", detail)]
            )
        known = kinds()
        found = kind or _kind_named(name, known)
        if found in known:
            return found
        where = "/letter" if kind else "text"
        detail = (
            f"say which letter it is for: {', '.join(known)}; or let a stage of the policy name it"
            f' (text = "{name.text[:40]}")'
        )
        raise UnfitInputError("no letter has such a text", [Fault(where, "unknown_text", detail)])


def _kind_named(name: TextName, known: tuple[str, ...]) -> str:
    if name.text in known:
        return name.text
    begun = [kind for kind in known if name.text.startswith(f"{kind}_")]
    named = [stage.notice for stage in name.policy.stages if stage.text == name.text]
    return max(begun, key=len, default="") or next((one for one in named if one), "")


def unfit(report: TextReport) -> UnfitInputError:
    """Return the error that tells every fault of a text, by block and line."""
    said = f"the text cannot be used: {len(report.faults)} fault(s)"
    return UnfitInputError(said, [one.fault for one in report.faults])
