"""Invoices as an ERP sends them and as people read them."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from chalicelib.core.aging import out_of_balance
from chalicelib.core.facts import Payment
from tests.api.client import Api
from tests.flows.machine import TODAY, Machine, invoice

PATH = "/v1/accounts/A1/invoices/I1"
SAID: dict[str, Any] = {
    "amount": {"amount_minor": 123450, "currency": "USD"},
    "issued_on": "2024-02-02",
    "terms": "net 30",
}


@pytest.fixture
def api() -> Api:
    machine = Machine()
    machine.take_in("A1")
    return Api(machine)


def said(**changes: Any) -> dict[str, Any]:
    return SAID | changes


def usd(amount_minor: int) -> dict[str, Any]:
    return {"amount_minor": amount_minor, "currency": "USD"}


def test_a_new_invoice_is_taken_in_and_told_where_it_is(api: Api) -> None:
    answer = api.put(PATH, SAID)

    assert (answer.status, answer.headers["Location"]) == (201, PATH)
    assert answer.body["open"] == usd(123450)
    assert (answer.body["due_on"], answer.body["days_past_due"]) == ("2024-03-03", 15)
    assert (answer.body["bucket"], answer.body["status"]) == ("1-30", "open")
    assert answer.body["delivered_on"] == "2024-02-02"
    assert out_of_balance(api.machine.account("A1")) == {}


def test_an_invoice_is_first_seen_today_and_wakes_its_account(api: Api) -> None:
    api.put(PATH, SAID)

    assert api.get(PATH).body["first_seen_on"] == "2024-03-18"
    assert api.machine.accounts.kept["A1"].wake_on == TODAY


def test_what_was_answered_to_the_put_is_what_a_get_answers(api: Api) -> None:
    put = api.put(PATH, SAID)
    got = api.get(PATH)

    assert (got.body, got.headers["ETag"]) == (put.body, put.headers["ETag"])


def test_the_same_invoice_again_changes_nothing(api: Api) -> None:
    api.put(PATH, SAID)
    version = api.machine.accounts.kept["A1"].version
    again = api.put(PATH, SAID)

    assert again.status == 200
    assert api.machine.accounts.kept["A1"].version == version


def test_terms_and_the_due_date_they_come_to_say_the_same(api: Api) -> None:
    api.put(PATH, SAID)
    due = {key: value for key, value in SAID.items() if key != "terms"}

    assert api.put(PATH, due | {"due_on": "2024-03-03"}).status == 200


def test_a_due_date_wins_over_terms(api: Api) -> None:
    answer = api.put(PATH, said(due_on="2024-04-01"))

    assert answer.body["due_on"] == "2024-04-01"


def test_a_part_paid_invoice_opens_with_what_is_open(api: Api) -> None:
    answer = api.put(PATH, said(open=usd(100_00), advanced=usd(50_00)))
    kinds = [entry.kind for entry in api.machine.accounts.kept["A1"].entries]

    assert (answer.body["open"], answer.body["advanced"]) == (usd(100_00), usd(50_00))
    assert kinds == ["opening"]


def test_an_invoice_paid_before_it_came_is_taken_in_closed(api: Api) -> None:
    answer = api.put(PATH, said(open=usd(0)))

    assert (answer.status, answer.body["status"], answer.body["bucket"]) == (201, "closed", None)


def test_an_invoice_is_booked_today_with_the_date_of_its_issue(api: Api) -> None:
    api.put(PATH, SAID)
    entry = api.machine.accounts.kept["A1"].entries[-1]

    assert (entry.on, entry.value_on) == (TODAY, date(2024, 2, 2))


def test_money_that_waited_for_the_invoice_is_applied_to_it(api: Api) -> None:
    api.machine.take_in("A1", Payment(TODAY, "P1", TODAY, "USD", 23450, ("I1",)))

    assert api.put(PATH, SAID).body["open"] == usd(100000)


def test_an_invoice_may_not_be_delivered_yet_or_later_than_issued(api: Api) -> None:
    assert api.put(PATH, said(delivered_on=None)).body["delivered_on"] is None
    later = api.put("/v1/accounts/A1/invoices/I2", said(delivered_on="2024-02-09"))

    assert later.body["delivered_on"] == "2024-02-09"
    assert api.put("/v1/accounts/A1/invoices/I2", said(delivered_on="2024-02-09")).status == 200


def test_a_delivered_invoice_that_its_source_calls_undelivered_stays_delivered(api: Api) -> None:
    api.put(PATH, said(delivered_on=None))
    api.post(f"{PATH}/deliver", {"delivered_on": "2024-03-01"})

    assert api.put(PATH, said(delivered_on=None)).body["delivered_on"] == "2024-03-01"


def test_an_invoice_that_a_ledger_file_brought_is_the_same_invoice(api: Api) -> None:
    row = invoice("I1", 15, 123450)
    api.machine.take_in("A1", row)

    assert api.put(PATH, SAID).status == 200


@pytest.mark.parametrize(
    ("change", "field", "value"),
    [
        ({"po_number": "PO-2"}, "po_number", "PO-2"),
        ({"due_on": "2024-03-20"}, "effective_due_on", "2024-03-20"),
        ({"extended_due_on": "2024-03-30"}, "effective_due_on", "2024-03-30"),
    ],
)
def test_what_moves_no_money_may_change(
    api: Api, change: dict[str, Any], field: str, value: str
) -> None:
    etag = api.put(PATH, SAID).headers["ETag"]
    answer = api.put(PATH, SAID | change, If_Match=etag)

    assert (answer.status, answer.body[field]) == (200, value)
    assert api.put(PATH, SAID | change).status == 200  # now it is what is there


def test_a_first_delivery_may_come_with_the_invoice_again(api: Api) -> None:
    etag = api.put(PATH, said(delivered_on=None)).headers["ETag"]
    answer = api.put(PATH, SAID, If_Match=etag)

    assert answer.body["delivered_on"] == "2024-02-02"


def test_a_change_needs_the_etag_of_what_was_read(api: Api) -> None:
    api.put(PATH, SAID)

    assert api.put(PATH, said(po_number="PO-2")).status == 428
    assert api.put(PATH, said(po_number="PO-2"), If_Match='"old"').status == 412
    assert api.put("/v1/accounts/A1/invoices/I2", SAID, If_Match="*").status == 412


@pytest.mark.parametrize(
    "change",
    [
        {"amount": usd(1)},
        {"amount": {"amount_minor": 123450, "currency": "EUR"}},
        {"open": usd(1)},
        {"issued_on": "2024-02-03"},
        {"delivered_on": "2024-02-05"},
    ],
)
def test_what_does_not_change_is_a_conflict_that_says_what_to_do(
    api: Api, change: dict[str, Any]
) -> None:
    api.put(PATH, SAID)
    answer = api.put(PATH, SAID | change, If_Match="*")

    assert (answer.status, answer.code) == (409, "conflict")
    assert "void" in answer.body["detail"]


def test_a_voided_invoice_stays_as_it_is(api: Api) -> None:
    api.put(PATH, SAID)
    api.post(f"{PATH}/void", {"reason_code": "billing_error", "note": "Twice."})

    assert api.put(PATH, SAID).status == 200
    assert api.put(PATH, said(po_number="PO-2"), If_Match="*").status == 409


@pytest.mark.parametrize(
    ("change", "pointers"),
    [
        ({"amount": usd(10**15)}, ["/amount/amount_minor"]),  # 16 digits
        ({"amount": {"amount_minor": 1.5, "currency": "USD"}}, ["/amount/amount_minor"]),
        ({"amount": {"amount_minor": 1.0, "currency": "USD"}}, ["/amount/amount_minor"]),
        ({"amount": {"amount_minor": "1", "currency": "USD"}}, ["/amount/amount_minor"]),
        ({"amount": usd(0)}, ["/amount/amount_minor"]),
        ({"amount": usd(-1)}, ["/amount/amount_minor"]),
        ({"amount": {"amount_minor": 1, "currency": "XXQ"}}, ["/amount/currency"]),
        ({"amount": {"amount_minor": 1}, "colour": 1}, ["/amount/currency", "/colour"]),
        ({"open": {"amount_minor": 1, "currency": "EUR"}}, ["/open/currency"]),
        ({"open": usd(123451), "advanced": usd(123452)},
         ["/advanced/amount_minor", "/open/amount_minor"]),
        ({"terms": None}, ["/due_on"]),
        ({"terms": "30 EOM"}, ["/terms"]),
        ({"issued_on": "2024-03-19"}, ["/issued_on"]),
        ({"issued_on": "1800-01-01"}, ["/issued_on"]),
        ({"issued_on": "2024-02-30"}, ["/issued_on"]),
        ({"delivered_on": "2024-03-19", "terms": "soon"}, ["/delivered_on", "/terms"]),
        ({"due_on": 20240303}, ["/due_on"]),
        ({"po_number": "a\u0000b"}, ["/po_number"]),
        ({"po_number": "x" * 501}, ["/po_number"]),
    ],
)  # fmt: skip
def test_every_fault_of_an_invoice_is_named(
    api: Api, change: dict[str, Any], pointers: list[str]
) -> None:
    answer = api.put(PATH, SAID | change)

    assert (answer.status, sorted(answer.pointers)) == (400, pointers)
    assert api.machine.account("A1").invoices == {}


def test_an_account_comes_before_its_invoices(api: Api) -> None:
    assert api.put("/v1/accounts/A2/invoices/I1", SAID).status == 404


def test_an_invoice_that_is_not_there_is_not_found(api: Api) -> None:
    assert api.get(PATH).status == 404
    assert api.get("/v1/accounts/A2/invoices/I1").status == 404
    assert api.get("/v1/accounts/A2/invoices").status == 404


def test_only_the_erp_and_administrators_send_invoices(api: Api) -> None:
    assert api.as_("").put(PATH, SAID).status == 401
    assert api.as_("viewer,collector,approver").put(PATH, SAID).status == 403
    assert api.as_("service").put(PATH, SAID).status == 201


def test_an_agency_reads_no_invoices(api: Api) -> None:
    assert api.as_("agency").get(PATH).status == 403
    assert api.as_("agency").get("/v1/accounts/A1/invoices").status == 403


def test_a_put_is_in_the_accounts_timeline_with_who_did_it(api: Api) -> None:
    api.put(PATH, SAID)
    events = [event for line in api.machine.accounts.kept["A1"].log for event in line.events]

    assert [(one.kind, one.subject, one.actor) for one in events] == [
        ("invoice_posted", "I1", "anna")
    ]


def test_an_etag_holds_while_only_days_pass(api: Api) -> None:
    etag = api.put(PATH, SAID).headers["ETag"]
    api.machine.clock.pass_by(days=2)

    assert api.get(PATH).headers["ETag"] == etag
    assert api.put(PATH, said(po_number="PO-2"), If_Match=etag).status == 200
    assert api.get(PATH).headers["ETag"] != etag
