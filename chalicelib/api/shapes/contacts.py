"""Contacts of an account, and the fields of people that accounts have as well."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import AfterValidator, ConfigDict, Field, StringConstraints, WithJsonSchema
from pydantic_core import PydanticCustomError

from chalicelib.api.shapes.base import Answer, Name, Shape, text
from chalicelib.flows.ports_mail import is_address

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
    """A contact."""

    contact_id: str
    name: str
    email: str
    phone: str
    roles: list[str]
    locale: str
    opted_out: bool


class ContactRemoved(Answer):
    """A contact is no longer one."""

    contact_id: str
    removed: bool
