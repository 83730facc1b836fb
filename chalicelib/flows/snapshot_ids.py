"""Finds every account id, in portions, and cuts the sorted list into stretches that are worked apart."""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from itertools import groupby, islice

from chalicelib.core.errors import LimitError
from chalicelib.flows.ports_registry import AccountPages
from chalicelib.flows.snapshot_draft import Draft, Drafts

ACCOUNTS_MAX = 20_000_000  # of one snapshot: what is cut in the time that a portion leaves
STRETCH_ACCOUNTS = 10_000  # a stretch of such accounts with ten open invoices takes some minutes
_LOOKED_AT = 10_000  # items of a page; the table ends one at a megabyte


@dataclass(frozen=True, slots=True)
class IdSearch:
    """Finds ids. At most `held` are held at a time; `each` are a stretch."""

    pages: AccountPages
    drafts: Drafts
    each: int = STRETCH_ACCOUNTS
    held: int = 200_000

    def go_on(self, draft: Draft, is_over: Callable[[], bool]) -> tuple[Draft, list[str]]:
        """Return the draft with more ids found, and, if these are all and few, the sorted ids.

        The search is over when `stretches` is not None: one stretch whose ids were returned is not
        kept. Else it goes on by its `mark`; the draft itself is not kept.

        Raises:
            LimitError: there are more than 20,000,000 accounts.
            UnavailableError: the table or the archive does not answer now.
        """
        ids: list[str] = []
        while True:
            page, mark = self.pages.account_page(draft.mark, _LOOKED_AT)
            ids += page
            draft = replace(draft, mark=mark, accounts=draft.accounts + len(page))
            if draft.accounts > ACCOUNTS_MAX:
                raise LimitError(f"a snapshot holds at most {ACCOUNTS_MAX:,} accounts")
            if not mark and not draft.found and len(ids) <= self.each:
                return replace(draft, stretches=("",)), sorted(ids)
            is_last = not mark or is_over()
            if is_last or len(ids) >= self.held:
                kept = self.drafts.put_ids(draft, sorted(ids))
                draft, ids = replace(draft, found=(*draft.found, kept)), []
            if not mark:
                return replace(draft, stretches=tuple(self._stretches(draft))), []
            if is_last:
                return draft, []

    def _stretches(self, draft: Draft) -> Iterator[str]:
        """Cut the ids, each once, and yield the keys of the lists; one of none, if there is no id."""
        ids = (name for name, _ in groupby(heapq.merge(*map(self.drafts.ids, draft.found))))
        stretch = list(islice(ids, self.each))
        yield self.drafts.put_ids(draft, stretch)
        while stretch := list(islice(ids, self.each)):
            yield self.drafts.put_ids(draft, stretch)
