"""A letter in finance's own words: their blocks in place of the shipped ones, the layout as ever."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

from chalicelib.flows.ports_letters import AnyLetter
from chalicelib.flows.ports_mail import SUBJECT_CHARACTERS_MAX
from chalicelib.flows.ports_texts import BLOCKS, Blocks, TextFault
from chalicelib.mail.formats import plain_spaces
from chalicelib.mail.own_texts import Monotonic, OwnText, OwnTextError, compiled
from chalicelib.mail.plain_values import names_of, values_of
from chalicelib.mail.render import Composed, Rendered, composed, laid_out
from chalicelib.mail.sayings import paragraphs
from chalicelib.mail.visible import visible

# Any of them may be the subject's amount.
_AMOUNTS = ("total", "left", "open", "plan_total", "past_due", "promised", "paid")


def own_composed(
    letter: AnyLetter,
    blocks: Blocks,
    *,
    is_printed: bool = False,
    monotonic: Monotonic = time.monotonic,
) -> Composed:
    """Return a letter with these blocks in place of its language's; what is left out stays shipped.

    Each block becomes what the shipped one is: subject, title and headline are made one line, so
    that no header can be added; the others are paragraphs. A block that comes out empty stays as
    it is, but for `next` where consequences are shown with it (R5.1): then the shipped one is used.

    Raises:
        OwnTextError: a block does not hold together, or not for this letter: it leaves out what
            this letter must say.
        UnknownLanguageError: the letter's locale is not one.
    """
    kind: type = type(letter)
    text = _compiled(_ordered(blocks), kind)
    done = composed(letter, is_printed=is_printed)
    values = values_of(done)
    own = _words(text.render(values, monotonic), needs_next=bool(done.values["consequences"]))
    faults = [*_blank(own), *_unsaid(own, values)]
    if faults:
        raise OwnTextError(faults)
    words = replace(done.words, **own)
    return replace(done, words=words, values={**done.values, "words": words})


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnRendered(Rendered):
    """A letter in finance's own words: printed with them as well, shipped ones as for paper."""

    blocks: Blocks

    def printed(self) -> bytes:
        """Return the letter as pages to be posted, a PDF file, with its list (R11.2)."""
        from chalicelib.mail.pdf import letter_pdf  # noqa: PLC0415 - loads fonts, for this only

        return letter_pdf(own_composed(self.done.letter, self.blocks, is_printed=True))


def own_rendered(letter: AnyLetter, blocks: Blocks, label: str = "") -> OwnRendered:
    """Return a letter as it is sent, with these blocks in place of the shipped ones.

    `label` is what its record names the text by.

    Raises:
        OwnTextError: a block does not hold together, or not for this letter.
        UnknownLanguageError: the letter's locale is not one.
    """
    sent = laid_out(own_composed(letter, blocks))
    return OwnRendered(
        subject=sent.subject, text=sent.text, html=sent.html, attachments=sent.attachments,
        sha256=sent.sha256, done=sent.done, own_text=label, blocks=blocks,
    )  # fmt: skip


def _ordered(blocks: Blocks) -> tuple[tuple[str, str], ...]:
    known = [(name, blocks[name]) for name in BLOCKS if name in blocks]
    return (*known, *((name, blocks[name]) for name in sorted(blocks.keys() - set(BLOCKS))))


@lru_cache(maxsize=256)
def _compiled(blocks: tuple[tuple[str, str], ...], kind: type) -> OwnText:
    return compiled(dict(blocks), names_of(kind))


def _blank(own: Mapping[str, Any]) -> list[TextFault]:
    return [
        TextFault(block, 0, "blank", "comes out empty for this letter")
        for block, said in own.items()
        if not said and block != "next"
    ]


def _unsaid(own: Mapping[str, Any], values: Mapping[str, Any]) -> list[TextFault]:
    """Return what a letter must say and these words do not.

    The subject names the amount and the reference, so that it can be found and booked. Charges to
    come are announced in words that the letter's figures made: later ones may rest on it (R4.8).
    """
    faults = []
    if own.get("subject"):
        amounts = [plain_spaces(values[name]) for name in _AMOUNTS if values.get(name)]
        if values.get("total") and not any(amount in own["subject"] for amount in amounts):
            detail = "must name the amount: use {{ total }}"
            faults.append(TextFault("subject", 0, "amount_missing", detail))
        if values["reference"] not in own["subject"]:
            detail = "must name the reference: use {{ reference }}"
            faults.append(TextFault("subject", 0, "reference_missing", detail))
    parts = own.get("next")
    said = " ".join(parts or ())
    if parts is not None and any(one not in said for one in values.get("announced", ())):
        detail = "must announce the charges to come: use {{ phrases.announced }}"
        faults.append(TextFault("next", 0, "announcement_missing", detail))
    return faults


def _words(said: Mapping[str, str], *, needs_next: bool) -> dict[str, Any]:
    """Return what the blocks said as a letter's words have it."""
    own: dict[str, Any] = {}
    for name, text in said.items():
        parts = visible(paragraphs(text))
        if name in ("opening", "next", "contact"):
            own[name] = parts
        else:
            own[name] = " ".join(parts)
    if "subject" in own:
        own["subject"] = plain_spaces(own["subject"])[:SUBJECT_CHARACTERS_MAX]
    if needs_next and not own.get("next", ("",)):
        del own["next"]
    return own
