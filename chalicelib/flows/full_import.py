"""`import --full`: a statement of all that is open brings a mirror to where the ERP is (R7.6).

Two passes over every account: the first counts and changes nothing, the second books. Each account
is one change, whole or not at all, so that a pass can stop anywhere and go on, and the same
statement again brings nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import islice

from chalicelib.core.account import AccountDetails
from chalicelib.core.book import Book
from chalicelib.core.errors import StaleVersionError
from chalicelib.core.facts import Delivery, ExternalOpen, Fact, InvoiceIssued
from chalicelib.flows.full_import_account import Statement
from chalicelib.flows.full_import_tally import Tally
from chalicelib.flows.import_details import changes_told, merged
from chalicelib.flows.import_ids import is_id, unfit
from chalicelib.flows.import_ledger import TRIES, ImportFault, failure
from chalicelib.flows.ledger_kind import MIRROR, OwnLedgerError
from chalicelib.flows.ledger_read import Ledger, LedgerAccount
from chalicelib.flows.policy_shelf import PolicyShelf
from chalicelib.flows.ports import Accounts, Change

HEADS_AT_ONCE = 100
NOTHING = LedgerAccount(AccountDetails(), ())


def refuse_in_own(ledger_kind: str) -> None:
    """Refuse a statement of all that is open in a ledger of our own (R7.6).

    Raises:
        OwnLedgerError: payments are sent to this ledger, which so knows itself what is open.
    """
    if ledger_kind != MIRROR:
        raise OwnLedgerError(
            "a full import states all that is open, which only a mirror of an ERP's ledger takes "
            "in; this ledger is our own, and would lose what was paid here. Import without --full, "
            "or deploy with LedgerKind=mirror (R7.6)"
        )


@dataclass(frozen=True, slots=True)
class Pass:
    """One pass over the accounts: `books` or only counts; from after an account until `is_over`."""

    books: bool
    after: str = ""
    is_over: Callable[[], bool] = lambda: False
    progress: Callable[[int], None] | None = None


@dataclass(frozen=True, slots=True)
class FullImport:
    """Takes statements of all that is open into a mirror."""

    accounts: Accounts
    policies: PolicyShelf

    def go(self, ledger: Ledger, on: date, how: Pass) -> tuple[Tally, str]:
        """Take a statement in, or only count what that would do; return the tally.

        With it the account after which to go on, "" when all were done. One account that fails is
        listed and stops no other. While rows of the statement were refused, nothing is settled by
        its absence: nobody knows what they listed.
        """
        total = Tally()
        settles_absent = not ledger.faults
        ids = iter([name for name in self._every_id(ledger) if name > how.after])
        done = 0
        while names := list(islice(ids, HEADS_AT_ONCE)):
            for account_id in self._concerned(names, ledger):
                part = ledger.accounts.get(account_id, NOTHING)
                total.add(self._one(account_id, part, on, books=how.books, absent=settles_absent))
            done += len(names)
            if how.progress is not None:
                how.progress(done)
            if how.is_over():
                return total, names[-1]
        return total, ""

    def _every_id(self, ledger: Ledger) -> list[str]:
        """Return the accounts of the statement and of the ledger, in order of their ids."""
        return sorted({*ledger.accounts, *self.accounts.account_ids()})

    def _concerned(self, names: Sequence[str], ledger: Ledger) -> Iterator[str]:
        """Yield the accounts that the statement lists, or that have something open."""
        others = [name for name in names if name not in ledger.accounts]
        heads = self.accounts.heads(others) if others else {}
        for name in names:
            head = heads.get(name)
            if name in ledger.accounts or (head is not None and head.open_invoices):
                yield name

    def _one(
        self, account_id: str, part: LedgerAccount, on: date, *, books: bool, absent: bool
    ) -> Tally:
        if not is_id(account_id):
            detail = f"nothing of it was taken in: {unfit(account_id)}"
            return Tally(faults=[ImportFault(account_id, "bad_id", detail)], faults_total=1)
        try:
            return self._take(account_id, part, on, books=books, absent=absent)
        except Exception as error:  # it fails alone (R13.1)
            fault = failure(account_id, error)
            return Tally(faults=[fault], faults_total=1, failed_accounts=1)

    def _take(
        self, account_id: str, part: LedgerAccount, on: date, *, books: bool, absent: bool
    ) -> Tally:
        for tries_left in reversed(range(TRIES)):
            try:
                return self._take_once(account_id, part, on, books=books, absent=absent)
            except StaleVersionError:
                if not tries_left:
                    raise
        raise AssertionError("the last try returns or raises")

    def _take_once(
        self, account_id: str, part: LedgerAccount, on: date, *, books: bool, absent: bool
    ) -> Tally:
        facts = tuple(_in_order(part.facts))
        loaded = self.accounts.load(account_id, (*facts, *_of_charges(facts)))
        details = merged(loaded.account.details, part)
        account = replace(loaded.account, details=details)
        book = Book(account)
        statement = Statement(book, self.policies.of(details), on, settles_absent=absent)
        statement.state(facts)
        after, tally = book.freeze(), statement.tally
        is_changed = after != loaded.account or loaded.version == 0
        tally.accounts_changed, tally.accounts_same = int(is_changed), int(not is_changed)
        tally.faults_total = len(tally.faults)
        if is_changed and books:
            wake_on = on if loaded.wake_on is None else min(loaded.wake_on, on)
            entries, effects = tuple(book.entries), tuple(book.effects)
            label = statement.policy.label
            events = changes_told(loaded, details, on)
            self.accounts.commit(
                Change(loaded, after, wake_on, entries, effects, events=events, policy=label)
            )
        return tally


def _in_order(facts: Iterable[Fact]) -> Iterator[Fact]:
    """Yield invoices, then deliveries, then the rest, as the file has them."""
    ordered = list(facts)
    yield from (fact for fact in ordered if isinstance(fact, InvoiceIssued))
    yield from (fact for fact in ordered if isinstance(fact, Delivery))
    yield from (fact for fact in ordered if not isinstance(fact, InvoiceIssued | Delivery))


def _of_charges(facts: Iterable[Fact]) -> Iterator[Fact]:
    """Yield what names the invoices of items that may be charges of ours: `<invoice>:...` (R4.2)."""
    for fact in facts:
        if isinstance(fact, InvoiceIssued) and ":" in fact.invoice_id:
            invoice_id = fact.invoice_id.partition(":")[0]
            yield ExternalOpen(fact.on, invoice_id, fact.open_minor, fact.invoice_id)
