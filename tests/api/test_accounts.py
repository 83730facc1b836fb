"""Accounts over the API: created, replaced, changed, read."""

from __future__ import annotations

from typing import Any

import pytest
from chalicelib.core.facts import Payment
from tests.api.client import Api
from tests.flows.machine import TODAY, Machine, invoice

BODY: dict[str, Any] = {"name": "Harbor Bakery Ltd", "email": "accounts@harbor-bakery.example"}
STANDING: dict[str, Any] = {
    "account_id": "A1", "name": "Customer A1", "account_class": "standard",
    "email": "ap@customer.example", "sales_owner": "", "collector": "", "locale": "en",
    "policy_id": "", "debtor_kind": "company", "country": "", "registration_no": "",
    "address": [],
}  # fmt: skip


@pytest.fixture
def api() -> Api:
    machine = Machine()
    machine.take_in("A1", invoice("I1", 15))
    return Api(machine)


def test_an_account_is_created_with_what_is_said_of_it(api: Api) -> None:
    answer = api.put("/v1/accounts/A2", BODY | {"account_class": "key", "policy_id": "rapid"})

    assert answer.status == 201
    assert answer.headers["Location"] == "/v1/accounts/A2"
    assert answer.body == STANDING | BODY | {
        "account_id": "A2", "account_class": "key", "policy_id": "rapid",
    }  # fmt: skip
    assert api.machine.account("A2").details.account_class == "key"
    (event,) = api.machine.accounts.kept["A2"].log[0].events
    assert (event.kind, event.actor, event.figures["account_class"]) == (
        "account_created", "anna", "key",
    )  # fmt: skip
    assert "bakery" not in str(event)


def test_an_account_tells_what_it_comes_to_today(api: Api) -> None:
    api.machine.take_in("A1", invoice("I2", -5, 4_00), Payment(TODAY, "P1", TODAY, "EUR", 7_00))

    answer = api.get("/v1/accounts/A1")

    assert answer.status == 200
    policy = api.machine.policies.get("standard")
    assert answer.body == STANDING | {
        "email_mark": None,
        "email_marked_on": None,
        "as_of": "2024-03-18",
        "credit_status": "open",
        "past_due": [{"amount_minor": 1_000_00, "currency": "USD"}],
        "open_principal": [{"amount_minor": 1_004_00, "currency": "USD"}],
        "open_charges": [],
        "unapplied": [{"amount_minor": 7_00, "currency": "EUR"}],
        "oldest_days_past_due": 15,
        "open_invoices": 2,
        "collected_by": "junior",
        "policy": {"id": "standard", "version": policy.version},
        "next_look_on": "2024-03-18",
        "case": None,
    }


def test_the_open_case_is_told_with_its_number_and_moves_no_etag(api: Api) -> None:
    """R6.5."""
    before = api.get("/v1/accounts/A1").headers["ETag"]
    api.machine.decide("A1")

    answer = api.get("/v1/accounts/A1")

    assert answer.body["case"] == {"number": "A1-C1", "opened_on": "2024-03-18"}
    assert answer.headers["ETag"] == before


def test_an_etag_guards_what_is_said_and_not_what_follows_from_money(api: Api) -> None:
    before = api.get("/v1/accounts/A1").headers["ETag"]
    api.machine.take_in("A1", Payment(TODAY, "P1", TODAY, "USD", 7_00))

    answer = api.put("/v1/accounts/A1", BODY, If_Match=before)

    assert answer.status == 200
    assert answer.headers["ETag"] == api.get("/v1/accounts/A1").headers["ETag"] != before
    assert answer.body == STANDING | BODY
    assert list(api.machine.account("A1").invoices) == ["I1"]


def test_what_is_equal_to_what_is_there_changes_nothing(api: Api) -> None:
    version = api.machine.accounts.kept["A1"].version
    same = {name: value for name, value in STANDING.items() if name != "account_id"}

    assert api.put("/v1/accounts/A1", same).status == 200
    assert api.patch("/v1/accounts/A1", {}).status == 200
    assert api.machine.accounts.kept["A1"].version == version


