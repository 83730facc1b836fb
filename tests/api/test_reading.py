"""Requests are read strictly, and everything that is wrong is told at once."""

from __future__ import annotations

import json
import re
import time
from contextlib import suppress
from typing import Annotated, Any, Literal

import pytest
from chalicelib.api.problems import MalformedError, TooLargeError, UnsupportedMediaError
from chalicelib.api.reading import read_body, read_path, read_query
from chalicelib.api.shapes.base import Answer, Day, ListQuery, Money, Note, Query, Shape, text
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, Field, ValidationError


class Sample(Shape):
    amount: Money
    due_on: Day
    note: Note
    parts: tuple[Money, ...] = ()


class SampleAnswer(Answer):
    note: str


class SampleQuery(Query):
    note: str


GOOD = {"amount": {"amount_minor": 100, "currency": "EUR"}, "due_on": "2024-03-18", "note": "ok"}


def money(amount_minor: Any) -> dict[str, Any]:
    return {"amount_minor": amount_minor, "currency": "EUR"}


def faults(body: Any, raw: bytes | None = None) -> set[tuple[str, str]]:
    sent = json.dumps(body).encode() if raw is None else raw
    with pytest.raises(MalformedError) as caught:
        read_body(Sample, "application/json", sent, 200_000)
    return {(fault.where, fault.code) for fault in caught.value.faults}


def test_a_good_body_is_taken() -> None:
    read = read_body(Sample, "application/json; charset=utf-8", json.dumps(GOOD).encode(), 10_000)

    assert (read.amount.amount_minor, str(read.due_on)) == (100, "2024-03-18")


def test_every_fault_is_named_with_its_pointer() -> None:
    body = {
        "amount": {"amount_minor": 1.5, "currency": "euro"},
        "due_on": "18.03.2024",
        "parts": [{"amount_minor": "1", "currency": "EUR"}, {"currency": "EUR"}],
        "surprise": True,
    }

    assert faults(body) == {
        ("/amount/amount_minor", "not_a_whole_number"),
        ("/amount/currency", "bad_form"),
        ("/due_on", "not_a_date"),
        ("/note", "missing"),
        ("/parts/0/amount_minor", "not_a_whole_number"),
        ("/parts/1/amount_minor", "missing"),
        ("/surprise", "unknown_field"),
    }


@pytest.mark.parametrize(
    ("change", "where", "code"),
    [
        ({"amount": money(10**15)}, "/amount/amount_minor", "less_than_equal"),
        ({"amount": money(-1)}, "/amount/amount_minor", "greater_than_equal"),
        ({"amount": money(100.0)}, "/amount/amount_minor", "not_a_whole_number"),
        ({"amount": money(True)}, "/amount/amount_minor", "not_a_whole_number"),
        ({"note": "two\nlines"}, "/note", "control_character"),
        ({"note": ""}, "/note", "string_too_short"),
        ({"note": "x" * 2_001}, "/note", "string_too_long"),
        ({"due_on": "2024-W12-1"}, "/due_on", "not_a_date"),
        ({"due_on": "20240318"}, "/due_on", "not_a_date"),
        ({"due_on": 20240318}, "/due_on", "not_a_date"),
        ({"due_on": "2024-02-30"}, "/due_on", "not_a_date"),
    ],
)  # fmt: skip
def test_what_is_not_as_it_must_be_is_refused(
    change: dict[str, Any], where: str, code: str
) -> None:
    assert faults(GOOD | change) == {(where, code)}


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b'{"amount": NaN}',
        b"\xff",
        b'{"note": "\\ud800"}',
        b"[" * 100_000,
        b'{"a": ' + b"9" * 5_000 + b"}",
        b'{"note": "a", "note": "b"}',
    ],
)
def test_what_is_no_json_object_is_refused(raw: bytes) -> None:
    with pytest.raises(MalformedError):
        read_body(Sample, "application/json", raw, 1_000_000)


def test_a_body_of_nothing_but_fields_named_twice_is_refused_quickly() -> None:
    names = ",".join(f'"n{number}":0,"n{number}":0' for number in range(8_000))
    began = time.process_time()

    found = faults(None, raw=b"{" + names.encode() + b"}")

    assert len(found) == 8_000
    assert time.process_time() - began < 2  # comparing each with each takes ten times as long


