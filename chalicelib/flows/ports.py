"""What the use cases need of the world, in the words of the domain. Adapters implement these."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Generic, Literal, Protocol, TypeVar

from chalicelib.core.account import Account, ContactPerson, Money
from chalicelib.core.effects import Effect, Entry, Event
from chalicelib.core.facts import Fact
from chalicelib.core.head import Head
from chalicelib.core.invoice import Invoice
from chalicelib.flows.policy_table import PolicyTable
from chalicelib.flows.staff import Person

REPLAYED_FOR = timedelta(days=7)  # an answer is given again for its idempotency key
LARGE_ACCOUNT_INVOICES = 1_000  # above it, an account's work goes through a queue of its own


@dataclass(frozen=True, slots=True)
class Loaded:
    """An account as it was read, consistently. `version` 0: it is not there yet."""

    account: Account
    version: int
    wake_on: date | None = None
    is_finished: bool = (
        True  # False: a large change is stored and will be finished (`finish_later`)
    )


@dataclass(frozen=True, slots=True)
class OutboxRow:
    """Something that must reach the outside; kept until it is delivered. The id is its meaning.

    `kind` is "notice" (subject: the notice's id), "credit_news" (subject: the news' id) or "event"
    (subject: what it tells of). Nobody looks for what waits before `due_at`; None: at once.
    """

    id: str
    kind: str
    subject: str
    created_at: datetime
    due_at: datetime | None = None

    @property
    def waits_until(self) -> datetime:
        """Return the instant from which the row is handed over by whoever looks for such rows."""
        return self.due_at or self.created_at


@dataclass(frozen=True, slots=True)
class Replay:
    """An answer that was given, kept under its idempotency key to be given again (api.md).

    `id` stands for principal, method, path and key; `digest` for the request's body. After
    `expires_at` it counts as not there.
    """

    id: str
    digest: str
    status: int
    body: str
    location: str
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class RunRow:
    """What a run did with one account: exact figures for its report. Codes with counts."""

    run_on: date
    outcomes: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Change:
    """One change of an account, all or nothing, conditioned on the version that was read.

    `wake_on` None with nothing open: the account sleeps until a fact. `events` go into the timeline
    with the entries and effects, under `policy`, the id and version that they were made by. A
    `replay` that is there already (of the same id, not expired) refuses the whole change.
    `finish_later`: a change over one transaction's limit is only stored, and finished by whoever
    loads the account next.
    """

    loaded: Loaded
    after: Account
    wake_on: date | None
    entries: Sequence[Entry] = ()
    effects: Sequence[Effect] = ()
    outbox: Sequence[OutboxRow] = ()
    run_row: RunRow | None = None
    events: Sequence[Event] = ()
    policy: str = ""
    replay: Replay | None = None
    finish_later: bool = False


@dataclass(frozen=True, slots=True)
class DueAccount:
    """A row of the wake list, or of the days of statements: keys and policy only.

    `wake_on` is the day from which it is due.
    """

    account_id: str
    wake_on: date
    policy_id: str
    is_large: bool = False


Place = Literal["live", "history"]
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """A part of a list; `mark` is where the next part begins, None at the end."""

    rows: Sequence[T]
    mark: str | None = None


@dataclass(frozen=True, slots=True)
class LogLines:
    """What one change wrote into an account's log. `key` orders the changes of an account."""

    key: str
    entries: tuple[Entry, ...] = ()
    effects: tuple[Effect, ...] = ()
    events: tuple[Event, ...] = ()
    policy: str = ""


