"""Own texts tried on this machine: which letter is meant, and what it comes to."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from chalicelib.core.errors import Fault, InvalidInputError
from chalicelib.flows.letter_text_trials import TextName, TextTrials
from chalicelib.flows.locales import is_locale
from chalicelib.flows.ports_letters import AnyLetter, RenderedLetter
from chalicelib.mail.formats import plain_spaces
from chalicelib.mail.plain_values import names_of, values_of
from chalicelib.mail.render import composed
from chalicelib.mail.text_checks import TextChecks
from chalicelib.mail.text_shapes import ListOf, said_of
from local.cli_policies import load_policy
from local.letter_files import LetterFile, LetterFileError

Row = tuple[str, str, str]


def wanted(
    policy_named: str, letter: str | None, locale: str | None, text: LetterFile | None
) -> tuple[TextTrials, TextName, str]:
    """Return which letter is meant: options win over the file.

    Raises:
        InvalidInputError: the letter or the locale is none, or neither says which letter it is.
    """
    kind = letter or (text.letter if text else "")
    named = (text.text if text else "") or kind
    where = {
        "letter": text.at("letter") if text and not letter else "--letter",
        "language": text.at("locale") if text and text.locale and not locale else "--locale",
    }
    if not named:
        detail = 'say which letter it is: --letter reminder, or letter = "reminder" in the file'
        raise _refused(text, "no letter is named", [Fault(where["letter"], "missing", detail)])
    language = (locale or (text.locale if text else "") or "en").replace("-", "_")
    texts = TextTrials(TextChecks(), is_locale, lambda: None)
    name, said = TextName(load_policy(policy_named), language, named), kind if kind != named else ""
    try:
        return texts, name, texts.kind_of(name, said)
    except InvalidInputError as error:
        # A language that does not exist must not hide a letter that does not, either.
        found = dict.fromkeys([*_faults(texts, replace(name, language="en"), said), *error.faults])
        faults = [
            Fault(where.get(one.where, where["letter"]), one.code, one.detail) for one in found
        ]
        raise _refused(text, str(error.args[0]), faults) from None


def _faults(texts: TextTrials, name: TextName, kind: str) -> tuple[Fault, ...]:
    try:
        texts.kind_of(name, kind)
    except InvalidInputError as error:
        return tuple(error.faults)
    return ()


def _refused(text: LetterFile | None, said: str, faults: list[Fault]) -> InvalidInputError:
    """Return the error for faults that a file has, or else the command's options."""
    if text is not None and any(one.where.startswith(str(text.path)) for one in faults):
        found = [*text.faults, *faults]
        return LetterFileError(f"{text.path} has {len(found)} fault(s)", found)
    return InvalidInputError(said, faults)


def checked_with(
    texts: TextTrials, name: TextName, kind: str, text: LetterFile
) -> tuple[list[Fault], list[Fault]]:
    """Return every fault of a file with a text, keys before words, and remarks on it."""
    if text.faults and not text.blocks:
        return list(text.faults), []
    report = texts.check(name, kind, text.blocks)
    return [*text.faults, *text.placed(report.faults)], text.placed(report.remarks)


def rendered_with(
    texts: TextTrials, name: TextName, kind: str, text: LetterFile | None
) -> tuple[RenderedLetter, list[Fault]]:
    """Return the sample letter as it would be sent, and remarks on its text.

    Raises:
        LetterFileError: the text does not hold together; every fault is named, with its line.
    """
    blocks = None
    if text is not None:
        faults, _ = checked_with(texts, name, kind, text)
        if faults:
            raise LetterFileError(f"{text.path} has {len(faults)} fault(s)", faults)
        blocks = text.blocks
    rendered, remarks = texts.written(name, kind, blocks)
    return rendered, text.placed(remarks) if text is not None else []


def rows_of(letter: AnyLetter) -> list[Row]:
    """Return each name that a letter's texts can use, what it is, and its value in the letter.

    Of a list they are those of its first entry.
    """
    return list(_rows(names_of(type(letter)), values_of(composed(letter))))


def _rows(names: Mapping[str, Any], known: Mapping[str, Any], path: str = "") -> Iterator[Row]:
    """Yield each name with what it is and the sample's value; of a list those of its first entry."""
    for name in sorted(names):
        shape, value, where = names[name], known.get(name, ""), f"{path}{name}"
        if isinstance(shape, ListOf):
            is_plain = not isinstance(shape.entry, Mapping)
            first = value[0] if value else "" if is_plain else {}
            yield where, "a list of texts" if is_plain else "a list", str(first) if is_plain else ""
            if isinstance(shape.entry, Mapping):
                yield from _rows(shape.entry, first, f"{where}[0].")
        elif isinstance(shape, Mapping):
            yield from _rows(shape, value, f"{where}.")
        else:
            yield where, said_of(shape), plain_spaces(str(value))
