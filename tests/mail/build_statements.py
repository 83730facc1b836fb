"""Builders of statements of account: a few invoices, hundreds of them, what stands apart."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from chalicelib.flows.letter_parts import ChargeLine, UnappliedItem
from chalicelib.flows.statement import Statement, StatementLine
from tests.mail.build_letters import BUCKETS, COLLECTOR, PAYMENT, SELLER, TODAY, bucket

FEE = ChargeLine(
    charge_id="INV-1:late_fee_30:percent", kind="percent", posted_on=date(2026, 3, 2),
    amount_minor=3_000, open_minor=3_000,
)  # fmt: skip
CASH = UnappliedItem(
    kind="payment", amount_minor=12_345, reference="P-77", dated_on=date(2026, 3, 9)
)


def line(name: str, days: int, open_minor: int = 100_000, **changes: Any) -> StatementLine:
    """An invoice on net 30 terms; `days` below 1 are days to its due date."""
    due_on = TODAY - timedelta(days=days)
    values: dict[str, Any] = {
        "invoice_id": name, "issued_on": due_on - timedelta(days=30), "due_on": due_on,
        "days_past_due": days, "original_minor": max(open_minor, 1), "open_minor": open_minor,
        "bucket": bucket(days) if days > 0 else "current",
    }  # fmt: skip
    return StatementLine(**(values | changes))


def statement(*invoices: StatementLine, **changes: Any) -> Statement:
    """A statement in US dollars that adds up."""
    values: dict[str, Any] = {
        "reference": "ACC-4711", "account_id": "ACC-4711", "account_name": "Brightwater Ltd",
        "seller": SELLER, "collector": COLLECTOR, "notice_on": TODAY, "currency": "USD",
        "digits": 2, "open_minor": sum(one.total_minor for one in invoices),
        "past_due_minor": sum(one.past_due_minor for one in invoices),
        "asked_minor": sum(
            one.past_due_minor - one.disputed_minor * one.is_past_due for one in invoices
        ),
        "buckets": BUCKETS,
        "invoices": invoices, "payment": PAYMENT,
    }  # fmt: skip
    return Statement(**(values | changes))


def usual(**changes: Any) -> Statement:
    """One invoice past due with a fee, one in dispute in part, one not due; and unapplied cash."""
    return statement(
        line("INV-1", 35, 200_000, charges=(FEE,), po_number="88-0961"),
        line("INV-2", 4, 97_000, original_minor=120_000, disputed_minor=7_000),
        line("INV-3", -12, 61_500),
        **({"unapplied": (CASH,)} | changes),
    )


def long(count: int = 201, **changes: Any) -> Statement:
    """A statement over so many invoices, every third of them past due."""
    return statement(
        *(line(f"INV-{n:05}", 10 if n % 3 == 0 else -10, 1_000 + n) for n in range(count)),
        **changes,
    )
