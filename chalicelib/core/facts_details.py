"""Facts about an account beside its money: who it is, its contacts, the end of a pause."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from chalicelib.core.account import AccountDetails, ContactPerson


@dataclass(frozen=True, slots=True)
class DetailsChanged:
    """Who the account is, as its owner now says: the whole of it."""

    on: date
    details: AccountDetails


@dataclass(frozen=True, slots=True)
class ContactSaved:
    """A contact of the account, new or replaced as a whole."""

    on: date
    contact: ContactPerson


@dataclass(frozen=True, slots=True)
class ContactRemoved:
    """A contact of the account is no longer one."""

    on: date
    contact_id: str


@dataclass(frozen=True, slots=True)
class ContactErased:
    """A contact's data is erased, and its id stays; `core.erasure.ACCOUNT_ADDRESS` is the account's own.

    `salt`: random, to remember by a hash that nobody may write to the address; "" for not.
    """

    on: date
    contact_id: str
    salt: str = ""


@dataclass(frozen=True, slots=True)
class PauseEnded:
    """The pauses of one invoice, or (None) of the whole account, end before their last day."""

    on: date
    invoice_id: str | None = None


DetailsFact = DetailsChanged | ContactSaved | ContactRemoved | ContactErased | PauseEnded
