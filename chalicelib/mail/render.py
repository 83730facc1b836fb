"""Turns a letter into what is sent: subject, plain text, HTML and attachments (R11.5).

The words of each notice are in `templates/<language>/<kind>.txt`, one block per part; both layouts
set the same words, so that text and HTML never say different things. The bytes that are sent are
the bytes that are kept: nothing is rendered by the mail service.
"""

from __future__ import annotations

import hashlib
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from importlib import resources

from jinja2 import BaseLoader, PackageLoader, StrictUndefined
from jinja2.sandbox import ImmutableSandboxedEnvironment

from chalicelib.flows.letter_parts import Announcement
from chalicelib.flows.letter_plan import PlanLetter
from chalicelib.flows.ports_letters import AnyLetter
from chalicelib.flows.ports_mail import SUBJECT_CHARACTERS_MAX, MailAttachment
from chalicelib.mail.formats import (
    DEFAULT_LANGUAGE,
    Formats,
    formats_for,
    held,
    parse_locale,
    plain_spaces,
)
from chalicelib.mail.listing import listing
from chalicelib.mail.looks import LOOKS
from chalicelib.mail.plaintext import columns, table, wrapped
from chalicelib.mail.plans import plan_facts, plan_listing
from chalicelib.mail.totals import by_age, by_month

INVOICES_LISTED_MAX = 200  # above it the list is attached (R5.3)
LANGUAGES = ("en",)
_PACKAGE = "chalicelib.mail"
_WORD_BLOCKS = ("subject", "title", "headline", "opening", "next", "contact")


@dataclass(frozen=True, slots=True, kw_only=True)
class Rendered:
    """A letter as it is sent and kept. `sha256` covers every part of it, attachments included."""

    subject: str
    text: str
    html: str
    attachments: tuple[MailAttachment, ...]
    sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """What one notice says, without layout; `opening`, `next` and `contact` are paragraphs."""

    subject: str
    title: str
    headline: str
    opening: tuple[str, ...]
    next: tuple[str, ...]
    contact: tuple[str, ...]


def render(letter: AnyLetter, *, attach_list: bool = False) -> Rendered:
    """Return what is sent: subject, plain text, HTML, attachments. Same letter, same bytes.

    Above 200 invoices the letter gives totals and attaches the list; with `attach_list` the list
    is attached to a short letter too (R5.3, R11.5).

    Raises:
        UnknownLanguageError: the letter's locale is not one.
    """
    locale = parse_locale(letter.locale)
    language = locale.language if locale.language in LANGUAGES else DEFAULT_LANGUAGE
    formats = formats_for(letter.locale, letter.currency, letter.digits, language)
    layout = "plan" if isinstance(letter, PlanLetter) else "layout"
    is_long = _listed(letter) > INVOICES_LISTED_MAX
    is_attached = is_long or (attach_list and _has_list(letter))
    values = {
        "letter": letter,
        "f": formats,
        "lang": str(formats.locale).replace("_", "-"),
        "labels": _labels(language),
        "look": LOOKS[letter.kind],
        "payment_rows": [(line.label, line.value) for line in letter.payment],
        "is_long": is_long,
        "is_attached": is_attached,
        **_own_values(letter, formats, _labels(language)),
    }
    words = _words(letter, language, values)
    html = _environment(escaped=True).get_template(f"{layout}.html").render(values, words=words)
    text = _environment(escaped=False).get_template(f"{layout}.txt").render(values, words=words)
    attachments = (_list_of(letter),) if is_attached else ()
    text = plain_spaces(_tidy(text))
    digest = _digest(words.subject, text, html, attachments)
    return Rendered(
        subject=words.subject, text=text, html=html, attachments=attachments, sha256=digest
    )


def _listed(letter: AnyLetter) -> int:
    return len(letter.listed if isinstance(letter, PlanLetter) else letter.invoices)


def _has_list(letter: AnyLetter) -> bool:
    return not isinstance(letter, PlanLetter) or bool(letter.listed)


def _list_of(letter: AnyLetter) -> MailAttachment:
    return plan_listing(letter) if isinstance(letter, PlanLetter) else listing(letter)


