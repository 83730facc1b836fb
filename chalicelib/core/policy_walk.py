"""Walks a parsed document along the model: unknown and missing keys, each value's kind (R2.1)."""

from __future__ import annotations

from functools import cache
from typing import Any

from chalicelib.core.policy_keys import POLICY
from chalicelib.core.policy_reading import BAD, Reading, Section, nearest
from chalicelib.core.policy_schema import Key, Table, Tables, walk


def read_table(table: Table, raw: dict[str, Any], where: str, reading: Reading) -> Section:
    """Return the values of one table, defaults filled in; every fault in it is noted.

    A key that is written almost right is a fault, and is read as the key that was probably meant:
    so the faults behind it are found as well, and it is not reported as missing too.
    """
    section = Section(where)
    meant = _as_meant(table, raw, section, reading)
    for key in table.keys:
        if key.name in meant:
            section.given.add(key.name)
            value = _read(key, meant[key.name], section.at(key.name), reading)
        elif key.needed:
            value = reading.bad(section.at(key.name), "missing", f"is needed: {_lower(key.doc)}")
        else:
            value = _absent(key, section.at(key.name), reading)
        if value is not BAD:
            section.values[key.name] = value
    return section


def _as_meant(
    table: Table, raw: dict[str, Any], section: Section, reading: Reading
) -> dict[str, Any]:
    """Return the table under its right keys; each wrong one is noted with the nearest right one."""
    meant = {name: value for name, value in raw.items() if name in table.by_name}
    for name, value in raw.items():
        if name in table.by_name:
            continue
        home = _homes().get(name)
        close = None if home else nearest(name, table.by_name)
        if home:
            ask = f"it belongs to {home}"
        elif close:
            ask = f'did you mean "{close}"?'
        else:
            ask = f'the nearest known key is "{nearest(name, table.by_name, cutoff=0.0)}"'
        reading.bad(section.at(name), "unknown_key", f"is not a key here; {ask}")
        if close and close not in meant:
            meant[close] = value
    return meant


@cache
def _homes() -> dict[str, str]:
    """Return where each key of the model belongs, for keys that are written in the wrong table."""
    homes: dict[str, list[str]] = {}
    for path, key in walk(POLICY):
        table = path.rpartition(".")[0]
        if not table:
            home = "the top of the file, before the first [table]"
        else:
            home = f"[[{table[:-2]}]]" if table.endswith("[]") else f"[{table}]"
        homes.setdefault(key.name, []).append(home.replace("[].", "."))
    return {name: " or ".join(found) for name, found in homes.items()}


def _lower(sentence: str) -> str:
    return sentence[0].lower() + sentence[1:].rstrip(".")


def _absent(key: Key, where: str, reading: Reading) -> Any:
    if isinstance(key.kind, Table) and not key.kind.absent_is_none:
        return read_table(key.kind, {}, _table_where(where), reading)
    return key.default


def _table_where(where: str) -> str:
    return where if where.startswith("[") else f"[{where}]"


def _read(key: Key, raw: object, where: str, reading: Reading) -> Any:
    kind = key.kind
    if isinstance(kind, Tables):
        return _read_tables(key, kind, raw, where, reading)
    if not isinstance(kind, Table):
        return kind.read(raw, where, reading)
    if not isinstance(raw, dict):
        return reading.bad(where, "wrong_type", f"must be a table, written [{key.name}]")
    return read_table(kind, raw, _table_where(where), reading)


def _read_tables(key: Key, kind: Tables, raw: object, where: str, reading: Reading) -> Any:
    entry = f"[[{key.name}]]" if kind.array_header else where
    if not isinstance(raw, list) or not all(isinstance(one, dict) for one in raw):
        how = f", each written [[{key.name}]]" if kind.array_header else ""
        return reading.bad(where, "wrong_type", f"must be {kind.says}{how}")
    if not kind.least <= len(raw) <= kind.most:
        return reading.bad(where, "out_of_range", f"must be {kind.says}, not {len(raw)}")
    return tuple(
        read_table(kind.table, one, f"{entry}{_which(one, number, kind)}", reading)
        for number, one in enumerate(raw, 1)
    )


def _which(raw: dict[str, Any], number: int, kind: Tables) -> str:
    """Return how one of several tables is named: by its id where it has one, else by its number."""
    own = raw.get("id")
    if kind.array_header and isinstance(own, str) and own:
        return f' "{own[:64]}"'
    return f" {number}" if kind.array_header else f"[{number}]"
