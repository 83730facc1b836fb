"""The order desk's reads, in memory. The contract suite keeps them honest."""

from __future__ import annotations

from collections.abc import Sequence

from chalicelib.core.releases import ReleaseRequest
from chalicelib.flows.ports import Page, Registry
from chalicelib.flows.ports_holds import Desktop
from chalicelib.flows.staff import staff_of

from tests.fakes_store import MemoryAccounts


class MemoryHoldReads:
    """`HoldReads` over the accounts and the registry of a machine."""

    def __init__(self, accounts: MemoryAccounts, registry: Registry) -> None:
        self._accounts, self._registry = accounts, registry

    def look(self, account_ids: Sequence[str]) -> Desktop:
        heads = self._accounts.heads(account_ids)
        staff = staff_of(self._registry.people())
        return Desktop(heads, self._registry.policy_table(), staff)

    def release_requests(self, account_id: str) -> Sequence[ReleaseRequest]:
        kept = self._accounts.kept.get(account_id)
        found = kept.account.release_requests.values() if kept else ()
        return sorted(found, key=lambda one: (one.asked_at, one.id))

    def to_answer(self, assignee: str, after: str, limit: int) -> Page[tuple[str, ReleaseRequest]]:
        found = {
            f"{one.asked_at:%Y-%m-%dT%H:%M:%S.%f}#{name}#{one.id}": (name, one)
            for name, kept in self._accounts.kept.items()
            for one in kept.account.release_requests.values()
            if one.state == "open" and one.assignee == assignee
        }
        marks = [mark for mark in sorted(found) if mark > after]
        more = marks[limit - 1] if len(marks) > limit else None
        return Page([found[mark] for mark in marks[:limit]], more)
