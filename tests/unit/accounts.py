"""Small accounts for the tests of the core: invoices in whole dollars, days counted from one day."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any

from chalicelib.core.account import Account, AccountDetails
from chalicelib.core.apply import apply_all
from chalicelib.core.decide import Decision, decide
from chalicelib.core.effects import DUNNING_KINDS, Effect
from chalicelib.core.facts import Fact, InvoiceIssued, Payment
from chalicelib.core.policy import Policy
from chalicelib.flows.policies import load

DAY = date(2024, 3, 18)  # a Monday
DETAILS = AccountDetails(name="Customer")
PLAIN = """
[[stages]]
id = "reminder"
days = 15
notice = "reminder"
"""


def dunning(effects: Iterable[Effect]) -> list[Effect]:
    """What is about dunning itself: no tasks, promises, plans, cases."""
    return [effect for effect in effects if effect.kind in DUNNING_KINDS]


def days(count: int) -> timedelta:
    return timedelta(days=count)


def policy(tables: str = "", stages: str = PLAIN, currencies: str = '["USD"]') -> Policy:
    """A policy that acts on every day of the week."""
    return load(f'id = "unit"\ncurrencies = {currencies}\n{tables}\n{stages}'.encode())


def invoice(invoice_id: str, cents: int, past_due: int = 20, **changes: Any) -> InvoiceIssued:
    """An invoice on net 30 terms that is so many days past due on `DAY`."""
    due_on = DAY - days(past_due)
    issued_on = due_on - days(30)
    values: dict[str, Any] = {
        "on": issued_on, "invoice_id": invoice_id, "currency": "USD", "amount_minor": cents,
        "open_minor": cents, "issued_on": issued_on, "due_on": due_on, "seen_on": issued_on,
        "delivered_on": issued_on,
    }  # fmt: skip
    return InvoiceIssued(**(values | changes))


def paid(cents: int, *names: str, on: date = DAY, **changes: Any) -> Payment:
    values: dict[str, Any] = {
        "on": on, "payment_id": "P1", "received_on": on, "currency": "USD",
        "amount_minor": cents, "invoice_ids": names,
    }  # fmt: skip
    return Payment(**(values | changes))


def account(facts: Iterable[Fact], rules: Policy, details: AccountDetails = DETAILS) -> Account:
    return apply_all(Account("A", details), facts, rules).account


def decided(facts: Iterable[Fact], rules: Policy, on: date = DAY) -> Decision:
    """The decision of one day, after these facts."""
    return decide(account(facts, rules), rules, on)
