"""Which terms an invoice has that comes with neither a due date nor terms: its policy's (R3.5)."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

from chalicelib.core.account import AccountDetails
from chalicelib.flows.ledger_map import TermsOf
from chalicelib.flows.policy_shelf import PolicyShelf
from chalicelib.flows.ports import Accounts


def one_policys(terms: str) -> TermsOf | None:
    """Return what answers with one policy's terms, whatever the account; None when it has none."""
    return (lambda _account_id, _account_class: terms) if terms else None


@dataclass(frozen=True, slots=True)
class PolicyTerms:
    """The terms of each account's policy on a day; one read for each account that is asked for.

    An account that is not there yet has the policy of the class that its row says, or the default.
    """

    accounts: Accounts
    policies: PolicyShelf
    on: date
    _known: dict[tuple[str, str], str] = field(default_factory=dict, compare=False)

    def __call__(self, account_id: str, account_class: str) -> str:
        """Return the terms of an account's policy, "" when it has none.

        Raises:
            NotFoundError: the account names a policy that is not in force.
            UnavailableError: the store does not answer now.
        """
        key = (account_id, account_class)
        if key not in self._known:
            head = self.accounts.heads([account_id]).get(account_id)
            new = AccountDetails(account_class=account_class or AccountDetails().account_class)
            details = new if head is None else head.details
            self._known[key] = self.policies.of(details, self.on).terms
        return self._known[key]
