"""Money, terms, calendars and notices as published, one test per vector (`docs/vectors.md`)."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import holidays
from chalicelib.core.account import Account
from chalicelib.core.apply import apply_all
from chalicelib.core.calendar import Calendar
from chalicelib.core.effects import ChargePosted, NoticeCreated
from chalicelib.core.facts import Fact, InvoiceIssued, Payment
from chalicelib.core.money import round_half_up, split
from chalicelib.core.terms import due_date
from chalicelib.flows.currencies import CURRENCY_DIGITS
from chalicelib.flows.policies import load
from chalicelib.flows.simulate import simulate
from tests.real.vectors import Vector, in_part, minor, of_topic

DAY = date.fromisoformat
WEEKDAYS = frozenset(range(5))


@of_topic("rounding")
def test_amounts_round_half_up(vector: Vector) -> None:
    value, quantum = (Decimal(vector["inputs"][name]) for name in ("value", "quantum"))

    assert round_half_up(value / quantum) * quantum == Decimal(vector["expected"]["half_up"])
    assert round_half_up(-value / quantum) * quantum == -Decimal(vector["expected"]["half_up"])


@of_topic("currency.minor_unit")
def test_a_currency_has_its_minor_unit(vector: Vector) -> None:
    currency = vector["inputs"]["currency"]

    assert CURRENCY_DIGITS[currency] == vector["expected"]["minor_unit_digits"]


@of_topic("split.equal")
def test_an_equal_split_puts_the_remainder_on_the_first_parts(vector: Vector) -> None:
    parts = split(vector["inputs"]["minor_units"], vector["inputs"]["n"])

    assert list(parts) == vector["expected"]["parts"]


@in_part("SPLIT-6")
def test_the_same_parts_stand_in_the_other_order_where_the_last_get_the_remainder(
    vector: Vector,
) -> None:
    parts = split(vector["inputs"]["minor_units"], vector["inputs"]["n"])

    assert list(parts) == sorted(vector["expected"]["parts"], reverse=True)


@of_topic("terms.net", "terms.mfi", "terms.months_eom", "terms.eom_then_days", "terms.eom")
def test_terms_name_the_due_date(vector: Vector) -> None:
    inputs, expected = vector["inputs"], vector["expected"]
    said = inputs.get("terms", "")
    ours = {
        "terms.net": said,
        "terms.eom": "eom+0",
        "terms.eom_then_days": f"eom+{said.removesuffix(' EOM')}",
        "terms.months_eom": f"months+{inputs.get('months')} eom",
        "terms.mfi": f"day {said.removesuffix(' MFI')}",
    }[vector["topic"]]
    issued = inputs.get("invoice_dates") or [inputs["invoice_date"]]
    due = expected.get("due_dates") or [expected["due_date"]]

    assert [due_date(ours, DAY(day)).isoformat() for day in issued] == due


@in_part("TERM-SPLIT-1", "TERM-SPLIT-2", "TERM-SPLIT-3")
def test_each_part_of_an_invoice_is_one_of_its_own_with_its_own_terms(vector: Vector) -> None:
    issued = DAY(vector["inputs"]["invoice_date"])
    terms = [part.split("% ")[1] for part in vector["inputs"]["terms"].split(", ")]

    due = [due_date(text, issued).isoformat() for text in terms]

    assert due == vector["expected"]["due_dates"]


@of_topic("terms.days_then_day_of_next_month")
def test_a_day_of_the_next_month_that_does_not_exist_is_its_last(vector: Vector) -> None:
    """Those that add days first are terms that R3.5 does not have."""
    inputs = vector["inputs"]
    assert inputs["add_days"] == 0

    due = due_date(f"day {inputs['day_of_next_month']}", DAY(inputs["invoice_date"]))

    assert due.isoformat() == vector["expected"]["due_date"]


@of_topic("terms.eom_ambiguity")
def test_thirty_days_end_of_month_has_three_readings_and_each_a_name(vector: Vector) -> None:
    issued = DAY(vector["inputs"]["invoice_date"])
    ours = {
        "days_then_eom": "net 30 eom", "one_month_then_eom": "months+1 eom",
        "eom_then_days": "eom+30",
    }  # fmt: skip

    assert {mode: due_date(terms, issued).isoformat() for mode, terms in ours.items()} == vector[
        "expected"
    ]


def calendar_of(name: str) -> Calendar | None:
    if name == "weekends only":
        return Calendar(WEEKDAYS, WEEKDAYS)
    if name == "GB-ENG":
        return Calendar(WEEKDAYS, WEEKDAYS, holidays.country_holidays("GB", subdiv="ENG"))
    if name == "ECB":
        return Calendar(WEEKDAYS, WEEKDAYS, holidays.financial_holidays("ECB"))
    if name.startswith("no weekends; holidays "):
        days = name.removeprefix("no weekends; holidays ").split(", ")
        return Calendar(holidays=frozenset(DAY(day) for day in days))
    return None


@of_topic("business_day")
def test_what_falls_on_another_day_waits_for_the_next_business_day(vector: Vector) -> None:
    calendar = calendar_of(vector["inputs"]["calendar"])
    assert calendar is not None
    day = DAY(vector["inputs"]["date"])

    assert calendar.business_day_from(day).isoformat() == vector["expected"]["following"]
    assert calendar.processing_day_from(day).isoformat() == vector["expected"]["following"]


def invoice(item: dict[str, Any]) -> InvoiceIssued:
    due = DAY(item.get("due", "2024-01-31"))
    issued = due - timedelta(days=30)
    amount = minor(item["amount"])
    return InvoiceIssued(
        issued, item["id"], "USD", amount, amount, issued, due, issued, delivered_on=issued
    )


@of_topic("allocation.oldest_first", "allocation.debtor_designation", "allocation.overpayment")
def test_money_goes_where_the_customer_said_then_to_the_oldest(vector: Vector) -> None:
    inputs, expected = vector["inputs"], vector["expected"]
    names = tuple(inputs.get("remittance", ()))
    on = date(2024, 4, 1)
    payment = Payment(on, "P1", on, "USD", minor(inputs["payment"]), names)
    facts: list[Fact] = [*(invoice(item) for item in inputs["open"]), payment]

    account = apply_all(Account("A"), facts, load("standard")).account

    left = {name: i.open_minor for name, i in account.invoices.items()}
    paid = {a.invoice_id: a.amount_minor for a in account.money["payment:P1"].allocations}
    assert paid == {name: minor(text) for name, text in expected["applied"].items()}
    assert left == {name: minor(text) for name, text in expected.get("open_after", {}).items()}
    assert account.unapplied.get("USD", 0) == minor(expected.get("unapplied_credit", "0"))


EVERY_TEN_DAYS = """
id = "cap"
currencies = ["USD"]
[caps]
max_total_percent = "{share}"
[[stages]]
id = "fee"
days = 10
repeat_every_days = 10
charges = [ {{ kind = "flat", amount = {{ USD = "{fee}" }} }} ]
"""


@of_topic("fee.cap")
def test_fees_stop_at_their_share_of_the_principal(vector: Vector) -> None:
    inputs = vector["inputs"]
    share = Decimal(inputs["cap_pct_of_principal"]) / 100
    policy = load(EVERY_TEN_DAYS.format(share=share, fee=inputs["fee_per_reminder"]).encode())
    first = invoice({"id": "I1", "amount": inputs["principal"]})
    last = first.due_on + timedelta(days=10 * inputs["reminders"])

    result = simulate({"A": (Account("A").details, [first])}, policy, first.on, last)

    fees = [effect.amount_minor for effect in result.effects if isinstance(effect, ChargePosted)]
    assert fees == [minor(text) for text in vector["expected"]["fees"]]
    assert sum(fees) == minor(vector["expected"]["total"])


EVERY_DAY = """
id = "interval"
currencies = ["USD"]
[dunning]
min_days_between_notices = {interval}
[[stages]]
id = "reminder"
days = 1
notice = "reminder"
repeat_every_days = 1
"""


@of_topic("dunning.interval")
def test_the_next_notice_is_created_when_the_interval_has_passed(vector: Vector) -> None:
    inputs = vector["inputs"]
    policy = load(EVERY_DAY.format(interval=inputs["interval_days"]).encode())
    dunned, run = DAY(inputs["last_dunned"]), DAY(inputs["run_date"])
    first = invoice({"id": "I1", "amount": "100.00", "due": str(dunned - timedelta(days=1))})

    result = simulate({"A": (Account("A").details, [first])}, policy, first.on, run)

    days = [effect.on for effect in result.effects if isinstance(effect, NoticeCreated)]
    assert days[0] == dunned
    assert (run in days) == vector["expected"]["selected"]
