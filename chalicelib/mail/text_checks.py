"""Own texts tried on sample letters before anybody is written to with them (R11.5)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from chalicelib.flows.letter import Letter
from chalicelib.flows.letter_parts import NoticeKind
from chalicelib.flows.ports_letters import AnyLetter
from chalicelib.flows.ports_texts import BLOCKS, Blocks, TextFault, TextReport
from chalicelib.mail.formats import parse_locale, plain_spaces
from chalicelib.mail.own_texts import OwnTextError
from chalicelib.mail.own_words import own_composed, own_rendered
from chalicelib.mail.render import Composed, Rendered, laid_out, render
from chalicelib.mail.sayings import languages, texts

SUBJECT_SEEN = 90  # characters; mail programs show no more
# Of English, German, French, Spanish, Italian and Dutch; parts of words.
_THREATS = re.compile(
    r"legal (action|proceedings|steps)|lawyer|attorney|court|collection agency|sue you"
    r"|gericht|anwalt|inkasso|rechtliche|mahnbescheid"
    r"|tribunal|avocat|huissier|recouvrement|poursuites|mise en demeure"
    r"|abogado|juzgado|judicial|cobranza|recobro"
    r"|avvocato|tribunale|deurwaarder|advocaat|incasso",
    re.IGNORECASE,
)


class TextChecks:
    """`OwnTexts` over the templates."""

    def has_text(self, language: str, text: str) -> bool:
        """Whether a text of this name is shipped in a language."""
        return language in languages() and text in texts(language)

    def written(self, blocks: Blocks, letter: AnyLetter) -> Rendered:
        """Return a letter with these blocks in place of the shipped ones."""
        return own_rendered(letter, blocks) if blocks else render(letter)

    def check(self, blocks: Blocks, letters: Sequence[AnyLetter]) -> TextReport:
        """Return everything that is wrong with a text, tried on each letter; each fault once."""
        faults = dict.fromkeys(_unwritten(blocks, letters[0].locale))
        remarks: dict[TextFault, None] = {}
        for letter in letters:
            try:
                done = own_composed(letter, blocks)
            except OwnTextError as error:
                faults |= dict.fromkeys(error.found)
            else:
                faults |= dict.fromkeys(_left_out(done))
                remarks |= dict.fromkeys(_remarks(blocks, done))
        return TextReport(tuple(faults), tuple(remarks))


def _unwritten(blocks: Blocks, locale: str) -> Iterator[TextFault]:
    """Find blocks that nobody has written: in a language that is not shipped all are needed."""
    if not blocks:
        yield TextFault("", 0, "missing", f"at least one block is needed: {', '.join(BLOCKS)}")
    language = parse_locale(locale).language
    if blocks and language not in languages():
        for block in BLOCKS:
            if block not in blocks:
                detail = f'is needed: no letters are shipped in "{language}" to take it from'
                yield TextFault(block, 0, "missing", detail)


def _left_out(done: Composed) -> Iterator[TextFault]:
    """Find what a final demand must show and nowhere does: amount, date, consequence, contact."""
    letter = done.letter
    if not isinstance(letter, Letter) or letter.kind is not NoticeKind.FINAL_DEMAND:
        return
    shown = _flat(laid_out(done).text)
    needed = [
        ("headline", "amount", done.formats.money(letter.total_minor)),
        ("contact", "contact", letter.collector.email),
        *(("next", "consequence", one) for one in done.values["consequences"]),
    ]
    if letter.respond_by is not None:
        needed.append(("opening", "date", done.formats.long_day(letter.respond_by)))
    for block, what, said in needed:
        if _flat(said) not in shown:
            yield TextFault(block, 0, f"{what}_missing", f"a final demand must show its {what}")
    yield from _unconditional(letter, done)


def _unconditional(letter: Letter, done: Composed) -> Iterator[TextFault]:
    """Find consequences that are set below words which do not say after which day they come."""
    if letter.respond_by is None or not done.values["consequences"]:
        return
    first = _flat("".join(done.words.next[:1]))
    if _flat(done.formats.long_day(letter.respond_by)) not in first:
        detail = (
            "must say in its first paragraph by when an answer is needed, as what happens without "
            "one is listed below it: use {{ respond_by }}"
        )
        yield TextFault("next", 0, "condition_missing", detail)


def _flat(text: str) -> str:
    return " ".join(plain_spaces(text).split())


def _remarks(blocks: Blocks, done: Composed) -> Iterator[TextFault]:
    words = done.words
    if "subject" in blocks and len(words.subject) > SUBJECT_SEEN:
        detail = f"has {len(words.subject)} characters; mail programs show about {SUBJECT_SEEN}"
        yield TextFault("subject", 0, "long_subject", detail)
    if done.letter.kind == NoticeKind.REMINDER:
        for block in blocks:
            found = _THREATS.search(" ".join(_paragraphs(getattr(words, block))))
            if found:
                detail = f"a reminder is friendly, and this speaks of {found.group(0)!r}"
                yield TextFault(block, 0, "threat", detail)
    language = parse_locale(done.letter.locale).language
    if language != done.language:
        detail = (
            f'no letters are shipped in "{language}": headings, tables and phrases stay English'
        )
        yield TextFault("", 0, "layout_language", detail)


def _paragraphs(said: str | tuple[str, ...]) -> tuple[str, ...]:
    return (said,) if isinstance(said, str) else said
