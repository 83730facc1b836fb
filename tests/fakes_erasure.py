"""What an erasure goes over, in memory."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from chalicelib.core.account import Account
from chalicelib.flows.ports_erasure import Rewrite, Rewritten
from chalicelib.store import keys
from chalicelib.store.places import is_live

from tests.fakes_agency import MemoryAgencies
from tests.fakes_store import MemoryAccounts, MemoryArchive


class MemoryErasable:
    """`Erasable` over the fakes of accounts and agencies."""

    def __init__(self, accounts: MemoryAccounts, agencies: MemoryAgencies) -> None:
        self._accounts = accounts
        self._agencies = agencies

    def history(self, account_id: str, after: str, limit: int, change: Rewrite) -> Rewritten:
        kept = self._accounts.kept[account_id]
        account = kept.account
        found: dict[str, Any] = {line.key: line for line in kept.log}
        found |= {keys.notice(name): one for name, one in account.past_notices.items()}
        found |= {
            keys.money(name): one
            for name, one in account.money.items()
            if not is_live(one, account.invoices)
        }
        names = sorted(name for name in found if name > after)[:limit]
        new = {name: change(name, found[name]) for name in names}
        changed = {name: one for name, one in new.items() if one != found[name]}
        kept.log = [changed.get(line.key, line) for line in kept.log]
        kept.account = _with(account, changed)
        return Rewritten(len(names), len(changed), names[-1] if len(names) == limit else None)

    def reports(self, agency_id: str, after: str, limit: int, change: Rewrite) -> Rewritten:
        there = self._agencies.shelf(agency_id).reports
        found = {keys.agency_report(*name): name for name in there}
        names = sorted(name for name in found if name > after)[:limit]
        changed = 0
        for name in names:
            new = change(name, there[found[name]])
            changed += new != there[found[name]]
            there[found[name]] = new
        return Rewritten(len(names), changed, names[-1] if len(names) == limit else None)


class MemoryShredder:
    """`Shredder` over the files of a fake archive."""

    def __init__(self, archive: MemoryArchive) -> None:
        self._archive = archive

    def erase(self, prefix: str) -> int:
        gone = [name for name in self._archive.files if name.startswith(prefix)]
        for name in gone:
            del self._archive.files[name]
        return len(gone)


def _with(account: Account, changed: dict[str, Any]) -> Account:
    past = {name: changed.get(keys.notice(name), one) for name, one in account.past_notices.items()}
    money = {name: changed.get(keys.money(name), one) for name, one in account.money.items()}
    return replace(account, past_notices=past, money=money)