def test_a_patch_changes_what_is_given_and_wakes_the_account(api: Api) -> None:
    tag = api.get("/v1/accounts/A1").headers["ETag"]
    api.machine.accounts.kept["A1"].wake_on = None

    answer = api.patch("/v1/accounts/A1", {"policy_id": "rapid"}, If_Match=tag)

    assert (answer.status, answer.body) == (200, STANDING | {"policy_id": "rapid"})
    assert api.machine.accounts.kept["A1"].wake_on == TODAY
    (event,) = api.machine.accounts.kept["A1"].log[-1].events
    assert event.figures == {"changed": "policy_id", "policy_id": "rapid"}


def test_the_kind_of_debtor_is_said_changed_and_told(api: Api) -> None:
    """R4.1: charges may be for companies, or for natural persons, only."""
    tag = api.get("/v1/accounts/A1").headers["ETag"]

    answer = api.patch("/v1/accounts/A1", {"debtor_kind": "natural_person"}, If_Match=tag)

    assert (answer.status, answer.body) == (200, STANDING | {"debtor_kind": "natural_person"})
    assert api.get("/v1/accounts/A1").body["debtor_kind"] == "natural_person"
    (event,) = api.machine.accounts.kept["A1"].log[-1].events
    assert event.figures == {"changed": "debtor_kind", "debtor_kind": "natural_person"}
    put = api.put("/v1/accounts/A1", BODY, If_Match=answer.headers["ETag"])
    assert put.body["debtor_kind"] == "company"


@pytest.mark.parametrize("kind", ["person", "", None])
def test_a_kind_of_debtor_that_is_none_is_refused(api: Api, kind: str | None) -> None:
    answer = api.put("/v1/accounts/A2", BODY | {"debtor_kind": kind})

    assert (answer.status, answer.body["errors"][0]["pointer"]) == (400, "/debtor_kind")


@pytest.mark.parametrize("method", ["PUT", "PATCH"])
def test_a_change_of_what_was_not_read_is_refused(api: Api, method: str) -> None:
    assert api.call(method, "/v1/accounts/A1", BODY).status == 428
    assert api.call(method, "/v1/accounts/A1", BODY, If_Match='"stale"').status == 412
    assert api.machine.account("A1").details.name == "Customer A1"


def test_if_match_on_an_account_that_is_not_there_is_refused(api: Api) -> None:
    assert api.put("/v1/accounts/A2", BODY, If_Match="*").status == 412


def test_a_class_that_the_new_policy_lists_is_taken(api: Api) -> None:
    document = (
        b'id = "own"\ncurrencies = ["USD"]\n[holds]\nnever_by_rule = ["gold"]\n'
        b'[[stages]]\nid = "r"\ndays = 9\nnotice = "reminder"'
    )
    api.machine.registry.put_policy("own", document)

    answer = api.put("/v1/accounts/A2", BODY | {"account_class": "gold", "policy_id": "own"})

    assert answer.status == 201


def test_what_no_rule_knows_is_refused_all_at_once(api: Api) -> None:
    strange = {"policy_id": "mine", "locale": "xx"}

    answer = api.put("/v1/accounts/A2", BODY | strange | {"account_class": "gold"})
    classes = api.put("/v1/accounts/A2", BODY | {"account_class": "gold"})

    assert (answer.status, answer.code) == (422, "unfit_input")
    assert set(answer.pointers) == {"/policy_id", "/locale"}
    assert (classes.status, classes.pointers) == (422, ["/account_class"])
    assert "A2" not in api.machine.accounts.kept


def test_every_fault_of_a_body_is_named(api: Api) -> None:
    body = {"name": "", "email": "a@b\r\nBcc: c@d", "locale": "e", "vip": True, "collector": 7}

    answer = api.put("/v1/accounts/A2", body)

    assert (answer.status, answer.code) == (400, "malformed")
    assert set(answer.pointers) == {"/name", "/email", "/locale", "/vip", "/collector"}


@pytest.mark.parametrize(
    "email",
    [
        "Jo <jo@x.example>",
        "jo@x.example, pat@x.example",
        "jo@x..example",
        "jo",
        "jö@x.example",
        "@x",
    ],
)
def test_an_address_is_one_plain_address(api: Api, email: str) -> None:
    answer = api.put("/v1/accounts/A2", BODY | {"email": email})

    assert (answer.status, answer.pointers) == (400, ["/email"])
    assert answer.body["errors"][0]["code"] == "not_an_address"


def test_an_account_that_is_not_there_is_not_found(api: Api) -> None:
    assert api.get("/v1/accounts/A9").status == 404
    assert api.patch("/v1/accounts/A9", BODY, If_Match="*").status == 404


