"""Reads what a printed letter says, page by page, as a reader's program would."""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterator

_OBJECT = re.compile(rb"\n(\d+) 0 obj\n(.*?)\nendobj", re.DOTALL)
_STREAM = re.compile(rb"stream\n(.*)\nendstream", re.DOTALL)
_MAPPED = re.compile(rb"<([0-9A-F]{4})> <([0-9A-F]+)>")
_SHOWN = re.compile(rb"/F(\d+) [\d.]+ Tf|\(((?:\\.|[^\\)])*)\) Tj", re.DOTALL)


def pages(content: bytes) -> list[str]:
    """Return the text of each page, a line for each piece that was placed."""
    objects = {int(number): body for number, body in _OBJECT.findall(content)}
    fonts = [
        _mapped(_stream(objects[int(found[1])]))
        for body in objects.values()
        if (found := re.search(rb"/ToUnicode (\d+) 0 R", body))
    ]
    bodies = [body for body in objects.values() if re.search(rb"/Type /Page\b", body)]
    texts = []
    for body in bodies:
        found = re.search(rb"/Contents (\d+) 0 R", body)
        assert found is not None
        texts.append("\n".join(_pieces(_stream(objects[int(found[1])]), fonts)))
    return texts


def papers(content: bytes) -> set[tuple[float, float]]:
    """Return the sizes of the pages in points."""
    boxes = re.findall(rb"/MediaBox \[0 0 ([\d.]+) ([\d.]+)\]", content)
    return {(float(width), float(height)) for width, height in boxes}


def _pieces(stream: bytes, fonts: list[dict[int, str]]) -> Iterator[str]:
    font = fonts[0]
    for found in _SHOWN.finditer(stream):
        if found[1]:
            font = fonts[int(found[1]) - 1]
            continue
        raw = re.sub(rb"\\(.)", _unescaped, found[2], flags=re.DOTALL)
        codes = (int.from_bytes(raw[at : at + 2], "big") for at in range(0, len(raw), 2))
        yield "".join(font[code] for code in codes)


def _unescaped(found: re.Match[bytes]) -> bytes:
    return b"\r" if found[1] == b"r" else found[1]


def _mapped(cmap: bytes) -> dict[int, str]:
    pairs = _MAPPED.findall(cmap)
    return {int(code, 16): bytes.fromhex(text.decode()).decode("utf-16-be") for code, text in pairs}


def _stream(body: bytes) -> bytes:
    found = _STREAM.search(body)
    assert found is not None
    return zlib.decompress(found[1]) if b"/FlateDecode" in body else found[1]