def _own_values(letter: AnyLetter, f: Formats, labels: dict[str, str]) -> dict[str, object]:
    """Return what only this sort of letter is set with; `facts` are rows of the text's head."""
    if isinstance(letter, PlanLetter):
        return {"facts": plan_facts(letter, f, labels), "consequences": ()}
    facts = [(labels["total"], f.money(letter.total_minor))]
    if letter.respond_by:
        facts.append((labels["answer_by"], f.long_day(letter.respond_by)))
    return {
        "facts": facts,
        "consequences": letter.consequences,
        "months": by_month(letter),
        "ages": by_age(letter),
    }


def _words(letter: AnyLetter, language: str, values: dict[str, object]) -> Words:
    template = _environment(escaped=False).get_template(f"{language}/{letter.kind}.txt")
    context = template.new_context(values)
    said = {name: "".join(template.blocks[name](context)) for name in _WORD_BLOCKS}
    return Words(
        subject=_one_line(plain_spaces(said["subject"]))[:SUBJECT_CHARACTERS_MAX],
        title=_one_line(said["title"]),
        headline=_one_line(said["headline"]),
        opening=_paragraphs(said["opening"]),
        next=_paragraphs(said["next"]),
        contact=_paragraphs(said["contact"]),
    )


def _paragraphs(text: str) -> tuple[str, ...]:
    parts = (_one_line(part) for part in text.split("\n\n"))
    return tuple(part for part in parts if part)


def _one_line(text: str) -> str:
    # Only what ends or hides in a line goes; a no-break space must stay, it holds amounts together.
    visible = "".join(c if c.isprintable() or c == "\u00a0" else " " for c in text)
    return " ".join(part for part in visible.split(" ") if part)


def _po(number: str, label: str) -> str:
    # Many buyers' numbers say what they are already; "PO PO-1021" looks careless.
    return number if number.upper().startswith(label.upper()) else f"{label} {number}"


def _by_charge(
    announced: Iterable[Announcement],
) -> list[tuple[tuple[str, int, bool], list[Announcement]]]:
    # Stages that bring the same are told of in one sentence; the order is that of the letter.
    groups: dict[tuple[str, int, bool], list[Announcement]] = {}
    for one in announced:
        groups.setdefault((one.charge, one.every_days, one.runs_to_payment), []).append(one)
    return list(groups.items())


def _tidy(text: str) -> str:
    lines = [line.rstrip() for line in text.strip().splitlines()]
    kept = [line for index, line in enumerate(lines) if line or (index and lines[index - 1])]
    return "\n".join(kept) + "\n"


def _digest(subject: str, text: str, html: str, attachments: tuple[MailAttachment, ...]) -> str:
    digest = hashlib.sha256()
    parts = [subject.encode(), text.encode(), html.encode()]
    for attachment in attachments:
        parts += [attachment.filename.encode(), attachment.media_type.encode(), attachment.content]
    for part in parts:  # with its length, so that no two letters share a digest by moving bytes
        digest.update(len(part).to_bytes(8, "big"))
        digest.update(part)
    return digest.hexdigest()


@cache
def _environment(*, escaped: bool) -> ImmutableSandboxedEnvironment:
    # Sandboxed: a seller's own wording is data, not code. Strict: a missing value is an error,
    # never a hole in a letter about money.
    loader: BaseLoader = PackageLoader(_PACKAGE)
    environment = ImmutableSandboxedEnvironment(
        loader=loader,
        autoescape=escaped,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    environment.filters.update(wrapped=wrapped, po=_po, held=held, groupby_charge=_by_charge)
    environment.globals.update(columns=columns, table=table)
    return environment


@cache
def _labels(language: str) -> dict[str, str]:
    path = resources.files(_PACKAGE) / "templates" / language / "labels.toml"
    labels: dict[str, str] = tomllib.loads(path.read_text("utf-8"))
    return labels


__all__ = ["INVOICES_LISTED_MAX", "LANGUAGES", "Formats", "Rendered", "render"]
