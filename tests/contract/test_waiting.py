"""What waits for its day: the wake list, the outbox, sends in doubt, a run's rows."""

from datetime import UTC, date, datetime, timedelta

from chalicelib.core.account import AccountDetails
from chalicelib.core.facts import NoticeCounted, NoticeMoved
from chalicelib.flows.ports import Accounts, Change, OutboxRow, RunRow
from chalicelib.store.meter import metered

from tests.contract.store import NOON, SHARDS, Store, TableStore, book, booked, issued, run

FEB_1, FEB_15 = date(2024, 2, 1), date(2024, 2, 15)
NAMES = [f"A{n}" for n in range(20)]


def due_on(accounts: Accounts, day: date) -> list[str]:
    return sorted(row.account_id for shard in range(SHARDS) for row in accounts.due(shard, day))


def test_the_wake_list_names_who_is_due_and_nobody_who_sleeps(store: Store) -> None:
    for number, name in enumerate(NAMES):
        book(store.accounts, name, issued("I1"), wake_on=FEB_1 + timedelta(days=number))
    assert due_on(store.accounts, FEB_1) == ["A0"]
    assert due_on(store.accounts, FEB_1 + timedelta(days=9)) == sorted(NAMES[:10])


def test_an_account_without_a_date_sleeps_until_it_is_woken(store: Store) -> None:
    book(store.accounts, "A1", issued("I1"), wake_on=FEB_1)
    book(store.accounts, "A1", issued("I2"), wake_on=None)
    assert due_on(store.accounts, date.max) == []
    book(store.accounts, "A1", issued("I3"), wake_on=FEB_15)
    assert due_on(store.accounts, FEB_15) == ["A1"]


def test_a_change_of_nothing_but_the_date_is_a_change(store: Store) -> None:
    loaded = book(store.accounts, "A1", issued("I1"), wake_on=FEB_15)
    store.accounts.commit(Change(loaded, loaded.account, FEB_1))
    assert due_on(store.accounts, FEB_1) == ["A1"]


def test_the_oldest_date_comes_first_within_a_shard(store: Store) -> None:
    for number, name in enumerate(NAMES):
        book(store.accounts, name, issued("I1"), wake_on=FEB_15 - timedelta(days=number * 7 % 20))
    for shard in range(store.accounts.shards()):
        days = [row.wake_on for row in store.accounts.due(shard, FEB_15)]
        assert days == sorted(days)


def test_every_account_lies_in_one_shard(store: Store) -> None:
    for name in NAMES:
        book(store.accounts, name, issued("I1"), wake_on=FEB_1)
    counts = [store.accounts.count_due(shard, FEB_1) for shard in range(SHARDS)]
    assert sum(counts) == len(NAMES) == len(due_on(store.accounts, FEB_1))
    assert store.accounts.shards() == SHARDS


def test_the_oldest_day_of_all_shards_says_how_late_the_work_is(store: Store) -> None:
    for number, name in enumerate(NAMES):
        book(store.accounts, name, issued("I1"), wake_on=FEB_1 + timedelta(days=number))
    book(store.accounts, "asleep", issued("I1"), wake_on=None)

    assert store.accounts.oldest_wake(FEB_1) is None
    assert store.accounts.oldest_wake(FEB_1 + timedelta(days=1)) == FEB_1
    assert store.accounts.oldest_wake(date.max) == FEB_1


def test_the_wake_list_tells_the_policy(store: Store) -> None:
    change = booked(store.accounts.load("A1"), [issued("I1")], FEB_1)
    details = AccountDetails(policy_id="rapid")
    after = change.after.__class__(
        id="A1", details=details, invoices=change.after.invoices, totals=change.after.totals
    )
    store.accounts.commit(Change(change.loaded, after, FEB_1))
    rows = [row for shard in range(SHARDS) for row in store.accounts.due(shard, FEB_1)]
    assert [(row.policy_id, row.is_large) for row in rows] == [("rapid", False)]


def test_an_outbox_row_comes_again_until_it_is_delivered(store: Store) -> None:
    row = OutboxRow("N1", "notice", "A1:USD:2024-02-15", NOON)
    change = booked(store.accounts.load("A1"), [issued("I1")])
    store.accounts.commit(Change(change.loaded, change.after, None, outbox=[row]))
    later = NOON + timedelta(seconds=1)
    for _ in range(2):
        assert list(store.accounts.outbox_before(later)) == [("A1", row)]
    for _ in range(2):
        store.accounts.delivered("A1", "N1")
    assert list(store.accounts.outbox_before(later)) == []


def test_an_outbox_row_is_not_old_before_its_time(store: Store) -> None:
    row = OutboxRow("N1", "notice", "S", NOON)
    change = booked(store.accounts.load("A1"), [issued("I1")])
    store.accounts.commit(Change(change.loaded, change.after, None, outbox=[row]))
    assert list(store.accounts.outbox_before(NOON)) == []


def test_delivering_what_never_was_is_nothing(store: Store) -> None:
    store.accounts.delivered("A1", "N1")
    assert list(store.accounts.outbox_before(NOON)) == []


def moved(store: Store, state: str, lease: datetime | None = None) -> None:
    """An account with one notice in a state that it reached at noon."""
    book(store.accounts, "A1", issued("I1"))
    run(store.accounts, "A1", FEB_15)
    fact = NoticeMoved(FEB_15, "A1:USD:2024-02-15", state, NOON, 1, lease)  # type: ignore[arg-type]  # the table's text
    book(store.accounts, "A1", fact)


