"""Contacts of an account over the API."""

from __future__ import annotations

import re
from typing import Any

import pytest
from chalicelib.api.shapes.contacts import ADDRESS_PATTERN
from chalicelib.core.account import digest_of
from chalicelib.core.addresses import is_address
from chalicelib.core.facts_letters import LetterReported
from chalicelib.flows.contact_book import CONTACTS_MAX
from hypothesis import given
from hypothesis import strategies as st
from tests.api.client import Api
from tests.flows.machine import NOW, TODAY, Machine, invoice

JO: dict[str, Any] = {
    "name": "Jo Park", "email": "jo.park@customer.example", "phone": "+44 20 7946 0000",
    "roles": ["accounts", "admin"], "locale": "en_GB", "opted_out": False,
}  # fmt: skip
CLEAN: dict[str, Any] = {"mark": None, "marked_on": None}
WHERE = "/v1/accounts/A1/contacts"


@pytest.fixture
def api() -> Api:
    machine = Machine()
    machine.take_in("A1", invoice("I1", 15))
    return Api(machine)


def test_a_contact_is_kept_and_read(api: Api) -> None:
    answer = api.put(f"{WHERE}/c1", JO)

    assert (answer.status, answer.body) == (201, JO | {"contact_id": "c1"} | CLEAN)
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


WHY = {"reason_code": "mailbox_works_again", "note": "Jo answered by phone."}
CLEAR = "/v1/accounts/A1/clear_mark"


def marked(api: Api) -> None:
    """The mail service refuses the address that Jo and Sam share."""
    api.put(f"{WHERE}/c1", JO)
    api.put(f"{WHERE}/c2", JO | {"name": "Sam", "email": "Jo.Park@customer.example"})
    digest = digest_of("jo.park@customer.example")
    news = LetterReported(TODAY, "A1:USD:2024-01-01", 1, "bounced", NOW, (digest,))
    api.machine.take_in("A1", news)


def test_a_marked_address_is_shown_with_the_day(api: Api) -> None:
    marked(api)

    body = api.get(f"{WHERE}/c1").body
    assert (body["mark"], body["marked_on"]) == ("bounced", TODAY.isoformat())
    assert api.get("/v1/accounts/A1").body["email_mark"] is None


def test_a_person_clears_a_mark_wherever_the_address_is_and_says_why(api: Api) -> None:
    marked(api)

    answer = api.post(CLEAR, WHY | {"contact_id": "c1"}, Idempotency_Key="k1")

    assert (answer.status, answer.body) == (
        200,
        {
            "account_id": "A1", "contact_ids": ["c1", "c2"], "is_accounts_own": False,
            "mark": "bounced", "marked_on": TODAY.isoformat(),
            "mail_service_may_still_refuse": True,
        },
    )  # fmt: skip
    people = api.machine.account("A1").contact_people.values()
    assert [one.mark for one in people] == ["", ""]
    event = api.machine.accounts.kept["A1"].log[-1].events[0]
    assert (event.kind, event.subject, event.reason_code) == (
        "mark_cleared", "c1", "mailbox_works_again"
    )  # fmt: skip
    again = api.post(CLEAR, WHY | {"contact_id": "c1"}, Idempotency_Key="k1")
    assert again.headers["Idempotent-Replayed"] == "true"


def test_a_mark_is_cleared_by_the_address_too(api: Api) -> None:
    marked(api)

    body = WHY | {"address": "JO.PARK@customer.example"}
    assert api.post(CLEAR, body, Idempotency_Key="k1").status == 200


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"contact_id": "c9"}, 404),
        ({"address": "nobody@customer.example"}, 404),
        ({"contact_id": "c3"}, 409),
        ({}, 422),
        ({"contact_id": "c1", "address": "jo.park@customer.example"}, 422),
    ],
)
def test_only_one_address_that_is_marked_can_be_cleared(
    api: Api, body: dict[str, str], status: int
) -> None:
    marked(api)
    api.put(f"{WHERE}/c3", JO | {"email": "max@customer.example"})

    assert api.post(CLEAR, WHY | body, Idempotency_Key="k1").status == status


def test_another_address_has_no_mark_and_the_same_keeps_it(api: Api) -> None:
    marked(api)
    tag = api.get(f"{WHERE}/c1").headers["ETag"]

    same = api.put(f"{WHERE}/c1", JO | {"name": "Jo"}, If_Match=tag)
    assert same.body["mark"] == "bounced"
    assert "A1:find_contact" in api.machine.tasks("A1")
    other = api.put(
        f"{WHERE}/c1", JO | {"email": "new@customer.example"}, If_Match=same.headers["ETag"]
    )
    assert other.body["mark"] is None
    assert "A1:find_contact" not in api.machine.tasks("A1")
