"""Whom a letter goes to (R11.2)."""

from __future__ import annotations

from datetime import date

import pytest
from chalicelib.core.account import AccountDetails, ContactPerson, digest_of
from chalicelib.core.addressees import ADDRESSEES_MAX, addressees
from chalicelib.core.addresses import why_not_written_to

DETAILS = AccountDetails(email="office@customer.example")
MARKED_ON = date(2024, 3, 1)


def person(
    name: str, *roles: str, email: str | None = None, opted_out: bool = False, mark: str = ""
) -> ContactPerson:
    address = f"{name}@customer.example" if email is None else email
    return ContactPerson(
        name, email=address, roles=frozenset(roles), opted_out=opted_out, mark=mark,
        marked_on=MARKED_ON if mark else None,
    )  # fmt: skip


def written_to(people: list[ContactPerson], role: str = "accounts", *but_not: str) -> list[str]:
    found = addressees(DETAILS, people, role, {digest_of(one) for one in but_not})
    return [one.id or "(account)" for one in found]


@pytest.mark.parametrize(
    ("people", "names"),
    [
        ([], ["(account)"]),
        ([person("zoe", "accounts"), person("ann", "admin")], ["zoe"]),
        ([person("ann"), person("bob", "admin", "sales")], ["bob"]),
        ([person("bob", "sales"), person("ann")], ["ann"]),
        ([person("bob", "accounts"), person("ann", "accounts")], ["ann", "bob"]),
        ([person("bob", "admin"), person("ann", "admin")], ["ann", "bob"]),
        ([person("zoe", "accounts", opted_out=True), person("bob")], ["bob"]),
        ([person("zoe", "accounts", mark="bounced"), person("bob", "admin")], ["bob"]),
        ([person("zoe", "accounts", mark="complained"), person("bob")], ["bob"]),
        ([person("zoe", "accounts", mark="suppressed"), person("bob")], ["bob"]),
        ([person("zoe", "accounts", email=""), person("bob")], ["bob"]),
        ([person("zoe", "accounts", email="zoe at home"), person("bob")], ["bob"]),
        ([person("zoe", "accounts", opted_out=True)], ["(account)"]),
        ([person("zoe", email="Office@Customer.example", opted_out=True)], []),
        ([person("zoe", email="Office@Customer.example", mark="bounced")], []),
        (
            [person("ann", "accounts", email="x@y.example"),
             person("bob", email="X@y.example", mark="bounced")],
            ["(account)"],
        ),
        (
            [person("ann", "sales", email="x@y.example"),
             person("bob", "accounts", email="X@y.example"),
             person("cid", "accounts", email="x@Y.example")],
            ["bob"],
        ),
    ],
)  # fmt: skip
def test_a_letter_goes_to_all_with_the_role_then_admin_then_one_of_any(
    people: list[ContactPerson], names: list[str]
) -> None:
    assert written_to(people) == names


def test_the_stage_names_the_role() -> None:
    people = [person("ann", "accounts"), person("bob", "legal"), person("cid", "legal", "admin")]
    assert written_to(people, "legal") == ["bob", "cid"]


def test_no_letter_goes_to_more_than_ten() -> None:
    people = [person(f"p{number:02}", "accounts") for number in range(14)]
    assert written_to(people) == [f"p{number:02}" for number in range(ADDRESSEES_MAX)]


def test_an_address_that_the_letter_came_back_from_is_left_out() -> None:
    people = [person("ann", "accounts"), person("bob", "accounts"), person("cid", "admin")]
    assert written_to(people, "accounts", "ANN@customer.example") == ["bob"]
    assert written_to(people, "accounts", "ann@customer.example", "bob@customer.example") == ["cid"]


def test_the_accounts_own_address_is_not_written_to_once_marked() -> None:
    marked = AccountDetails(email="office@customer.example", email_mark="bounced")
    assert addressees(marked, []) == ()
    assert addressees(marked, [person("ann", email="OFFICE@customer.example")]) == ()


def test_everybody_who_is_not_written_to_is_told_with_the_reason() -> None:
    people = [
        person("ann", mark="bounced"), person("bob", opted_out=True), person("cid", email=""),
        person("dan", email="dan"), person("eve"), person("fay", email="Ann@customer.example"),
    ]  # fmt: skip
    told = [(one.id, why) for one, why in why_not_written_to(DETAILS, people)]
    assert told == [
        ("ann", "bounced"), ("bob", "opted_out"), ("cid", "no_address"), ("dan", "not_an_address"),
        ("fay", "bounced"),
    ]  # fmt: skip
