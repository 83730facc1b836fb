"""Accounts with placements, and changes that agencies are told of, for the agencies' contract."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from chalicelib.core.agency_lines import AgencyLine
from chalicelib.core.effects_placements import PlacementBalance
from chalicelib.core.errors import UnavailableError
from chalicelib.core.placements import Placement, PlacementState
from chalicelib.flows.ports import Accounts, Change, Loaded
from chalicelib.flows.ports_agency import Agencies, AgencyReport, AgencyShelf, FeedEvent
from chalicelib.store.agencies import DynamoAgencies

from tests.contract.store import MemoryStore, Store, TableStore
from tests.fakes_agency import MemoryAgencies

DAY = date(2024, 6, 3)
AT = datetime(2024, 6, 3, 8, tzinfo=UTC)
ACME, OTHER = "acme", "other-1"


def agencies_of(store: Store) -> Agencies:
    if isinstance(store, MemoryStore):
        return MemoryAgencies(store.accounts)
    assert isinstance(store, TableStore)
    return DynamoAgencies(store.table, sleep=lambda _: None)


def placement(account_id: str, agency: str = ACME, state: PlacementState = "active") -> Placement:
    name = f"plc_{account_id}_{agency}"
    return Placement(name, "USD", state, DAY, "rule", frozenset({"I1"}), agency)


def hand_over(
    accounts: Accounts, account_id: str, *agencies: str, state: PlacementState = "active"
) -> Loaded:
    """Let an account have a placement with each agency, of which nobody is told."""
    loaded = accounts.load(account_id)
    new = {one.id: one for one in (placement(account_id, name, state) for name in agencies)}
    after = replace(loaded.account, placements=loaded.account.placements | new)
    return accounts.commit(Change(loaded, after, None))


def telling(loaded: Loaded, amounts: Sequence[int], agency: str = ACME) -> Change:
    """A change by which balances went down, one for each amount."""
    account = loaded.account
    name = placement(account.id, agency).id
    effects = [
        PlacementBalance(DAY, account.id, name, agency, "payment_direct", f"P{n}", -n, 0, "USD")
        for n in amounts
    ]
    return Change(loaded, account, None, effects=effects)


def tell(accounts: Accounts, account_id: str, *amounts: int, agency: str = ACME) -> Loaded:
    return accounts.commit(telling(accounts.load(account_id), amounts, agency))


def told(events: Sequence[FeedEvent]) -> list[tuple[int, str, str]]:
    return [(event.sequence, event.line.account_id, event.line.ref) for event in events]


def number_all(shelf: AgencyShelf, at: datetime = AT) -> int:
    """Number what waits until nothing does, whoever else numbers."""
    numbered = 0
    for _ in range(100):
        with suppressed():
            numbered += shelf.number(at, 30)
            if not shelf.waiting(1):
                return numbered
    raise AssertionError("lines wait for ever")


@contextmanager
def suppressed() -> Iterator[None]:
    """Others were too quick: as a queue would, go on with the next message."""
    try:
        yield
    except UnavailableError:
        return


def report(name: str = "r1", minute: int = 0, kind: str = "payment") -> AgencyReport:
    at = AT + timedelta(minutes=minute)
    return AgencyReport(name, kind, f"digest {name}", "{}", at, "key1", "plc_A1_acme")  # type: ignore[arg-type]  # any kind


def applied(taken: AgencyReport, state: str = "applied") -> AgencyReport:
    at = taken.received_at + timedelta(minutes=1)
    return replace(taken, state=state, applied_at=at)  # type: ignore[arg-type]  # any state


def line_of(taken: AgencyReport, type_: str = "report.applied") -> AgencyLine:
    return AgencyLine(
        f"{taken.kind}.{taken.id}", type_, ACME, "plc_A1_acme", "A1", DAY, ref=taken.id
    )
