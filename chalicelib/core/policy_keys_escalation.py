"""The keys for promises, plans, escalation and safety (R6.6, R9, R10, R13)."""

from __future__ import annotations

from decimal import Decimal

from chalicelib.core.policy_kinds import Choice, Flag, Text, Whole
from chalicelib.core.policy_kinds_money import AmountsKind, Rate
from chalicelib.core.policy_schema import NO_BOUND, OFF, Key, Table, Tables

NAME = Text(64, empty_ok=False)
AGENCIES_MAX = 50

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

_COLLECTION_FEE = Table(
    (
        Key("percent", Rate(), "The fee as a share of what is placed.", "R10.3", needed=True),
        Key("max", AmountsKind(), "The fee is never more than this.", "R10.3", {}, NO_BOUND),
    ),
    absent_is_none=True,
)

ESCALATION = Table(
    (
        Key(
            "min_attempts",
            Whole(0, 1000, "contacts"),
            "How many attempts to reach the customer come before a placement.",
            "R10.1",
            0,
        ),
        Key(
            "min_channels",
            Whole(0, 20, "channels"),
            "Over how many channels (mail, phone ...) those attempts go.",
            "R10.1",
            0,
        ),
        Key(
            "min_placement",
            AmountsKind(),
            "The smallest balance that is placed with an agency.",
            "R10.1",
            {},
            NO_BOUND,
        ),
        Key(
            "collection_fee",
            _COLLECTION_FEE,
            "The fee that is charged at placement.",
            "R10.3",
            default_says="no fee",
        ),
        Key(
            "auto_approve_after_days",
            Whole(0),
            "After so many days a proposed placement counts as approved; 0: only a person can.",
            "R10.2",
            0,
        ),
        Key(
            "agencies",
            Tables(
                Table((Key("agency", NAME, "The agency's name.", "R10.2", needed=True),)),
                AGENCIES_MAX,
            ),
            "The agencies to which accounts are offered.",
            "R10.2",
            (),
            "none",
        ),
    )
)

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
