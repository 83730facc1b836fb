"""Published and official figures, one test per vector (../shared/vectors/finance.json)."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import holidays
import pytest
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
from tests.real.vectors import Vector, known, minor, of_topic

DAY = date.fromisoformat
WEEKDAYS = frozenset(range(5))

# Topics without a test here, and why.
NOT_YET = {
    "interest, statutory rates and day counts come with the charges of kind `interest`": [
        "interest.simple", "interest.simple+fixed_sum", "interest.compound.annual",
        "interest.base", "interest.time_cap", "interest.monthly_rate", "interest.de_minimis",
        "rate.cap", "rate.annual_equivalent", "rate_change.mid_period", "reference_rate",
        "reference_rate.uk", "reference_rate.eu", "reference_rate.de", "reference_rate.fr",
        "day_count.30_360", "day_count.act_act_isda", "credit_note.interest_base",
        "partial_payment.principal_first", "partial_payment.waterfall", "default_term",
    ],
    "compensation and collection fees come with their own charges": [
        "fixed_sum.tier", "fixed_sum.fx", "recovery_cost.staffel", "reminder_fee",
    ],
    "an instalment is paid or not: it has no tolerance in amount (R9.4)": ["payment_plan.default"],
    "not a rule of this product: discounts, instalment terms, ratios, count-back DSO": [
        "discount.daily_basis_points", "discount.annualised", "discount.effective",
        "terms.instalments", "terms.fixed_payment_days", "split.ratio", "kpi.dso_countback",
    ],
    "the minimum is of the demandable total, not a share of the balance (R5.5)": [
        "dunning.minimum",
    ],
    "costs and penalties paid before principal need charges that are not built yet": [
        "allocation.waterfall",
    ],
    "its file is not among the reference data": ["ledger.partial"],
}  # fmt: skip
COVERED = {
    "rounding", "split.equal", "currency.minor_unit", "terms.net", "terms.eom",
    "terms.eom_then_days", "terms.eom_ambiguity", "terms.months_eom", "terms.mfi",
    "terms.days_then_day_of_next_month", "business_day", "allocation.oldest_first",
    "allocation.debtor_designation", "allocation.overpayment", "fee.cap", "dunning.interval",
    "days_late", "ageing.bucket", "ageing.base_date", "ageing.ledger", "kpi.dso", "kpi.add",
    "kpi.cei", "ledger.ageing", "payment_plan.equal",
}  # fmt: skip


def test_every_topic_is_tested_or_said_not_to_be() -> None:
    if not known():
        pytest.skip("needs ../shared/vectors, which is not here")
    left_out = {topic for topics in NOT_YET.values() for topic in topics}

    assert {vector["topic"] for vector in known()} == COVERED | left_out
    assert not COVERED & left_out


@of_topic("rounding")
def test_amounts_round_half_up(vector: Vector) -> None:
    value, quantum = (Decimal(vector["inputs"][name]) for name in ("value", "quantum"))

    assert round_half_up(value / quantum) * quantum == Decimal(vector["expected"]["half_up"])
    assert round_half_up(-value / quantum) * quantum == -Decimal(vector["expected"]["half_up"])


@of_topic("currency.minor_unit")
def test_a_currency_has_its_minor_unit(vector: Vector) -> None:
    currency = vector["inputs"]["currency"]

    assert CURRENCY_DIGITS[currency] == vector["expected"]["minor_unit_digits"]


@of_topic("split.equal", only={"SPLIT-4"})
def test_an_equal_split_puts_the_remainder_on_the_first_parts(vector: Vector) -> None:
    parts = split(vector["inputs"]["minor_units"], vector["inputs"]["n"])

    assert list(parts) == vector["expected"]["parts"]


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


@of_topic("terms.days_then_day_of_next_month", only={"TERM-EOMON-4"})
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
