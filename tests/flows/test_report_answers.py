"""What reports answer from snapshots: aging, collections, notices (R3, R3.4)."""

from __future__ import annotations

from contextlib import suppress
from datetime import date, timedelta
from typing import Any

import pytest
from chalicelib.core.errors import NotFoundError
from chalicelib.core.facts import (
    ChargeWaived,
    InvoiceVoided,
    NoticeCancelled,
    NoticeCounted,
    Payment,
    PaymentReversed,
    PromiseMade,
)
from chalicelib.flows.aging_report import AgingAsked, AgingReport
from chalicelib.flows.collections_report import CollectionsReport
from chalicelib.flows.report_notices import NoticesReport
from chalicelib.flows.report_period import PeriodError
from chalicelib.flows.snapshot_files import summary_key
from tests.flows.machine import TODAY, Machine, invoice
from tests.flows.snapshot_days import (
    CountingArchive,
    Row,
    aging_rows,
    reported,
    snapshots,
)


def day(number: int) -> date:
    return TODAY + timedelta(days=number)


def euro(invoice_id: str, days_past_due: int, amount_minor: int) -> Any:
    return invoice(invoice_id, days_past_due, amount_minor, currency="EUR")


def a_ledger() -> Machine:
    """Two key accounts of ben, one standard account in two currencies."""
    machine = Machine()
    machine.take_in("A1", invoice("I1", 15), account_class="key", collector="ben")
    machine.take_in("A2", invoice("I2", 45, 20_000), account_class="key", collector="ben")
    machine.take_in("A3", invoice("I3", -5, 3_000), euro("I4", 100, 500), collector="eva")
    machine.take_in("A3", Payment(TODAY, "P1", TODAY, "USD", 4_000))
    return machine


def amounts(row: Row) -> list[int]:
    return [bucket["amount_minor"] for bucket in row["buckets"]]


def test_aging_by_currency_has_charges_and_unapplied_cash_beside_the_buckets() -> None:
    machine = a_ledger()
    reported(machine)

    euros, dollars = aging_rows(machine)

    assert (euros["currency"], amounts(euros)) == ("EUR", [0, 0, 0, 0, 500])
    assert amounts(dollars) == [0, 100_000, 20_000, 0, 0]
    assert dollars["unapplied"] == {"amount_minor": 1_000, "currency": "USD"}
    assert dollars["charges"] == {"amount_minor": 0, "currency": "USD"}
    assert dollars["principal"] == {"amount_minor": 120_000, "currency": "USD"}


@pytest.mark.parametrize(
    ("by", "name", "rows"),
    [
        ("collector", "collector", [("ben", "USD", 120_000), ("eva", "EUR", 500), ("eva", "USD", 0)]),
        ("class", "account_class",
         [("key", "USD", 120_000), ("standard", "EUR", 500), ("standard", "USD", 0)]),
        ("account", "account_id",
         [("A1", "USD", 100_000), ("A2", "USD", 20_000), ("A3", "EUR", 500), ("A3", "USD", 0)]),
    ],
)  # fmt: skip
@pytest.mark.parametrize("limit", [1, 2, 200])
def test_aging_is_told_by_what_is_asked_page_by_page(
    by: Any, name: str, rows: list[tuple[str, str, int]], limit: int
) -> None:
    machine = a_ledger()
    reported(machine)

    found = aging_rows(machine, limit, by=by)

    assert [(r[name], r["currency"], r["principal"]["amount_minor"]) for r in found] == rows


def test_aging_of_one_currency_has_no_other() -> None:
    machine = a_ledger()
    reported(machine)

    for by in ("currency", "account", "collector", "class"):
        assert {row["currency"] for row in aging_rows(machine, by=by, currency="EUR")} == {"EUR"}


def test_by_invoice_date_aging_begins_with_0_to_30() -> None:
    machine = a_ledger()
    reported(machine)
    asked = AgingAsked(base="invoice_date")

    about, [_, dollars], _ = AgingReport(snapshots(machine)).aging(asked, "", 50)

    assert about["buckets"] == ["0-30", "31-60", "61-90", "91+"]
    assert amounts(dollars) == [0, 100_000, 20_000, 0]


def test_the_newest_snapshot_is_reported_when_no_day_is_asked() -> None:
    machine = a_ledger()
    reported(machine)
    machine.let_run(day(1))  # not reported yet

    about, *_ = AgingReport(snapshots(machine)).aging(AgingAsked(), "", 50)

    assert about["as_of"] == "2024-03-18"


def test_a_day_without_a_snapshot_is_not_found_and_the_nearest_earlier_one_is_named() -> None:
    machine = a_ledger()
    reported(machine)

    with pytest.raises(NotFoundError, match=r"no snapshot of 2024-03-21; .* is of 2024-03-18"):
        aging_rows(machine, as_of=day(3))
    with pytest.raises(NotFoundError, match=r"no snapshot of 2024-03-17; and none"):
        aging_rows(machine, as_of=day(-1))
    with pytest.raises(NotFoundError, match="no snapshot yet"):
        aging_rows(Machine())


