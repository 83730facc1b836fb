"""Finance's own texts for letters: checked, compiled and rendered, each within its bounds.

A text may replace any block of a letter's words: subject, title, headline, opening, next, contact.
It sees plain values only (`text_shapes`), in a small part of the templates' language
(`text_rules`), and says plain words: they go through the same layout as the shipped words, which
escapes them. Nothing here reads or keeps anything.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache
from typing import Any

from jinja2 import StrictUndefined, Template, TemplateSyntaxError, Undefined
from jinja2.exceptions import TemplateError
from jinja2.runtime import Context
from jinja2.sandbox import ImmutableSandboxedEnvironment

from chalicelib.core.errors import InvalidInputError
from chalicelib.flows.ports_texts import BLOCKS, TextFault
from chalicelib.mail.text_rules import SOURCE_MAX, checked
from chalicelib.mail.text_shapes import Shape, plain

OUTPUT_MAX = 20_000  # characters that a block may come to
TAGS = frozenset({"if", "elif", "else", "endif", "for", "endfor"})
RENDER_S = 2.0  # all blocks of a letter together
Monotonic = Callable[[], float]


class OwnTextError(InvalidInputError):
    """An own text cannot be used; `found` names everything that is wrong, by block and line."""

    code = "invalid_letter_text"

    def __init__(self, found: Sequence[TextFault]) -> None:
        super().__init__(
            f"the text cannot be used: {len(found)} fault(s)", [one.fault for one in found]
        )
        self.found = tuple(found)


class OwnText:
    """A text that passed its checks, ready to be rendered with the values of one letter."""

    def __init__(self, templates: Mapping[str, Template]) -> None:
        self._templates = templates

    def render(
        self, values: Mapping[str, Any], monotonic: Monotonic = time.monotonic
    ) -> dict[str, str]:
        """Return what each of its blocks says, not yet laid out.

        Raises:
            OwnTextError: a block says too much, takes too long, or needs a value that this letter
                does not have; the first of them ends it.
        """
        known, until = plain(values), monotonic() + RENDER_S
        return {
            block: _rendered(block, template, known, until, monotonic)
            for block, template in self._templates.items()
        }


def compiled(blocks: Mapping[str, str], names: Mapping[str, Shape]) -> OwnText:
    """Return a text ready to be rendered; `names` are the shapes of its letter's values.

    Raises:
        OwnTextError: some block does not hold together; every fault of every block is named.
    """
    faults: list[TextFault] = []
    templates: dict[str, Template] = {}
    for block, source in blocks.items():
        if block not in BLOCKS:
            known = ", ".join(BLOCKS)
            faults.append(TextFault(block, 0, "unknown_block", f"is no block (known: {known})"))
            continue
        template, found = _compiled(block, source, names)
        faults += found
        if template is not None:
            templates[block] = template
    if faults:
        raise OwnTextError(faults)
    return OwnText(templates)


def _compiled(
    block: str, source: str, names: Mapping[str, Shape]
) -> tuple[Template | None, list[TextFault]]:
    if len(source) > SOURCE_MAX:
        detail = f"has {len(source)} characters, {SOURCE_MAX} are allowed"
        return None, [TextFault(block, 0, "too_long", detail)]
    environment = _environment()
    try:
        found = list(_unknown_tags(block, environment, source))
        found = found or checked(block, environment.parse(source), names)
        if found:
            return None, found
        # From the source, not the tree that was checked: what compiling folds must not be shared.
        return environment.from_string(source), []
    except TemplateSyntaxError as error:
        said = (error.message or "cannot be read").rstrip(".")[:200]
        return None, [TextFault(block, error.lineno, "syntax", said)]
    except RecursionError:
        return None, [TextFault(block, 0, "too_deep", "is nested too deeply to be read")]
    except (ValueError, OverflowError):  # a number of thousands of digits
        return None, [TextFault(block, 0, "syntax", "has a number that cannot be read")]


def _unknown_tags(
    block: str, environment: ImmutableSandboxedEnvironment, source: str
) -> Iterator[TextFault]:
    """Yield the tags that texts do not know, before the parser speaks of how they are written."""
    begins = False
    for line, kind, value in environment.lex(source):
        if kind == "name" and begins and value not in TAGS:
            known = "only if and for, with elif, else, endif and endfor"
            yield TextFault(block, line, "not_allowed", f"{value!r} is no tag of texts: {known}")
        begins = kind == "block_begin" or (begins and kind == "whitespace")


def _rendered(
    block: str,
    template: Template,
    values: Mapping[str, Any],
    until: float,
    monotonic: Monotonic,
) -> str:
    parts: list[str] = []
    size = 0
    try:
        for part in template.generate(values):
            size += len(part)
            if size > OUTPUT_MAX:  # while it streams: the rest is never made
                detail = f"comes to more than {OUTPUT_MAX} characters for this letter"
                raise OwnTextError([TextFault(block, 0, "says_too_much", detail)])
            if monotonic() > until:
                detail = f"takes longer than {RENDER_S:g} s to write"
                raise OwnTextError([TextFault(block, 0, "takes_too_long", detail)])
            parts.append(part)
    except (TemplateError, TypeError, ValueError, ArithmeticError, RecursionError) as error:
        detail = f"cannot be written for this letter: {str(error)[:200]}"
        raise OwnTextError([TextFault(block, _line_of(error, template), "no_value", detail)]) from (
            None
        )
    return "".join(parts)


def _line_of(error: BaseException, template: Template) -> int:
    """Return the line of the text at which it failed, 0 when that is not known."""
    line, trace = 0, error.__traceback__
    while trace is not None:
        if trace.tb_frame.f_globals.get("__jinja_template__") is template:
            line = template.get_corresponding_lineno(trace.tb_lineno)
        elif trace.tb_frame.f_code.co_filename == "<template>":
            line = trace.tb_lineno  # jinja has put the text's own lines in
        trace = trace.tb_next
    return line


class _PlainEnvironment(ImmutableSandboxedEnvironment):
    """Looks into dicts and lists, and at nothing else: no value has an attribute or a method."""

    def getattr(self, obj: Any, attribute: str) -> Any:
        """Return a dict's entry, else what is undefined."""
        return self.getitem(obj, attribute)

    def getitem(self, obj: Any, argument: Any) -> Any:
        """Return a dict's or list's entry, else what is undefined."""
        if isinstance(obj, Undefined):
            return obj  # which says what is missing
        if isinstance(obj, dict) and isinstance(argument, str) and argument in obj:
            return obj[argument]
        if isinstance(obj, list) and isinstance(argument, int) and 0 <= argument < len(obj):
            return obj[argument]
        return self.undefined(hint=f"there is no {str(argument)[:40]!r}")

    def is_safe_callable(self, obj: Any) -> bool:
        """Answer no: a text calls nothing."""
        del obj
        return False


