"""Takes a ledger that was read into the store, account by account (R5.7, R7.6, `cli.md`)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import date

from chalicelib.core.account import Account
from chalicelib.core.apply import Booking, book_fact
from chalicelib.core.book import Book
from chalicelib.core.calendar import ONE_DAY
from chalicelib.core.errors import PastdueError, StaleVersionError
from chalicelib.core.facts import Fact, InvoiceIssued
from chalicelib.flows.credit_news import with_news
from chalicelib.flows.import_details import changes_told, instant, merged
from chalicelib.flows.import_ids import in_words, invoice_id_of, is_id, unfit
from chalicelib.flows.import_known import (
    Conflict,
    digest,
    has_id,
    known,
    remembered_by,
    remembering,
    stamped,
)
from chalicelib.flows.import_update import says_something, updates
from chalicelib.flows.ledger_kind import MIRROR, OWN, in_mirror, moves_principal
from chalicelib.flows.ledger_read import Ledger, LedgerAccount
from chalicelib.flows.policy_shelf import PolicyShelf
from chalicelib.flows.ports import Accounts, Change, Registry
from chalicelib.flows.simulate import first_seen

TRIES = 4  # for one account, while others change it


@dataclass(frozen=True, slots=True)
class ImportFault:
    """What was not taken, and why: `conflict`, `in_the_future`, `bad_id`, `mirror_ledger`.

    Or `failed`: the whole account; `retryable` says whether to try again.
    """

    account_id: str
    code: str
    detail: str
    retryable: bool = False

    def __str__(self) -> str:
        return f"account {self.account_id}: {self.detail}"


@dataclass(slots=True)
class ImportResult:
    """What an import did. `taken` counts booked facts by kind; `known` those booked before.

    `accounts_changed` and `accounts_same` count accounts; `fresh_through` is the day that the
    ledger is now said to cover, None when it was a dry run or an account failed. `stopped_after`:
    the account after which to go on, "" when all were done.
    """

    accounts_changed: int = 0
    accounts_same: int = 0
    taken: dict[str, int] = field(default_factory=dict)
    known: int = 0
    faults: list[ImportFault] = field(default_factory=list)
    fresh_through: date | None = None
    stopped_after: str = ""

    @property
    def failed_accounts(self) -> int:
        """How many accounts could not be taken in; nothing of them was."""
        return sum(fault.code == "failed" for fault in self.faults)


@dataclass(frozen=True, slots=True)
class Way:
    """How an import goes about it.

    `update`: what a row says anew of an invoice's due date, PO number, delivery or dispute is taken
    over; money is never rewritten. `covers` false: the ledger is not complete by it. It begins
    after the account `after`, and stops when `is_over` says so.
    """

    update: bool = False
    covers: bool = True
    after: str = ""
    is_over: Callable[[], bool] = lambda: False
    dry_run: bool = False


@dataclass(slots=True)
class _Taken:
    """What one account's part of the ledger came to, before it counts."""

    facts: list[Fact] = field(default_factory=list)
    known: int = 0
    faults: list[ImportFault] = field(default_factory=list)
    is_changed: bool = False


