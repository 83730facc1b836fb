"""The keys of the risk score: the weight of each part of it (R12.1)."""

from __future__ import annotations

from chalicelib.core.policy_kinds import Whole
from chalicelib.core.policy_schema import Key, Table

WEIGHT_MAX = 100
NO_WEIGHT = "no part of the score"
_WEIGHT = Whole(0, WEIGHT_MAX, "")


def _weight(name: str, doc: str) -> Key:
    return Key(name, _WEIGHT, f"Weight: {doc}", "R12.1", 0, NO_WEIGHT)


RISK = Table(
    (
        _weight("share_paid_late", "the share of the last 100 settled invoices that was late."),
        _weight("average_days_late", "how late they were on average."),
        _weight(
            "days_late_trend", "by how much the newer half of them was later than the older half."
        ),
        _weight(
            "broken_promises", "the share of the promises to pay and payment plans that was broken."
        ),
        _weight("disputes_lost", "the share of the settled disputes that the customer lost."),
        _weight(
            "over_60_days", "the share of the open principal that is more than 60 days past due."
        ),
        Key(
            "worst_days_late",
            Whole(1),
            "So many days late, on average, or later than before, count as the worst; needed when "
            "`average_days_late` or `days_late_trend` has a weight.",
            "R12.1",
            default_says="none",
        ),
    ),
    absent_is_none=True,
)
