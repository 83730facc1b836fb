"""Contacts of an account, and the fields of people that accounts have as well."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, ConfigDict, Field, StringConstraints, WithJsonSchema
from pydantic_core import PydanticCustomError

from chalicelib.api.shapes.base import Answer, Identity, Name, Override, Shape, text
from chalicelib.core.addresses import is_address

ADDRESS_MAX = 254  # of a path, by RFC 5321
_WORD = r"[!#-'*+\-/0-9=?A-Z\^_`a-z{|}~]"  # what `is_address` takes, but for dots
ADDRESS_PATTERN = rf"^({_WORD[:-1]}.]{{1,64}}@{_WORD}+(\.{_WORD}+)*)?$"
LOCALE_PATTERN = r"^([A-Za-z]{2,3}([_-][A-Za-z0-9]{2,8}){0,3})?$"
ROLES_MAX = 10


def _address(given: str) -> str:
    if given and not is_address(given):
        said = "must be one e-mail address such as ap@customer.example"
        raise PydanticCustomError("not_an_address", said)
    return given


Email = Annotated[
    str,
    StringConstraints(max_length=ADDRESS_MAX),
    AfterValidator(_address),
    WithJsonSchema({"type": "string", "maxLength": ADDRESS_MAX, "pattern": ADDRESS_PATTERN}),
    Field(description="One e-mail address; empty: none.", examples=["ap@customer.example"]),
]
LocaleName = Annotated[
    str,
    StringConstraints(pattern=LOCALE_PATTERN),
    Field(description="Such as `en`, `en_GB` or `de_AT`.", examples=["en_GB"]),
]
MarkName = Literal["bounced", "complained", "suppressed"]
Phone = Annotated[str, text(40)]
RoleName = Annotated[
    str,
    StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,39}$"),
    Field(
        description="What someone is there for. Letters go to `accounts`, then `admin`, then any."
    ),
]
_EXAMPLE: dict[str, Any] = {
    "name": "Jo Park",
    "email": "jo.park@customer.example",
    "phone": "+44 20 7946 0000",
    "roles": ["accounts"],
    "locale": "en_GB",
    "opted_out": False,
}


class ContactBody(Shape):
    """A contact as a whole: what is left out is empty."""

    model_config = ConfigDict(
        strict=True, extra="forbid", frozen=True, json_schema_extra={"examples": [_EXAMPLE]}
    )

    name: Name = ""
    email: Email = ""
    phone: Phone = ""
    roles: Annotated[list[RoleName], Field(max_length=ROLES_MAX, default_factory=list)]
    locale: Annotated[LocaleName, Field(description="Empty: the account's.")] = ""
    opted_out: Annotated[bool, Field(description="No letter goes to this address.")] = False


class ContactAnswer(Answer):
    """A contact. `mark`: why nothing is written to its address, since `marked_on` (R11.4).

    `bounced`, `complained`, or `suppressed` (the mail service refuses it by itself); null: nothing.
    `erased`: only the id is left, for what refers to it; it is not given to anybody again.
    """

    contact_id: str
    name: str
    email: str
    phone: str
    roles: list[str]
    locale: str
    opted_out: bool
    mark: MarkName | Literal["erased"] | None
    marked_on: date | None


class ClearMarkBody(Override):
    """Which address may be written to again: a contact's, or one of the account's as it is."""

    model_config = ConfigDict(
        strict=True, extra="forbid", frozen=True,
        json_schema_extra={"examples": [
            {"reason_code": "mailbox_works_again", "note": "Sam answered by phone.",
             "contact_id": "sam"},
        ]},
    )  # fmt: skip

    contact_id: Annotated[Identity | None, Field(description="One contact of the account.")] = None
    address: Annotated[Email | None, Field(description="Instead of `contact_id`.")] = None


class MarkCleared(Answer):
    """An address may be written to again, for all that have it.

    `mail_service_may_still_refuse`: the mail service has a list of addresses of its own, on which
    this one can still be; somebody who runs the service takes it off there.
    """

    account_id: str
    contact_ids: list[str]
    is_accounts_own: bool
    mark: MarkName
    marked_on: date | None
    mail_service_may_still_refuse: bool


class ContactRemoved(Answer):
    """A contact is no longer one."""

    contact_id: str
    removed: bool


ALSO_MAX = 10  # texts


class EraseBody(Override):
    """Why somebody is erased; the note must not name them, for it stays.

    `also`: what else tells who it is, such as a former name or address; it is looked for, and kept
    nowhere.
    """

    model_config = ConfigDict(
        strict=True, extra="forbid", frozen=True,
        json_schema_extra={"examples": [
            {"reason_code": "erasure_request", "note": "Asked by letter of 2 March."},
        ]},
    )  # fmt: skip

    also: Annotated[
        list[Annotated[str, text(ADDRESS_MAX)]], Field(max_length=ALSO_MAX, default_factory=list)
    ]


class ErasureBegun(Answer):
    """An erasure that was ordered: `GET /v1/jobs/{job_id}` tells how far it is, and what it did."""

    job_id: str
    account_id: str
    contact_id: str
    state: Literal["queued"]
