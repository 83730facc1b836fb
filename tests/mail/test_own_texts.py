"""The language of finance's own texts: what it can say, and what can never get out of it."""

from __future__ import annotations

from contextlib import suppress
from itertools import count
from typing import Any

import pytest
from chalicelib.flows.ports_texts import TextFault
from chalicelib.mail.own_texts import OUTPUT_MAX, OwnTextError, compiled
from chalicelib.mail.text_shapes import FLAG, NUMBER, TEXT, ListOf, plain
from hypothesis import given, settings
from hypothesis import strategies as st
from markupsafe import Markup

SHAPES: dict[str, Any] = {
    "total": TEXT,
    "account_name": TEXT,
    "days": NUMBER,
    "is_one": FLAG,
    "ids": ListOf(TEXT),
    "invoices": ListOf({"id": TEXT, "days": NUMBER}),
    "phrases": {"greeting": TEXT},
}
VALUES: dict[str, Any] = {
    "total": "EUR 1,240.50",
    "account_name": "Brightline",
    "days": 15,
    "is_one": False,
    "ids": ["I1", "I2"],
    "invoices": [{"id": "I1", "days": 3}, {"id": "I2", "days": 15}],
    "phrases": {"greeting": "Dear Dana,"},
}


def said(source: str, **changes: Any) -> str:
    return compiled({"opening": source}, SHAPES).render(VALUES | changes)["opening"]


def faults(source: str, **changes: Any) -> tuple[TextFault, ...]:
    with pytest.raises(OwnTextError) as refused:
        said(source, **changes)
    return refused.value.found


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("{{ phrases.greeting }} {{ total }}", "Dear Dana, EUR 1,240.50"),
        ("{% for one in invoices %}{{ one.id }}: {{ one.days }}; {% endfor %}", "I1: 3; I2: 15; "),
        ("{% for one in ids %}{{ one }}{% else %}none{% endfor %}", "I1I2"),
        ("{{ ids|join(', ') }} and {{ ids|last|lower }}", "I1, I2 and i2"),
        ("{% if days > 30 %}late{% elif days >= 15 and not is_one %}soon{% else %}-{% endif %}",
         "soon"),
        ("{{ 'one' if invoices|length == 1 else invoices|length ~ ' invoices' }}", "2 invoices"),
        ("{{ invoices[1].id }} {{ invoices[0]['days'] }}", "I2 3"),
        ("{{ invoices[7].id|default('none') }}", "none"),
        ("{{ 'yes' if 'I1' in ids else 'no' }}", "yes"),
        ("{# a note #}{{ account_name|upper }}", "BRIGHTLINE"),
        ("{% raw %}{{ total }}{% endraw %}", "{{ total }}"),
    ],
)  # fmt: skip
def test_a_text_says_what_a_letter_needs(source: str, words: str) -> None:
    assert said(source) == words


