"""An agency's partition: dossiers in any size, reports once, money; and nothing of another's."""

import json
import random
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from chalicelib.core.errors import ConflictError, LimitError, NotFoundError, UnavailableError
from chalicelib.flows.ports_agency import (
    AgencyShelf,
    DossierRead,
    DossierRow,
    PaymentRow,
    Remittance,
    RemittanceLine,
)
from chalicelib.store.agency_dossiers import PART_BYTES, PARTS_MAX
from chalicelib.store.reads import query_all

from tests.contract.faults import Killed, calls
from tests.contract.placed import ACME, AT, DAY, OTHER, agencies_of, applied, line_of, report, told
from tests.contract.store import Store, TableStore

both = pytest.mark.parametrize("store", ["memory", "moto"], indirect=True)
emulated = pytest.mark.parametrize("tables", ["emulator"], indirect=True)
PLACED = "plc_A1_acme"
RANDOM = random.Random(7)


@pytest.fixture
def shelf(store: Store) -> AgencyShelf:
    return agencies_of(store).shelf(ACME)


def dossier(body: str = "{}", version: int = 1, name: str = PLACED) -> DossierRow:
    return DossierRow(name, "A1", version, "active", "USD", 100_00, body=body)


def large_body(invoices: int) -> str:
    """A dossier's invoices, of which no number is like another."""
    rows = [
        {
            "id": f"INV-{RANDOM.randbytes(8).hex()}",
            "open_minor": RANDOM.randrange(10**7),
            "due_on": f"2024-0{RANDOM.randrange(1, 9)}-1{RANDOM.randrange(9)}",
            "po_number": f"PO{RANDOM.randbytes(14).hex()}",
        }
        for _ in range(invoices)
    ]
    return json.dumps(rows)


@both
def test_an_older_dossier_never_replaces_a_newer_one(shelf: AgencyShelf) -> None:
    second = dossier("second", 5)
    for row in (dossier("first", 4), second, dossier("late", 4)):
        shelf.put_dossier(row)
    assert shelf.dossier(PLACED) == second

    shelf.put_dossier(replace(second, body="same version, another day"))
    assert shelf.dossier(PLACED).body == "same version, another day"


def test_a_dossier_of_ten_thousand_invoices_is_kept_whole_and_leaves_nothing_behind(
    store: Store,
) -> None:
    shelf = agencies_of(store).shelf(ACME)
    large = dossier(large_body(10_000), 1)
    shelf.put_dossier(dossier("small", 1, "plc_0"))

    shelf.put_dossier(large)
    kept, listed = shelf.dossier(PLACED), shelf.dossiers("", 5).rows
    ended = replace(dossier("", 2), state="closed", outcome="recalled", ended_on=DAY)
    shelf.put_dossier(ended)

    assert kept == large
    assert listed == [dossier("small", 1, "plc_0"), large]
    assert shelf.dossiers("", 5).rows == [dossier("small", 1, "plc_0"), ended]
    if isinstance(store, TableStore):
        assert [item.sk for item in query_all(store.table, "G#acme")] == [
            "PLC#plc_0", f"PLC#{PLACED}"
        ]  # fmt: skip


@pytest.mark.parametrize("tables", ["moto"], indirect=True)
def test_what_is_beyond_one_transaction_is_refused(tables: TableStore) -> None:
    body = RANDOM.randbytes(PART_BYTES * (PARTS_MAX + 1)).decode("latin-1")
    with pytest.raises(LimitError):
        agencies_of(tables).shelf(ACME).put_dossier(dossier(body))


@both
def test_dossiers_come_page_by_page(shelf: AgencyShelf) -> None:
    names = [f"plc_{number}" for number in range(5)]
    for name in names:
        shelf.put_dossier(dossier(name=name))

    found: list[str] = []
    mark = ""
    for _ in range(3):
        page = shelf.dossiers(mark, 2)
        found.extend(row.placement_id for row in page.rows)
        mark = page.mark or ""

    assert (found, mark) == (names, "")