class Accounts(Protocol):
    """The ledger of live accounts (architecture, Laws of the store)."""

    def load(self, account_id: str, facts: Sequence[Fact] = ()) -> Loaded:
        """Return the account, head first, consistently.

        The closed invoices and the money that the facts name are at hand. A decision or allocation
        that was left unfinished is finished first. An account that is not there is returned empty,
        with version 0.

        Raises:
            UnavailableError: the store does not answer now.
        """
        ...

    def commit(self, change: Change) -> Loaded:
        """Write a change whole, or nothing; return the account as it now stands.

        A change over one transaction's limit is first stored whole on the account, then written in
        chunks by deterministic ids, and finished by whoever loads the account next (crash-safe).

        Raises:
            StaleVersionError: someone else changed the account since it was read.
            UnavailableError: the store does not answer now.
        """
        ...

    def due(self, shard: int, on: date) -> Iterator[DueAccount]:
        """Yield the accounts of a shard whose `wake_on` is at most `on`, oldest first."""
        ...

    def count_due(self, shard: int, on: date) -> int:
        """Return how many accounts of a shard are due, from the index alone (R13.1)."""
        ...

    def oldest_wake(self, before: date) -> date | None:
        """Return the oldest `wake_on` of all that lies before a day, from the index alone.

        None when no account is due from before it; what was left unfinished is not meant.
        """
        ...

    def statements_due(self, shard: int, on: date) -> Iterator[DueAccount]:
        """Yield the accounts of a shard whose `statement_on` is at most `on`, oldest first (R5.1).

        They may be on the wake list too. One query when there is none.
        """
        ...

    def count_statements_due(self, shard: int, on: date) -> int:
        """Return how many accounts of a shard wait for a statement, from the index alone."""
        ...

    def shards(self) -> int:
        """Return how many shards the due index has."""
        ...

    def heads(self, account_ids: Sequence[str]) -> Mapping[str, Head]:
        """Return the heads of the accounts that are there, in one read for each 100 (R8.7).

        A change that is stored and not finished does not show yet.
        """
        ...

    def replay(self, replay_id: str) -> Replay | None:
        """Return the answer kept under an idempotency key, expired or not; None if there is none."""
        ...

    def find_invoice(self, account_id: str, invoice_id: str) -> Invoice | None:
        """Return one invoice with its charges, open or closed, without the rest of the account."""
        ...

    def find_money(self, account_id: str, money_key: str) -> Money | None:
        """Return one payment or credit note, live or past, by its key in `Account.money`."""
        ...

    def invoices(self, account_id: str, place: Place, after: str, limit: int) -> Page[Invoice]:
        """Return invoices of one place by id, with their charges, from after a mark.

        At most `limit`; two queries.
        """
        ...

    def money(self, account_id: str, place: Place, after: str, limit: int) -> Page[Money]:
        """Return payments and credit notes of one place by kind and id, from after a mark."""
        ...

    def money_of_kind(self, account_id: str, kind: str, after: str, limit: int) -> Page[Money]:
        """Return payments or credit notes, live and past, by id, from after a mark."""
        ...

    def unfinished(self) -> Iterator[str]:
        """Yield the accounts whose last change is stored and not written out (`finish_later`).

        Loading one finishes it. Some may just be about to be finished by others.
        """
        ...

    def contact_people(self, account_id: str) -> Sequence[ContactPerson]:
        """Return the contacts of an account by id, without the rest of it."""
        ...

    def timeline(self, account_id: str, before: str, limit: int) -> Page[LogLines]:
        """Return what changes wrote into the account's log, newest first, from before a mark."""
        ...

    def outbox_before(self, at: datetime) -> Iterator[tuple[str, OutboxRow]]:
        """Yield (account id, row) of what was not delivered and waited until before an instant."""
        ...

    def put_off(self, account_id: str, outbox_id: str, until: datetime) -> None:
        """Let an outbox row wait until an instant; one that is gone stays gone."""
        ...

    def count_outbox(self, most: int) -> int:
        """Return how many outbox rows wait, due or not, from the index alone; at most `most`."""
        ...

    def delivered(self, account_id: str, outbox_id: str) -> None:
        """Forget an outbox row: what it says has reached the outside. Any number of times."""
        ...

    def notices_in_doubt(self, at: datetime) -> Iterator[tuple[str, str]]:
        """Yield (account id, notice id) of the notices that time alone moves on by an instant (R11.3).

        `sending` past its lease, `sent` 72 hours ago, `unknown` 24 hours ago.
        """
        ...

    def run_rows(self, run_on: date) -> Iterator[tuple[str, RunRow]]:
        """Yield (account id, row) of a run."""
        ...

    def account_ids(self) -> Iterator[str]:
        """Yield every account id there is (a scan: for reports and tools, never for a run)."""
        ...


@dataclass(frozen=True, slots=True)
class RunState:
    """What is known of the run of a day (R13.1).

    `state`: `running`, `waiting` (for an approval of exactly this date and count), `refused` (the
    gate that stopped it is in `reason`).
    """

    run_on: date
    state: str
    accounts_due: int = 0
    reason: str = ""
    approved_count: int | None = None


class Registry(Protocol):
    """Facts about the whole deployment: runs, gates, policy versions."""

    def sending_paused(self) -> bool:
        """Whether the kill switch is on; may be cached for at most 15 s (R13.1)."""
        ...

    def pause_sending(self, *, paused: bool) -> None:
        """Turn the kill switch on or off."""
        ...

    def fresh_through(self) -> date | None:
        """Return the last day that an import or a heartbeat covers, None for never (R13.1)."""
        ...

    def beat(self, through: date) -> None:
        """Record that the ledger is complete through a day; never moves it back."""
        ...

    def run_state(self, run_on: date) -> RunState | None:
        """Return what is known of a day's run."""
        ...

    def last_runs(self, before: date, most: int) -> Sequence[RunState]:
        """Return the runs before a day that were let go, newest first, at most `most`."""
        ...

    def all_runs(self, before: date, most: int) -> Sequence[RunState]:
        """Return the runs before a day, let go or not, newest first, at most `most`."""
        ...

    def put_run(self, state: RunState) -> None:
        """Write a run's state."""
        ...

    def policy_table(self) -> PolicyTable:
        """Return which policies there are, by day and version, and which accounts have them."""
        ...

    def policy_document(self, policy_id: str, version: str) -> bytes:
        """Return the document of a version of a policy.

        Raises:
            NotFoundError: there is no such version.
        """
        ...

    def people(self) -> tuple[Person, ...]:
        """Return the people, in order of their ids."""
        ...

    def put_policy(self, policy_id: str, document: bytes) -> None:
        """Put a policy in force for every day, at once: for whoever sets a stage up."""
        ...

    def set_default_policy_id(self, policy_id: str) -> None:
        """Say which policy is for accounts that name none: for whoever sets a stage up."""
        ...


class Queues(Protocol):
    """Hand-over to the deliverers. Sending twice is harmless: whoever receives does it once."""

    def send_shards(self, run_on: date, shards: Sequence[int]) -> None:
        """One message per shard of a run."""
        ...

    def send_work(self, run_on: date, due: Sequence[DueAccount]) -> None:
        """One message per account; large ones go to their own queue."""
        ...

    def send_mail(self, account_id: str, notice_ids: Sequence[str], delay_s: int = 0) -> None:
        """One message per notice to deliver."""
        ...


class Archive(Protocol):
    """Files that are kept: letters as sent, run snapshots."""

    def put(self, key: str, content: bytes, media_type: str) -> None:
        """Store a file under its key; the same key again replaces it."""
        ...

    def get(self, key: str) -> bytes:
        """Return a file.

        Raises:
            NotFoundError: there is no such file.
        """
        ...


class Clock(Protocol):
    """The present, read once per event at the edge."""

    def now(self) -> datetime:
        """Return the present instant in UTC."""
        ...
