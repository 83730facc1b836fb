"""The policies in force, read from the registry and kept parsed (R2.1)."""

from __future__ import annotations

from chalicelib.core.account import AccountDetails
from chalicelib.core.policy import Policy
from chalicelib.flows.policies import load
from chalicelib.flows.ports import Registry


class PolicyShelf:
    """Gives each account its policy. A document is parsed once for as long as it stays the same."""

    def __init__(self, registry: Registry) -> None:
        self._registry = registry
        self._parsed: dict[str, tuple[bytes, Policy]] = {}

    def of(self, details: AccountDetails) -> Policy:
        """Return an account's policy: its own, else the default (R2.1).

        Raises:
            NotFoundError: the account names a policy that is not in force.
            PolicyError: the stored document does not hold together.
        """
        return self._get(details.policy_id or self._registry.default_policy_id())

    def default(self) -> Policy:
        """Return the policy for accounts that name none; its calendar is the run's (R13.1).

        Raises:
            NotFoundError: no such policy is in force.
            PolicyError: the stored document does not hold together.
        """
        return self._get(self._registry.default_policy_id())

    def _get(self, policy_id: str) -> Policy:
        document = self._registry.policy_document(policy_id)
        known = self._parsed.get(policy_id)
        if known is not None and known[0] == document:
            return known[1]
        policy = load(document)
        self._parsed[policy_id] = (document, policy)
        return policy
