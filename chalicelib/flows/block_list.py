"""The blocks of an account as a list, page by page (R5.5)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from chalicelib.core.errors import NotFoundError
from chalicelib.flows.blocks_view import blocks_of
from chalicelib.flows.policy_shelf import PolicyShelf
from chalicelib.flows.ports import Accounts

INVOICES_SHOWN = 100  # of one block


@dataclass(frozen=True, slots=True)
class BlockList:
    """Lists the blocks of accounts."""

    accounts: Accounts
    policies: PolicyShelf

    def page(
        self, account_id: str, today: date, mark: str, limit: int, *, code: str = ""
    ) -> tuple[list[dict[str, Any]], str | None]:
        """Return blocks from a mark on, and the mark where the next page begins, None at the end.

        Of a block's invoices the first 100 are named, and all counted.

        Raises:
            NotFoundError: there is no such account.
        """
        loaded = self.accounts.load(account_id)
        if loaded.version == 0:
            raise NotFoundError(f"there is no account {account_id[:64]!r}")
        policy = self.policies.of(loaded.account.details, today)
        found = [
            block
            for block in blocks_of(loaded.account, policy, today)
            if code in ("", block["code"])
        ]
        first = int(mark or "0")
        rows = [shown(block) for block in found[first : first + limit]]
        return rows, str(first + limit) if len(found) > first + limit else None


def shown(block: dict[str, Any]) -> dict[str, Any]:
    """Return a block as it is answered: its first 100 invoices, and how many there are."""
    names = block.get("invoice_ids")
    if names is None:
        return block
    return {**block, "invoice_ids": names[:INVOICES_SHOWN], "invoices": len(names)}
