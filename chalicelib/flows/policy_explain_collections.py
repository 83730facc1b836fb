"""Says in plain sentences what a policy says of terms, cases and disputes (R3.5, R6.4, R6.5)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from chalicelib.core.cases import FIRST_RUN_OF_MONTH
from chalicelib.core.disputes import COLLECTOR, DISPUTE_REASONS, OWNERS_BY_REASON, SALES_OWNER
from chalicelib.core.policy import Policy
from chalicelib.core.terms import due_date
from chalicelib.flows.policy_words import days, listed

ISSUED_ON = date(2026, 6, 15)  # of the worked example


def terms_sentences(policy: Policy) -> Iterator[str]:
    """Yield when an invoice is due that comes without a due date and terms, with an example."""
    if policy.terms:
        yield (
            "An invoice that comes in with neither a due date nor terms has the terms "
            f"{policy.terms}: one issued on {ISSUED_ON} is due on "
            f"{due_date(policy.terms, ISSUED_ON)}."
        )


def case_sentences(policy: Policy) -> Iterator[str]:
    """Yield when a case opens and when it is closed."""
    if policy.case.opens == FIRST_RUN_OF_MONTH:
        yield (
            "A case opens on a month's first day on which notices happen, for an account that has "
            "something past due then and no open case: at most one a month."
        )
    else:
        yield (
            "A case opens when an invoice that is past due has reached a stage, if the account has "
            "no open case."
        )
    yield "It is closed when nothing is past due any more; open charges alone do not keep it open."


def dispute_sentences(policy: Policy) -> Iterator[str]:
    """Yield who owns a dispute and by when it is to be resolved."""
    rules = policy.disputes
    if rules.due_days is not None:
        yield f"A dispute is due to be resolved {days(rules.due_days)} after it was opened."
    owned: dict[str, list[str]] = {}
    for reason in DISPUTE_REASONS:
        owner = rules.owners.get(reason) or OWNERS_BY_REASON.get(reason, COLLECTOR)
        owned.setdefault(owner, []).append(reason)
    for owner, reasons in owned.items():
        who = {COLLECTOR: "the collector", SALES_OWNER: "the sales owner"}.get(owner, owner)
        yield f"Disputes for the reason {listed(reasons, 'or')} belong to {who}."
