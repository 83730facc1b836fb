"""Accounts that bear interest, for tests about what it comes to."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from chalicelib.flows.policies import shipped_document
from tests.flows.machine import TODAY, Machine, invoice

# 12% of 365.00 a year is 0.12 a day, so that each amount below can be told by counting days.
POLICY = b"""
id = "contract"
currencies = ["USD"]
[[stages]]
id = "reminder"
days = 10
notice = "reminder"
[[stages]]
id = "late"
days = 30
repeat_every_days = 30
notice = "late_fee"
charges = [ { kind = "interest" } ]
[interest]
annual_rate = "0.12"
[cash]
reverse_on_value_date = true
"""
CAPPED = POLICY.replace(b'"contract"', b'"capped"') + b'[caps]\nmax_total_percent = "0.01"\n'
LONG_AGO = TODAY - timedelta(days=70)


def usd(amount_minor: int) -> dict[str, Any]:
    return {"amount_minor": amount_minor, "currency": "USD"}


def lent(*days_past_due: int, policy_id: str = "contract", **changes: Any) -> Machine:
    """An account with invoices I1, I2 ... of 365.00 each, so many days past due."""
    machine = Machine()
    machine.registry.put_policy("contract", POLICY)
    machine.registry.put_policy("capped", CAPPED)
    machine.registry.put_policy("uk-statutory", shipped_document("uk-statutory"))
    for number, days in enumerate(days_past_due or (40,), 1):
        one = invoice(f"I{number}", days, 365_00, **changes)
        machine.take_in("A1", one, policy_id=policy_id, wake_on=LONG_AGO)
    return machine


def posted_at_30_days() -> Machine:
    """Posted at 30 days past due: 3.60. Today is the 40th day."""
    machine = lent(40, seen_on=LONG_AGO)
    for days in (30, 10):  # first the reminder, then the stage with interest
        machine.decide("A1", TODAY - timedelta(days=days))
    machine.let_run()
    return machine
