"""Whom letters to an account go to, and who is not written to and why (R11.2, R13.3)."""

from __future__ import annotations

from typing import Any

from chalicelib.core.account import Account
from chalicelib.core.addressees import addressees
from chalicelib.core.addresses import why_not_written_to


def letters_of(account: Account) -> dict[str, Any]:
    """Return the contacts that a letter to `accounts` goes to, and all who get none, by their ids.

    An id of None is the account's own address; `way` is `post` when nobody can be written to.
    """
    people = account.contact_people.values()
    to = addressees(account.details, people)
    return {
        "way": "mail" if to else "post",
        "go_to": [one.id or None for one in to],
        "not_written_to": [
            {
                "contact_id": one.id or None,
                "why": why,
                "since": None if one.marked_on is None else one.marked_on.isoformat(),
            }
            for one, why in why_not_written_to(account.details, people)
        ],
    }