@pytest.mark.emulator
@emulated
def test_a_reader_never_sees_half_of_a_dossier(tables: TableStore) -> None:
    bodies = [f"{n}" + RANDOM.randbytes(350_000).hex() for n in range(3)]
    shelf = agencies_of(tables).shelf(ACME)
    shelf.put_dossier(dossier(bodies[0], 0))

    def writes() -> None:
        for version in range(1, 7):
            agencies_of(tables).shelf(ACME).put_dossier(dossier(bodies[version % 3], version))

    with ThreadPoolExecutor(1) as pool:
        writing = pool.submit(writes)
        seen = []
        while not writing.done():
            with suppress(UnavailableError):
                seen.append(shelf.dossier(PLACED))
        writing.result()

    seen.append(shelf.dossier(PLACED))
    assert all(row.body == bodies[row.account_version % 3] for row in seen)
    assert [row.account_version for row in seen] == sorted(row.account_version for row in seen)
    assert seen[-1].account_version == 6


def test_of_another_agency_nothing_is_found_by_any_id(store: Store) -> None:
    agencies = agencies_of(store)
    shelf, foreign = agencies.shelf(ACME), agencies.shelf(OTHER)
    shelf.put_dossier(dossier())
    taken = shelf.take_report(report())
    shelf.settle_report(applied(taken), line_of(taken), [payment()], remittance())
    shelf.record_read(DossierRead(AT, "key1", (PLACED,)))
    shelf.number(AT, 50)

    looks: list[Callable[[], Any]] = [
        lambda: foreign.dossier(PLACED),
        lambda: foreign.dossier(f"{PLACED}#../G#acme"),
        lambda: foreign.report("payment", "r1"),
        lambda: foreign.remittance("rem1"),
        lambda: foreign.settle_report(applied(taken), line_of(taken)),
        lambda: foreign.answer_remittance(remittance(), line_of(taken)),
    ]
    for look in looks:
        with pytest.raises(NotFoundError):
            look()
    pages: list[Sequence[object]] = [
        foreign.dossiers(mark, 9).rows for mark in ("", "plc", "#G#acme")
    ]
    pages += [foreign.reads("", 9).rows, foreign.payments("", 9).rows]
    pages += [foreign.remittances("", 9).rows, foreign.find_payments(["p1"])]
    pages += [foreign.reports_waiting(9), foreign.waiting(9), foreign.feed(0, 9)]
    assert not any(pages)
    assert foreign.feed_state().last == 0


def payment(name: str = "p1", **changes: Any) -> PaymentRow:
    row = PaymentRow(name, PLACED, DAY, "USD", 10_00, 2_00, "agency")
    return replace(row, **changes)


def remittance(name: str = "rem1", minute: int = 0, lines: int = 1) -> Remittance:
    held = tuple(RemittanceLine(PLACED, f"p{n}", 10_00, 2_00) for n in range(lines))
    at = AT + timedelta(minutes=minute)
    return Remittance(
        name, "gross", DAY, DAY, "USD", held, 10_00 * lines, 2_00 * lines, 10_00 * lines, at
    )


def test_a_report_is_taken_once_and_waits_in_the_order_of_its_coming(store: Store) -> None:
    shelf = agencies_of(store).shelf(ACME)
    second, first = report("a", 2), report("z", 1, "accept")
    for one in (second, first, report("b", 3)):
        shelf.take_report(one)

    again = shelf.take_report(replace(report("a", 9), digest="another body"))
    same_id = shelf.take_report(report("a", 9, "return"))

    assert again == second
    assert same_id.kind == "return"
    assert [one.id for one in shelf.reports_waiting(3)] == ["z", "a", "b"]
    assert [one.id for one in shelf.reports_waiting(1)] == ["z"]
    assert shelf.report("accept", "z") == first


def test_what_became_of_a_report_is_told_once_however_often_it_is_settled(store: Store) -> None:
    shelf = agencies_of(store).shelf(ACME)
    taken = shelf.take_report(report())
    settled = applied(taken)
    shelf.settle_report(settled, line_of(taken), [payment()])
    shelf.number(AT, 50)
    shelf.put_payments([payment(bounced=True)])

    shelf.settle_report(settled, line_of(taken), [payment()])
    shelf.settle_report(applied(taken, "refused"), line_of(taken, "report.refused"))

    assert shelf.number(AT, 50) == 0
    assert told(shelf.feed(0, 50)) == [(1, "A1", "r1")]
    assert shelf.report("payment", "r1") == settled
    assert shelf.reports_waiting(9) == []
    assert shelf.payments("", 9).rows == [payment(bounced=True)]
    assert shelf.take_report(report()) == settled


