"""Letters as pages to be posted: whole, the same bytes, and readable whatever a customer is called."""

from __future__ import annotations

import hashlib
import os
import re
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from unicodedata import category

import pytest
from chalicelib.flows.ports_letters import AnyLetter
from chalicelib.mail.pdf_text import REPLACEMENT, shown
from chalicelib.mail.render import render
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.mail.build_account_letters import (
    hold_in_two_currencies,
    promise_letter,
    thanks_letter,
)
from tests.mail.build_letters import (
    SELLER,
    final_letter,
    full_letter,
    invoice,
    letter,
    long_letter,
    small_letter,
    statutory_letter,
)
from tests.mail.build_plan_letters import broken_letter, missed_letter, plan_letter
from tests.mail.pages import pages, papers

AMOUNT = re.compile(r"\d[\d,]*\.\d\d\b")
A4, US_LETTER = (595.28, 841.89), (612.0, 792.0)
HOSTILE = {
    "polish": ("Zażółć Gęślą Jaźń Sp. z o.o.",) * 2,
    "greek": ("Καλημέρα Λτδ",) * 2,
    "cyrillic": ("Ёлка и Щука Лтд",) * 2,
    "decomposed": ("Zo\u0308e", "Zöe"),
    "turned around": ("\u202egro.live\u202c GmbH", "gro.live"),
    "joined by nothing": ("Ac\u200bme\u2060 \ufeffInc", "Acme Inc"),
    "of another script": ("漢字 Trading", f"{REPLACEMENT * 2} Trading"),
    "with a picture": ("Fun 😀 Ltd", f"Fun {REPLACEMENT} Ltd"),
    "in brackets": ("A (B) \\ C) Tj ET", "A (B) \\ C) Tj ET"),
    "over the line": ("Z" + "\u0335" * 500 + "algo", "Z\u0335\u0335algo"),
}


def flat(content: bytes) -> str:
    """All that the pages say, in one line of single spaces."""
    return " ".join(" ".join(pages(content)).replace("\u00a0", " ").split())


@pytest.mark.parametrize(
    "sample",
    [small_letter(), full_letter(), final_letter(), statutory_letter(), plan_letter(),
     missed_letter(), broken_letter(), promise_letter(), hold_in_two_currencies(),
     thanks_letter()],
    ids=lambda sample: f"{sample.kind}-{sample.currency}-{len(getattr(sample, 'invoices', ()))}",
)  # fmt: skip
def test_a_printed_letter_says_what_its_text_says(sample: AnyLetter) -> None:
    rendered = render(sample)

    said = flat(rendered.printed())

    assert set(AMOUNT.findall(rendered.text)) <= set(AMOUNT.findall(said))
    words = rendered.done.words
    for text in (words.headline, *words.opening, *words.next):
        assert " ".join(text.replace("\u00a0", " ").split()) in said
    for line in (SELLER.name, *SELLER.address_lines, sample.reference, sample.account_id):
        assert line in said
    for instruction in sample.payment:
        assert f"{instruction.label} {instruction.value}" in said


def test_a_printed_letter_asks_for_no_reply_to_an_e_mail() -> None:
    rendered = render(full_letter())

    said = flat(rendered.printed())

    assert "reply to this e-mail" in " ".join(rendered.text.split())
    assert "reply to this e-mail" not in said
    assert "write to maria.lopez@harborpine.example" in said


def test_finances_own_words_are_printed_as_they_are() -> None:
    rendered = render(full_letter())
    words = replace(rendered.done.words, opening=("Dear all, this is ours.",))

    own = replace(rendered, done=replace(rendered.done, words=words))

    assert "Dear all, this is ours." in flat(own.printed())


def test_the_file_names_its_title_language_and_date() -> None:
    content = render(full_letter(locale="en_GB")).printed()

    assert b"/Lang (en-GB)" in content
    assert b"/CreationDate (D:20260318000000Z)" in content
    assert b"/DisplayDocTitle true" in content
    assert b"/Title (Late fees of USD 198.45 added: USD 20,506.06 now due" in content


