"""An unknown key is an error that suggests the nearest known one (`policy.md`)."""

from functools import cache
from string import ascii_lowercase
from typing import Any

import pytest
from chalicelib.core.policy_keys import POLICY
from chalicelib.core.policy_reading import Reading
from chalicelib.core.policy_schema import Key, Table, Tables, walk
from chalicelib.core.policy_walk import read_table
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.policy_documents import DIGITS, MINIMAL, details_of, faults_of, holidays_for

TABLES_OF_KEYS: dict[str, list[str]] = {}
for _path, _key in walk(POLICY):
    TABLES_OF_KEYS.setdefault(_path.removesuffix(_key.name), []).append(_key.name)
NAMES = {name for names in TABLES_OF_KEYS.values() for name in names}


@cache  # asked for every slip of every key, while the tests are collected
def slips_of(name: str) -> frozenset[str]:
    """The name with one letter dropped, doubled, changed or swapped with the next."""
    slips: set[str] = set()
    for at in range(len(name)):
        head, letter, tail = name[:at], name[at], name[at + 1 :]
        slips |= {head + tail, head + letter + letter + tail}
        slips |= {head + other + tail for other in ascii_lowercase + "_"}
        if tail:
            slips.add(head + tail[0] + letter + tail[1:])
    return frozenset(slips - {name})


def shorter(written: str) -> set[str]:
    """The word with one letter dropped."""
    return {written[:at] + written[at + 1 :] for at in range(len(written))}


SLIPS = [
    (table, name, slip)
    for table, names in TABLES_OF_KEYS.items()
    for name in names
    for slip in sorted(slips_of(name) - NAMES)
    if slip
    and not any(slip in slips_of(other) for other in names if other != name)
    and not shorter(slip) & set(names) - {name}  # `mind` is as near to `min` as to `kind`
]


def nested(path: str, value: Any) -> dict[str, Any]:
    """The smallest document with a value at a path of the model, such as `stages[].charges[].x`."""
    head, dot, rest = path.partition(".")
    inner = nested(rest, value) if dot else value
    return {head.removesuffix("[]"): [inner] if head.endswith("[]") else inner}


@given(st.sampled_from(SLIPS))
def test_a_slip_in_any_key_gets_the_right_suggestion(case: tuple[str, str, str]) -> None:
    table, name, written = case
    reading = Reading(DIGITS, holidays_for)

    read_table(POLICY, nested(table + written, 1), "", reading)

    [fault] = [fault for fault in reading.faults if fault.code == "unknown_key"]
    assert fault.where.endswith(written)
    assert f'did you mean "{name}"?' in fault.detail


def test_what_lies_behind_a_slip_is_read_as_well() -> None:
    text = MINIMAL.replace("[[stages]]", "[[stage]]").replace("15", "0")

    assert faults_of(text) == [
        ("stage", "unknown_key"),
        ('[[stages]] "reminder".days', "out_of_range"),
    ]


def test_a_key_in_the_wrong_table_is_told_where_it_belongs() -> None:
    text = MINIMAL + 'catch_up = "step"\ndescription = "x"\n'

    assert details_of(text).splitlines()[1:] == [
        '  [[stages]] "reminder".catch_up: is not a key here; it belongs to [dunning]',
        '  [[stages]] "reminder".description: is not a key here; it belongs to the top of the '
        "file, before the first [table]",
    ]


def test_a_key_like_no_other_still_gets_the_nearest_known_one() -> None:
    assert 'the nearest known key is "' in details_of(MINIMAL + "[caps]\nzzz = 1\n")


@pytest.mark.parametrize(("path", "key"), list(walk(POLICY)))
def test_every_key_has_a_rule_and_a_sentence(path: str, key: Key) -> None:
    assert key.rule.startswith("R")
    assert key.doc.endswith(".")
    assert key.needed or key.default_says or isinstance(key.kind, Table | Tables) or (
        key.default is not None
    )  # fmt: skip
