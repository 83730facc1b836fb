"""All that is known of one account, read so that no part is of another moment than the rest."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TypeVar

from chalicelib.core.account import Account, ContactPerson, Money, Notice
from chalicelib.core.effects import Entry, Event
from chalicelib.core.errors import NotFoundError, StaleVersionError
from chalicelib.core.invoice import Invoice
from chalicelib.flows.evidence_files import EvidenceTooLargeError
from chalicelib.flows.policy_shelf import PolicyShelf
from chalicelib.flows.ports import Accounts, Archive, LogLines, Page, Registry
from chalicelib.flows.ports_agency import Agencies
from chalicelib.flows.ports_notices import PastNotices

TRIES = 3  # while others change the account
PAGE = 500
INVOICES_MAX = 100_000  # of one account, open and closed
CHANGES_MAX = 200_000  # in the log of one account
LETTERS_MAX = 2_000  # of one account: some twenty files are read for each, one after the other

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Sources:
    """What an account's evidence is read from."""

    accounts: Accounts
    past_notices: PastNotices
    archive: Archive
    registry: Registry
    policies: PolicyShelf
    agencies: Agencies


@dataclass(frozen=True, slots=True)
class Gathered:
    """An account with its whole past, all of one version.

    `invoices` are open and closed, by id; `money` by kind and id; `notices` by day and id; `log` has
    what every change wrote, the oldest first.
    """

    account: Account
    version: int
    invoices: tuple[Invoice, ...]
    money: tuple[Money, ...]
    notices: tuple[Notice, ...]
    contacts: tuple[ContactPerson, ...]
    log: tuple[LogLines, ...]

    @property
    def entries(self) -> Iterator[tuple[LogLines, Entry]]:
        """Every line of the ledger with the change that wrote it, in order."""
        return ((lines, entry) for lines in self.log for entry in lines.entries)

    @property
    def events(self) -> Iterator[Event]:
        """Everything that people and systems did, in order."""
        return (event for lines in self.log for event in lines.events)


def gather(sources: Sources, account_id: str) -> Gathered:
    """Return all of an account, of one version of it.

    Reads the account twice, and its history once in pages.

    Raises:
        NotFoundError: there is no such account.
        StaleVersionError: others kept changing the account while it was read.
        EvidenceTooLargeError: the account has more than an archive may hold.
        UnavailableError: the store does not answer now.
    """
    for _ in range(TRIES):
        found = _once(sources, account_id)
        if sources.accounts.load(account_id).version == found.version:
            return found
    raise StaleVersionError(f"account {account_id} kept changing while it was exported")


def _once(sources: Sources, account_id: str) -> Gathered:
    accounts = sources.accounts
    loaded = accounts.load(account_id)
    if loaded.version == 0:
        raise NotFoundError(f"there is no account {account_id[:64]!r}")
    account = loaded.account
    closed = _all(
        lambda mark: accounts.invoices(account_id, "history", mark, PAGE),
        "closed invoices",
        INVOICES_MAX - len(account.invoices),
    )
    money = [*_money(accounts, account_id, "payment"), *_money(accounts, account_id, "credit_note")]
    notices = {one.id: one for one in sources.past_notices.all_of(account_id)} | account.notices
    _check("letters", len(notices), LETTERS_MAX)
    log = _all(
        lambda mark: accounts.timeline(account_id, mark, PAGE), "changes in its log", CHANGES_MAX
    )
    return Gathered(
        account=account,
        version=loaded.version,
        invoices=tuple(sorted((*account.invoices.values(), *closed), key=lambda one: one.id)),
        money=tuple(money),
        notices=tuple(sorted(notices.values(), key=lambda one: (one.created_on, one.id))),
        contacts=tuple(accounts.contact_people(account_id)),
        log=tuple(reversed(log)),
    )


def _money(accounts: Accounts, account_id: str, kind: str) -> Sequence[Money]:
    return _all(
        lambda mark: accounts.money_of_kind(account_id, kind, mark, PAGE),
        "payments and credit notes",
        CHANGES_MAX,
    )


def _all(read: Callable[[str], Page[T]], what: str, most: int) -> Sequence[T]:
    found: list[T] = []
    mark: str | None = ""
    while mark is not None:
        page = read(mark)
        found += page.rows
        _check(what, len(found), most)
        mark = page.mark
    return found


def _check(what: str, size: int, limit: int) -> None:
    if size > limit:
        raise EvidenceTooLargeError(
            f"an account of more than {limit:,} {what} cannot be exported as one archive"
        )
