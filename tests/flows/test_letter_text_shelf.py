"""Which own text a letter is written with, and for how long a worker goes by what it has read."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime

import pytest
from chalicelib.flows.letter_text_shelf import LetterText, TextShelf, TextVersion, text_key
from chalicelib.flows.ports_registry import Put
from chalicelib.store.codec import from_map, to_map
from tests.fakes_registry import MemoryRecords

SHIPPED = {("en", "reminder"), ("en", "late_fee"), ("en", "late_fee_second"), ("de", "reminder")}


@dataclass
class Shelf:
    records: MemoryRecords = field(default_factory=MemoryRecords)
    second: float = 0.0

    def __post_init__(self) -> None:
        self.shelf = TextShelf(self.records, lambda: self.second)

    def publish(self, language: str, text: str, version: str = "v1") -> None:
        one = LetterText("standard", language, text, version, text, {"title": "x"})
        self.records.write(Put(text_key("standard", language, text), one))

    def found(self, locale: str, *names: str) -> str:
        one = self.shelf.find("standard", locale, names, lambda *name: name in SHIPPED)
        return "" if one is None else f"{one.language}/{one.text}"


@pytest.mark.parametrize(
    ("published", "locale", "names", "found"),
    [
        ((), "en", ("reminder",), ""),
        (("en/reminder",), "en_GB", ("reminder",), "en/reminder"),
        (("en/reminder", "en_GB/reminder"), "en-GB", ("reminder",), "en_GB/reminder"),
        (("en_GB/reminder",), "en", ("reminder",), ""),
        (("en/reminder",), "de", ("reminder",), ""),
        (("nl/reminder",), "nl_BE", ("reminder",), "nl/reminder"),
        (("en/second",), "en", ("second", "late_fee"), "en/second"),
        (("en/late_fee",), "en", ("second", "late_fee"), "en/late_fee"),
        (("en/late_fee",), "en", ("late_fee_second", "late_fee"), ""),
        (("nl/late_fee",), "nl", ("late_fee_second", "late_fee"), "nl/late_fee"),
    ],
)
def test_the_nearest_text_is_found(
    published: tuple[str, ...], locale: str, names: tuple[str, ...], found: str
) -> None:
    shelf = Shelf()
    for one in published:
        shelf.publish(*one.split("/"))

    assert shelf.found(locale, *names) == found


def test_a_worker_hears_of_a_change_after_a_minute() -> None:
    shelf = Shelf()
    assert shelf.found("en", "reminder") == ""
    shelf.publish("en", "reminder")

    shelf.second = 59.0
    assert shelf.found("en", "reminder") == ""
    shelf.second = 60.0
    assert shelf.found("en", "reminder") == "en/reminder"


def test_a_removed_text_is_not_found() -> None:
    shelf = Shelf()
    shelf.publish("en", "reminder", version="")

    assert shelf.found("en", "reminder") == ""


@pytest.mark.parametrize("blocks", [{}, {"title": "x", "next": "a\n\nb"}])
def test_a_text_is_kept_as_it_is(blocks: dict[str, str]) -> None:
    version = TextVersion("v1", "published", "anna", datetime(2024, 3, 18, 5, 0, tzinfo=UTC))
    one = LetterText("standard", "en", "reminder", "v1", "reminder", blocks, (version,))

    assert from_map(LetterText, to_map(one)) == one


def test_another_policys_text_is_not_found() -> None:
    shelf = Shelf()
    shelf.publish("en", "reminder")

    assert shelf.shelf.find("rapid", "en", ("reminder",), lambda *_: True) is None
