"""A ledger's files as accounts with their facts: pure, from bytes to values.

Invoices are read first, then payments, credit notes and facts, whatever the order of the files.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import NamedTuple

from chalicelib.core.account import AccountDetails
from chalicelib.core.errors import Fault, LedgerFileError
from chalicelib.core.facts import Fact, day_order
from chalicelib.flows.ledger_build import LedgerBuilder
from chalicelib.flows.ledger_columns import Role
from chalicelib.flows.ledger_faults import FileCounts, RowFault
from chalicelib.flows.ledger_map import OWN_LAYOUT, LedgerMap, TermsOf
from chalicelib.flows.ledger_text import UnreadableFileError, decode
from chalicelib.flows.ledger_there import TakenIn

ROLES: tuple[Role, ...] = ("invoices", "payments", "credit_notes", "facts")


class Source(NamedTuple):
    """A ledger file: what it holds, what to call it in messages, and its bytes."""

    role: Role
    file: str
    content: bytes


@dataclass(frozen=True, slots=True)
class LedgerAccount:
    """An account of a ledger: who it is, and its facts in the order of R5.10.

    `said`: which of the details the files say; the others have their defaults.
    """

    details: AccountDetails
    facts: tuple[Fact, ...]
    said: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Ledger:
    """What was read: accounts by id (in code-point order), and what is to be told of the files.

    `faults`: the rows that were refused, every fault of each; `warnings`: what was noticed about
    rows that were taken; `counts`: one per file, in the order given.
    """

    accounts: Mapping[str, LedgerAccount]
    faults: tuple[RowFault, ...] = ()
    warnings: tuple[RowFault, ...] = ()
    counts: tuple[FileCounts, ...] = ()


def read_ledger(
    sources: Iterable[tuple[Role, str, bytes]],
    mapping: LedgerMap | None = None,
    *,
    strict: bool = False,
    update: bool = False,
    there: TakenIn | None = None,
    terms_of: TermsOf | None = None,
) -> Ledger:
    """Return the ledger that these files hold (design/cli.md, "Ledger files").

    A row that cannot be taken is refused with its faults and the rest is read. The same row twice
    is one row; the same id with other content is a conflict and the first stays, unless `update`:
    then the last does. With `there`, what was taken in before, payments and facts may come alone
    and speak of accounts and invoices that none of these files has. `terms_of` gives the terms of
    invoices that come with neither a due date nor terms (R3.5); without it they are refused.

    Raises:
        LedgerFileError: a file cannot be read at all (encoding, header, columns, size), or
            `strict` and any row has a fault. It names every fault.
    """
    files = [Source(*source) for source in sources]
    layout = replace(mapping or OWN_LAYOUT, terms_of=terms_of)
    builder = LedgerBuilder(layout, update=update, there=there)
    unreadable: list[Fault] = []
    counts: dict[int, FileCounts] = {}
    for role in ROLES:
        for index, source in enumerate(files):
            if source.role != role:
                continue
            try:
                lines = decode(source.content, source.file)
                counts[index] = builder.take(source.role, source.file, lines)
            except UnreadableFileError as error:
                unreadable.append(error.fault)
    if unreadable:
        raise LedgerFileError("The ledger cannot be read", unreadable)
    if strict and builder.faults:
        message = f"The ledger has {len(builder.faults)} fault(s) and was refused as a whole"
        raise LedgerFileError(message, [fault.as_fault() for fault in builder.faults])
    return Ledger(
        accounts={
            account_id: LedgerAccount(details, tuple(sorted(facts, key=day_order)), said)
            for account_id, details, said, facts in builder.accounts()
        },
        faults=tuple(builder.faults),
        warnings=tuple(builder.warnings),
        counts=tuple(counts[index] for index in sorted(counts)),
    )
