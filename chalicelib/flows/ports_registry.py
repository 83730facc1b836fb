"""What the use cases keep about the whole deployment: small values by key, jobs, pages of accounts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Generic, Protocol, TypeVar

T = TypeVar("T")

WRITES_MAX = 25  # in one write of records
NEW = 0  # the revision of what must not be there yet


@dataclass(frozen=True, slots=True)
class RecordKey:
    """Where a record is: a book holds what is listed together, a name is unique in it."""

    book: str
    name: str


@dataclass(frozen=True, slots=True)
class Record(Generic[T]):
    """A value as it was read. `revision` goes up by one with each write; 0: it is not there."""

    key: RecordKey
    value: T
    revision: int


@dataclass(frozen=True, slots=True)
class Put:
    """A value to be written. `was`: the revision it must have now, None: whatever it is.

    After `expires_at` the store may forget it, some time.
    """

    key: RecordKey
    value: Any
    was: int | None = None
    expires_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Removal:
    """A record to be taken away, whatever it is and whether it is there or not."""

    key: RecordKey


class Records(Protocol):
    """Small values of the whole deployment, each a dataclass, read consistently."""

    def read(self, key: RecordKey, kind: type[T]) -> Record[T] | None:
        """Return the record of a key, None when there is none.

        Raises:
            UnavailableError: the store does not answer now.
        """
        ...

    def list(
        self,
        book: str,
        kind: type[T],
        *,
        prefix: str = "",
        after: str = "",
        most: int = 100,
        newest_first: bool = False,
    ) -> Sequence[Record[T]]:
        """Return a book's records in order of their names, at most `most`, from after a name.

        `newest_first` turns the order round; `after` is then the name before which to go on.

        Raises:
            UnavailableError: the store does not answer now.
        """
        ...

    def write(self, *puts: Put | Removal) -> None:
        """Write or take away up to 25 records, all of them or none.

        Raises:
            StaleVersionError: one of them is not of the revision it was to be of.
            LimitError: a value is larger than a record may be, or there are too many.
            UnavailableError: the store does not answer now.
        """
        ...


@dataclass(frozen=True, slots=True)
class Act:
    """What a person did to the deployment, with the reason: kept, and shown with what it changed."""

    at: datetime
    kind: str
    actor: str
    person: str
    subject: str = ""
    reason_code: str = ""
    note: str = ""
    figures: dict[str, str] = field(default_factory=dict)


class JobQueue(Protocol):
    """Hand-over to the jobs' worker. Sending twice is harmless: a step is done once."""

    def send_job(self, job_id: str, step: int, delay_s: int = 0) -> None:
        """Send one message for a step of a job, to be seen after `delay_s` (at most 900)."""
        ...


class AccountPages(Protocol):
    """Every account id, page by page: for jobs, which go on where they stopped."""

    def account_page(self, after: str, most: int) -> tuple[Sequence[str], str]:
        """Return some account ids and the mark where the next page begins, "" at the end.

        A page may be empty and not the last. `after` is a mark, "" for the beginning.

        Raises:
            UnavailableError: the store does not answer now.
        """
        ...
