"""What a language says: its labels, its macros as functions, and the texts of its letters (R11.5).

A language is a folder of `templates`: `labels.toml`, macros in files that begin with `_`, and one
text per letter. No other code has words of a language.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from functools import cache
from importlib import resources
from types import SimpleNamespace
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from jinja2.runtime import Context, Macro

from chalicelib.mail.formats import DEFAULT_LANGUAGE, held
from chalicelib.mail.plaintext import columns, table, wrapped

LABELS = "labels.toml"
_PACKAGE = "chalicelib.mail"
_SPACES = re.compile(r"[ \t\r\n]+")
_TAG = re.compile(r"<[^>]*>")
_LONG_WORD = re.compile(r"[^\s-]{15}")  # as wide as a narrow window's column
_EMPTY_LINE = re.compile(r"\n[ \t\r]*\n")


@cache
def languages() -> tuple[str, ...]:
    """Return the languages that letters are written in: the folders that there are."""
    folders = (resources.files(_PACKAGE) / "templates").iterdir()
    return tuple(sorted(one.name for one in folders if (one / LABELS).is_file()))


def language_of(language: str) -> str:
    """Return the language to write to readers of a language in: theirs, else English."""
    return language if language in languages() else DEFAULT_LANGUAGE


@cache
def texts(language: str) -> frozenset[str]:
    """Return the names of the texts of letters that a language has."""
    files = (one.name for one in (resources.files(_PACKAGE) / "templates" / language).iterdir())
    return frozenset(
        name.removesuffix(".txt")
        for name in files
        if name.endswith(".txt") and not name.startswith("_")
    )


@cache
def labels_of(language: str) -> dict[str, str]:
    """Return a language's labels by their names."""
    path = resources.files(_PACKAGE) / "templates" / language / LABELS
    labels: dict[str, str] = tomllib.loads(path.read_text("utf-8"))
    return labels


def sayings(language: str, files: Iterable[str], values: Mapping[str, Any]) -> SimpleNamespace:
    """Return the macros of a language's files as functions that give plain text.

    A macro reads `values` (`letter`, `f`, `labels`) and, as `say`, the macros of the files before
    its own. What it says is one line, or paragraphs with an empty line between.
    """
    say = SimpleNamespace()
    for file in files:
        template = environment(escaped=False).get_template(f"{language}/{file}")
        module = template.make_module({**values, "say": say})
        for name, macro in vars(module).items():
            if isinstance(macro, Macro):
                setattr(say, name, _function(macro))
    return say


def _function(macro: Macro) -> Callable[..., str]:
    # Called bare, so that it never takes on the escaping of the page that calls it: the page must
    # escape what it says itself. The page and the plain text say the same, which is kept meanwhile.
    kept: dict[tuple[Any, ...], str] = {}

    def said(*arguments: Any) -> str:
        try:
            return kept[arguments]
        except (KeyError, TypeError):  # not said yet, or not to be kept, such as a list
            text = "\n\n".join(paragraphs(str(macro(*arguments))))
        with suppress(TypeError):
            kept[arguments] = text
        return text

    return said


def paragraphs(text: str) -> tuple[str, ...]:
    """Return the paragraphs of a text, each in one line; no-break spaces stay."""
    parts = (_SPACES.sub(" ", part).strip(" ") for part in _EMPTY_LINE.split(text))
    return tuple(part for part in parts if part)


def _po(number: str, label: str) -> str:
    # Many buyers' numbers say what they are already; "PO PO-1021" looks careless.
    return number if number.upper().startswith(label.upper()) else f"{label} {number}"


def _by_charge(announced: Iterable[Any]) -> list[tuple[Any, list[Any]]]:
    # Stages that bring the same are told of in one sentence; the order is that of the letter.
    groups: dict[Any, list[Any]] = {}
    for one in announced:
        groups.setdefault((one.charges, one.every_days, one.runs_to_payment), []).append(one)
    return list(groups.items())


def _has_long_word(rows: str) -> bool:
    # Such a word must break where there is no place to, or it widens the page; others should not.
    return _LONG_WORD.search(_TAG.sub(" ", rows.partition("</thead>")[2])) is not None


class _Context(Context):
    """Calls what templates call as it is: nothing here asks for the context, and calls are many.

    A macro that is not given the state of escaping takes that of its environment, which is one.
    """

    def call(self, function: Callable[..., Any], *arguments: Any, **named: Any) -> Any:
        """Return what a function or macro answers."""
        named.pop("_loop_vars", None)  # what the compiled template adds for functions that ask
        named.pop("_block_vars", None)
        return function(*arguments, **named)


@cache
def environment(*, escaped: bool) -> Environment:
    """Return what the shipped templates are set with; `escaped` for HTML.

    They are code of this project. What finance writes is set in a sandbox, never here.
    """
    # Strict: a missing value is an error, never a hole in a letter about money.
    found = Environment(
        loader=PackageLoader(_PACKAGE),
        autoescape=escaped,  # noqa: S701 - plain text has no markup; HTML is always escaped
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    found.context_class = _Context
    found.filters.update(wrapped=wrapped, po=_po, held=held, groupby_charge=_by_charge)
    found.filters["has_long_word"] = _has_long_word
    found.globals.update(columns=columns, table=table)
    return found