def test_a_summary_of_another_format_counts_as_not_there() -> None:
    machine = a_ledger()
    reported(machine)
    machine.archive.put(summary_key(TODAY), b'{"run_on": "2024-03-18", "aging": []}', "")

    with pytest.raises(NotFoundError, match="no snapshot of 2024-03-18"):
        aging_rows(machine, as_of=TODAY)


def test_money_received_later_does_not_change_a_past_report() -> None:
    machine = a_ledger()
    reported(machine)
    questions: list[dict[str, Any]] = [
        {"as_of": TODAY, "by": by} for by in ("currency", "account", "collector", "class")
    ]
    before = [aging_rows(machine, **question) for question in questions]

    # Booked later, but received on the day itself, and a day before.
    machine.take_in("A1", Payment(day(1), "P2", TODAY, "USD", 60_000))
    machine.take_in("A2", Payment(day(1), "P3", day(-1), "USD", 20_000))
    reported(machine, day(1))

    assert [aging_rows(machine, **question) for question in questions] == before
    assert amounts(aging_rows(machine, as_of=day(1))[1]) == [0, 40_000, 0, 0, 0]


def collections(machine: Machine, first: date, last: date) -> Row:
    return CollectionsReport(snapshots(machine)).collections(first, last)


def a_month() -> Machine:
    """Opening: 120,000. Sold: 60,000. Paid: 90,000. Closing: 90,000, of which 60,000 is not due."""
    machine = Machine()
    machine.take_in("A1", invoice("I1", 15), invoice("I2", 45, 20_000))
    reported(machine)
    machine.take_in("A1", invoice("I3", -60, 60_000, on=day(10)))
    machine.take_in("A1", Payment(day(20), "P1", day(20), "USD", 90_000))
    reported(machine, day(30))
    return machine


def test_collection_figures_are_those_of_the_period_between_two_snapshots() -> None:
    answer = collections(a_month(), TODAY, day(30))

    assert (answer["opening_snapshot_on"], answer["closing_snapshot_on"], answer["days"]) == (
        "2024-03-18", "2024-04-17", 30,
    )  # fmt: skip
    [row] = answer["data"]
    assert row["opening_receivables"]["amount_minor"] == 120_000
    assert row["sales"]["amount_minor"] == 60_000
    assert row["closing_receivables"]["amount_minor"] == 90_000
    assert row["closing_current"]["amount_minor"] == 60_000
    # 90,000 / 60,000 x 30; 60,000 / 60,000 x 30; (120 + 60 - 90) / (120 + 60 - 60)
    assert row["days_sales_outstanding"] == "45.00"
    assert row["best_possible_days_sales_outstanding"] == "30.00"
    assert row["average_days_delinquent"] == "15.00"
    assert row["collection_effectiveness_percent"] == "75.00"


def test_figures_over_nothing_are_null_and_not_zero() -> None:
    machine = Machine()
    machine.take_in("A1", invoice("I1", -60))
    reported(machine)
    reported(machine, day(1))

    [row] = collections(machine, TODAY, day(1))["data"]

    assert row["days_sales_outstanding"] is None
    assert row["best_possible_days_sales_outstanding"] is None
    assert row["average_days_delinquent"] is None
    assert row["collection_effectiveness_percent"] is None
    assert row["promise_kept_rate"] is None


def test_a_day_without_a_snapshot_begins_with_the_nearest_earlier_one_and_says_so() -> None:
    machine = a_month()

    answer = collections(machine, day(2), day(40))

    assert (answer["from_on"], answer["opening_snapshot_on"]) == ("2024-03-20", "2024-03-18")
    assert (answer["to_on"], answer["closing_snapshot_on"]) == ("2024-04-27", "2024-04-17")
    assert answer["days"] == 30
    assert answer["data"] == collections(machine, TODAY, day(30))["data"]


@pytest.mark.parametrize(("first", "last"), [(0, 0), (5, 4), (1, 3)])
def test_a_period_needs_two_snapshots_in_order(first: int, last: int) -> None:
    with pytest.raises(PeriodError):
        collections(a_month(), day(first), day(last))


def test_a_period_before_the_first_snapshot_is_not_found() -> None:
    with pytest.raises(NotFoundError):
        collections(a_month(), day(-5), day(30))


def test_the_last_day_of_the_calendar_is_a_day_like_any_other() -> None:
    assert collections(a_month(), TODAY, date.max)["closing_snapshot_on"] == "2024-04-17"


def test_promises_that_ended_in_the_period_make_the_rate() -> None:
    machine = Machine()
    machine.take_in("A1", invoice("I1", 15), invoice("I2", 15), invoice("I3", 15))
    promises = [
        PromiseMade(TODAY, "USD", 50_000, day(by), (name,))
        for name, by in (("I1", 3), ("I2", 3), ("I3", 90))
    ]
    machine.take_in("A1", *promises)
    reported(machine)
    machine.take_in("A1", Payment(day(2), "P1", day(2), "USD", 50_000, ("I1",)))
    reported(machine, day(20))

    [row] = collections(machine, TODAY, day(20))["data"]

    assert (row["promises_kept"], row["promises_ended"]) == (1, 2)
    assert row["promise_kept_rate"] == "0.5000"


