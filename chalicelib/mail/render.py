"""Turns a letter into what is sent: subject, plain text, HTML and attachments (R11.5).

The words of each notice are in `templates/<language>/<text>.txt`, one block per part; both layouts
set the same words, so that text and HTML never say different things. The bytes that are sent are
the bytes that are kept: nothing is rendered by the mail service.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from types import SimpleNamespace
from typing import Any

from chalicelib.flows.letter_digest import letter_digest
from chalicelib.flows.ports_letters import AnyLetter
from chalicelib.flows.ports_mail import (
    ATTACHMENTS_BYTES_MAX,
    SUBJECT_CHARACTERS_MAX,
    MailAttachment,
)
from chalicelib.mail.formats import Formats, formats_for, parse_locale, plain_spaces
from chalicelib.mail.looks import LOOKS
from chalicelib.mail.sayings import (
    environment,
    labels_of,
    language_of,
    languages,
    paragraphs,
    sayings,
    texts,
)
from chalicelib.mail.sorts import SORTS, Sort, Tools
from chalicelib.mail.visible import visible

INVOICES_LISTED_MAX = 200  # above it the list is attached (R5.3)
LANGUAGES = languages()
PHRASES = ("greeting", "announced", "added", "on_what", "reach")  # for finance's own texts
_WORD_BLOCKS = ("subject", "title", "headline", "opening", "next", "contact")


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """What one notice says, without layout; `opening`, `next` and `contact` are paragraphs."""

    subject: str
    title: str
    headline: str
    opening: tuple[str, ...]
    next: tuple[str, ...]
    contact: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Composed:
    """A letter with its words in its reader's language, before any layout.

    `letter` has every name made visible, and somebody who signs. `say` are the language's macros
    as functions that give plain text. `values` is what layouts are set with: all the others under
    their names (`formats` as `f`), and the sort's own, such as `facts`.
    """

    letter: AnyLetter
    language: str
    words: Words
    formats: Formats
    labels: Mapping[str, str]
    say: SimpleNamespace
    values: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rendered:
    """A letter as it is sent and kept. `sha256` covers every part of it, attachments included.

    `own_text` is the text of finance's that it is written with, `own_text_failed` one that did not
    hold for it; "" for none.
    """

    subject: str
    text: str
    html: str
    attachments: tuple[MailAttachment, ...]
    sha256: str
    done: Composed = field(repr=False, compare=False)
    own_text: str = ""
    own_text_failed: str = ""

    def printed(self) -> bytes:
        """Return the letter as pages to be posted, a PDF file, with its list (R11.2)."""
        from chalicelib.mail.pdf import letter_pdf  # noqa: PLC0415 - loads fonts, for this only

        letter, words = self.done.letter, self.done.words
        is_own = words != composed(letter).words  # of finance: they are printed as they are
        return letter_pdf(composed(letter, words=words if is_own else None, is_printed=True))


def composed(
    letter: AnyLetter,
    *,
    attach_list: bool = False,
    words: Words | None = None,
    is_printed: bool = False,
) -> Composed:
    """Return a letter's words and all that it is set with. Same letter, same values.

    `words` are used instead of the language's own, where finance has written them. What is printed
    and posted does not ask for a reply to an e-mail.

    Raises:
        UnknownLanguageError: the letter's locale is not one.
    """
    language = language_of(parse_locale(letter.locale).language)
    labels, sort = labels_of(language), SORTS[type(letter)]
    letter = _signed(visible(letter), labels)
    formats = formats_for(letter.locale, letter.currency, letter.digits, language)
    listed = sort.listed(letter)
    is_long = listed > INVOICES_LISTED_MAX
    asked = letter.attach
    attach = {*asked, *(("csv",) if is_long or attach_list else ())} if listed else set()
    given = {
        "letter": letter,
        "f": formats,
        "labels": labels,
        "lang": str(formats.locale).replace("_", "-"),
        "is_long": is_long,
        "is_printed": is_printed,
        "attach": attach,
    }
    say = sayings(language, sort.macros, given)
    values = {
        **given,
        "say": say,
        "look": LOOKS[letter.kind],
        "payment_rows": [(line.label, line.value) for line in letter.payment],
        **sort.values(letter, Tools(f=formats, labels=labels, say=say)),
    }
    if words is None:
        words = _words(_text_of(letter, language, sort), language, values)
    values["words"] = words
    return Composed(
        letter=letter, language=language, words=words, formats=formats, labels=labels, say=say,
        values=values,
    )  # fmt: skip


def render(letter: AnyLetter, *, attach_list: bool = False) -> Rendered:
    """Return what is sent: subject, plain text, HTML, attachments. Same letter, same bytes.

    Above 200 invoices the letter gives totals and attaches the list as CSV, whatever the policy
    says; with `attach_list`, or where the letter's stage says so, a short one has it too (R5.3,
    R11.5).

    Raises:
        UnknownLanguageError: the letter's locale is not one.
    """
    return laid_out(composed(letter, attach_list=attach_list))


def laid_out(done: Composed) -> Rendered:
    """Return a composed letter as it is sent, set in its layouts."""
    attachments = attached(done)
    kinds = "_".join(sorted((one.filename.rpartition(".")[2] for one in attachments), reverse=True))
    values = {
        **done.values,
        "is_attached": bool(attachments),
        "attached_as": done.labels[f"list_attached_{kinds}"] if attachments else "",
    }
    layout = SORTS[type(done.letter)].layout
    html = environment(escaped=True).get_template(f"{layout}.html").render(values)
    text = environment(escaped=False).get_template(f"{layout}.txt").render(values)
    text, subject = plain_spaces(_tidy(text)), done.words.subject
    return Rendered(
        subject=subject, text=text, html=html, attachments=attachments,
        sha256=_digest(subject, text, html, attachments), done=done,
    )  # fmt: skip


def attached(done: Composed, bytes_max: int = ATTACHMENTS_BYTES_MAX) -> tuple[MailAttachment, ...]:
    """Return the files that go with a letter: its list as PDF, as CSV, both, or none (R11.5).

    Where a PDF is asked for and would be too large, by itself or beside the CSV, the CSV goes in
    its place: it says the same in a tenth of the bytes, and can be counted on.
    """
    wanted = done.values["attach"]
    if not wanted:
        return ()
    tools = Tools(f=done.formats, labels=done.labels, say=done.say)
    as_csv = SORTS[type(done.letter)].attached(done.letter, tools)
    if "pdf" not in wanted:
        return (as_csv,)
    from chalicelib.mail.pdf import list_pdf  # noqa: PLC0415 - loads fonts, for this only

    as_pdf = list_pdf(done)
    files = (as_pdf, as_csv) if "csv" in wanted else (as_pdf,)
    found = tuple(one for one in files if one is not None)
    size_bytes = sum(len(one.content) for one in found)
    return (as_csv,) if as_pdf is None or size_bytes > bytes_max else found


def phrases(letter: AnyLetter) -> dict[str, str]:
    """Return the sentences that depend on a letter's figures, by name, in its language.

    They are plain text for finance's own wording: `greeting`, `announced` (what comes, in
    paragraphs), `added` (what is new), `on_what`, `reach` (whom to contact); those that its sort
    of letter has.

    Raises:
        UnknownLanguageError: the letter's locale is not one.
    """
    say = vars(composed(letter).say)
    return {name: say[name]() for name in PHRASES if name in say}


def _signed(letter: AnyLetter, labels: Mapping[str, str]) -> AnyLetter:
    """Return a letter with a name beneath it, where nobody is known for it."""
    if letter.collector.name.strip():
        return letter
    return replace(letter, collector=replace(letter.collector, name=labels["receivables"]))


def _text_of(letter: AnyLetter, language: str, sort: Sort) -> str:
    """Return the name of a letter's text: its own, or its kind's where there is none of the name."""
    is_known = letter.text in texts(language) and sort.has_text(letter.text)
    return letter.text if is_known else letter.kind


def _words(text: str, language: str, values: dict[str, object]) -> Words:
    template = environment(escaped=False).get_template(f"{language}/{text}.txt")
    context = template.new_context(values)
    said = {name: "".join(template.blocks[name](context)) for name in _WORD_BLOCKS}
    return Words(
        subject=_one_line(plain_spaces(said["subject"]))[:SUBJECT_CHARACTERS_MAX],
        title=_one_line(said["title"]),
        headline=_one_line(said["headline"]),
        opening=paragraphs(said["opening"]),
        next=paragraphs(said["next"]),
        contact=paragraphs(said["contact"]),
    )


def _one_line(text: str) -> str:
    return " ".join(paragraphs(text))


def _tidy(text: str) -> str:
    lines = [line.rstrip() for line in text.strip().splitlines()]
    kept = [line for index, line in enumerate(lines) if line or (index and lines[index - 1])]
    return "\n".join(kept) + "\n"


def _digest(subject: str, text: str, html: str, attachments: tuple[MailAttachment, ...]) -> str:
    files = ((one.filename, one.media_type, one.content) for one in attachments)
    return letter_digest(subject, text.encode(), html.encode(), files)


__all__ = [
    "INVOICES_LISTED_MAX",
    "LANGUAGES",
    "PHRASES",
    "Composed",
    "Formats",
    "Rendered",
    "Words",
    "attached",
    "composed",
    "laid_out",
    "phrases",
    "render",
]
