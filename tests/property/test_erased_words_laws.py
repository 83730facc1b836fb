"""Laws: whoever is erased, no digit of a day or of an amount changes, and no markup of a page."""

from __future__ import annotations

import re
from datetime import date

from chalicelib.core.erased_words import text_nodes_changed, words_of
from hypothesis import example, given, settings
from hypothesis import strategies as st

DAY_FORMATS = ("%Y-%m-%d", "%d.%m.%Y", "%m/%d/%Y", "%d/%m/%y", "%d %B %Y", "%Y/%m/%d")
DAYS = st.builds(
    lambda day, form: day.strftime(form),
    st.dates(date(2000, 1, 1), date(2099, 12, 31)),
    st.sampled_from(DAY_FORMATS),
)


def amount(minor: int, marks: tuple[str, str]) -> str:
    """An amount as letters write it, with marks for thousands and for the fraction."""
    thousands, fraction = marks
    whole = f"{minor // 100:,}".replace(",", thousands)
    return f"{whole}{fraction}{minor % 100:02}" if fraction else whole


AMOUNTS = st.builds(
    amount,
    st.integers(0, 10**13),
    st.sampled_from(
        [(",", "."), (".", ","), (" ", ","), ("\u202f", ","), ("\u2019", "."), ("", "."), (" ", "")]
    ),
)
FIGURES = st.lists(st.one_of(DAYS, AMOUNTS), min_size=1, max_size=4)
BETWEEN = st.sampled_from([" to pay: ", ", ", " EUR\n", "; due "])
MARKS = st.sampled_from(["", " ", "-", "."])


@given(FIGURES, BETWEEN, MARKS, st.data())
@settings(max_examples=200, deadline=None)
def test_no_phone_number_changes_a_day_or_an_amount(
    figures: list[str], between: str, mark: str, data: st.DataObject
) -> None:
    text = between.join(("Due", *figures, "EUR."))
    digits = re.sub(r"\D", "", text)
    start = data.draw(st.integers(0, max(0, len(digits) - 1)))
    end = data.draw(st.integers(start, len(digits)))
    phone = mark.join(digits[start:end])  # the hardest one: it is in the text

    assert words_of((phone,)).out_of(text) == text


@given(st.text("<>&;/!-?'\" \nabstyle#39", max_size=60))
@example("<p>a &amp; b</p><!-- c --><style>a</style>")
@settings(max_examples=100, deadline=None)
def test_a_page_is_byte_for_byte_the_same_where_nothing_is_found(page: str) -> None:
    assert text_nodes_changed(page, lambda text: text) == page
