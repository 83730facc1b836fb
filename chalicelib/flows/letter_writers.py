"""Which code writes the letter of a notice: by what the notice is about (R11.1)."""

from __future__ import annotations

from collections.abc import Callable

from chalicelib.core.account import Notice
from chalicelib.core.account_letters import KINDS
from chalicelib.core.statements import STATEMENT
from chalicelib.flows.letters import NothingToAsk, write_letter
from chalicelib.flows.letters_account import write_account_letter
from chalicelib.flows.letters_plan import write_plan_letter
from chalicelib.flows.ports_letters import AnyLetter
from chalicelib.flows.statement_letter import write_statement

Write = Callable[..., AnyLetter | NothingToAsk]


def writer_of(notice: Notice) -> Write:
    """Return what writes a notice's letter; each takes what `write_letter` does."""
    if notice.plan_id:
        return write_plan_letter
    if notice.notice == STATEMENT:
        return write_statement
    return write_account_letter if notice.notice in KINDS else write_letter