@pytest.mark.parametrize(
    ("source", "line", "code"),
    [
        ("{{ ''.__class__.__mro__ }}", 1, "unknown_name"),
        ("{{ ''['__class__'] }}", 1, "unknown_name"),
        ("{{ total.__class__ }}", 1, "unknown_name"),
        ("{{ total|attr('__class__') }}", 1, "unknown_filter"),
        ("{{ cycler.__init__.__globals__ }}", 1, "unknown_name"),
        ("{{ lipsum }}", 1, "unknown_name"),
        ("{{ self }}", 1, "unknown_name"),
        ("{{ _ }}", 1, "unknown_name"),
        ("{{ '{0.__class__}'.format(total) }}", 1, "not_allowed"),
        ("{{ '%s'|format(total) }}", 1, "unknown_filter"),
        ("{{ invoices|map(attribute='__class__')|list }}", 1, "unknown_filter"),
        ("{{ invoices.append }}", 1, "unknown_name"),
        ("{{ phrases.items }}", 1, "unknown_name"),
        ("{{ phrases['keys'] }}", 1, "unknown_name"),
        ("{{ phrases[total] }}", 1, "not_allowed"),
        ("{{ total[0:1] }}", 1, "not_allowed"),
        ("{% for n in range(100000000) %}{% endfor %}", 1, "not_allowed"),
        ("\n{{ 'x' * 1000000000 }}", 2, "not_allowed"),
        ("{{ 9 ** 9 ** 9 }}", 1, "not_allowed"),
        ("{{ total % days }}", 1, "not_allowed"),
        ("{{ 99999999 }}", 1, "not_allowed"),
        ("{{ 1.5 }}", 1, "not_allowed"),
        ("{{ " + "9" * 5_000 + " }}", 0, "syntax"),
        ("{{ " + "(" * 3_000 + "1" + ")" * 3_000 + " }}", 0, "too_deep"),
        ("{% if days %}" * 100 + "x" + "{% endif %}" * 100, 1, "too_deep"),
        ("{% if days %}" * 400 + "x", 0, "too_deep"),
        ("{{ " + "not " * 100 + "days }}", 1, "too_deep"),
        ("{% include 'frame.html' %}", 1, "not_allowed"),
        ("{% extends 'frame.html' %}", 1, "not_allowed"),
        ("{% import 'parts.html' as p %}", 1, "not_allowed"),
        ("one\n{% import 'os' %}", 2, "not_allowed"),
        ("{%- whatever total %}", 1, "not_allowed"),
        ("{% from 'parts.html' import h2 %}", 1, "not_allowed"),
        ("{% macro m() %}{% endmacro %}", 1, "not_allowed"),
        ("{% set x = 1 %}", 1, "not_allowed"),
        ("{% with x = 1 %}{% endwith %}", 1, "not_allowed"),
        ("{% filter upper %}x{% endfilter %}", 1, "not_allowed"),
        ("{% block x %}{% endblock %}", 1, "not_allowed"),
        ("{% autoescape false %}{% endautoescape %}", 1, "not_allowed"),
        ("{% call m() %}{% endcall %}", 1, "not_allowed"),
        ("{% for a in ids recursive %}{% endfor %}", 1, "not_allowed"),
        ("{% for a in ids %}{{ loop.index }}{% endfor %}", 1, "not_allowed"),
        ("{% for a, b in ids %}{% endfor %}", 1, "bad_name"),
        ("{% for total in ids %}{% endfor %}", 1, "bad_name"),
        ("{% for __a in ids %}{% endfor %}", 1, "bad_name"),
        ("{% for \N{FULLWIDTH LATIN SMALL LETTER A} in ids %}{% endfor %}", 1, "bad_name"),
        ("{% for a in ids %}\n{% for b in ids %}{% endfor %}{% endfor %}", 2, "loop_in_loop"),
        ("{% for a in total %}{% endfor %}", 1, "not_a_list"),
        ("{% for a in ids %}" + "{{ a }}" * 400 + "{% endfor %}", 0, "too_much"),
        ("{{ ids|join('" + "x" * 100 + "') }}", 1, "bad_argument"),
        ("{{ total|join(total) }}", 1, "bad_argument"),
        ("{{ total|default(lipsum) }}", 1, "bad_argument"),
        ("{{ total|upper(**phrases) }}", 1, "bad_argument"),
        ("{{ \N{FULLWIDTH LATIN SMALL LETTER T}otal }}", 1, "unknown_name"),
        ("{{ \N{RIGHT-TO-LEFT OVERRIDE}total }}", 1, "syntax"),
        ("{{ invoices }}", 1, "not_printable"),
        ("{{ is_one }}", 1, "not_printable"),
        ("{{ total if is_one }}", 1, "no_else"),
        ("{% if total > days %}{% endif %}", 1, "bad_comparison"),
        ("{{ total is sameas(total) }}", 1, "unknown_test"),
        ("one\ntwo {{ total", 2, "syntax"),
        ("x" * 8_001, 0, "too_long"),
    ],
)  # fmt: skip
def test_all_else_is_refused_before_it_is_rendered(source: str, line: int, code: str) -> None:
    with pytest.raises(OwnTextError) as refused:
        compiled({"opening": source}, SHAPES)

    found = refused.value.found[0]
    assert (found.block, found.line, found.code) == ("opening", line, code)


def test_a_name_that_is_not_known_is_told_with_the_nearest_one_and_its_line() -> None:
    [found] = faults("Dear all,\n\n{{ acount_name }}")

    assert found.line == 3
    assert found.detail == "'acount_name' is not known; did you mean \"account_name\"?"


