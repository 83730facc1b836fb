"""What is looked for of a person who is erased, and what is never taken for it.

Names of two words and more, e-mail addresses and phone numbers are replaced. What may be anything
else stays, and is shown to a person: a single word ("May", "Accounts"), a name of an office or of
the account itself, a number that may be an amount, a day or an id.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, field
from html import escape, unescape
from html.parser import HTMLParser

INSTEAD = "[erased]"
PHONE_DIGITS_MIN, PART_MIN = 8, 4  # digits replaced; letters of a part of a name that are shown
SHOWN_MIN, SHOWN_DIGITS_MIN = 2, 6  # of single words and phone numbers that are shown
# Names of these words only are offices, not people.
OFFICES = frozenset((
    "account", "accounts", "accounting", "ap", "ar", "billing", "bookkeeping", "buying",
    "contact", "department", "dept", "desk", "director", "finance", "head", "invoice",
    "invoices", "invoicing", "legal", "mail", "management", "manager", "office", "owner",
    "payable", "payables", "payment", "payments", "purchase", "purchasing", "receivable",
    "receivables", "sales", "service", "shared", "team", "the", "treasury", "and", "of",
))  # fmt: skip
_GAP = r"[ \t\r\n().\-/]{0,3}"  # no-break spaces group the digits of amounts
_BEFORE, _AFTER = r"(?<!\w)", r"(?!\w)"
# A number that goes on is not the phone number: 2026-11-22, 1000.00, 10:15, INV-20261122.
_NUMBER_BEFORE = r"(?<![\w+])(?<!\d[.,:'\u2019/\-])(?<![^\W\d_][\-/#])"
_NUMBER_AFTER = r"(?!\w)(?![.,:'\u2019/\-]\d)(?![\-/][^\W\d_])"
_PHONE = re.compile(r"[\d\s()+.\-/]*")
_EXTENSION = re.compile(r"\s*(?:x|ext\.?|extension)\s*\d+$", re.IGNORECASE)
_DAY = re.compile(
    r"\d{4}[-./]\d{1,2}[-./]\d{1,2}|\d{1,2}[-./]\d{1,2}[-./](?:\d{2}|\d{4})"
    r"|\d{4} \d{1,2} \d{1,2}|\d{1,2} \d{1,2} \d{4}"
    r"|(?:0[1-9]|[12]\d|3[01])(?:0[1-9]|1[0-2])(?:19|20)\d\d"
)
_AMOUNT = re.compile(r"\d+[.,]\d{1,2}|[1-9]\d{0,2}(?:[.,]\d{3})+(?:[.,]\d{1,3})?")
_PLAIN = re.compile(r"[1-9]\d*")  # an amount, an id
_GROUPED = re.compile(r"(?<!\d)[1-9]\d{0,2}(?: \d{3})+(?!\d)")


@dataclass(frozen=True, slots=True)
class Words:
    """What is looked for: names, e-mail addresses and phone numbers of one person.

    `pattern` is what is replaced. `parts` and `loose` are what a person is to look at where it is
    left: words, numbers. `names` are the whole names, however short. `kept` are never changed.
    """

    pattern: re.Pattern[str] | None
    parts: re.Pattern[str] | None
    names: re.Pattern[str] | None = None
    kept: frozenset[str] = field(default_factory=frozenset)

    def out_of(self, text: str) -> str:
        """Return a text without them: `[erased]` in their place; case does not matter.

        The digits of days and amounts never change.
        """
        return text if self.pattern is None else self.pattern.sub(self._instead, text)

    def out_of_html(self, page: str) -> str:
        """Return a page whose visible text is without them; its markup is never touched."""
        return text_nodes_changed(page, self.out_of)

    def may_be_in(self, text: str) -> bool:
        """Whether a part of a name is there: a surname alone may be anybody's, so a person looks."""
        return self.parts is not None and self.parts.search(text) is not None

    def are_named_in(self, text: str) -> bool:
        """Whether the person is named in full, even where it would be shown, not replaced."""
        in_full = self.names is not None and self.names.search(text) is not None
        return in_full or self.out_of(text) != text

    def _instead(self, found: re.Match[str]) -> str:
        said = found.group()
        if _plain(said) in self.kept or (_PHONE.fullmatch(said) and _may_be_a_figure(said)):
            return said
        return INSTEAD