def test_the_same_letter_gives_the_same_bytes_in_any_process(project: Path) -> None:
    program = (
        "import hashlib, sys\n"
        "from chalicelib.mail.render import render\n"
        "from tests.mail.build_letters import full_letter\n"
        "rendered = render(full_letter(), attach_list=True)\n"
        "assert 'fpdf' not in sys.modules, 'mail without a PDF needs no fonts'\n"
        "print(hashlib.sha256(rendered.printed()).hexdigest())\n"
    )
    environment = {**os.environ, "PYTHONHASHSEED": "7", "PYTHONPATH": str(project)}
    done = subprocess.run(
        [sys.executable, "-c", program], env=environment, cwd=project,
        capture_output=True, text=True, check=True, timeout=60,
    )  # fmt: skip

    here = render(full_letter()).printed()

    assert hashlib.sha256(here).hexdigest() == done.stdout.strip()


def test_another_letter_is_another_document() -> None:
    ids = {
        re.findall(rb"/ID \[<(\w+)>", render(small_letter(reference=name)).printed())[0]
        for name in ("ACC-1", "ACC-2")
    }

    assert len(ids) == 2


@pytest.mark.parametrize(
    ("locale", "paper"),
    [("en_US", US_LETTER), ("fr_CA", US_LETTER), ("es-MX", US_LETTER), ("en_GB", A4), ("de", A4)],
)
def test_the_paper_is_that_of_the_readers_country(locale: str, paper: tuple[float, float]) -> None:
    assert papers(render(small_letter(locale=locale)).printed()) == {paper}


def test_a_long_letter_is_followed_by_its_list_with_heads_on_every_page() -> None:
    sample = long_letter(210)
    rendered = render(sample)

    found = pages(rendered.printed())

    assert "follows on the pages after this letter" in " ".join(found[0].split())
    first = next(number for number, page in enumerate(found) if "Invoices and charges\n" in page)
    listed = [page for page in found[first:] if "INV-" in page]
    assert len(listed) > 5
    assert all("Days past due" in page and "Amount due (USD)" in page for page in listed)
    names = re.findall(r"^INV-\d+$", "\n".join(listed), re.MULTILINE)
    assert names == [line.invoice_id for line in sample.invoices]
    for number, page in enumerate(found, start=1):
        assert page.endswith(f"{number} / {len(found)}")


def test_a_long_word_and_a_row_higher_than_a_page_are_all_there() -> None:
    line = invoice("I" * 60, 15, 5000, po_number="PO " + "x" * 200)
    seller = replace(SELLER, name="S" * 200, address_lines=("a" * 300,) * 12)

    said = flat(render(letter(line, seller=seller, account_name="N" * 200)).printed())

    assert said.replace(" ", "").count("I" * 60) >= 1
    assert "x" * 200 in said.replace(" ", "")


@pytest.mark.parametrize(("name", "seen"), HOSTILE.values(), ids=HOSTILE)
def test_a_name_is_shown_so_that_nothing_hides_in_it(name: str, seen: str) -> None:
    assert seen in shown(name)
    assert not set(shown(name)) & set("\u202e\u202c\u200b\u2060\ufeff\u0000")


def test_names_of_any_script_are_printed() -> None:
    name = " ".join(raw for raw, _ in HOSTILE.values())

    said = flat(render(small_letter(account_name=name)).printed())

    for text in ("Zażółć Gęślą Jaźń", "Καλημέρα", "Ёлка и Щука", "A (B) \\ C) Tj ET"):
        assert text in said
    assert REPLACEMENT in said


def test_a_customer_without_a_visible_name_is_told_by_the_account() -> None:
    said = flat(render(small_letter(account_name="\u200b\u2060", account_id="K-17")).printed())

    assert f"{REPLACEMENT} (K-17)" in said


@given(st.text(min_size=1, max_size=60).filter(str.strip))
@settings(max_examples=8, deadline=None)
def test_no_name_keeps_a_letter_from_being_printed(name: str) -> None:
    found = pages(render(small_letter(account_name=name, contact_name=name)).printed())

    assert "USD" in found[0]


@given(st.text(max_size=80))
@settings(max_examples=60, deadline=None)
def test_whatever_is_shown_is_one_line_that_stays_as_it_is(text: str) -> None:
    once = shown(text)

    assert once == shown(once)
    assert not {category(char) for char in once} & {"Cc", "Cf", "Cs", "Zl", "Zp"}
