"""Who an account is, as its owner says: created, replaced, changed (api.md, accounts)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields, replace
from datetime import date
from typing import Any

from chalicelib.core.account import Account, AccountDetails
from chalicelib.core.errors import Fault, NotFoundError, UnfitInputError
from chalicelib.core.facts_details import DetailsChanged
from chalicelib.core.policy import Policy
from chalicelib.flows.countries import is_country
from chalicelib.flows.desk import Caller, Desk, Reply, Ruling, check_match, event_of
from chalicelib.flows.policy_shelf import PolicyShelf
from chalicelib.flows.ports import Registry

_MARKS = ("email_mark", "email_marked_on")  # what the mail service said, not what a person says
DETAILS = tuple(field.name for field in fields(AccountDetails) if field.name not in _MARKS)
CLASSES = frozenset({"standard", "key"})  # known whatever the policy lists
TOLD = frozenset(  # the timeline has the value
    {"account_class", "policy_id", "locale", "collector", "debtor_kind", "country"}
)


@dataclass(frozen=True, slots=True)
class AccountDesk:
    """Takes the details of accounts. `is_locale` says whether letters can be written in a locale."""

    desk: Desk
    policies: PolicyShelf
    registry: Registry
    is_locale: Callable[[str], bool]

    def save(
        self, account_id: str, caller: Caller, given: Mapping[str, Any], *, create: bool
    ) -> Reply:
        """Set some details of an account and return all of them; 201 when the account is new.

        What is equal to what is there changes nothing, and needs no `If-Match`.

        Raises:
            NotFoundError: there is no such account, and none may be created.
            UnfitInputError: a policy, class, locale or country is not known; every fault is named.
            PreconditionFailedError: `If-Match` names another state.
            PreconditionRequiredError: a change of what is there has no `If-Match`.
        """

        def act(account: Account, _policy: Policy, today: date) -> Ruling:
            is_new = account == Account(account.id)
            details = replace(account.details, **_as_kept(given))
            body = details_of(account_id, details)
            if details == account.details and not is_new:
                return Ruling((), lambda _: Reply(200, body))
            check_match(caller, None if is_new else details_of(account_id, account.details))
            changed = [n for n in DETAILS if getattr(details, n) != getattr(account.details, n)]
            self._check(details, DETAILS if is_new else changed, today)
            kind = "account_created" if is_new else "details_changed"
            told = {name: str(body[name]) for name in changed if name in TOLD}
            event = event_of(caller, today, kind, changed=", ".join(changed), **told)
            reply = Reply(201 if is_new else 200, body, f"/v1/accounts/{account_id}")
            return Ruling((DetailsChanged(today, details),), lambda _: reply, (event,))

        return self.desk.book(account_id, caller, act, create=create)

    def _check(
        self, details: AccountDetails, changed: list[str] | tuple[str, ...], on: date
    ) -> None:
        """Refuse what no rule knows, all at once. Policies are read as the run reads them, cached."""
        faults = []
        if "locale" in changed and not self.is_locale(details.locale):
            said = "is not a locale that letters can be written in, such as en, en_GB or de_AT"
            faults.append(Fault("/locale", "unknown_locale", said))
        if "country" in changed and details.country and not is_country(details.country):
            said = "is not a country of ISO 3166-1, such as DE, GB or US"
            faults.append(Fault("/country", "unknown_country", said))
        try:
            policy = self.policies.of(details, on)
        except NotFoundError:
            said = "is not the id of a policy that is in force"
            faults.append(Fault("/policy_id", "unknown_policy", said))
        else:
            known = CLASSES.union(policy.classes, self.registry.policy_table().classes)
            if not {"account_class", "policy_id"}.isdisjoint(changed):
                faults += _class_faults(details.account_class, known)
        if faults:
            raise UnfitInputError("the account cannot be so", faults)


def _class_faults(account_class: str, known: frozenset[str]) -> list[Fault]:
    if account_class in known:
        return []
    said = f"must be a class that a policy is for, or that it lists: {', '.join(sorted(known))}"
    return [Fault("/account_class", "unknown_class", said)]


def details_of(account_id: str, details: AccountDetails) -> dict[str, Any]:
    """Return an account's details as they are answered, and as its ETag stands for."""
    said = {name: getattr(details, name) for name in DETAILS}
    return {"account_id": account_id, **said, "address": list(details.address)}


def _as_kept(given: Mapping[str, Any]) -> dict[str, Any]:
    """Return given details as an account keeps them: lines of an address never change in place."""
    kept = dict(given)
    if "address" in kept:
        kept["address"] = tuple(kept["address"])
    return kept