def words_of(said: Iterable[str], kept: Collection[str] = ()) -> Words:
    """Return what to look for of what is known of a person, where `kept` stays: the account's name.

    Whole words only. A name's spaces and a phone number's marks may be others.
    """
    known = sorted(
        {text.strip() for text in said if text.strip()}, key=lambda one: (-len(one), one)
    )
    spared = frozenset(_plain(one) for one in kept if one.strip())
    replaced, shown, names = [], set(), []
    for one in known:
        phone = _EXTENSION.sub("", one)
        digits = re.sub(r"\D", "", phone)
        if _PHONE.fullmatch(phone):
            if len(digits) >= PHONE_DIGITS_MIN:
                replaced.append(rf"{_NUMBER_BEFORE}\+?{_GAP.join(digits)}{_NUMBER_AFTER}")
            if len(digits) >= SHOWN_DIGITS_MIN:
                shown.add(rf"(?<!\d){_GAP.join(digits)}(?!\d)")
            continue
        whole = _whole(one)
        if "@" in one:
            replaced.append(whole)
            continue
        names.append(whole)
        if _is_clear(one) and _plain(one) not in spared:
            longer = [name for name in spared if re.search(whole, name, re.IGNORECASE)]
            replaced += [_whole(name) for name in sorted(longer, key=len, reverse=True)]
            replaced.append(whole)
        elif len(one) >= SHOWN_MIN:
            shown.add(whole)
        shown |= {_whole(part) for part in re.findall(r"\w+", one) if len(part) >= PART_MIN}
    return Words(_any_of(replaced), _any_of(sorted(shown)), _any_of(names), spared)


def text_nodes_changed(page: str, change: Callable[[str], str]) -> str:
    """Return an HTML page with its text nodes changed, all else byte for byte as it was."""
    return "".join(
        escape(after, quote=False)
        if is_text and (after := change(before := unescape(raw))) != before
        else raw
        for is_text, raw in _TextNodes(page).parts()
    )


class _TextNodes(HTMLParser):
    """Cuts a page into its text nodes and the markup between, which together are the page."""

    def __init__(self, page: str) -> None:
        super().__init__(convert_charrefs=False)
        self._page, self._hidden = page, ""
        self._lines = [0]
        for line in page.split("\n"):
            self._lines.append(self._lines[-1] + len(line) + 1)
        self._cuts: list[tuple[int, bool]] = []
        self.feed(page)
        self.close()

    def parts(self) -> list[tuple[bool, str]]:
        """Return whether each part is text, and the part as it stands."""
        if not self._cuts:
            return [(False, self._page)]
        ends = [*(start for start, _ in self._cuts[1:]), len(self._page)]
        first = self._page[: self._cuts[0][0]]
        cut = zip(self._cuts, ends, strict=True)
        return [(False, first), *((is_text, self._page[at:end]) for (at, is_text), end in cut)]

    def _begins(self, *, is_text: bool) -> None:
        line, column = self.getpos()
        if not (is_text and self._cuts and self._cuts[-1][1]):  # a node goes on over `&amp;`
            self._cuts.append((self._lines[line - 1] + column, is_text))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._begins(is_text=False)
        self._hidden = tag if tag in ("style", "script") else self._hidden

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._begins(is_text=False)

    def handle_endtag(self, tag: str) -> None:
        self._begins(is_text=False)
        self._hidden = "" if tag == self._hidden else self._hidden

    def handle_data(self, data: str) -> None:
        self._begins(is_text=not self._hidden)

    def handle_entityref(self, name: str) -> None:
        self._begins(is_text=not self._hidden)

    def handle_charref(self, name: str) -> None:
        self._begins(is_text=not self._hidden)

    def handle_comment(self, data: str) -> None:
        self._begins(is_text=False)

    def handle_decl(self, decl: str) -> None:
        self._begins(is_text=False)

    def handle_pi(self, data: str) -> None:
        self._begins(is_text=False)

    def unknown_decl(self, data: str) -> None:
        self._begins(is_text=False)


def _plain(text: str) -> str:
    return " ".join(text.split()).casefold()


def _whole(text: str) -> str:
    return _BEFORE + r"\s+".join(re.escape(part) for part in text.split()) + _AFTER


def _any_of(patterns: Collection[str]) -> re.Pattern[str] | None:
    return re.compile("|".join(patterns), re.IGNORECASE) if patterns else None


def _is_clear(name: str) -> bool:
    """Return whether a name can only be a person's: two words, no digits, and no office."""
    words = re.findall(r"[^\W_]+", name.casefold())
    has_digits = any(letter.isdigit() for letter in name)
    return (
        len(name.split()) > 1
        and len(words) > 1
        and not has_digits
        and not OFFICES.issuperset(words)
    )


def _may_be_a_figure(number: str) -> bool:
    """Return whether what is written like a phone number may be, or hold, an amount, a day, an id."""
    text = re.sub(r"\s*([-./])\s*", r"\1", " ".join(re.sub(r"[()]", " ", number).split()))
    tokens = text.removeprefix("+").split()
    if _DAY.fullmatch(text) or any(_DAY.fullmatch(one) or _AMOUNT.fullmatch(one) for one in tokens):
        return True
    if number.startswith(("+", "0")):
        return False
    return _PLAIN.fullmatch(text) is not None or _GROUPED.search(text) is not None
