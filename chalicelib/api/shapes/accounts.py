"""Accounts: who they are, and what they come to."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, Literal

from pydantic import ConfigDict, Field, StringConstraints

from chalicelib.api.shapes.base import Answer, MoneyAnswer, Name, Shape, text
from chalicelib.api.shapes.contacts import Email, LocaleName, MarkName
from chalicelib.core.account import (
    ADDRESS_CHARS_MAX,
    ADDRESS_LINES_MAX,
    REGISTRATION_CHARS_MAX,
)

_EXAMPLE: dict[str, Any] = {
    "name": "Harbor Bakery Ltd",
    "account_class": "standard",
    "email": "accounts@harbor-bakery.example",
    "sales_owner": "kim",
    "locale": "en_GB",
    "debtor_kind": "company",
    "country": "GB",
    "registration_no": "01234567",
    "address": ["12 Quay Street", "Bristol BS1 4DJ"],
}
AccountName = Annotated[str, text(200, 1)]
LEFT_OUT: Any = Field(default_factory=str)  # a default that the document does not show: it stays
NO_LINES: Any = Field(default_factory=list)  # the same
AccountClass = Annotated[
    str,
    text(40, 1),
    Field(description="`standard`, `key`, or another class that a policy is for or lists."),
]
PolicyId = Annotated[
    str,
    text(64),
    Field(
        description="The account's own policy, one in force; empty: its class's, else the default.",
        examples=["standard"],
    ),
]
NamedCollector = Annotated[
    Name, Field(description="A named collector wins over the tiers; empty: the tiers choose.")
]

DebtorKind = Annotated[
    Literal["company", "natural_person"],
    Field(
        description=(
            "A company, or a person who owes in their own name, such as a sole trader. A charge may "
            "be for one kind only; what was charged before a change stays."
        )
    ),
]


CountryCode = Annotated[
    str,
    StringConstraints(pattern=r"^([A-Z]{2})?$"),
    Field(
        description="Where the customer is, by ISO 3166-1; empty: not known. Agencies are chosen by it.",
        examples=["DE"],
    ),
]
RegistrationNo = Annotated[
    str,
    text(REGISTRATION_CHARS_MAX),
    Field(description="In the register of companies; empty: not known."),
]
Address = Annotated[
    list[Annotated[str, text(ADDRESS_CHARS_MAX, 1)]],
    Field(max_length=ADDRESS_LINES_MAX, description="Postal, line by line, without the country."),
]


class AccountBody(Shape):
    """Who an account is, as a whole: what is left out is as if it had never been said."""

    model_config = ConfigDict(
        strict=True, extra="forbid", frozen=True, json_schema_extra={"examples": [_EXAMPLE]}
    )

    name: AccountName
    account_class: AccountClass = "standard"
    email: Email = ""
    sales_owner: Name = ""
    collector: NamedCollector = ""
    locale: Annotated[LocaleName, Field(min_length=2)] = "en"
    policy_id: PolicyId = ""
    debtor_kind: DebtorKind = "company"
    country: CountryCode = ""
    registration_no: RegistrationNo = ""
    address: Annotated[Address, Field(default_factory=list)]


class AccountPatch(Shape):
    """What changes of an account: what is left out stays."""

    model_config = ConfigDict(
        strict=True,
        extra="forbid",
        frozen=True,
        json_schema_extra={"examples": [{"account_class": "key", "debtor_kind": "natural_person"}]},
    )

    name: Annotated[AccountName, LEFT_OUT]
    account_class: Annotated[AccountClass, LEFT_OUT]
    email: Annotated[Email, LEFT_OUT]
    sales_owner: Annotated[Name, LEFT_OUT]
    collector: Annotated[NamedCollector, LEFT_OUT]
    locale: Annotated[LocaleName, Field(min_length=2), LEFT_OUT]
    policy_id: Annotated[PolicyId, LEFT_OUT]
    debtor_kind: Annotated[DebtorKind, LEFT_OUT]
    country: Annotated[CountryCode, LEFT_OUT]
    registration_no: Annotated[RegistrationNo, LEFT_OUT]
    address: Annotated[Address, NO_LINES]


class DetailsAnswer(Answer):
    """Who an account is. The ETag stands for this."""

    account_id: str
    name: str
    account_class: str
    email: str
    sales_owner: str
    collector: str
    locale: str
    policy_id: str
    debtor_kind: Literal["company", "natural_person"]
    country: str
    registration_no: str
    address: list[str]


class PolicyInForce(Answer):
    """A policy and its version."""

    id: str
    version: str


class CaseAnswer(Answer):
    """What happens to an account until nothing is past due; letters quote the number (R6.5)."""

    number: str
    opened_on: date


class AccountAnswer(DetailsAnswer):
    """Who an account is, and what it comes to today; totals are one for each currency.

    `past_due` is principal past due with open charges; unapplied cash stands beside it and is never
    netted. `collected_by`: who collects from it today. `next_look_on`: when it is decided next;
    null: when something is booked. `case`: the open one, null for none. `email_mark`: why nothing
    is written to `email`, since `email_marked_on`; null: nothing is against it (R11.4).
    """

    email_mark: MarkName | None
    email_marked_on: date | None
    as_of: date
    credit_status: Literal["open", "on_hold", "prepaid"]
    past_due: list[MoneyAnswer]
    open_principal: list[MoneyAnswer]
    open_charges: list[MoneyAnswer]
    unapplied: list[MoneyAnswer]
    oldest_days_past_due: int
    open_invoices: int
    collected_by: str
    policy: PolicyInForce
    next_look_on: date | None
    case: CaseAnswer | None