def test_the_same_key_answers_the_same_again(api: Api) -> None:
    first = api.put("/v1/accounts/A2", BODY, Idempotency_Key="k1")
    again = api.put("/v1/accounts/A2", BODY, Idempotency_Key="k1")
    other = api.put("/v1/accounts/A2", BODY | {"name": "Other"}, Idempotency_Key="k1")

    assert (again.status, again.body) == (201, first.body)
    assert again.headers["Idempotent-Replayed"] == "true"
    assert again.headers["ETag"] == first.headers["ETag"]
    assert (other.status, other.code) == (422, "idempotency_key_reused")


def test_a_patch_that_empties_a_field_is_not_the_one_that_left_it_out(api: Api) -> None:
    first = api.put("/v1/accounts/A2", BODY)
    again = api.patch(
        "/v1/accounts/A2", {"name": "New"}, If_Match=first.headers["ETag"], Idempotency_Key="k1"
    )
    other = api.patch(
        "/v1/accounts/A2", {"name": "New", "email": ""}, If_Match="*", Idempotency_Key="k1"
    )

    assert again.status == 200
    assert (other.status, other.code) == (422, "idempotency_key_reused")


def test_who_nobody_knows_is_not_let_in(api: Api) -> None:
    stranger = api.as_("")

    assert stranger.get("/v1/accounts/A1").status == 401
    assert stranger.put("/v1/accounts/A1", BODY).status == 401
    assert stranger.patch("/v1/accounts/A1", BODY).status == 401


def test_who_only_collects_changes_no_account(api: Api) -> None:
    collector = api.as_("viewer,collector,approver")

    assert collector.get("/v1/accounts/A1").status == 200
    assert collector.put("/v1/accounts/A1", BODY).status == 403
    assert collector.patch("/v1/accounts/A1", BODY).status == 403
    assert api.as_("agency").get("/v1/accounts/A1").status == 403


PLACE: dict[str, Any] = {
    "country": "DE",
    "registration_no": "HRB 12345",
    "address": ["Hafenstr. 1", "20457 Hamburg"],
}


def test_where_a_customer_is_can_be_said_and_read(api: Api) -> None:
    answer = api.put("/v1/accounts/A2", BODY | PLACE)

    assert (answer.status, answer.body) == (201, STANDING | BODY | PLACE | {"account_id": "A2"})
    read = api.get("/v1/accounts/A2").body
    assert {name: read[name] for name in PLACE} == PLACE
    assert api.machine.account("A2").details.address == ("Hafenstr. 1", "20457 Hamburg")


def test_the_timeline_has_the_country_and_neither_address_nor_register(api: Api) -> None:
    api.put("/v1/accounts/A2", BODY | PLACE)

    (event,) = api.machine.accounts.kept["A2"].log[0].events
    assert event.figures["country"] == "DE"
    assert "Hafenstr" not in str(event)
    assert "HRB" not in str(event)


def test_a_patch_of_the_address_leaves_the_country_and_a_put_without_them_empties_both(
    api: Api,
) -> None:
    api.put("/v1/accounts/A2", BODY | PLACE)
    tag = api.get("/v1/accounts/A2").headers["ETag"]

    patched = api.patch("/v1/accounts/A2", {"address": ["Am Kai 2"]}, If_Match=tag)
    put = api.put("/v1/accounts/A2", BODY, If_Match=patched.headers["ETag"])

    assert patched.body == STANDING | BODY | PLACE | {"account_id": "A2", "address": ["Am Kai 2"]}
    assert put.body == STANDING | BODY | {"account_id": "A2"}


def test_a_country_that_there_is_not_is_refused(api: Api) -> None:
    answer = api.put("/v1/accounts/A2", BODY | {"country": "UK"})

    assert answer.status == 422
    assert [one["code"] for one in answer.body["errors"]] == ["unknown_country"]


@pytest.mark.parametrize(
    "said",
    [
        {"country": "de"},
        {"country": "Germany"},
        {"registration_no": "9" * 41},
        {"address": ["a"] * 7},
        {"address": ["a" * 101]},
        {"address": [""]},
        {"address": "Hafenstr. 1"},
    ],
)
def test_what_is_no_country_register_or_address_is_refused(api: Api, said: dict[str, Any]) -> None:
    assert api.put("/v1/accounts/A2", BODY | said).status == 400