@both
def test_a_report_may_be_settled_without_a_line(shelf: AgencyShelf) -> None:
    taken = shelf.take_report(report("c1", kind="confirmation"))
    shelf.settle_report(applied(taken), None)
    assert shelf.waiting(9) == []
    assert shelf.report("confirmation", "c1").state == "applied"


@both
def test_a_remittance_holds_its_payments_and_is_answered_once(shelf: AgencyShelf) -> None:
    held = [payment(f"p{n:03d}", remittance_id="rem1") for n in range(120)]
    taken = shelf.take_report(report("rem1", kind="remittance"))
    shelf.settle_report(applied(taken), line_of(taken), held, remittance(lines=120))
    kept = shelf.remittance("rem1")
    answer = replace(kept, state="confirmed", answered_by="fin", answered_at=AT + timedelta(days=1))

    shelf.answer_remittance(answer, replace(line_of(taken, "remittance.confirmed"), id="answer"))
    with pytest.raises(ConflictError):
        shelf.answer_remittance(replace(answer, state="declined"), line_of(taken))

    assert kept == remittance(lines=120)
    assert shelf.remittance("rem1") == answer
    assert [row.payment_id for row in shelf.payments("p097", 3).rows] == ["p098", "p099", "p100"]
    assert shelf.payments("p097", 3).mark == "p100"
    assert [*shelf.find_payments(["p119", "none", "p000"])] == [held[119], held[0]]
    shelf.number(AT, 50)
    assert [event.line.type for event in shelf.feed(0, 9)] == [
        "report.applied", "remittance.confirmed"
    ]  # fmt: skip


@both
def test_remittances_and_reads_come_newest_first(shelf: AgencyShelf) -> None:
    for minute in range(3):
        taken = shelf.take_report(report(f"rem{minute}", minute, "remittance"))
        new = remittance(f"rem{minute}", minute)
        shelf.settle_report(applied(taken), line_of(taken), remittance=new)
        at = AT + timedelta(minutes=minute)
        shelf.record_read(DossierRead(at, "key1", (PLACED,), f"req{minute}"))
        shelf.record_read(DossierRead(at, "key1", (PLACED,), f"req{minute}"))

    remittances, reads = shelf.remittances("", 2), shelf.reads("", 2)

    assert [one.id for one in remittances.rows] == ["rem2", "rem1"]
    assert [one.request_id for one in reads.rows] == ["req2", "req1"]
    assert [one.id for one in shelf.remittances(remittances.mark or "", 2).rows] == ["rem0"]
    assert [one.request_id for one in shelf.reads(reads.mark or "", 2).rows] == ["req0"]


@pytest.mark.emulator
@emulated
@pytest.mark.parametrize("wrong", ["kill_before", "lose_reply_of"])
def test_a_crash_or_a_lost_reply_at_any_call_settles_a_report_once(
    tables: TableStore, wrong: str
) -> None:
    shelf = agencies_of(tables).shelf(ACME)
    rows = [payment(f"p{n:02d}") for n in range(100)]
    for call in range(20):
        taken = shelf.take_report(report(f"r{call}", call))
        with calls(tables.table, **{wrong: call}) as seen, suppress(Killed, UnavailableError):
            shelf.settle_report(applied(taken), line_of(taken), rows)
        shelf.settle_report(applied(taken), line_of(taken), rows)
        if seen.count < call:
            break
    number = shelf.number(AT, 99)

    assert call > 3
    assert number == call + 1
    assert [event.line.ref for event in shelf.feed(0, 99)] == [f"r{n}" for n in range(call + 1)]
    assert len(shelf.payments("", 200).rows) == 100
    assert shelf.reports_waiting(9) == []
