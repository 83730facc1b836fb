"""What a sum would bear in interest under a policy: the calculator of the API (R4.3, R4.4)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any

from chalicelib.core.errors import Fault, NotFoundError, UnfitInputError
from chalicelib.core.policy import Policy
from chalicelib.flows.interest_sum import (
    Field,
    Sum,
    day_faults,
    policy_faults,
    span_faults,
)
from chalicelib.flows.interest_view import worth_body
from chalicelib.flows.interest_worth import worth
from chalicelib.flows.policies import load, shipped_ids
from chalicelib.flows.policy_shelf import PolicyShelf

NAMES: dict[Field, str] = {
    "principal": "principal_minor",
    "currency": "currency",
    "first": "from",
    "last": "to",
    "policy": "policy_id",
}


@dataclass(frozen=True, slots=True)
class InterestDesk:
    """Works out interest on sums that no account is asked about."""

    policies: PolicyShelf

    def worth(self, asked: Sum, policy_id: str, today: date) -> dict[str, Any]:
        """Return what a sum comes to under a policy that is in force today, else a shipped one.

        "" names the default policy.

        Raises:
            NotFoundError: the policy is neither in force nor shipped.
            UnfitInputError: the days, the currency or the policy do not fit; every fault is named.
            RateUnknownError: the policy's table of rates does not reach a day that is needed.
        """
        policy, is_in_force = self._policy(policy_id, today)
        first, last = NAMES["first"], NAMES["last"]
        faults: list[Fault] = [
            *day_faults({first: asked.due_on, last: asked.through}),
            *span_faults(asked.due_on, asked.through, last),
            *policy_faults(policy, asked.currency, NAMES),
        ]
        if faults:
            raise UnfitInputError("the interest cannot be worked out", faults)
        return worth_body(asked, policy, worth(asked, policy)) | {"policy_in_force": is_in_force}

    def _policy(self, policy_id: str, today: date) -> tuple[Policy, bool]:
        try:
            if not policy_id:
                return self.policies.default(today), True
            return self.policies.get(policy_id, today), True
        except NotFoundError:
            if policy_id not in shipped_ids():
                raise
            return _shipped(policy_id), False


@cache
def _shipped(policy_id: str) -> Policy:
    """Return a shipped policy, parsed once a process."""
    return load(policy_id)