def in_doubt(store: Store, after: timedelta) -> list[tuple[str, str]]:
    return list(store.accounts.notices_in_doubt(NOON + after))


def test_a_send_is_in_doubt_when_its_lease_ran_out(store: Store) -> None:
    moved(store, "sending", NOON + timedelta(minutes=5))
    assert in_doubt(store, timedelta(minutes=4)) == []
    assert in_doubt(store, timedelta(minutes=5)) == [("A1", "A1:USD:2024-02-15")]


def test_a_sent_notice_is_looked_at_after_72_hours(store: Store) -> None:
    moved(store, "sent")
    assert in_doubt(store, timedelta(hours=71)) == []
    assert in_doubt(store, timedelta(hours=72)) == [("A1", "A1:USD:2024-02-15")]


def test_an_unknown_send_is_looked_at_after_24_hours(store: Store) -> None:
    moved(store, "unknown")
    assert in_doubt(store, timedelta(hours=23)) == []
    assert in_doubt(store, timedelta(hours=24)) == [("A1", "A1:USD:2024-02-15")]


def test_a_pending_notice_and_one_that_is_done_are_not_in_doubt(store: Store) -> None:
    moved(store, "pending")
    assert in_doubt(store, timedelta(days=365)) == []
    book(store.accounts, "A1", NoticeMoved(FEB_15, "A1:USD:2024-02-15", "sent", NOON))
    book(store.accounts, "A1", NoticeCounted(FEB_15, "A1:USD:2024-02-15"))
    assert in_doubt(store, timedelta(days=365)) == []


def test_a_run_has_one_row_for_each_account_with_its_counts_added_up(store: Store) -> None:
    for name in ("A1", "A2", "A10"):
        book(store.accounts, name, issued("I1"))
        run(store.accounts, name, FEB_15)
    run(store.accounts, "A1", FEB_15)
    run(store.accounts, "A2", date(2024, 2, 16))
    rows = dict(store.accounts.run_rows(FEB_15))
    assert rows == {
        "A1": RunRow(FEB_15, {"decided": 2, "effects": 3}),
        "A2": RunRow(FEB_15, {"decided": 1, "effects": 3}),
        "A10": RunRow(FEB_15, {"decided": 1, "effects": 3}),
    }


def test_every_account_can_be_listed(store: Store) -> None:
    for name in NAMES:
        book(store.accounts, name, issued("I1"))
    assert sorted(store.accounts.account_ids()) == sorted(NAMES)


def test_an_instant_is_one_whatever_zone_it_is_told_in(tables: TableStore) -> None:
    zone = datetime(2024, 2, 15, 14, tzinfo=UTC).astimezone().tzinfo
    row = OutboxRow("N1", "notice", "S", NOON.astimezone(zone))
    change = booked(tables.accounts.load("A1"), [issued("I1")])
    tables.accounts.commit(Change(change.loaded, change.after, None, outbox=[row]))
    assert list(tables.accounts.outbox_before(NOON)) == []
    assert len(list(tables.accounts.outbox_before(NOON + timedelta(microseconds=1)))) == 1


def in_outbox(store: Store, *rows: OutboxRow) -> None:
    """An account with outbox rows, and nothing to decide."""
    change = booked(store.accounts.load("A1"), [issued("I1")])
    store.accounts.commit(Change(change.loaded, change.after, None, outbox=rows))


def waiting(store: Store, at: datetime) -> list[str]:
    return sorted(row.id for _, row in store.accounts.outbox_before(at))


def test_an_outbox_row_waits_for_its_time(store: Store) -> None:
    slot = NOON + timedelta(hours=3)
    row = OutboxRow("N1", "notice", "S", NOON, slot)
    in_outbox(store, row, OutboxRow("N2", "notice", "S2", NOON))

    assert waiting(store, slot) == ["N2"]
    later = list(store.accounts.outbox_before(slot + timedelta(seconds=1)))
    assert ("A1", row) in later


def test_what_is_put_off_waits_and_is_not_lost(store: Store) -> None:
    in_outbox(store, OutboxRow("N1", "notice", "S", NOON))
    until = NOON + timedelta(days=2)

    store.accounts.put_off("A1", "N1", until)

    assert waiting(store, until) == []
    [(_, row)] = store.accounts.outbox_before(until + timedelta(seconds=1))
    assert row == OutboxRow("N1", "notice", "S", NOON, until)


def test_putting_off_what_is_gone_brings_nothing_back(store: Store) -> None:
    in_outbox(store, OutboxRow("N1", "notice", "S", NOON))
    store.accounts.delivered("A1", "N1")

    store.accounts.put_off("A1", "N1", NOON)

    assert waiting(store, NOON + timedelta(days=9)) == []


def test_what_waits_is_counted_due_or_not_up_to_a_bound(store: Store) -> None:
    rows = [OutboxRow(f"N{n}", "notice", "S", NOON, NOON + timedelta(hours=n)) for n in range(7)]
    in_outbox(store, *rows)

    assert [store.accounts.count_outbox(most) for most in (5, 7, 100)] == [5, 7, 7]


def test_what_is_not_due_is_not_read(tables: TableStore) -> None:
    due = NOON + timedelta(days=1)
    in_outbox(tables, *(OutboxRow(f"N{n}", "notice", "S", NOON, due) for n in range(50)))
    with metered(tables.table) as usage:
        assert waiting(tables, NOON + timedelta(hours=1)) == []

    assert usage.requests == {"Query": SHARDS}
    assert usage.total == (SHARDS, SHARDS * 0.5, 0.0)
