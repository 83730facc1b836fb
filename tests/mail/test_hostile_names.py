"""Names, numbers and references from outside are harmless wherever a letter shows them."""

from __future__ import annotations

import csv
import io
from typing import Any

import pytest
from chalicelib.flows.letter_parts import Seller
from chalicelib.mail.render import phrases, render
from chalicelib.mail.visible import visible
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.mail.build_letters import invoice, letter, small_letter
from tests.mail.test_render import Page

HOSTILE = {
    "line breaks": "Acme\r\nBcc: all@example.com\r\n\r\nPaid in full",
    "other line breaks": "Acme\u2028Bcc\u2029x\u0085y\x0bz",
    "markup": '<script>alert(1)</script><img src=x onerror=alert(1)>" onmouseover="x',
    "turned text": "Acme \u202etxt.exe\u202c \u2066x\u2069",
    "hidden text": "Ac\u200bme\ufeff\x00\x1b[31m",
    "template": "{{ 7 * 7 }}{% for x in y %}{{ letter.seller.__class__ }}",
    "formula": '=HYPERLINK("http://x.example";"x")',
}
every_name = pytest.mark.parametrize("name", HOSTILE.values(), ids=HOSTILE.keys())
_FORBIDDEN = {"\u202e", "\u202c", "\u2066", "\u2069", "\u2028", "\u2029", "\x00", "\x1b", "\r"}


def hostile_letter(name: str, **changes: Any) -> Any:
    line = invoice(f"I{name}", 20, 5_000, po_number=name)
    return letter(
        line, account_name=name, contact_name=name, reference=f"R{name}",
        seller=Seller(name=name, address_lines=(name,)), **changes,
    )  # fmt: skip


@every_name
def test_a_subject_is_one_line_that_shows_all_it_says(name: str) -> None:
    subject = render(hostile_letter(name)).subject

    assert subject.isprintable()
    assert "49" not in subject


@every_name
def test_the_text_shows_a_name_as_it_is_and_begins_no_paragraph_with_it(name: str) -> None:
    text, plain = render(hostile_letter(name)).text, render(hostile_letter("Acme")).text

    assert not _FORBIDDEN & set(text)
    assert text.count("\n\n") == plain.count("\n\n")
    assert "49" not in text


@every_name
def test_the_html_has_no_tag_and_no_attribute_of_a_name(name: str) -> None:
    html = render(hostile_letter(name)).html
    plain = Page(render(hostile_letter("Acme")).html)

    page = Page(html)

    assert not _FORBIDDEN & set(html)
    assert page.open == []
    assert [tag for tag, _ in page.tags] == [tag for tag, _ in plain.tags]
    assert not any(
        attribute.startswith("on") for _, attributes in page.tags for attribute in attributes
    )


@every_name
def test_the_list_has_a_cell_per_column_and_no_formula(name: str) -> None:
    content = render(hostile_letter(name), attach_list=True).attachments[0].content

    rows = list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline="")))

    assert len(rows) == 1
    assert None not in rows[0]
    assert not any(value.startswith(("=", "+", "-", "@")) for value in rows[0].values())


@every_name
def test_phrases_for_finances_own_texts_are_harmless_too(name: str) -> None:
    said = phrases(hostile_letter(name))

    assert not any(_FORBIDDEN & set(text) for text in said.values())


def test_a_name_that_shows_nothing_at_all_shows_that() -> None:
    assert visible("\u200b\u202e") == "\ufffd"
    assert visible(("\u200b", "a")) == ("\ufffd", "a")


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("M\u00fcller\u00a0& S\u00f6hne", "M\u00fcller\u00a0& S\u00f6hne"),
        ("\u0645\u06cc\u200c\u0631\u0648\u0645", "\u0645\u06cc\u200c\u0631\u0648\u0645"),
        ("Acme\u200e Ltd", "Acme Ltd"),
        ("Acme\tLtd", "Acme Ltd"),
    ],
)
def test_a_name_of_any_language_stays_as_it_is(name: str, shown: str) -> None:
    assert visible(name) == shown


def test_a_letter_without_hostile_names_is_not_copied() -> None:
    sample = small_letter()

    assert visible(sample) is sample


@settings(max_examples=40, deadline=None)
@given(name=st.text(min_size=1, max_size=40).filter(str.strip))
def test_any_name_makes_a_letter_of_the_same_shape(name: str) -> None:
    rendered = render(hostile_letter(name))

    assert rendered.subject.isprintable()
    assert not _FORBIDDEN & set(rendered.text)
    assert Page(rendered.html).open == []
