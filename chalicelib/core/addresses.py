"""E-mail addresses: what one may look like, and which of an account's must not be used (R11.2)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from chalicelib.core.account import ERASED, AccountDetails, ContactPerson, is_stand_in

_LOCAL_PART_MAX = 64  # both by RFC 5321, section 4.5.3.1
_HOST_MAX = 255
OPTED_OUT, UNFIT, MISSING = "opted_out", "not_an_address", "no_address"


def is_address(address: str) -> bool:
    """Return whether a text is one plain e-mail address: `local@host`, ASCII, no display name."""
    local, at, host = address.rpartition("@")
    return bool(
        at
        and 0 < len(local) <= _LOCAL_PART_MAX
        and 0 < len(host) <= _HOST_MAX
        and "@" not in local
        and address.isascii()
        and address.isprintable()
        and not any(mark in address for mark in ' ,;:<>()[]\\"')
        and not any(part == "" for part in host.split("."))
    )


def own_address(details: AccountDetails) -> ContactPerson:
    """Return the account's own address as a contact without an id."""
    mark, marked_on = details.email_mark, details.email_marked_on
    return ContactPerson("", email=details.email, mark=mark, marked_on=marked_on)


def refused_addresses(details: AccountDetails, people: Iterable[ContactPerson]) -> dict[str, str]:
    """Return the addresses that nobody writes to, in lower case, with why.

    An address that is refused for one contact is refused for all who have it (R11.2).
    """
    refused: dict[str, str] = {}
    for person in (own_address(details), *sorted(people, key=lambda one: one.id)):
        why = person.mark or (OPTED_OUT if person.opted_out else "")
        if person.email and why and not is_stand_in(person.email):
            refused.setdefault(person.email.lower(), why)
    return refused


def why_not_written_to(
    details: AccountDetails, people: Iterable[ContactPerson]
) -> Iterator[tuple[ContactPerson, str]]:
    """Yield everybody of an account who is not written to, and why; an id of "" is itself.

    `bounced`, `complained`, `suppressed`, `opted_out`, `not_an_address` or `no_address`.
    """
    known = sorted(people, key=lambda one: one.id)
    refused = refused_addresses(details, known)
    for person in (*known, own_address(details)):
        if person.mark == ERASED:
            continue  # nobody is there any more
        if not person.email:
            yield person, MISSING
        elif person.email.lower() in refused:
            yield person, refused[person.email.lower()]
        elif not is_address(person.email):
            yield person, UNFIT
