"""Every letter in a real browser: no barrier, no sideways scrolling, nothing loaded."""

from __future__ import annotations

import pytest
from chalicelib.mail.render import LANGUAGES, render
from tests.browser.samples import LETTERS, languages, letter_of_interest, rendered
from tests.browser.window import COLOUR_RULES, EVERY_RULE, Window

NARROW, PANE = 320, 640
CUT_ABOVE_BYTES = 102_000  # of HTML: some programs show no more, and a link to the rest
TRANSLATED = [name for name in languages() if name != "en"]
# Translations change words, not parts: the two layouts stand for all of their letters.
LAYOUTS = ("final_demand", "plan_agreed")
every_letter = pytest.mark.parametrize("name", LETTERS)
every_language = pytest.mark.parametrize("language", languages())


@every_letter
def test_a_letter_has_no_barriers(window: Window, name: str) -> None:
    window.show(rendered(name).html)

    assert window.barriers(EVERY_RULE) == []
    assert window.troubles == []


@every_letter
def test_a_letter_can_be_read_in_the_dark(window: Window, name: str) -> None:
    window.show(rendered(name).html, scheme="dark")

    assert window.page.evaluate("matchMedia('(prefers-color-scheme: dark)').matches")
    assert window.barriers(COLOUR_RULES) == []
    assert window.troubles == []


@pytest.mark.parametrize("language", TRANSLATED)
@pytest.mark.parametrize("name", LAYOUTS)
def test_a_translated_letter_has_no_barriers(window: Window, name: str, language: str) -> None:
    window.show(rendered(name, language).html)

    assert window.barriers(EVERY_RULE) == []


@every_language
@every_letter
def test_a_letter_fits_a_narrow_window(window: Window, name: str, language: str) -> None:
    window.show(rendered(name, language).html, width=NARROW)

    assert window.too_wide() == []


@every_language
@every_letter
def test_a_letter_fits_with_text_twice_as_large(window: Window, name: str, language: str) -> None:
    window.show(rendered(name, language).html, width=PANE)
    window.enlarge_text(2)

    assert window.too_wide() == []


@every_language
@every_letter
def test_a_letter_is_built_to_be_read_aloud(window: Window, name: str, language: str) -> None:
    letter = rendered(name, language)
    window.show(letter.html)
    page = window.page

    assert page.evaluate("document.documentElement.lang").split("-")[0] == language
    assert page.title() == letter.subject
    assert page.locator("h1").count() == 1
    assert page.locator("th:not([scope])").count() == 0
    assert page.locator("table:not([role=presentation]):not(:has(th))").count() == 0


@every_letter
def test_every_list_is_announced_by_its_name(window: Window, name: str) -> None:
    window.show(rendered(name).html)
    captions = window.page.locator("table.d > caption").all_text_contents()

    named = window.names_of("table")

    assert len(captions) == window.page.locator("table.d").count()
    assert [one for one in named if one] == captions


def test_every_language_that_has_words_is_offered() -> None:
    assert languages() == sorted(LANGUAGES)


def test_100_invoices_with_interest_are_shown_whole() -> None:
    assert len(render(letter_of_interest(100)).html.encode()) < CUT_ABOVE_BYTES
