"""The window finds what it is there to find."""

from __future__ import annotations

import pytest
from tests.browser.window import COLOUR_RULES, EVERY_RULE, Window

HEAD = '<!DOCTYPE html><html lang="en"><head><title>T</title>'
SOUND = HEAD + "<style>body { background: #fff; color: #222; }</style></head><body>{}</body></html>"
DARK_ON_DARK = "<style>@media (prefers-color-scheme: dark) { body { background: #111 } }</style>"


@pytest.mark.parametrize(
    ("part", "rule"),
    [
        ('<h1>A</h1><p style="color:#bbb">pale</p>', "color-contrast"),
        ('<h1>A</h1><table><tr><th scope="col"></th></tr></table>', "empty-table-header"),
        ('<h1>A</h1><a href="mailto:a@b.example"></a>', "link-name"),
        ("<h1>A</h1><h4>B</h4>", "heading-order"),
    ],
)
def test_a_barrier_is_found(window: Window, part: str, rule: str) -> None:
    window.show(SOUND.replace("{}", part))

    assert [found.split(":")[0] for found in window.barriers(EVERY_RULE)] == [rule]


def test_a_barrier_of_the_dark_scheme_is_found_there_alone(window: Window) -> None:
    html = SOUND.replace("{}", DARK_ON_DARK + "<p>words</p>")

    window.show(html)
    by_day = window.barriers(COLOUR_RULES)
    window.show(html, scheme="dark")

    assert by_day == []
    assert len(window.barriers(COLOUR_RULES)) == 1


def test_what_stands_out_of_a_window_is_found(window: Window) -> None:
    window.show(SOUND.replace("{}", '<div><p style="width:400px">wide</p></div>'), width=320)

    assert window.too_wide() == ['<p style="width:400px">wide</p>']


def test_what_stands_out_with_larger_text_is_found(window: Window) -> None:
    window.show(SOUND.replace("{}", '<b style="white-space:nowrap">' + "word " * 40), width=1600)
    before = window.too_wide()

    window.enlarge_text(2)

    assert before == []
    assert len(window.too_wide()) == 1


@pytest.mark.parametrize(
    ("part", "trouble"),
    [
        ('<img src="https://pixel.example/x.png">', "request: https://pixel.example/x.png"),
        ("<script>alert('read')</script>", "dialog: read"),
        ("<script>console.warn('careful')</script>", "console: careful"),
        ("<script>nothing.there()</script>", "error: nothing is not defined"),
    ],
)
def test_what_a_letter_does_is_noticed(window: Window, part: str, trouble: str) -> None:
    window.show(SOUND.replace("{}", part))

    assert trouble in window.troubles
