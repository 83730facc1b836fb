"""Sample letters of every kind, and the values that own texts are written with."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

import pytest
from chalicelib.flows.letter_samples import SampleFor, sample_letters
from chalicelib.flows.policies import load, shipped_document
from chalicelib.flows.ports_letters import AnyLetter
from chalicelib.flows.sample_stories import kinds
from chalicelib.mail.own_words import own_rendered
from chalicelib.mail.plain_names import COMMON
from chalicelib.mail.plain_values import names_of, values_of
from chalicelib.mail.render import composed, render
from chalicelib.mail.text_checks import TextChecks
from chalicelib.mail.text_shapes import FLAG, NUMBER, TEXT, ListOf, Shape
from tests.mail.pages import pages

KINDS = kinds()


policy_of = cache(load)


@cache
def samples(kind: str, policy: str = "standard", locale: str = "en") -> tuple[AnyLetter, ...]:
    return sample_letters(policy_of(policy), SampleFor(kind, kind, locale))


def fits(value: Any, shape: Shape) -> bool:
    """Whether a value is what its name promises, all the way down."""
    if isinstance(shape, ListOf):
        return isinstance(value, list) and all(fits(one, shape.entry) for one in value)
    if isinstance(shape, Mapping):
        same = isinstance(value, dict) and value.keys() == shape.keys()
        return same and all(fits(value[name], shape[name]) for name in shape)
    return type(value) is {TEXT: str, NUMBER: int, FLAG: bool}[shape]


@pytest.mark.parametrize("policy", ["standard", "uk-statutory"])
@pytest.mark.parametrize("kind", KINDS)
def test_a_policy_writes_a_sample_of_every_letter(kind: str, policy: str) -> None:
    letters = samples(kind, policy)

    assert [letter.kind for letter in letters] == [kind] * len(letters)
    assert {letter.currency for letter in letters} == {policy_of(policy).currencies[0]}
    assert all(render(letter).subject for letter in letters)


@pytest.mark.parametrize("kind", KINDS)
def test_the_values_are_what_their_names_promise(kind: str) -> None:
    for letter in samples(kind):
        values, names = values_of(composed(letter)), names_of(type(letter))

        assert values.keys() == names.keys() >= COMMON.keys()
        assert [name for name in names if not fits(values[name], names[name])] == []


def every_name(names: Mapping[str, Shape], path: str = "") -> list[str]:
    """Write a text that prints all there is."""
    said = []
    for name, shape in names.items():
        where = f"{path}{name}"
        if isinstance(shape, ListOf):
            inner = shape.entry
            parts = every_name(inner, "one.") if isinstance(inner, Mapping) else ["{{ one }}"]
            said += [f"{{% for one in {where} %}}", *parts, "{% endfor %}"]
        elif isinstance(shape, Mapping):
            said += every_name(shape, f"{where}.")
        else:
            said.append(
                f"{{{{ {where} }}}}" if shape != FLAG else f"{{% if {where} %}}x{{% endif %}}"
            )
    return said


@pytest.mark.parametrize("kind", KINDS)
def test_a_text_can_say_all_there_is(kind: str) -> None:
    letters = samples(kind)

    report = TextChecks().check(
        {"opening": " ".join(every_name(names_of(type(letters[0]))))}, letters
    )

    assert report.faults == ()


def test_a_policy_that_sends_no_such_letter_shows_that_of_the_standard_one() -> None:
    document = b"""
id = "calm"
currencies = ["EUR"]
[[stages]]
id = "first"
days = 15
notice = "reminder"
"""
    policy = load(document)

    [*reminders] = sample_letters(policy, SampleFor("reminder", "reminder", "en"))
    [*demands] = sample_letters(policy, SampleFor("final_demand", "final_demand", "en"))

    assert {letter.currency for letter in reminders} == {"EUR"}
    assert {letter.currency for letter in demands} == {"USD"}


def test_a_stage_that_names_the_text_gives_the_sample() -> None:
    document = shipped_document("standard").replace(
        b'id     = "late_fee_60"', b'id     = "late_fee_60"\ntext = "second_notice"'
    )
    policy = load(document)

    letters = sample_letters(policy, SampleFor("late_fee", "second_notice", "en"))

    assert {letter.text for letter in letters} == {"second_notice"}


def test_samples_are_the_same_each_time() -> None:
    first, again = (
        sample_letters(policy_of("standard"), SampleFor("late_fee", "late_fee", "en"))
        for _ in range(2)
    )

    assert [render(one).sha256 for one in first] == [render(one).sha256 for one in again]


def test_an_own_text_is_printed_with_words_for_paper() -> None:
    [letter, *_] = samples("reminder")

    own = own_rendered(letter, {"headline": "Kind reminder"})

    printed = " ".join(" ".join(pages(own.printed())).split())
    assert "Kind reminder" in printed
    assert "reply to this e-mail" in " ".join(own.text.split())
    assert "reply to this e-mail" not in printed
