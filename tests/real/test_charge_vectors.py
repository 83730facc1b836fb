"""Fixed sums, scales and the order of payment as published, one test per vector (R4.1, R7.1)."""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from chalicelib.core.account import Account
from chalicelib.core.apply import apply_all
from chalicelib.core.decide import decide
from chalicelib.core.facts import InvoiceIssued, Payment
from chalicelib.core.policy import Policy
from chalicelib.flows.interest_sum import Sum, invoice_of
from chalicelib.flows.interest_worth import posting_of, worth
from chalicelib.flows.policies import load
from tests.real.vectors import Vector, in_part, minor, of_topic

DAY = date.fromisoformat
DUE_ON = date(2025, 1, 15)
PRINCIPAL = ""  # what an allocation to no charge went to

# The Irish bands say "not exceeding": one cent more is the first of the next.
IRISH = b"""
id = "irish"
currencies = ["EUR"]
[[stages]]
id = "late"
days = 1
[[stages.charges]]
kind = "compensation"
bands = [
    { below = { EUR = "1000.01" }, amount = { EUR = "40.00" } },
    { below = { EUR = "10000.01" }, amount = { EUR = "70.00" } },
    { amount = { EUR = "100.00" } },
]
"""
# 15% of the first 2,500, 10% of the next 2,500 ...: each band's percent of the whole, and the amount
# that the bands before it come to beyond that percent.
STAFFEL = b"""
id = "staffel"
currencies = ["EUR"]
[[stages]]
id = "collection"
days = 1
[[stages.charges]]
kind = "tiered"
min = { EUR = "40.00" }
max = { EUR = "6775.00" }
bands = [
    { below = { EUR = "2500.00" }, percent = "0.15" },
    { below = { EUR = "5000.00" }, amount = { EUR = "125.00" }, percent = "0.10" },
    { below = { EUR = "10000.00" }, amount = { EUR = "375.00" }, percent = "0.05" },
    { below = { EUR = "200000.00" }, amount = { EUR = "775.00" }, percent = "0.01" },
    { amount = { EUR = "1775.00" }, percent = "0.005" },
]
"""


@of_topic("fixed_sum.tier")
def test_a_fixed_sum_goes_by_the_band_of_the_debt(vector: Vector) -> None:
    inputs = vector["inputs"]
    policy = load("uk-statutory" if inputs["jurisdiction"] == "GB" else IRISH)
    through = DUE_ON + timedelta(days=31)

    found = worth(Sum(minor(inputs["debt"]), inputs["currency"], DUE_ON, through), policy)

    assert found.compensation_minor == minor(vector["expected"]["fixed_sum"])


@of_topic("recovery_cost.staffel")
def test_a_scale_of_shares_is_bands_with_an_amount_and_a_percent(vector: Vector) -> None:
    inputs, policy = vector["inputs"], load(STAFFEL)
    [rule] = policy.stages[0].charges
    through = DUE_ON + timedelta(days=1)
    invoice = invoice_of(Sum(minor(inputs["principal"]), inputs["currency"], DUE_ON, through))

    found = posting_of(rule, invoice, policy, None, through)

    assert found is not None
    assert found.amount_minor == minor(vector["expected"]["collection_cost"])


def owing(principal: str, currency: str, due: date, policy: Policy, *days: date) -> Account:
    """An account with one invoice, after the decisions of some days."""
    issued, amount = due - timedelta(days=30), minor(principal)
    fact = InvoiceIssued(
        issued, "I1", currency, amount, amount, issued, due, issued, delivered_on=issued
    )
    account = apply_all(Account("A"), [fact], policy).account
    for day in days:
        account = decide(account, policy, day).account
    return account


def went_to(account: Account) -> dict[str, int]:
    """What the payment P1 went to, in minor units: principal, or charges by their kind."""
    kinds = {one.id: one.kind for one in account.invoices["I1"].charges}
    found: Counter[str] = Counter()
    for one in account.money["payment:P1"].allocations:
        found[kinds.get(one.charge_id or "", PRINCIPAL)] += one.amount_minor
    return dict(found)


def still_open(account: Account) -> dict[str, int]:
    return {one.kind: one.open_minor for one in account.invoices["I1"].charges}


@in_part("SE-FEE-1")
def test_a_reminder_and_a_collection_notice_have_fees_of_their_own(vector: Vector) -> None:
    reminder, notice, _plan = vector["expected"]["fees_sek"]
    text = f"""
id = "swedish"
currencies = ["SEK"]
[[stages]]
id = "reminder"
days = 10
charges = [ {{ kind = "flat", amount = {{ SEK = "{reminder}" }} }} ]
[[stages]]
id = "collection_notice"
days = 20
charges = [ {{ kind = "flat", amount = {{ SEK = "{notice}" }} }} ]
"""
    days = (DUE_ON + timedelta(days=10), DUE_ON + timedelta(days=20))

    account = owing("1250.00", "SEK", DUE_ON, load(text.encode()), *days)

    posted = [one.amount_minor for one in account.invoices["I1"].charges]
    assert posted == [minor(reminder), minor(notice)]


