"""The keys for what makes a run or an import wait for a person (R13.1, R7.6)."""

from __future__ import annotations

from decimal import Decimal

from chalicelib.core.policy_kinds import Whole
from chalicelib.core.policy_kinds_money import Rate
from chalicelib.core.policy_schema import NO_BOUND, Key, Table

SAFETY = Table(
    (
        Key(
            "max_run_growth",
            Rate(Decimal(1000), least=Decimal(1)),
            "A run for so many times the usual number of accounts, or more, waits for approval.",
            "R13.1",
            default_says=NO_BOUND,
        ),
        Key(
            "max_first_run",
            Whole(1, 10_000_000, "accounts"),
            "One of the first three runs for so many accounts, or more, waits for approval.",
            "R13.1",
            default_says=NO_BOUND,
        ),
        Key(
            "max_disappearing",
            Rate(),
            "A full import that would settle more than this share of the open invoices waits for "
            "approval.",
            "R7.6",
            Decimal("0.20"),
        ),
    )
)