def test_a_body_of_another_kind_is_refused() -> None:
    with pytest.raises(UnsupportedMediaError):
        read_body(Sample, "text/xml", b"{}", 10)


def test_a_body_that_is_too_large_is_refused_unread() -> None:
    with pytest.raises(TooLargeError, match="11 bytes, this call takes 10"):
        read_body(Sample, "application/json", b" " * 11, 10)


@given(st.binary(max_size=200))
def test_no_bytes_break_the_reader(raw: bytes) -> None:
    with suppress(MalformedError):  # anything else is ours
        read_body(Sample, "application/json", raw, 1_000)


def test_query_parameters_are_read_strictly() -> None:
    with pytest.raises(MalformedError) as caught:
        read_query(ListQuery, {"limit": ["500"], "colour": ["red"]})
    assert {(f.where, f.code) for f in caught.value.faults} == {
        ("limit", "less_than_equal"),
        ("colour", "unknown_field"),
    }


def test_a_parameter_given_twice_is_refused() -> None:
    with pytest.raises(MalformedError) as caught:
        read_query(ListQuery, {"limit": ["1", "2"]})
    assert [(f.where, f.code) for f in caught.value.faults] == [("limit", "given_twice")]


@pytest.mark.parametrize("limit", ["1_0", "+5", " 5", "5.0", "", "٣"])
def test_a_number_in_the_query_is_digits(limit: str) -> None:
    with pytest.raises(MalformedError) as caught:
        read_query(ListQuery, {"limit": [limit]})
    assert [(f.where, f.code) for f in caught.value.faults] == [("limit", "not_a_whole_number")]


@pytest.mark.parametrize("name", [".", ".."])
def test_what_clients_resolve_away_is_no_id(name: str) -> None:
    with pytest.raises(MalformedError):
        read_path({"account_id": name})


def test_ids_of_the_path_are_checked() -> None:
    assert read_path({"account_id": "A.1~b-_"}) == {"account_id": "A.1~b-_"}
    assert read_path({"charge_id": "I1:late_fee_30:percent:r1"})
    with pytest.raises(MalformedError) as caught:
        read_path({"account_id": "A 1", "invoice_id": "x" * 65})
    assert [f.where for f in caught.value.faults] == ["account_id", "invoice_id"]


@pytest.mark.parametrize("note", [" ", "\u00a0\u2003", "   "])
def test_a_text_that_must_be_there_says_something(note: str) -> None:
    assert faults(GOOD | {"note": note}) == {("/note", "blank")}


@given(st.text(st.sampled_from("a \u00a0\u2003\u2028\u3000\u0085\n"), max_size=4))
def test_the_document_says_of_a_text_what_the_reader_takes(note: str) -> None:
    pattern = Sample.model_json_schema()["properties"]["note"]["pattern"]

    taken = True
    try:
        Sample.model_validate_json(json.dumps(GOOD | {"note": note}))
    except ValidationError:
        taken = False

    assert taken == (re.search(pattern, note) is not None and not note.endswith("\n"))


@pytest.mark.parametrize("kind", [Sample, SampleAnswer, SampleQuery])
def test_an_error_of_a_shape_tells_nothing_of_its_values(kind: type[BaseModel]) -> None:
    with pytest.raises(ValidationError) as caught:
        kind.model_validate({"note": 5, "name": "Harbor Bakery"})

    assert "Harbor" not in str(caught.value)


class Bounds(Shape):
    word: Annotated[str, text(3, 1)]
    parts: Annotated[list[int], Field(min_length=1, max_length=2)]
    count: Annotated[int, Field(ge=1, le=366)]
    state: Literal["open", "paid", "missed"]


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"word": "four"}, "must have at most 3 characters"),
        ({"word": ""}, "must not be empty"),
        ({"parts": [1, 2, 3]}, "must have at most 2 entries"),
        ({"parts": []}, "must not be empty"),
        ({"count": 0}, "must be 1 or more"),
        ({"count": 367}, "must be 366 or less"),
        ({"state": "old"}, "must be 'open', 'paid' or 'missed'"),
    ],
)
def test_limits_are_told_in_plain_words(changes: dict[str, Any], said: str) -> None:
    body = {"word": "one", "parts": [1], "count": 1, "state": "open"} | changes

    with pytest.raises(MalformedError) as refused:
        read_body(Bounds, "application/json", json.dumps(body).encode(), 1_000)

    assert [fault.detail for fault in refused.value.faults] == [said]
