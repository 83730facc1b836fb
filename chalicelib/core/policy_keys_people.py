"""The keys for holds and people (R6, R8)."""

from __future__ import annotations

from chalicelib.core.policy_kinds import Choice, Flag, ListOf, Text, Whole
from chalicelib.core.policy_kinds_days import LateOfLast
from chalicelib.core.policy_kinds_money import AmountsKind
from chalicelib.core.policy_schema import OFF, Key, Table, Tables

NAME = Text(64, empty_ok=False)
TIERS_MAX = 20

HOLDS = Table(
    (
        Key(
            "oldest_days_past_due",
            Whole(1),
            "Holds an account whose oldest demandable invoice is at least so many days past due.",
            "R8.1",
            default_says=OFF,
        ),
        Key(
            "past_due_total",
            AmountsKind(),
            "Holds an account that owes at least this, past due, in any one currency.",
            "R8.1",
            default_says=OFF,
        ),
        Key(
            "late_of_last",
            LateOfLast(),
            "Holds an account of whose last m settled invoices n were late, while something is "
            "demandable.",
            "R8.1",
            default_says=OFF,
        ),
        Key(
            "release",
            Choice(("auto", "review")),
            "Whether a rule's hold ends by itself or through a person's review.",
            "R8.3",
            "review",
        ),
        Key(
            "release_when",
            Choice(("nothing_past_due", "condition_cleared")),
            "When a rule's hold may end.",
            "R8.3",
            "nothing_past_due",
        ),
        Key("broken_plan", Flag(), "Holds an account that broke a payment plan.", "R8.1", False),
        Key(
            "unanswered_final_demand",
            Flag(),
            "Holds an account that let the answer date of a final demand pass.",
            "R8.1",
            False,
        ),
        Key(
            "onboarding",
            Choice(("review", "place")),
            "What a hold rule does on an account's first day in an imported ledger.",
            "R5.7",
            "review",
        ),
        Key(
            "never_by_rule",
            ListOf(NAME, plural="account classes"),
            "Account classes that no rule holds: they get a task to review the account instead.",
            "R8.1",
            (),
            "none",
        ),
        Key(
            "notify",
            Text(254),
            "The address that is told of each change of credit status.",
            "R8.6",
            default_says="nobody",
        ),
    )
)

_TIERS = Table(
    (
        Key(
            "up_to",
            AmountsKind(),
            "The tier is for past-due totals up to this, inclusive; the last tier has none.",
            "R6.1",
            {},
            "open: every total",
        ),
        Key("collector", NAME, "Who collects in this tier.", "R6.1", needed=True),
    )
)

PEOPLE = Table(
    (
        Key(
            "tiers",
            Tables(_TIERS, TIERS_MAX),
            "Collectors by the account's past-due total, from the lowest tier up.",
            "R6.1",
            (),
            "none",
        ),
        Key(
            "fallbacks",
            ListOf(NAME, plural="collectors"),
            "Who takes an account when its collector is out, in this order.",
            "R6.1",
            (),
            "none",
        ),
        Key(
            "max_attempts",
            Whole(1, 1000, "calls"),
            "After so many calls without reaching anyone, a better contact is looked for.",
            "R6.3",
            5,
        ),
    )
)