def test_every_fault_of_every_block_is_told_at_once() -> None:
    with pytest.raises(OwnTextError) as refused:
        compiled({"subject": "{{ x }}", "opening": "{{ y }}\n{{ z() }}", "footer": ""}, SHAPES)

    assert [(fault.where, fault.code) for fault in refused.value.faults] == [
        ("/blocks/subject", "unknown_name"),
        ("/blocks/opening", "unknown_name"),
        ("/blocks/opening", "not_allowed"),
        ("/blocks/footer", "unknown_block"),
    ]
    assert refused.value.faults[2].detail.startswith("line 2: ")


def test_what_a_customer_is_called_is_never_read_as_a_template() -> None:
    hostile = "{{ total }}{% for a in ids %}{{ a }}{% endfor %}{# x"

    assert said("{{ account_name }}!", account_name=hostile) == hostile + "!"


def test_a_block_that_says_too_much_is_stopped_while_it_is_made() -> None:
    many = [{"id": "I" * 4_000, "days": 1}] * 200

    [found] = faults("{% for one in invoices %}{{ one.id }}{% endfor %}", invoices=many)

    assert found.code == "says_too_much"
    assert str(OUTPUT_MAX) in found.detail


def test_a_text_that_takes_too_long_is_stopped() -> None:
    seconds = count()
    text = compiled({"next": "{% for a in ids %}{{ a }} {% endfor %}"}, SHAPES)

    with pytest.raises(OwnTextError) as refused:
        text.render(VALUES, lambda: float(next(seconds)))

    assert refused.value.found[0].code == "takes_too_long"


def test_a_value_that_one_letter_lacks_is_a_fault_with_its_line() -> None:
    [found] = faults("one\n{{ invoices[1].id }}", invoices=[{"id": "I1", "days": 1}])

    assert (found.line, found.code) == (2, "no_value")


def test_lists_are_cut_and_texts_are_made_ordinary() -> None:
    values = plain({"many": tuple(range(300)), "name": Markup("<b>x</b>")})

    assert len(values["many"]) == 200
    assert type(values["name"]) is str


def test_no_object_ever_reaches_a_text() -> None:
    with pytest.raises(TypeError, match="object is no plain value"):
        plain({"rows": [object()]})


PIECES = st.sampled_from(
    (
        *("{{ ", " }}", "{% ", " %}", "{#", "#}", "if ", "else", "elif ", "endif", "for a in "),
        *("endfor", "ids", "invoices", "total", "days", "is_one", "a", ".id", "[0]", "['id']", "|"),
        *(
            "join(', ')",
            "upper",
            "length",
            "first",
            "default('x')",
            " ~ ",
            " and ",
            " not ",
            " in ",
        ),
        *(" == ", " < ", "(", ")", "'x'", "1", "*", "**", "-", " is defined", "__class__", ".mro"),
        *("set a = ", "range(9)", "loop", "\n", "raw", "endraw", "€", "{", "}", "%", "\\", '"'),
    )
)


@settings(max_examples=60, deadline=None)
@given(st.one_of(st.lists(PIECES, max_size=40).map("".join), st.text(max_size=200)))
def test_whatever_is_written_there_are_faults_or_a_bounded_text(source: str) -> None:
    with suppress(OwnTextError):  # and no other
        assert len(said(source)) <= OUTPUT_MAX


EXPRESSIONS = st.recursive(
    st.sampled_from(("total", "days", "ids", "invoices", "invoices[0]", "phrases", "'x'", "3")),
    lambda inner: st.one_of(
        st.tuples(inner, st.sampled_from((" ~ ", " and ", " or ", " == ", " < ", " in "))).flatmap(
            lambda pair: inner.map(lambda other: f"({pair[0]}{pair[1]}{other})")
        ),
        st.tuples(inner, st.sampled_from(("|upper", "|length", "|first", "|join('-')", ".id")))
        .map("".join),
        inner.map("not {}".format),
    ),
    max_leaves=6,
)  # fmt: skip


@settings(max_examples=60, deadline=None)
@given(EXPRESSIONS)
def test_what_the_check_lets_pass_can_be_rendered(expression: str) -> None:
    try:
        text = compiled({"opening": f"{{{{ {expression} }}}}"}, SHAPES)
    except OwnTextError:
        return

    assert isinstance(text.render(VALUES)["opening"], str)
