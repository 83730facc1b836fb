"""Whom a letter goes to (R11.2)."""

from __future__ import annotations

import pytest
from chalicelib.core.account import AccountDetails, ContactPerson
from chalicelib.core.addressees import address_of

DETAILS = AccountDetails(email="office@customer.example")


def person(
    name: str, *roles: str, email: str | None = None, opted_out: bool = False
) -> ContactPerson:
    address = f"{name}@customer.example" if email is None else email
    return ContactPerson(name, email=address, roles=frozenset(roles), opted_out=opted_out)


@pytest.mark.parametrize(
    ("people", "address"),
    [
        ([], "office@customer.example"),
        ([person("zoe", "accounts"), person("ann", "admin")], "zoe@customer.example"),
        ([person("ann"), person("bob", "admin", "sales")], "bob@customer.example"),
        ([person("bob", "sales"), person("ann")], "ann@customer.example"),
        ([person("bob", "accounts"), person("ann", "accounts")], "ann@customer.example"),
        ([person("zoe", "accounts", opted_out=True), person("bob")], "bob@customer.example"),
        ([person("zoe", "accounts", email=""), person("bob")], "bob@customer.example"),
        ([person("zoe", "accounts", opted_out=True)], "office@customer.example"),
        ([person("zoe", email="Office@Customer.example", opted_out=True)], ""),
        (
            [person("ann", "accounts", email="x@y.example"),
             person("bob", email="X@y.example", opted_out=True)],
            "office@customer.example",
        ),
    ],
)  # fmt: skip
def test_a_letter_goes_to_accounts_then_admin_then_anybody_who_did_not_opt_out(
    people: list[ContactPerson], address: str
) -> None:
    assert address_of(DETAILS, people) == address
