"""The policies as they are in force on a day, read from the registry and kept parsed (R2.1, R2.2)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date

from chalicelib.core.account import AccountDetails
from chalicelib.core.policy import Policy
from chalicelib.flows.policies import load
from chalicelib.flows.ports import Registry
from chalicelib.flows.staff import Person, staff_of


class PolicyShelf:
    """Gives each account its policy. A version is parsed once; its people are those of now.

    `today` gives the day for which a policy is asked without one; without it the last version that
    was approved is meant, whenever it takes effect.
    """

    def __init__(self, registry: Registry, today: Callable[[], date] | None = None) -> None:
        self._registry = registry
        self._today = today
        self._parsed: dict[tuple[str, str], Policy] = {}
        self._staffed: dict[tuple[str, str], Policy] = {}
        self._people: tuple[Person, ...] = ()

    def of(self, details: AccountDetails, on: date | None = None) -> Policy:
        """Return an account's policy of a day: its own, else its class's, else the default (R2.1).

        Raises:
            NotFoundError: the account names a policy that is not in force.
            PolicyError: the stored document does not hold together.
        """
        return self.get(self._registry.policy_table().policy_id_of(details), on)

    def default(self, on: date | None = None) -> Policy:
        """Return the policy for accounts that name none; its calendar is the run's (R13.1).

        Raises:
            NotFoundError: no such policy is in force.
            PolicyError: the stored document does not hold together.
        """
        return self.get(self._registry.policy_table().default, on)

    def get(self, policy_id: str, on: date | None = None) -> Policy:
        """Return the version of a policy that is in force on a day.

        Raises:
            NotFoundError: there is no such policy, or it is not in force.
            PolicyError: the stored document does not hold together.
        """
        version = self._registry.policy_table().version_on(policy_id, self._day(on))
        return self.version(policy_id, version)

    def version(self, policy_id: str, version: str) -> Policy:
        """Return a version of a policy, in force or not, with the people as they are now.

        Raises:
            NotFoundError: there is no such version.
            PolicyError: the stored document does not hold together.
        """
        key = (policy_id, version)
        people = self._registry.people()
        if people != self._people:
            self._people, self._staffed = people, {}
        staffed = self._staffed  # batches ask from several threads: one may begin a new table here
        if key not in staffed:
            policy = self.document(policy_id, version)
            rules = replace(policy.people, staff=staff_of(people))
            staffed[key] = replace(policy, people=rules) if people else policy
        return staffed[key]

    def document(self, policy_id: str, version: str) -> Policy:
        """Return a version of a policy as its document says it, with nobody away.

        Raises:
            NotFoundError: there is no such version.
            PolicyError: the stored document does not hold together.
        """
        key = (policy_id, version)
        if key not in self._parsed:
            self._parsed[key] = load(self._registry.policy_document(policy_id, version))
        return self._parsed[key]

    def look_again(self, details: AccountDetails, wake_on: date | None, on: date) -> date | None:
        """Return when to decide an account again that was decided on a day (R2.2).

        `wake_on`, but no later than the day on which another version of its policy takes effect.
        None stays: an account with nothing open sleeps until a fact comes.
        """
        if wake_on is None:
            return None
        table = self._registry.policy_table()
        card = table.policies.get(table.policy_id_of(details))
        change = card.next_change(on) if card is not None else None
        return wake_on if change is None else min(wake_on, change)

    def _day(self, on: date | None) -> date:
        if on is not None:
            return on
        return self._today() if self._today is not None else date.max