def _printed(value: Any) -> Any:
    """Return a value as it is printed; what is no text or number is refused."""
    if isinstance(value, Undefined):
        return value  # which says what is missing
    if isinstance(value, str):
        return value
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    raise TypeError("only texts and numbers can be printed")


def _default(value: Any, instead: str) -> str:
    return instead if isinstance(value, Undefined) or value == "" else str(value)


def _join(value: list[str], between: str = "") -> str:
    return between.join(value)


def _first(value: list[Any]) -> Any:
    return value[0] if value else _environment().undefined(hint="the list is empty")


def _last(value: list[Any]) -> Any:
    return value[-1] if value else _environment().undefined(hint="the list is empty")


def _refused(*_: Any, **__: Any) -> Any:
    raise TypeError("a text calls nothing")


class _PlainContext(Context):
    """A context in which nothing can be called."""

    call = _refused


@cache
def _environment() -> _PlainEnvironment:
    environment = _PlainEnvironment(
        undefined=StrictUndefined,
        finalize=_printed,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
        cache_size=0,
    )
    environment.context_class = _PlainContext
    environment.globals.clear()
    environment.filters.clear()
    environment.filters.update(
        capitalize=lambda value: str(value).capitalize(),
        default=_default,
        first=_first,
        join=_join,
        last=_last,
        length=len,
        lower=lambda value: str(value).lower(),
        trim=lambda value: str(value).strip(),
        upper=lambda value: str(value).upper(),
    )
    defined = environment.tests["defined"], environment.tests["undefined"]
    environment.tests.clear()
    environment.tests.update(defined=defined[0], undefined=defined[1])
    return environment
