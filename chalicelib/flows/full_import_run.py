"""A full import from its file to its end: counted, let go or held for approval, booked (R7.6)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any

from chalicelib.core.calendar import ONE_DAY
from chalicelib.core.errors import ConflictError, StaleVersionError, UnavailableError
from chalicelib.flows.full_import import FullImport, Pass, refuse_in_own
from chalicelib.flows.full_import_tally import Tally
from chalicelib.flows.ledger_read import Ledger
from chalicelib.flows.policy_shelf import PolicyShelf
from chalicelib.flows.ports import Registry
from chalicelib.flows.ports_registry import NEW, Put, RecordKey, Records

COUNT, BOOK, WAITING, DONE = "count", "book", "waiting", "done"
NEWEST = RecordKey("META", "STATEMENT")


class OlderStatementError(ConflictError):
    """A newer statement was taken in: this one would undo it."""

    code = "older_statement"


@dataclass(frozen=True, slots=True)
class Newest:
    """The newest statement that was begun: of which day, and when it was given."""

    on: date
    stated_at: datetime
    import_id: str


@dataclass(frozen=True, slots=True)
class Stated:
    """A statement: its ledger, the day whose open items it lists, when it was given, its id."""

    import_id: str
    ledger: Ledger
    on: date
    stated_at: datetime


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a full import is: its phase, the account to go on after, and what it came to.

    `counted` is what it would do, `booked` what it did. `fresh_through`: the day that the ledger
    is now said to cover.
    """

    phase: str = COUNT
    after: str = ""
    counted: Tally = field(default_factory=Tally)
    booked: Tally = field(default_factory=Tally)
    fresh_through: date | None = None

    @property
    def is_ended(self) -> bool:
        """Whether there is nothing more to do now."""
        return self.phase in (WAITING, DONE)

    def to_json(self) -> dict[str, Any]:
        """Return it as what JSON can say."""
        return {
            "phase": self.phase,
            "after": self.after,
            "counted": self.counted.to_json(),
            "booked": self.booked.to_json(),
            "fresh_through": self.fresh_through.isoformat() if self.fresh_through else None,
        }

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> Progress:
        """Return what `to_json` wrote."""
        fresh = values["fresh_through"]
        return cls(
            values["phase"],
            values["after"],
            Tally.from_json(values["counted"]),
            Tally.from_json(values["booked"]),
            date.fromisoformat(fresh) if fresh else None,
        )


@dataclass(frozen=True, slots=True)
class FullImportRun:
    """Runs full imports, in as many steps as they take."""

    full: FullImport
    registry: Registry
    records: Records
    policies: PolicyShelf
    ledger_kind: str

    def preview(self, stated: Stated) -> Progress:
        """Count what a statement would do, and change nothing; its phase says whether it waits.

        Raises:
            OwnLedgerError, OlderStatementError, UnavailableError: as `go_on` says.
        """
        progress = self._part(stated, Progress(), lambda: False, None)
        most = self.policies.default().safety.max_disappearing
        return replace(progress, phase=WAITING if progress.counted.waits(most) else BOOK)

    def go_on(
        self,
        stated: Stated,
        progress: Progress,
        *,
        approved: int | None = None,
        is_over: Callable[[], bool] = lambda: False,
        say: Callable[[int], None] | None = None,
    ) -> Progress:
        """Do the phase that is due, until it ends or `is_over`; return how far it is.

        `approved`: how many invoices a person let it settle; more than those wait again.

        Raises:
            OwnLedgerError: the ledger is no mirror.
            OlderStatementError: a newer statement was begun.
            UnavailableError: the store did not answer for an account; to be tried again.
        """
        if progress.phase == COUNT:
            return self._counted(self._part(stated, progress, is_over, say), approved)
        self._check(stated)
        self._begin(stated)
        return self._booked(stated, self._part(stated, progress, is_over, say))

    def _part(
        self,
        stated: Stated,
        progress: Progress,
        is_over: Callable[[], bool],
        say: Callable[[int], None] | None,
    ) -> Progress:
        """Do one part of the phase that is due."""
        self._check(stated)
        how = Pass(progress.phase == BOOK, progress.after, is_over, say)
        tally, after = self.full.go(stated.ledger, stated.on, how)
        if any(fault.retryable for fault in tally.faults):
            raise UnavailableError(f"{tally.failed_accounts} accounts could not be read or written")
        return _with(progress, tally, after)

    def _counted(self, progress: Progress, approved: int | None) -> Progress:
        if progress.after:
            return progress
        counted = progress.counted
        most = self.policies.default().safety.max_disappearing
        waits = counted.waits(most) if approved is None else counted.settled > approved
        return replace(progress, phase=WAITING if waits else BOOK)

    def _booked(self, stated: Stated, progress: Progress) -> Progress:
        if progress.after:
            return progress
        if stated.ledger.faults or progress.booked.failed_accounts:
            return replace(progress, phase=DONE)  # what was paid is not known of all (R13.1)
        through = stated.on - ONE_DAY
        self.registry.beat(through)
        return replace(progress, phase=DONE, fresh_through=through)

    def _check(self, stated: Stated) -> None:
        """Refuse a statement that this ledger cannot take, or that is older than the newest."""
        refuse_in_own(self.ledger_kind)
        found = self.records.read(NEWEST, Newest)
        if found is None or found.value.import_id == stated.import_id:
            return
        newest = found.value
        if (newest.on, newest.stated_at) > (stated.on, stated.stated_at):
            raise OlderStatementError(
                f"a statement of {newest.on}, given at {newest.stated_at:%Y-%m-%d %H:%M:%S} UTC, "
                "was taken in already; an older one would undo it"
            )

    def _begin(self, stated: Stated) -> None:
        """Remember that this statement is the newest; from here on an older one is refused."""
        found = self.records.read(NEWEST, Newest)
        if found is not None and found.value.import_id == stated.import_id:
            return
        newest = Newest(stated.on, stated.stated_at, stated.import_id)
        try:
            self.records.write(Put(NEWEST, newest, found.revision if found else NEW))
        except StaleVersionError:
            raise UnavailableError("another statement is beginning at this moment") from None


def _with(progress: Progress, tally: Tally, after: str) -> Progress:
    """Return how far it is after one more part."""
    before = progress.booked if progress.phase == BOOK else progress.counted
    whole = Tally.from_json(before.to_json())
    whole.add(tally)
    if progress.phase == BOOK:
        return replace(progress, booked=whole, after=after)
    return replace(progress, counted=whole, after=after)
