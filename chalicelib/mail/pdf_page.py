"""Pages: where the pen is, how lines break, and what stands on every page."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time

from chalicelib.mail.pdf_text import font_path, shown

with warnings.catch_warnings():
    # No image is ever set, and the deployed package does without the library for them.
    warnings.filterwarnings("ignore", message="Pillow could not be imported")
    from fpdf import FPDF, ViewerPreferences

MARGIN = 20.0  # millimetres, as all measures here
_FOOT = 12.0  # from the paper's lower edge to the foot's line
_MM_PER_PT = 25.4 / 72
MUTED, BLACK = "#5b6672", "#1c242c"
LINE = "#dfe4e9"


@dataclass(frozen=True, slots=True)
class Type:
    """A size of letters in points, their weight and colour; `leading` in millimetres."""

    size: float
    is_bold: bool = False
    colour: str = BLACK

    @property
    def leading(self) -> float:
        """From one line to the next."""
        return self.size * 1.4 * _MM_PER_PT


class Page(FPDF):
    """A document being written, top to bottom. `top` is where the next thing stands."""

    def __init__(self, *, is_us_letter: bool, document_id: str) -> None:
        super().__init__(unit="mm", format="letter" if is_us_letter else "a4")
        self._document_id = document_id[:32].upper()
        self._type: Type | None = None
        self.set_margin(MARGIN)
        self.set_auto_page_break(False)
        self.add_font("noto", "", font_path("NotoSans-Regular.ttf"))
        self.add_font("noto", "B", font_path("NotoSans-Bold.ttf"))
        self.top = MARGIN
        self.next_page()

    def file_id(self) -> str:
        """Return the document's id, made from what it says: the same letter, the same bytes."""
        return f"<{self._document_id}><{self._document_id}>"

    def describe(self, *, title: str, author: str, language: str, dated_on: date) -> None:
        """Say what the document is, for readers of screens and for archives."""
        self.set_title(title)
        self.set_author(author)
        self.set_lang(language)
        self.set_creation_date(datetime.combine(dated_on, time(), UTC))
        self.viewer_preferences = ViewerPreferences(display_doc_title=True)

    @property
    def room(self) -> float:
        """How much height is left on the page."""
        return self.h - MARGIN - 3 - self.top

    @property
    def width(self) -> float:
        """The width that is written on."""
        return self.w - 2 * MARGIN

    def next_page(self) -> None:
        """Go on at the head of a new page."""
        self.add_page()
        self._type = None
        self.top = MARGIN

    def width_of(self, text: str, kind: Type) -> float:
        """Return how wide a shown text is."""
        return self._width_at_1(text, kind.is_bold) * kind.size * _MM_PER_PT

    def put(self, x: float, baseline: float, text: str, kind: Type) -> None:
        """Write a shown text; `x` is its left."""
        if kind != self._type:
            self.set_font("noto", "B" if kind.is_bold else "", kind.size)
            self.set_text_color(kind.colour)
            self._type = kind
        if text:
            self.text(x, baseline, text)

    def put_right(self, right: float, baseline: float, text: str, kind: Type) -> None:
        """Write a shown text that ends at `right`."""
        self.put(right - self.width_of(text, kind), baseline, text, kind)

    def broken(self, text: str, width: float, kind: Type) -> list[str]:
        """Return a text's lines, none wider than `width`; a longer word is cut."""
        lines: list[str] = []
        line = ""
        for word in shown(text).split(" "):
            wider = f"{line} {word}" if line else word
            if self.width_of(wider, kind) <= width:
                line = wider
                continue
            if line:
                lines.append(line)
            *cut, line = self._cut(word, width, kind)
            lines += cut
        return [*lines, line]

    def put_lines(self, lines: Sequence[str], x: float, kind: Type) -> None:
        """Write lines one under the other, over pages where they must."""
        for line in lines:
            if self.room < kind.leading:
                self.next_page()
            self.put(x, self.top + kind.leading * 0.75, line, kind)
            self.top += kind.leading

    def rule(self, y: float, colour: str, width: float = 0.2) -> None:
        """Draw a line from margin to margin."""
        self.set_draw_color(colour)
        self.set_line_width(width)
        self.line(MARGIN, y, self.w - MARGIN, y)

    def band(self, y: float, height: float, colour: str) -> None:
        """Fill a band from margin to margin. It is drawn before what stands on it."""
        self.set_fill_color(colour)
        self.rect(MARGIN, y, self.width, height, style="F")
        self._type = None  # text is written in the fill colour

    def edge(self, colour: str) -> None:
        """Colour the paper's upper edge, from side to side."""
        self.set_fill_color(colour)
        self.rect(0, 0, self.w, 2.2, style="F")
        self._type = None

    def number_pages(self, foot: str) -> None:
        """Write the foot of every page: who writes, and which page of how many it is."""
        kind = Type(8, colour=MUTED)
        count = self.pages_count
        for number in range(1, count + 1):
            self.page = number
            self._type = None
            self.current_font_is_set_on_page = False
            baseline = self.h - _FOOT
            counted = f"{number} / {count}"
            room = self.width - self.width_of(counted, kind) - 6
            self.put(MARGIN, baseline, self.broken(foot, room, kind)[0], kind)
            self.put_right(self.w - MARGIN, baseline, counted, kind)

    def _cut(self, word: str, width: float, kind: Type) -> list[str]:
        parts = [""]
        for char in word:
            if parts[-1] and self.width_of(parts[-1] + char, kind) > width:
                parts.append("")
            parts[-1] += char
        return parts

    def _width_at_1(self, text: str, is_bold: bool) -> float:
        font = self.fonts["notoB" if is_bold else "noto"]
        return font.get_text_width(text, 1, None)[1]
