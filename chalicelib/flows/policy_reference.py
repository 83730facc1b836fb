"""Writes the reference of policy keys from the loader's own model (R2.3), as Markdown."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal

from chalicelib.core.policy_keys import POLICY
from chalicelib.core.policy_schema import Key, Table, Tables

INTRODUCTION = """\
# The keys of a policy

This page is generated from the loader's own model; `python scripts/policy_reference.py` writes it
anew, and a test fails when it is out of step.

A policy is one TOML document. Amounts are decimal texts in major units, in a table per currency
(`{ USD = "25.00" }`); rates are decimal texts (`"0.015"` is 1.5%). Both are in quotes, because a
bare number cannot hold every decimal exactly. A per-currency table names only currencies of the
policy, and a currency that a bound does not name has no such bound. A limit that is not given is no
limit; a feature that is not given is off. `pastdue policy check FILE` says everything that is wrong
with a policy at once, and `pastdue policy explain FILE` says what it does in plain sentences.

The rule numbers are those of the domain rules; code and tests cite the same numbers.
"""


def reference() -> str:
    """Return the reference of every key with type, default and rule, as one Markdown document."""
    lines = [INTRODUCTION, *_table("At the top of the file", POLICY)]
    for key in POLICY.keys:
        inner = _inner(key)
        if inner is not None:
            header = f"[[{key.name}]]" if isinstance(key.kind, Tables) else f"[{key.name}]"
            lines += _section(f"`{header}`", key.name, key.doc, inner)
    return "\n".join(lines).rstrip() + "\n"


def _section(title: str, path: str, doc: str, table: Table) -> Iterator[str]:
    """Yield one table and then those inside it, each under a title of its own."""
    yield from _table(title, table, doc)
    for key in table.keys:
        inner = _inner(key)
        if inner is not None:
            deeper = f"{path}.{key.name}"
            what = "each of" if isinstance(key.kind, Tables) else "the table"
            yield from _section(f"In {what} `{deeper}`", deeper, key.doc, inner)


def _table(title: str, table: Table, doc: str = "") -> Iterator[str]:
    yield f"## {title}\n"
    if doc:
        yield f"{doc}\n"
    yield "| key | type | default | rule | what it does |"
    yield "| --- | --- | --- | --- | --- |"
    for key in table.keys:
        cells = (f"`{key.name}`", key.kind.says, _default(key), key.rule, key.doc)
        yield f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |"
    yield ""


def _inner(key: Key) -> Table | None:
    if isinstance(key.kind, Tables):
        return key.kind.table
    return key.kind if isinstance(key.kind, Table) else None


def _default(key: Key) -> str:
    """Return the default in words, or as it would be written in the file."""
    if key.needed:
        return "**needed**"
    if key.default_says:
        return key.default_says
    if isinstance(key.kind, Table):
        return "the defaults of its keys"
    return f"`{_toml(key.default)}`"


def _toml(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str | Decimal):
        return f'"{value}"'
    if isinstance(value, tuple):
        return f"[{', '.join(_toml(one) for one in value)}]"
    if isinstance(value, Mapping):
        return "{}"
    return str(value)
