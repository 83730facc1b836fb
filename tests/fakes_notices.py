"""Past notices and links to files, in memory."""

from __future__ import annotations

from collections.abc import Sequence

from chalicelib.core.account import Notice

from tests.fakes_store import MemoryAccounts


class MemoryPastNotices:
    """`PastNotices` over the accounts of a machine."""

    def __init__(self, accounts: MemoryAccounts) -> None:
        self._accounts = accounts

    def all_of(self, account_id: str) -> Sequence[Notice]:
        kept = self._accounts.kept.get(account_id)
        return [] if kept is None else list(kept.account.past_notices.values())

    def find(self, account_id: str, notice_id: str) -> Notice | None:
        kept = self._accounts.kept.get(account_id)
        return None if kept is None else kept.account.past_notices.get(notice_id)


class MemoryFileLinks:
    """`FileLinks` that lead nowhere, and say what they were made of."""

    def link(self, key: str, *, name: str, media_type: str, valid_s: int) -> str:
        return f"https://files.example/{key}?name={name}&type={media_type}&seconds={valid_s}"
