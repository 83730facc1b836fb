"""A file of what a restore takes back, so that what was entered by hand can be booked again."""

from __future__ import annotations

import csv
import os
from collections.abc import Iterator
from pathlib import Path

from chalicelib.store import keys
from local.ops.table_copy import Differences

COLUMNS = ("account_id", "kind", "id", "place", "what")
PLACES = {"A": "live", "H": "history"}
MODE = 0o600  # ids of a ledger are the operator's alone


def write_taken_back(path: Path, found: Differences) -> int:
    """Write every account that differs, with its invoices and money that do; return how many rows.

    `kind`: `invoice`, or what the money is; empty for an account of which neither differs. `what`:
    `added` (booked since, and taken away), `changed` (set back) or `missing` (put back).

    Raises:
        OSError: the file is there already, or cannot be written.
    """
    rows = sorted(_rows(found))
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, MODE), "w") as file:
        writer = csv.writer(file)
        writer.writerow(COLUMNS)
        writer.writerows(rows)
    return len(rows)


def _rows(found: Differences) -> Iterator[tuple[str, ...]]:
    named = set()
    for pk, sk, how in found.ledger:
        account_id = keys.account_of(pk)
        named.add(account_id)
        *kinds, identity = sk.split("#")
        kind = kinds[1] if len(kinds) > 1 else "invoice"
        yield account_id, kind, keys.unsafe(identity), PLACES[pk[0]], how
    for account_id in found.accounts - named:
        yield account_id, "", "", "", ""
