"""The keys for cases and disputes (R6.4, R6.5, section 1)."""

from __future__ import annotations

from chalicelib.core.disputes import DISPUTE_REASONS
from chalicelib.core.policy_kinds import Choice, Text, Whole
from chalicelib.core.policy_schema import Key, Table

CASE = Table(
    (
        Key(
            "opens",
            Choice(("first_stage", "first_run_of_month")),
            "When a case opens, if none is open: with the first stage of an invoice, or on the "
            "first processing day of a month on which something is past due.",
            "R6.5",
            "first_stage",
        ),
    )
)

_OWNERS = Table(
    tuple(
        Key(
            reason,
            Text(64, empty_ok=False),
            f"Who owns a dispute with the reason `{reason}`: a person, `collector` or "
            "`sales_owner`.",
            "R5.5",
            default_says="sales_owner"
            if reason in ("returned_goods", "awaiting_credit")
            else "collector",
        )
        for reason in DISPUTE_REASONS
    )
)

DISPUTES = Table(
    (
        Key(
            "due_days",
            Whole(1),
            "So many days after it was opened a dispute is due to be resolved.",
            "R5.5",
            14,
        ),
        Key("owners", _OWNERS, "Who owns a dispute, by its reason.", "R5.5"),
    )
)