@dataclass(frozen=True, slots=True)
class ImportLedger:
    """Imports ledgers. The same ledger again brings nothing new."""

    accounts: Accounts
    registry: Registry
    policies: PolicyShelf
    ledger_kind: str = OWN

    def import_ledger(
        self,
        ledger: Ledger,
        on: date,
        *,
        covers_through: date | None = None,
        dry_run: bool = False,
        way: Way = Way(),
        progress: Callable[[int], None] | None = None,
    ) -> ImportResult:
        """Take a ledger in as of a day; return what was taken, known, refused, and failed.

        Each account is one change, whole or not at all, and is due on `on` at the latest. Facts
        are booked in the order of R5.10, and an invoice is first seen on `on` at the earliest.
        What is dated after `on` is refused: it has not happened. So are accounts and invoices
        whose ids no path can carry. One account that fails is listed and stops no other.

        In a mirror, what moves principal is refused (R7.6).

        Unless an account failed, the ledger is then fresh through `covers_through`, by default
        the day before `on`: `on` itself is not over (R13.1). Not so in a mirror, where only a
        whole statement tells what was paid. A dry run changes nothing.
        """
        result = ImportResult()
        for done, (account_id, part) in enumerate(ledger.accounts.items(), start=1):
            if account_id <= way.after:
                continue
            self._one(account_id, part, on, result, replace(way, dry_run=dry_run))
            if progress is not None:
                progress(done)
            if way.is_over() and done < len(ledger.accounts):
                result.stopped_after = account_id
                return result
        covers = way.covers and self.ledger_kind != MIRROR
        if covers and not dry_run and not result.failed_accounts:
            result.fresh_through = covers_through or on - ONE_DAY
            self.registry.beat(result.fresh_through)
        return result

    def _one(
        self, account_id: str, part: LedgerAccount, on: date, result: ImportResult, way: Way
    ) -> None:
        """Take one account in; what fails is a line of the result (R13.1)."""
        if not is_id(account_id):
            detail = f"nothing of it was taken in: {unfit(account_id)}"
            result.faults.append(ImportFault(account_id, "bad_id", detail))
            return
        try:
            taken = self._take(account_id, part, on, way)
        except Exception as error:  # it fails alone, and is a line of the result (R13.1)
            result.faults.append(failure(account_id, error))
            return
        result.accounts_changed += taken.is_changed
        result.accounts_same += not taken.is_changed
        result.known += taken.known
        result.faults.extend(taken.faults)
        for fact in taken.facts:
            kind = type(fact).__name__
            result.taken[kind] = result.taken.get(kind, 0) + 1

    def _take(self, account_id: str, part: LedgerAccount, on: date, way: Way) -> _Taken:
        for tries_left in reversed(range(TRIES)):
            try:
                return self._take_once(account_id, part, on, way)
            except StaleVersionError:
                if not tries_left:
                    raise
        raise AssertionError("the last try returns or raises")

    def _take_once(self, account_id: str, part: LedgerAccount, on: date, way: Way) -> _Taken:
        taken = _Taken()
        allowed = self._allowed(account_id, part.facts, taken)
        fit = self._fit(account_id, allowed, taken)
        in_time = self._not_later(account_id, fit, on, taken)
        facts = tuple(first_seen(stamped(fact), on) for fact in in_time)
        loaded = self.accounts.load(account_id, facts)
        account = replace(loaded.account, details=merged(loaded.account.details, part))
        after = self._booked(account, facts, taken, on if way.update else None)
        taken.is_changed = after.account != loaded.account or loaded.version == 0
        if taken.is_changed and not way.dry_run:
            wake_on = on if loaded.wake_on is None else min(loaded.wake_on, on)
            policy = self.policies.of(after.account.details)
            change = Change(
                loaded=loaded,
                after=after.account,
                wake_on=wake_on,
                entries=after.entries,
                effects=after.effects,
                events=changes_told(loaded, account.details, on),
                policy=policy.label,
            )
            self.accounts.commit(with_news(change, policy, on, instant(on)))
        return taken

    def _allowed(self, account_id: str, facts: tuple[Fact, ...], taken: _Taken) -> tuple[Fact, ...]:
        """Return the facts but those that a mirror refuses (R7.6)."""
        if self.ledger_kind != MIRROR:
            return facts
        for fact in facts:
            if what := moves_principal(fact):
                taken.faults.append(ImportFault(account_id, "mirror_ledger", in_mirror(what)))
        return tuple(fact for fact in facts if not moves_principal(fact))

    @staticmethod
    def _fit(account_id: str, facts: tuple[Fact, ...], taken: _Taken) -> tuple[Fact, ...]:
        """Return the facts but those of an invoice whose id no path can carry: they are refused."""
        unfit_facts = [fact for fact in facts if not is_id(invoice_id_of(fact) or "-")]
        for fact in unfit_facts:
            detail = f"{in_words(fact)} was not taken in: {unfit(invoice_id_of(fact) or '')}"
            taken.faults.append(ImportFault(account_id, "bad_id", detail))
        return tuple(fact for fact in facts if fact not in unfit_facts)

    @staticmethod
    def _not_later(
        account_id: str, facts: tuple[Fact, ...], on: date, taken: _Taken
    ) -> tuple[Fact, ...]:
        """Return the facts up to a day; those after it are refused: they have not happened."""
        for fact in facts:
            if fact.on > on:
                detail = f"{in_words(fact)} is dated {fact.on}, after {on}"
                taken.faults.append(ImportFault(account_id, "in_the_future", detail))
        return tuple(fact for fact in facts if fact.on <= on)

    def _booked(
        self, account: Account, facts: tuple[Fact, ...], taken: _Taken, update_on: date | None
    ) -> Booking:
        """Book what is new, fact by fact: one may be known by what the one before it did."""
        policy = self.policies.of(account.details)
        book = Book(account)
        remembered = set(remembered_by(account))
        for fact in facts:
            found = known(book, fact, remembered)
            changes: tuple[Fact, ...] = ()
            if isinstance(found, Conflict) and update_on and isinstance(fact, InvoiceIssued):
                there = book.find(fact.invoice_id)
                answer = updates(there, fact, update_on) if there else found
                found, changes = (answer, ()) if isinstance(answer, Conflict) else (True, answer)
            for change in changes:
                book_fact(book, change, policy)
            if says_something(changes):
                taken.facts.extend(changes)
            elif isinstance(found, Conflict):
                taken.faults.append(ImportFault(account.id, "conflict", found.detail))
            elif found:
                taken.known += 1
            else:
                book_fact(book, fact, policy)
                taken.facts.append(fact)
                if not has_id(fact):
                    remembered.add(digest(fact))
        after = remembering(book.freeze(), frozenset(remembered))
        return Booking(after, tuple(book.effects), tuple(book.entries))


def failure(account_id: str, error: Exception) -> ImportFault:
    """Return the line for an account that could not be taken in."""
    code = error.code if isinstance(error, PastdueError) else type(error).__name__
    retryable = isinstance(error, PastdueError) and error.retryable
    detail = f"could not be taken in ({code}): {error}"
    return ImportFault(account_id, "failed", detail, retryable)
