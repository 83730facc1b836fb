"""The keys for caps, interest, cash and statements (R4, R5.1, R7)."""

from __future__ import annotations

from chalicelib.core.policy import WATERFALL
from chalicelib.core.policy_kinds import Choice, Flag, Identifier, ListOf, Whole
from chalicelib.core.policy_kinds_money import AmountsKind, Rate
from chalicelib.core.policy_schema import OFF, Key, Table

CAPS = Table(
    (
        Key(
            "max_total_percent",
            Rate(off_ok=True),
            "All late fees and interest of an invoice together, as a share of its original amount.",
            "R4.5",
            default_says=OFF,
        ),
        Key(
            "max_annual_rate",
            Rate(off_ok=True),
            "The same sum may not exceed original amount x this rate x days past due / 365.",
            "R4.5",
            default_says=OFF,
        ),
    )
)

INTEREST = Table(
    (
        Key(
            "annual_rate",
            Rate(),
            "The contractual rate a year, at most `[caps].max_annual_rate`. Charges of kind "
            "`interest` need it or a `table`.",
            "R4.3",
            default_says="none",
        ),
        Key(
            "table",
            Identifier(),
            "Statutory interest instead, by a table of dated reference rates, such as `gb_bank_rate` or "
            "`ecb_mro`; it needs `margin` and `mode`.",
            "R4.4",
            default_says="none",
        ),
        Key("margin", Rate(), "What is added to the reference rate.", "R4.4", default_says="none"),
        Key(
            "mode",
            Choice(("locked", "floating_half_year")),
            "`locked`: a debt keeps the reference rate of the 31 December or 30 June before its first "
            "day of interest; `floating_half_year`: each half-year has that of its 1 January or "
            "1 July.",
            "R4.4",
            default_says="none",
        ),
        Key(
            "day_count",
            Choice(("actual/365", "actual/360", "30/360")),
            "How days become a share of a year.",
            "R4.3",
            "actual/365",
        ),
        Key(
            "grace_days",
            Whole(0),
            "Interest is charged when an invoice is more than so many days past due, and then "
            "counts from the day after the due date.",
            "R4.3",
            0,
        ),
        Key(
            "post_final",
            Flag(),
            "Interest not yet posted when the principal is paid is posted then, if a stage charged "
            "interest before; else it lapses.",
            "R4.3",
            False,
        ),
        Key(
            "annual_rate_stated",
            Flag(),
            "The contract with the customer states what the rate comes to a year. A policy for "
            "Canada that charges by a rate needs it.",
            "R4.3",
            False,
        ),
    ),
    absent_is_none=True,
)

CASH = Table(
    (
        Key(
            "waterfall",
            ListOf(Choice(WATERFALL), 1, len(WATERFALL), "steps"),
            "The order in which money pays what is open. A step that is left out is never paid "
            "by money that names no invoice.",
            "R7.1",
            WATERFALL,
        ),
        Key(
            "short_payment_tolerance",
            AmountsKind(),
            "What a payment may leave open of an invoice and still count as a short payment.",
            "R7.3",
            {},
            "none",
        ),
        Key(
            "write_off_short_payments",
            Flag(),
            "Short payments within the tolerance are written off.",
            "R7.3",
            False,
        ),
        Key(
            "reverse_on_value_date",
            Flag(),
            "A charge that would not have come, had the payment been booked on the day it was "
            "received, is reversed.",
            "R4.9",
            False,
        ),
    )
)
