"""The keys for promises to pay and payment plans (R6.6, R9)."""

from __future__ import annotations

from decimal import Decimal

from chalicelib.core.policy_kinds import Choice, Flag, Whole
from chalicelib.core.policy_kinds_money import AmountsKind, Rate
from chalicelib.core.policy_schema import NO_BOUND, OFF, Key, Table

PROMISES = Table(
    (
        Key(
            "grace_days",
            Whole(0),
            "How many days after its date a promise may still be kept.",
            "R6.6",
            0,
        ),
        Key(
            "waives_fees",
            Flag(),
            "No interest counts while a promise lasts; if it is broken, those days count after all.",
            "R6.6",
            False,
        ),
        Key(
            "max_broken",
            Whole(1, 1000, "promises"),
            "So many broken promises within `broken_window_days` make the next one need approval.",
            "R6.6",
            default_says=OFF,
        ),
        Key(
            "broken_window_days",
            Whole(1),
            "How far back broken promises count.",
            "R6.6",
            default_says="all of them count",
        ),
    )
)

PLANS = Table(
    (
        Key(
            "max_days",
            Whole(1),
            "The longest plan that needs no approval.",
            "R9.2",
            default_says=NO_BOUND,
        ),
        Key(
            "min_instalment",
            AmountsKind(),
            "The smallest instalment that needs no approval.",
            "R9.2",
            {},
            NO_BOUND,
        ),
        Key(
            "min_down_payment_percent",
            Rate(),
            "The smallest down payment that needs no approval, as a share of the covered balance.",
            "R9.2",
            Decimal(0),
        ),
        Key(
            "grace_days",
            Whole(0),
            "How many days after its date an instalment may still be paid.",
            "R9.4",
            0,
        ),
        Key(
            "max_missed",
            Whole(1, 1000, "instalments"),
            "So many missed instalments break the plan.",
            "R9.4",
            1,
        ),
        Key(
            "holds",
            Choice(("release", "keep")),
            "What a kept plan does to the rule holds of its account.",
            "R9.3",
            "keep",
        ),
    )
)
