"""Sets a printable document: letterhead, words, tables, and the pages' numbers."""

from __future__ import annotations

import hashlib

from chalicelib.mail.pdf_page import LINE, MARGIN, MUTED, Page, Type
from chalicelib.mail.pdf_parts import Block, Bullets, Facts, Grid, Heading, Paragraph, Sheet
from chalicelib.mail.pdf_table import Table
from chalicelib.mail.pdf_text import shown

_TO_TOP = 45.0  # the window of a DIN long and of a No. 10 envelope, folded in three
_TO_BOTTOM = 82.0
_TO_LINES_MAX = 6
_SENDER_LINES_MAX = 8
_HEADING_NEEDS = 30.0  # itself and the first of what it heads
_HELD_SHARE = 0.3  # of a page: what is shorter, with its heading, is not torn apart
_TEXT, _MUTED = Type(10), Type(9, colour=MUTED)
_HEADING = Type(12, is_bold=True)
_HEADLINE = Type(17, is_bold=True)
_FACT, _FACT_STRONG = Type(9.5), Type(9.5, is_bold=True)
_LABEL = Type(9.5, colour=MUTED)


def printed(sheet: Sheet) -> bytes:
    """Return a document as a PDF file. The same document gives the same bytes."""
    page = Page(
        is_us_letter=sheet.is_us_letter,
        document_id=hashlib.sha256(repr(sheet).encode("utf-8", "replace")).hexdigest(),
    )
    author = shown(sheet.sender[0]) if sheet.sender else ""
    page.describe(
        title=shown(sheet.title), author=author, language=sheet.language, dated_on=sheet.dated_on
    )
    _put_sender(page, sheet)
    _put_head(page, sheet)
    for index, block in enumerate(sheet.blocks):
        if isinstance(block, Heading):
            _put_heading(page, block, _held_by(page, sheet, index))
        else:
            _put(page, block, sheet)
    page.number_pages(sheet.foot)
    return bytes(page.output())


def _put_sender(page: Page, sheet: Sheet) -> None:
    page.edge(sheet.accent)
    if not sheet.to:
        name = Type(10, is_bold=True)
        page.put_lines(page.broken(sheet.sender[0], page.width, name), MARGIN, name)
        page.top += 4
        return
    kind = Type(12, is_bold=True)
    page.put_lines(page.broken(sheet.sender[0], page.width * 0.55, kind), MARGIN, kind)
    bottom, page.top = page.top, MARGIN
    for line in sheet.sender[1:_SENDER_LINES_MAX]:
        for part in page.broken(line, page.width * 0.42, _MUTED)[:2]:
            page.put_right(page.w - MARGIN, page.top + _MUTED.leading * 0.75, part, _MUTED)
            page.top += _MUTED.leading
    page.top = max(_TO_TOP, bottom, page.top)
    for line in sheet.to[:_TO_LINES_MAX]:
        page.put_lines(page.broken(line, page.width * 0.5, _TEXT)[:2], MARGIN, _TEXT)
    page.top = max(_TO_BOTTOM, page.top + 6)


def _put_head(page: Page, sheet: Sheet) -> None:
    small = Type(8.5, is_bold=True, colour=sheet.accent)
    page.put_lines(page.broken(sheet.eyebrow.upper(), page.width, small), MARGIN, small)
    page.top += 0.5
    page.start_section(shown(sheet.headline) or shown(sheet.title))
    page.put_lines(page.broken(sheet.headline, page.width, _HEADLINE), MARGIN, _HEADLINE)
    page.top += 2.5
    _put_facts(page, Facts(sheet.facts, is_framed=True), sheet)


def _put(page: Page, block: Block, sheet: Sheet) -> None:
    if isinstance(block, Paragraph):
        kind = _MUTED if block.is_muted else _TEXT
        _put_words(page, block.text, MARGIN, kind)
        page.top += 2.2
    elif isinstance(block, Bullets):
        for text in block.texts:
            _put_bullet(page, text)
        page.top += 1.2
    elif isinstance(block, Facts):
        _put_facts(page, block, sheet)
    else:
        assert isinstance(block, Grid)
        Table(page, block, sheet.accent).write()


def _held_by(page: Page, sheet: Sheet, index: int) -> float:
    """Return the height that a heading needs under it: all of a short part, else its beginning."""
    most = page.h * _HELD_SHARE
    needs = _HEADING.leading + 6
    for block in sheet.blocks[index + 1 :]:
        if isinstance(block, Heading) or needs > most:
            break
        if isinstance(block, Grid):
            needs += Table(page, block, sheet.accent).height(most)
        elif isinstance(block, Paragraph):
            kind = _MUTED if block.is_muted else _TEXT
            needs += len(page.broken(block.text, page.width, kind)) * kind.leading + 2.2
        else:
            return _HEADING_NEEDS
    return needs if needs <= most else _HEADING_NEEDS


def _put_heading(page: Page, block: Heading, needs: float) -> None:
    if block.opens_page or page.room < needs:
        page.next_page()
    elif page.top > MARGIN:
        page.top += 4
    page.start_section(shown(block.text) or "-", level=1)
    page.put_lines(page.broken(block.text, page.width, _HEADING), MARGIN, _HEADING)
    page.top += 1.2


def _put_words(page: Page, text: str, x: float, kind: Type) -> None:
    lines = page.broken(text, page.w - MARGIN - x, kind)
    # Neither the first nor the last line of a paragraph stands alone on a page.
    if len(lines) > 1 and page.room < kind.leading * min(len(lines), 3):
        page.next_page()
    page.put_lines(lines, x, kind)


def _put_bullet(page: Page, text: str) -> None:
    if page.room < _TEXT.leading * 2:
        page.next_page()
    page.put(MARGIN + 1.5, page.top + _TEXT.leading * 0.75, "•", _TEXT)
    _put_words(page, text, MARGIN + 5.5, _TEXT)
    page.top += 1


def _put_facts(page: Page, facts: Facts, sheet: Sheet) -> None:
    pad = 3.0 if facts.is_framed else 0.0
    inner = page.width - 2 * pad
    widest = max((page.width_of(shown(label), _LABEL) for label, _ in facts.rows), default=0.0)
    label_width = min(widest + 6, inner * 0.45)
    rows: list[tuple[list[str], list[str], Type]] = []
    for label, value in facts.rows:
        kind = _FACT_STRONG if not facts.is_framed or len(rows) < 1 else _FACT
        rows.append(
            (
                page.broken(label, label_width - 2, _LABEL),
                page.broken(value, inner - label_width, kind),
                kind,
            )
        )
    height = sum(max(len(labels), len(values)) for labels, values, _ in rows) * _FACT.leading
    if page.room < min(height + 2 * pad, page.h / 2):
        page.next_page()
    if facts.is_framed:
        page.band(page.top, height + 2 * pad, sheet.tint)
    else:
        page.rule(page.top, LINE)
        page.top += 1.5
    page.top += pad
    for labels, values, kind in rows:
        top = page.top
        page.put_lines(labels, MARGIN + pad, _LABEL)
        bottom, page.top = page.top, top
        page.put_lines(values, MARGIN + pad + label_width, kind)
        page.top = max(bottom, page.top)
    page.top += pad + 4
