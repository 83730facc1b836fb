"""A person lets an address be written to again, after the mail service refused it (R11.4)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from chalicelib.core.account import Account, ContactPerson, digest_of
from chalicelib.core.addresses import own_address
from chalicelib.core.erasure import is_erased
from chalicelib.core.errors import ConflictError, Fault, NotFoundError, UnfitInputError
from chalicelib.core.facts_letters import MarkCleared
from chalicelib.core.policy import Policy
from chalicelib.flows.desk import Caller, Desk, Reply, Ruling, event_of


@dataclass(frozen=True, slots=True)
class MarkDesk:
    """Clears the marks of addresses. The timeline names contacts by their ids only."""

    desk: Desk

    def clear(
        self,
        account_id: str,
        caller: Caller,
        *,
        address: str = "",
        contact_id: str = "",
        why: tuple[str, str],
    ) -> Reply:
        """Clear the mark of an address, or of a contact's, wherever the account has it.

        `why`: reason code and note. The mail service keeps a list of its own, which this does not
        change: the answer says so.

        Raises:
            NotFoundError: there is no such account, or no such contact or address of it.
            ConflictError: the address is not marked.
            UnfitInputError: not exactly one of `address` and `contact_id` is given.
        """
        if bool(address) == bool(contact_id):
            fault = Fault("/contact_id", "one_of", "give either contact_id or address")
            raise UnfitInputError("the mark cannot be cleared so", [fault])

        def act(account: Account, _policy: Policy, today: date) -> Ruling:
            named = _named(account, address, contact_id)
            if not named.mark:
                raise ConflictError("the address is not marked: letters may go there already")
            digest = digest_of(named.email)
            ids = sorted(
                one.id
                for one in account.contact_people.values()
                if one.email and digest_of(one.email) == digest
            )
            is_own = bool(account.details.email) and digest_of(account.details.email) == digest
            reason_code, note = why
            told = {"reason_code": reason_code, "note": note, "mark": named.mark}
            event = event_of(caller, today, "mark_cleared", named.id, **told)
            body: dict[str, Any] = {
                "account_id": account_id,
                "contact_ids": ids,
                "is_accounts_own": is_own,
                "mark": named.mark,
                "marked_on": None if named.marked_on is None else named.marked_on.isoformat(),
                "mail_service_may_still_refuse": True,
            }
            return Ruling((MarkCleared(today, digest),), lambda _: Reply(200, body), (event,))

        return self.desk.book(account_id, caller, act)


def _named(account: Account, address: str, contact_id: str) -> ContactPerson:
    """Return the contact that is meant, one that is marked first; without an id: the account."""
    if contact_id:
        found = account.contact_people.get(contact_id)
        if found is None or is_erased(found):
            raise NotFoundError(f"the account has no contact {contact_id[:64]!r}")
        return found
    people = [*account.contact_people.values(), own_address(account.details)]
    same = [one for one in people if one.email and one.email.lower() == address.lower()]
    if not same:
        raise NotFoundError("the account has no such address")
    return max(same, key=lambda one: bool(one.mark))
