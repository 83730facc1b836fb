"""Who has a task today: who owns it, or who acts for them while they are away (R6.1).

A task is stored under who owns it when all are in. Absences are looked at when a list is read, so
that they move tasks at once, and back.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import date

from chalicelib.core.account import AccountDetails
from chalicelib.core.errors import NotFoundError, PolicyError
from chalicelib.core.people import Choice, choose_collector
from chalicelib.core.policy import PeopleRules, Policy, Staff
from chalicelib.flows.policy_shelf import PolicyShelf
from chalicelib.flows.policy_table import PolicyTable
from chalicelib.flows.ports import Registry
from chalicelib.flows.staff import staff_of


@dataclass(slots=True)
class TaskHolders:
    """Tells who has which task on a day. Made for one list: what it looks up is kept."""

    registry: Registry
    policies: PolicyShelf
    today: date
    staff: Staff = field(init=False)
    _table: PolicyTable = field(init=False)
    _known: dict[str, Policy | None] = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        self.staff = staff_of(self.registry.people())
        self._table = self.registry.policy_table()

    def is_away(self, person: str) -> bool:
        """Return whether a person is away today."""
        return self.staff.is_away(person, self.today)

    def people_rules(self, details: AccountDetails) -> PeopleRules:
        """Return the rules of an account's policy, with the staff as they are.

        Without tiers and fallbacks when the policy that the account names is not in force.
        """
        policy = self._policy(self._table.policy_id_of(details))
        return self._rules(policy)

    def holder(self, owner: str, rules: PeopleRules) -> Choice:
        """Return who has a task of an owner today: they, their stand-ins, then the fallbacks (R6.1)."""
        return choose_collector(rules, {}, named=owner, today=self.today)

    def passing_to(self, person: str) -> list[str]:
        """Return who is away today and has accounts, under any policy, that pass to a person."""
        away = [one for one in self.staff.away if one != person and self.is_away(one)]
        return sorted(one for one in away if self._may_pass(one, person))

    def _may_pass(self, owner: str, person: str) -> bool:
        by_stand_ins = self.holder(owner, self._rules(None))
        if by_stand_ins.person == person:
            return True
        if not by_stand_ins.nobody_in:
            return False  # a stand-in of theirs is in, whatever the policy
        return any(self.holder(owner, rules).person == person for rules in self._every_rules())

    def _every_rules(self) -> Iterator[PeopleRules]:
        for policy_id in self._table.policies:
            yield self._rules(self._policy(policy_id))

    def _rules(self, policy: Policy | None) -> PeopleRules:
        rules = policy.people if policy is not None else PeopleRules()
        return replace(rules, staff=self.staff)

    def _policy(self, policy_id: str) -> Policy | None:
        """Return a policy as it is in force today, None when it is not: people work all the same."""
        if policy_id not in self._known:
            try:
                self._known[policy_id] = self.policies.get(policy_id, self.today)
            except (NotFoundError, PolicyError):
                self._known[policy_id] = None
        return self._known[policy_id]
