"""What a decision offers by itself: nothing to an agency that is not there, or takes no offers (R10.2)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from chalicelib.core.account import Account
from chalicelib.core.errors import InvalidInputError, NotFoundError
from chalicelib.core.placements import PENDING
from chalicelib.core.policy import Policy
from chalicelib.flows.ports_agency import Agencies


def takes_offers(agencies: Agencies) -> Callable[[str], bool]:
    """Return what says whether an agency is kept here and active; one read each time."""

    def takes(agency_id: str) -> bool:
        try:
            return agencies.get(agency_id).is_active
        except (NotFoundError, InvalidInputError):
            return False

    return takes


def as_far_as_offered(policy: Policy, account: Account, takes: Callable[[str], bool]) -> Policy:
    """Return the policy that decides an account: what its agency cannot be offered waits on.

    A person then approves it with another agency, or an administrator puts the agency in. Without
    `auto_approve_after_days`, or anything that waits for an approval, nothing is read.
    """
    rules = policy.escalation
    if not rules.auto_approve_after_days:
        return policy
    waiting = {one.agency for one in account.placements.values() if one.state == PENDING}
    if all(takes(agency_id) for agency_id in sorted(waiting)):
        return policy
    return replace(policy, escalation=replace(rules, auto_approve_after_days=0))
