"""Whom a letter goes to, who gets a copy, and the thread it hangs on (R11.2, R11.5)."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from email.utils import parseaddr

from chalicelib.core.account import Account, Case, ContactPerson, Notice, WentTo, digest_of
from chalicelib.core.account_letters import THANK_YOU
from chalicelib.core.addressees import STATEMENT, addressees, is_copied, role_of
from chalicelib.core.addresses import is_address, refused_addresses
from chalicelib.core.letter_fates import came_back
from chalicelib.core.policy import Policy
from chalicelib.flows.letterhead import Letterhead
from chalicelib.flows.ports_mail import REFERENCES_MAX

NO_COPY, COPIED, NOBODY_KNOWN = "", "sales_owner", "no_sales_owner_known"
RETURNS_MAX = 1  # the next contacts are tried once; then the letter is posted (R11.4)


@dataclass(frozen=True, slots=True)
class Envelope:
    """Where one letter goes. `copy` says whether the sales owner gets it, or why not."""

    to: tuple[ContactPerson, ...]
    cc: tuple[str, ...] = ()
    copy: str = NO_COPY
    references: tuple[str, ...] = ()

    @property
    def addressee(self) -> ContactPerson | None:
        """The one contact that it goes to; None where there are several, or only the account."""
        return self.to[0] if len(self.to) == 1 and self.to[0].id else None

    def went_to(self, attempt: int) -> tuple[WentTo, ...]:
        """Return whom an attempt goes to, as it is remembered: by reference."""
        people = (WentTo(attempt, one.id, digest_of(one.email)) for one in self.to)
        copies = (WentTo(attempt, "", digest_of(one), is_copy=True) for one in self.cc)
        return (*people, *copies)


def envelope_of(
    account: Account, notice: Notice, policy: Policy, head: Letterhead, id_hosts: tuple[str, str]
) -> Envelope:
    """Return where the letter of a notice goes now: to nobody when nobody is left to write to.

    An address that it came back from is left out; when it came back twice it is posted instead.
    `id_hosts`: the domain that letters come from, and the host of the mail service's message ids.
    """
    people = account.contact_people.values()
    if notice.returns > RETURNS_MAX:
        return Envelope(())
    to = addressees(account.details, people, role_of(notice, policy), came_back(notice))
    references = tuple(_references(account, notice, *id_hosts))
    if not (to and is_copied(notice, policy)):
        return Envelope(to, references=references)
    owner = _sales_owner(account, head)
    if not owner or owner.lower() in refused_addresses(account.details, people):
        return Envelope(to, (), NOBODY_KNOWN, references)
    is_there = owner.lower() in {one.email.lower() for one in to}
    return Envelope(to, () if is_there else (owner,), COPIED, references)


def sender_domain(sender: str) -> str:
    """Return the domain of an address to send from, with a display name or not."""
    return parseaddr(sender)[1].rpartition("@")[2].lower()


def _sales_owner(account: Account, head: Letterhead) -> str:
    """Return the address of the account's sales owner: as it is named, or of the person meant."""
    named = account.details.sales_owner
    known = head.people.get(named)
    address = named if known is None else known.email
    return address if is_address(address) else ""


def _references(account: Account, notice: Notice, domain: str, host: str) -> Iterator[str]:
    """Yield the ids that a letter refers to: the thread's root, then the letters before it (R11.5).

    The root names no letter: it is made from the case's number, so that all letters of a case are
    one thread also when the ids of the first ones are not kept any more.
    """
    case = _case_of(account, notice)
    about = f"account/{account.id}" if case is None else f"case/{case.number}"
    root = f"<{hashlib.sha256(about.encode()).hexdigest()[:24]}@{domain}>"
    if is_address(root[1:-1]):
        yield root
    if case is not None:
        for letter in case.letters[-(REFERENCES_MAX - 1) :]:
            if is_address(f"{letter}@{host}"):
                yield f"<{letter}@{host}>"


def _case_of(account: Account, notice: Notice) -> Case | None:
    """Return the case that a letter belongs to; thanks belong to the one that was closed (R6.5)."""
    thanks = account.thanks
    if notice.notice == THANK_YOU and thanks is not None:
        return Case(thanks.case, thanks.since, thanks.letters)
    return None if notice.notice == STATEMENT else account.case
