"""What the fuzzer's questions are about: accounts with invoices, charges, holds and a past."""

from __future__ import annotations

from datetime import timedelta

from chalicelib.core.facts import DisputeOpened, Payment
from chalicelib.flows.report import Report

from tests.flows.machine import TODAY, Machine, invoice

# By the names of path parameters: half of the questions are about something that is there.
KNOWN = {
    "account_id": ("A1", "A2", "A3"),
    "invoice_id": ("I1", "I2", "I3", "I4"),
    "charge_id": ("I3:late_fee_30:percent",),
    "payment_id": ("P1",),
    "policy_id": ("standard", "rapid"),
    "run_id": (TODAY.isoformat(),),
    "person_id": ("junior",),
}


def seeded(machine: Machine) -> Machine:
    """Fill a machine with accounts that were run for a day."""
    long_ago = TODAY - timedelta(days=80)
    for name in KNOWN["account_id"]:
        paid = Payment(TODAY, "P1", TODAY - timedelta(3), "USD", 5_000, ("I2",))
        facts = (
            invoice("I1", 15),
            invoice("I2", 44, seen_on=long_ago),
            invoice("I3", 70, seen_on=long_ago),
            invoice("I4", -10),
            DisputeOpened(TODAY, "I2", 10_000),
            paid,
        )
        machine.take_in(name, *facts)
        for day in (TODAY - timedelta(4), TODAY):
            machine.decide(name, day)
    accounts, registry, policies = machine.accounts, machine.registry, machine.policies
    Report(accounts, registry, machine.archive, policies, lambda: TODAY).write(TODAY)
    return machine
