"""Whom a letter goes to (R11.2)."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from chalicelib.core.account import AccountDetails, ContactPerson, Notice, digest_of
from chalicelib.core.addresses import is_address, own_address, refused_addresses
from chalicelib.core.policy import Policy
from chalicelib.core.policy_letters import ACCOUNTS_ROLE

ADMIN_ROLE = "admin"
STATEMENT = "statement"
ADDRESSEES_MAX = 10  # of one letter


def addressees(
    details: AccountDetails,
    people: Iterable[ContactPerson],
    role: str = ACCOUNTS_ROLE,
    but_not: Collection[str] = (),
) -> tuple[ContactPerson, ...]:
    """Return whom a letter goes to, none when nobody may be written to (R11.2).

    All contacts with the role, by id and 10 at most; else all with `admin`; else the first of any;
    else the account's own address, as a contact without an id. Nobody whose address cannot be
    written to, was refused by the mail service or by whoever has it, or whose `digest_of` is in
    `but_not`; no address twice.
    """
    known = sorted(people, key=lambda contact: contact.id)
    refused = refused_addresses(details, known)

    def is_open(contact: ContactPerson) -> bool:
        email = contact.email
        return (
            is_address(email)
            and email.lower() not in refused
            and not (but_not and digest_of(email) in but_not)
        )

    usable: dict[str, list[ContactPerson]] = {}
    for contact in known:
        if is_open(contact):
            usable.setdefault(contact.email.lower(), []).append(contact)
    for wanted in (role, ADMIN_ROLE):
        found = [
            next((one for one in sharing if wanted in one.roles), None)
            for sharing in usable.values()
        ]
        chosen = sorted((one for one in found if one is not None), key=lambda one: one.id)
        if chosen:
            return tuple(chosen[:ADDRESSEES_MAX])
    if usable:
        return (next(iter(usable.values()))[0],)
    own = own_address(details)
    return (own,) if is_open(own) else ()


def role_of(notice: Notice, policy: Policy) -> str:
    """Return the role of the contacts that a notice goes to: its stage's, or that of statements."""
    if notice.notice == STATEMENT:
        return policy.statements.role
    stage = policy.stage_by_id.get(notice.stage)
    return ACCOUNTS_ROLE if stage is None else stage.role


def is_copied(notice: Notice, policy: Policy) -> bool:
    """Whether the account's sales owner gets a copy of a notice: its stage says so."""
    stage = policy.stage_by_id.get(notice.stage)
    return stage is not None and stage.copy_sales_owner
