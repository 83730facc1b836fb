"""Contacts of an account over the API."""

from __future__ import annotations

import re
from typing import Any

import pytest
from chalicelib.api.shapes.contacts import ADDRESS_PATTERN
from chalicelib.flows.contact_book import CONTACTS_MAX
from chalicelib.flows.ports_mail import is_address
from hypothesis import given
from hypothesis import strategies as st
from tests.api.client import Api
from tests.flows.machine import Machine, invoice

JO: dict[str, Any] = {
    "name": "Jo Park", "email": "jo.park@customer.example", "phone": "+44 20 7946 0000",
    "roles": ["accounts", "admin"], "locale": "en_GB", "opted_out": False,
}  # fmt: skip
WHERE = "/v1/accounts/A1/contacts"


@pytest.fixture
def api() -> Api:
    machine = Machine()
    machine.take_in("A1", invoice("I1", 15))
    return Api(machine)


def test_a_contact_is_kept_and_read(api: Api) -> None:
    answer = api.put(f"{WHERE}/c1", JO)

    assert (answer.status, answer.body) == (201, JO | {"contact_id": "c1"})
    assert answer.headers["Location"] == f"{WHERE}/c1"
    read = api.get(f"{WHERE}/c1")
    assert (read.status, read.body) == (200, answer.body)
    assert read.headers["ETag"] == answer.headers["ETag"]
    assert api.get(WHERE).body == {"data": [answer.body], "next_cursor": None}


def test_the_timeline_tells_of_contacts_by_their_id_only(api: Api) -> None:
    api.put(f"{WHERE}/c1", JO)
    api.delete(f"{WHERE}/c1")

    log = api.machine.accounts.kept["A1"].log
    events = [event for lines in log for event in lines.events]
    assert [(e.kind, e.subject, e.figures) for e in events] == [
        ("contact_saved", "c1", {}),
        ("contact_removed", "c1", {}),
    ]


def test_a_contact_is_replaced_as_a_whole_by_who_read_it(api: Api) -> None:
    tag = api.put(f"{WHERE}/c1", JO).headers["ETag"]

    assert api.put(f"{WHERE}/c1", {"name": "Jo"}).status == 428
    assert api.put(f"{WHERE}/c1", {"name": "Jo"}, If_Match='"stale"').status == 412
    answer = api.put(f"{WHERE}/c1", {"name": "Jo"}, If_Match=tag)

    assert (answer.status, answer.body["email"], answer.body["roles"]) == (200, "", [])


def test_the_same_contact_again_changes_nothing(api: Api) -> None:
    api.put(f"{WHERE}/c1", JO)
    version = api.machine.accounts.kept["A1"].version

    assert api.put(f"{WHERE}/c1", JO).status == 200
    assert api.machine.accounts.kept["A1"].version == version


def test_a_contact_is_removed_once(api: Api) -> None:
    api.put(f"{WHERE}/c1", JO)

    assert api.delete(f"{WHERE}/c1", If_Match='"stale"').status == 412
    answer = api.delete(f"{WHERE}/c1")

    assert (answer.status, answer.body) == (200, {"contact_id": "c1", "removed": True})
    assert api.delete(f"{WHERE}/c1").status == 404
    assert api.get(WHERE).body["data"] == []


def test_an_account_has_so_many_contacts_and_no_more(api: Api) -> None:
    for number in range(CONTACTS_MAX):
        api.put(f"{WHERE}/c{number:02}", {})

    answer = api.put(f"{WHERE}/one-more", {})

    assert (answer.status, answer.code) == (422, "limit_reached")
    assert "50 contacts" in answer.body["detail"]
    assert len(api.get(WHERE).body["data"]) == CONTACTS_MAX


def test_contacts_come_in_pages(api: Api) -> None:
    for name in ("c1", "c3", "c2"):
        api.put(f"{WHERE}/{name}", {})

    first = api.get(f"{WHERE}?limit=2").body
    rest = api.get(f"{WHERE}?limit=2&cursor={first['next_cursor']}").body

    assert [row["contact_id"] for row in first["data"]] == ["c1", "c2"]
    assert ([row["contact_id"] for row in rest["data"]], rest["next_cursor"]) == (["c3"], None)
    assert api.get(f"{WHERE}?role=accounts").pointers == ["role"]


def test_every_fault_is_named(api: Api) -> None:
    body = {
        "email": "jo@x.example\nBcc: pat@x.example",
        "phone": "1\t2",
        "roles": ["Accounts"],
        "locale": "?",
        "opted_out": "no",
        "age": 7,
    }

    answer = api.put(f"{WHERE}/c1", body)

    assert answer.status == 400
    assert set(answer.pointers) == {
        "/email", "/phone", "/roles/0", "/locale", "/opted_out", "/age",
    }  # fmt: skip


def test_a_locale_that_is_none_is_refused(api: Api) -> None:
    answer = api.put(f"{WHERE}/c1", {"locale": "xx"})

    assert (answer.status, answer.pointers) == (422, ["/locale"])


def test_an_id_may_not_be_an_address(api: Api) -> None:
    assert api.put(f"{WHERE}/jo%40x.example", JO).status == 400


def test_what_is_not_there_is_not_found(api: Api) -> None:
    for path in ("/v1/accounts/A9/contacts", "/v1/accounts/A9/contacts/c1", f"{WHERE}/c9"):
        assert api.get(path).status == 404
    assert api.put("/v1/accounts/A9/contacts/c1", JO).status == 404


def test_who_may_not_is_refused(api: Api) -> None:
    for roles, status in (("", 401), ("viewer", 403), ("agency", 403)):
        other = api.as_(roles)
        assert other.put(f"{WHERE}/c1", JO).status == status
        assert other.delete(f"{WHERE}/c1").status == status
    assert api.as_("").get(WHERE).status == 401
    assert api.as_("").get(f"{WHERE}/c1").status == 401
    assert api.as_("agency").get(WHERE).status == 403
    assert api.as_("viewer").get(WHERE).status == 200


ADDRESSES = st.text(st.characters(min_codepoint=1, max_codepoint=255), max_size=12)
PARTS = st.text("a.@<\"_-;\n é'!", max_size=8)


@given(address=st.one_of(ADDRESSES, PARTS, st.builds("{}@{}".format, PARTS, PARTS)))
def test_the_document_says_of_addresses_what_the_check_does(address: str) -> None:
    matches = re.search(ADDRESS_PATTERN.replace("$", r"\Z"), address) is not None
    assert matches == (address == "" or is_address(address))
