"""The warning that an account has nobody to act for it: everyone on its list is away (R6.1)."""

from __future__ import annotations

from datetime import date

from chalicelib.core.account import Account
from chalicelib.core.aging import past_due_by_currency
from chalicelib.core.people import choose_collector
from chalicelib.core.policy import Policy

NOBODY_IN = "nobody_in"


def nobody_in(account: Account, policy: Policy, today: date) -> dict[str, int]:
    """Return the count `nobody_in` for an account with something past due and nobody in, else {}.

    The last of the list has the account all the same.
    """
    if not policy.people.staff.away:
        return {}
    past_due = past_due_by_currency(account, today)
    if not any(past_due.values()):
        return {}
    named = account.details.collector
    choice = choose_collector(policy.people, past_due, named=named, today=today)
    return {NOBODY_IN: 1} if choice.nobody_in else {}
