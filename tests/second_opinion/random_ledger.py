"""Random ledgers for the comparison with the second opinion. Imports no `chalicelib`.

Inputs whose meaning the specification leaves quite open (facts about invoices that are not there
yet, delivery before issue, promises that overlap, an answer to a final demand whose payment
bounces) are left out.
"""

from __future__ import annotations

import csv
import io
import json
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from tests.second_opinion.chance import Chance, in_major_units
from tests.second_opinion.random_account import RandomAccount
from tests.second_opinion.random_policy import random_policy

INVOICE_COLUMNS = [
    "account_id", "account_name", "account_class", "debtor_kind", "invoice_id", "issued_on",
    "due_on", "terms", "currency", "amount", "open_amount", "advanced_amount", "delivered_on",
    "extended_due_on", "disputed", "disputed_amount",
]  # fmt: skip
PAYMENT_COLUMNS = [
    "payment_id", "account_id", "received_on", "booked_on", "currency", "amount", "invoice_ids",
]  # fmt: skip
CREDIT_COLUMNS = [
    "credit_note_id", "account_id", "issued_on", "currency", "amount", "invoice_id", "reason",
]  # fmt: skip


@dataclass(frozen=True)
class RandomCase:
    """A ledger's files by name, a policy document, and the days to simulate."""

    files: dict[str, str]
    policy: str
    first: date
    last: date


class RandomLedger:
    """The rows of a ledger as they are made up; numbers run over all its accounts."""

    def __init__(self, chance: Chance, currencies: list[str], first_day: date, days: int) -> None:
        self.chance = chance
        self.currencies = currencies
        self.first_day = first_day
        self.days = days
        self.last_day = first_day + timedelta(days=days)
        self.invoices: list[dict[str, str]] = []
        self.payments: list[dict[str, str]] = []
        self.credit_notes: list[dict[str, str]] = []
        self.facts: list[dict[str, Any]] = []
        self.payment_count = 0
        self.credit_count = 0
        self.invoice_count = 0

    def pay(
        self,
        account_id: str,
        currency: str,
        amount: int,
        received: date,
        booked: date | None = None,
        names: list[str] | None = None,
    ) -> None:
        self.payment_count += 1
        if amount <= 0:
            return
        number = self.chance.choice(["P%d", "P%04d"]) % self.payment_count
        unsaid = booked is None or (booked == received and self.chance.of(0.5))
        self.payments.append(
            {
                "payment_id": number,
                "account_id": account_id,
                "received_on": received.isoformat(),
                "booked_on": "" if unsaid or booked is None else booked.isoformat(),
                "currency": currency,
                "amount": in_major_units(amount, currency),
                "invoice_ids": " ".join(names or ()),
            }
        )

    def credit(
        self, account_id: str, currency: str, amount: int, on: date, invoice_id: str, reason: str
    ) -> None:
        self.credit_notes.append(
            {
                "credit_note_id": f"N{self.credit_count}",
                "account_id": account_id,
                "issued_on": on.isoformat(),
                "currency": currency,
                "amount": in_major_units(amount, currency),
                "invoice_id": invoice_id,
                "reason": reason,
            }
        )

    def fact(self, on: date, account_id: str, kind: str, **rest: Any) -> None:
        said = {name: value for name, value in rest.items() if value is not None}
        self.facts.append({"on": on.isoformat(), "account_id": account_id, "kind": kind, **said})

    def files(self) -> dict[str, str]:
        facts = sorted(self.facts, key=lambda fact: str(fact["on"]))
        lines = [json.dumps(fact, ensure_ascii=False) + "\n" for fact in facts]
        return {
            "invoices.csv": table(INVOICE_COLUMNS, self.invoices),
            "payments.csv": table(PAYMENT_COLUMNS, self.payments),
            "credit_notes.csv": table(CREDIT_COLUMNS, self.credit_notes),
            "facts.jsonl": "".join(lines),
        }


def table(columns: list[str], found: list[dict[str, str]]) -> str:
    file = io.StringIO(newline="")
    writer = csv.DictWriter(file, columns, lineterminator="\n")
    writer.writeheader()
    writer.writerows(found)
    return file.getvalue()


def random_case(seed: int) -> RandomCase:
    """The same seed gives the same case."""
    chance = Chance(seed)
    currencies = chance.sample(["USD", "EUR", "JPY", "KWD"], chance.choice([1, 1, 2, 2, 3, 4]))
    others = [c for c in ["USD", "EUR", "JPY", "KWD", "GBP"] if c not in currencies]
    foreign = [chance.choice(others)] if chance.of(0.35) else []
    policy = random_policy(chance, currencies, seed)
    start = date(
        chance.choice([2022, 2023, 2024, 2025, 2026]), chance.whole(1, 12), chance.whole(1, 28)
    )
    days = chance.whole(200, 380)
    first = start + timedelta(days=chance.whole(20, 150))
    ledger = RandomLedger(chance, currencies + foreign, start, days)
    for index in range(chance.whole(2, 8)):
        RandomAccount(ledger, index).make_up()
    return RandomCase(ledger.files(), policy, first, ledger.last_day)