@of_topic("interest.base")
def test_interest_is_on_the_invoice_with_its_tax_and_on_no_charge(vector: Vector) -> None:
    inputs = vector["inputs"]
    gross = Decimal(inputs["net"]) + Decimal(inputs["vat"])
    text = f"""
id = "swedish"
currencies = ["SEK"]
[interest]
annual_rate = "0.096"
day_count = "actual/360"
[[stages]]
id = "reminder"
days = 36
repeat_every_days = 36
charges = [
    {{ kind = "flat", amount = {{ SEK = "{inputs["reminder_fee"]}" }} }},
    {{ kind = "interest" }},
]
"""
    days = (DUE_ON + timedelta(days=36), DUE_ON + timedelta(days=72))

    account = owing(f"{gross:f}", "SEK", DUE_ON, load(text.encode()), *days)

    first, second = (one for one in account.invoices["I1"].charges if one.kind == "interest")
    assert first.amount_minor == minor(inputs["accrued_interest"])
    assert second.working is not None
    bases = {one.base_minor for one in second.working.segments}
    assert bases == {minor(vector["expected"]["interest_base"])}


@of_topic("allocation.waterfall")
def test_costs_are_paid_before_interest_and_principal_where_the_policy_says_so(
    vector: Vector,
) -> None:
    inputs, expected = vector["inputs"], vector["expected"]
    names: dict[str, str] = {  # what the vector calls a step, and what it is here
        "costs": "compensation", "administrative": "compensation", "penalty": "late_fee",
        "interest": "interest", "principal": "principal",
    }  # fmt: skip
    kinds = names | {"penalty": "flat", "principal": PRINCIPAL}
    account, policy = with_costs(inputs, [names[step] for step in inputs["allocation"]])
    on = DUE_ON + timedelta(days=366)
    payment = Payment(on, "P1", on, "USD", minor(inputs["payment"]))

    paid = apply_all(account, [payment], policy).account

    before, left = still_open(account), still_open(paid)
    for name, text in expected.items():
        if name.startswith("to_"):
            assert went_to(paid).get(kinds[name.removeprefix("to_")], 0) == minor(text)
    for name in ("costs", "interest"):
        if f"{name}_open" in expected:
            assert left[kinds[name]] == minor(expected[f"{name}_open"])
    assert before == {
        kinds[step]: minor(inputs[step]) for step in inputs["allocation"]
        if step != "principal" and step in inputs
    }  # fmt: skip
    assert paid.invoices["I1"].open_minor == minor(expected["principal_open"])


def with_costs(inputs: dict[str, Any], waterfall: list[str]) -> tuple[Account, Policy]:
    """An account that a year after its due date owes the costs and the interest of a vector."""
    charges = []
    if "penalty" in inputs:
        charges.append(f'{{ kind = "flat", amount = {{ USD = "{inputs["penalty"]}" }} }}')
    costs = inputs.get("costs") or inputs["administrative"]
    bands = f'[ {{ amount = {{ USD = "{costs}" }} }} ]'
    charges.append(f'{{ kind = "compensation", bands = {bands} }}')
    interest = ""
    if "interest" in inputs:
        charges.append('{ kind = "interest" }')
        rate = Decimal(inputs["interest"]) / Decimal(inputs["principal"])
        interest = f'[interest]\nannual_rate = "{rate:f}"'
    text = f"""
id = "costs"
currencies = ["USD"]
[cash]
waterfall = {waterfall!r}
{interest}
[[stages]]
id = "late"
days = 365
charges = [ {", ".join(charges)} ]
"""
    policy = load(text.encode())
    day = DUE_ON + timedelta(days=365)
    return owing(inputs["principal"], "USD", DUE_ON, policy, day), policy


GERMAN = """
id = "german"
currencies = ["EUR"]
[cash]
waterfall = ["compensation", "interest", "principal"]
reverse_on_value_date = true
[interest]
annual_rate = "{rate}"
[[stages]]
id = "first"
days = 90
[[stages.charges]]
kind = "compensation"
bands = [ {{ amount = {{ EUR = "{fixed_sum}" }} }} ]
[[stages.charges]]
kind = "interest"
[[stages]]
id = "second"
days = 180
charges = [ {{ kind = "interest" }} ]
"""


@of_topic("partial_payment.waterfall")
def test_what_is_left_after_costs_and_interest_lowers_the_base(vector: Vector) -> None:
    """The payment is booked on the day after it came: its own day still bore interest."""
    inputs, expected = vector["inputs"], vector["expected"]
    [paid] = inputs["payments"]
    rate = Decimal(inputs["annual_rate_pct"]) / 100
    policy = load(GERMAN.format(rate=f"{rate:f}", fixed_sum=inputs["fixed_sum"]).encode())
    received = DAY(paid["date"])
    account = owing(inputs["principal"], "EUR", DAY(inputs["due_date"]), policy, received)
    booked = received + timedelta(days=1)
    payment = Payment(booked, "P1", received, "EUR", minor(paid["amount"]))

    account = apply_all(account, [payment], policy).account
    shares = went_to(account)
    account = decide(account, policy, DAY(inputs["as_of"])).account

    assert shares == {
        "compensation": minor(expected["to_costs"]),
        "interest": minor(expected["to_interest"]),
        PRINCIPAL: minor(expected["to_principal"]),
    }
    invoice = account.invoices["I1"]
    assert invoice.open_minor == minor(expected["principal_open"])
    assert sum(one.open_minor for one in invoice.charges if one.kind == "compensation") == minor(
        expected["fees_open"]
    )
    assert invoice.charges[-1].amount_minor == minor(expected["interest_after"])