def charged_machine() -> tuple[Machine, dict[str, int]]:
    """Four invoices with a late fee each, on two days; the fees by invoice."""
    machine = Machine()
    facts = [invoice(f"I{n}", 30) for n in range(4)]
    machine.take_in("A1", *facts, policy_id="rapid")
    reported(machine)
    number = 0
    while not all(i.charges for i in machine.account("A1").invoices.values()):
        machine.decide("A1", day(number))
        for notice_id in list(machine.account("A1").notices):
            machine.deliver.deliver("A1", notice_id)
            machine.clock.pass_by(hours=72)
            machine.reconcile.reconcile(machine.clock.now())
        number += 1
        assert number < 60
    fees = {i.id: i.open_charges_minor for i in machine.account("A1").invoices.values()}
    return machine, fees


def test_what_is_gone_of_charges_and_was_not_given_up_was_collected() -> None:
    machine, fees = charged_machine()
    late = day(70)
    charge_id = machine.account("A1").invoices["I1"].charges[0].id
    everything = 100_000 + fees["I0"]
    machine.take_in(
        "A1",
        Payment(late, "P0", late, "USD", everything, ("I0",)),
        ChargeWaived(late, "I1", charge_id, "goodwill"),
        InvoiceVoided(late, "I2"),
    )
    reported(machine, late)

    [row] = collections(machine, TODAY, late)["data"]

    waived = machine.account("A1").invoices["I1"].charges[0].amount_minor
    assert {name: money["amount_minor"] for name, money in row["charges"].items()} == {
        "billed": sum(fees.values()), "collected": fees["I0"], "waived": waived, "reversed": 0,
        "voided": fees["I2"], "closing_open": sum(fees.values()) - fees["I0"] - waived - fees["I2"],
    }  # fmt: skip

    machine.take_in("A1", PaymentReversed(day(71), "P0"))
    reported(machine, day(71))
    [after] = collections(machine, late, day(71))["data"]
    assert after["charges"]["collected"]["amount_minor"] == -fees["I0"]


def test_notices_are_told_by_kind_with_what_became_of_them_in_the_period() -> None:
    """A1's is from before the period and counts in it; A2's is sent in it; A3's comes after it."""
    machine = Machine()
    for name in ("A1", "A2", "A3", "A4"):
        machine.take_in(name, invoice(f"I-{name}", 15))
    machine.decide("A1")
    reported(machine)
    machine.decide("A2", day(1))
    machine.decide("A4", day(1))
    for name in ("A1", "A2"):
        [notice_id] = machine.account(name).notices
        machine.deliver.deliver(name, notice_id)
    machine.take_in("A1", NoticeCounted(day(1), next(iter(machine.account("A1").notices))))
    machine.take_in("A4", NoticeCancelled(day(1), next(iter(machine.account("A4").notices))))
    reported(machine, day(1))
    machine.decide("A3", day(2))
    reported(machine, day(2))

    answer = NoticesReport(snapshots(machine)).notices(TODAY, day(1))

    assert (answer["opening_snapshot_on"], answer["closing_snapshot_on"], answer["days"]) == (
        "2024-03-18", "2024-03-19", 1,
    )  # fmt: skip
    assert answer["data"] == [
        {"notice": "reminder", "created": 2, "counted": 1, "cancelled": 1,
         "pending": 0, "sending": 0, "sent": 1, "unknown": 0, "failed": 0},
    ]  # fmt: skip


def test_notices_of_a_period_need_two_snapshots() -> None:
    machine = a_month()

    with pytest.raises(PeriodError):
        NoticesReport(snapshots(machine)).notices(day(1), day(1))
    with pytest.raises(NotFoundError):
        NoticesReport(snapshots(machine)).notices(day(-9), day(1))


def test_a_report_reads_no_more_files_than_it_says() -> None:
    archive = CountingArchive()
    machine = Machine(archive=archive)
    machine.take_in("A1", invoice("I1", 15))
    reported(machine)
    reported(machine, day(1))
    for number in range(2, 20):
        machine.let_run(day(number))

    def reads(ask: Any) -> int:
        archive.read.clear()
        with suppress(NotFoundError):
            ask()
        return len(archive.read)

    assert reads(lambda: aging_rows(machine, as_of=TODAY)) == 1
    assert reads(lambda: aging_rows(machine, as_of=TODAY, by="account")) == 2
    assert reads(lambda: aging_rows(machine, as_of=day(9))) == 9
    assert reads(lambda: aging_rows(machine)) == 8
    assert reads(lambda: collections(machine, TODAY, day(1))) == 2
    assert reads(lambda: NoticesReport(snapshots(machine)).notices(TODAY, day(7))) == 8
