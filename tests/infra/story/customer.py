"""A customer, told only over HTTP, by several people and the seller's systems."""

from __future__ import annotations

import json
from datetime import date
from urllib.parse import quote
from urllib.request import urlopen

from chalicelib.flows.ports import LARGE_ACCOUNT_INVOICES

from tests.infra.story.seller import POLICY, WHY, Seller, good
from tests.unit.accounts import invoice

FIRST, REMINDED, CHARGED, NEXT = "2024-03-20", "2024-04-04", "2024-04-11", "2024-04-12"
LARGE, RESTS = "story-large", "story-rests"
RATES_KEY = "settings/reporting_rates.json"
RATES = {
    "currency": "EUR",
    "rates": [{"on": "2024-03-18", "currency": "USD", "rate": "0.92"}],
}
CUSTOMERS = [f"http-{number}" for number in range(1, 9)]
AT = f"/v1/accounts/{CUSTOMERS[0]}"
SECOND_PERSON = "second_person_needed"
PAYMENT = {
    "payment_id": "http-pay-1",
    "received_on": REMINDED,
    "amount": {"amount_minor": 20_000, "currency": "USD"},
    "invoice_ids": ["http-I1"],
}
CAREFUL = (
    POLICY.decode()
    .replace('max_run_growth   = "3.0"', 'max_run_growth   = "1.0"')
    .replace("max_first_run    = 1000", "max_first_run    = 1")
)


def tell(seller: Seller) -> None:
    """Sell, remind, take money, charge, waive, explain, report, and change the rules."""
    the_erp_tells_of_accounts_and_invoices(seller)
    the_first_letters_leave(seller)
    an_order_is_let_through_by_a_second_person(seller)
    a_payment_is_booked_once(seller)
    a_large_account_is_due(seller)
    a_fee_is_charged_and_waived_and_told_to_the_erp(seller)
    a_letter_is_read_as_it_was_sent_and_its_files_are_fetched(seller)
    what_happened_and_what_comes_next_is_explained(seller)
    reports_are_told_as_json_and_as_csv(seller)
    a_policy_and_a_run_need_a_second_person(seller)
    dunning_rests_and_goes_on(seller)
    sending_is_paused_and_resumed(seller)


def the_erp_tells_of_accounts_and_invoices(seller: Seller) -> None:
    fresh = seller.erp.post("/v1/ledger/heartbeat", {"covers_through": "2024-03-19"})
    assert good(fresh)["fresh_through"] >= "2024-03-19"
    assert seller.anna.post("/v1/runs", {"as_of": FIRST}).status == 202  # it is that day now
    for name in CUSTOMERS:
        account = {"name": f"Customer {name}", "email": f"{name}@customer.example"}
        assert seller.erp.put(f"/v1/accounts/{name}", account).status == 201
    rows = [
        {
            "account_id": name,
            "invoice_id": "http-I1",
            "amount": {"amount_minor": 100_000, "currency": "USD"},
            "issued_on": "2024-02-03",
            "due_on": "2024-03-04",
            "delivered_on": "2024-02-03",
        }
        for name in CUSTOMERS
    ]
    bad = rows[0] | {"invoice_id": "http-I2", "amount": {"amount_minor": 1.5, "currency": "USD"}}
    taken = good(seller.erp.post("/v1/invoices/batch", {"invoices": [*rows, bad]}))
    assert [row["status"] for row in taken["data"]] == ["created"] * len(CUSTOMERS) + ["invalid"]


def the_first_letters_leave(seller: Seller) -> None:
    """One of them greets a person, so that it is kept by reference too."""
    jo = {"name": "Jo Park", "email": "jo@customer.example", "roles": ["accounts"]}
    good(seller.erp.put(f"{AT}/contacts/jo", jo))
    seller.stage.archive.put(RATES_KEY, json.dumps(RATES).encode(), "application/json")
    seller.run(REMINDED)


def an_order_is_let_through_by_a_second_person(seller: Seller) -> None:
    assert good(seller.erp.get(f"{AT}/hold"))["may_ship"] is True
    hold = {"kind": "on_hold", "reason_code": "fraud_check", "note": "Orders look odd."}
    held = good(seller.anna.post(f"{AT}/holds", hold))
    asked = {"account_ids": [CUSTOMERS[0], CUSTOMERS[1], "http-nobody"]}
    rows = good(seller.erp.post("/v1/holds/lookup", asked))["data"]
    assert [row["code"] for row in rows] == ["ok", "ok", "not_found"]
    assert [row["hold"]["may_ship"] for row in rows[:2]] == [False, True]

    order = {
        "order_total": {"amount_minor": 89_900, "currency": "USD"},
        "reference": "SO-10042",
        "note": "Needed on Thursday.",
    }
    request = good(seller.anna.post(f"{AT}/release_requests", order))
    approve = f"{AT}/release_requests/{request['request_id']}/approve"
    assert seller.anna.post(approve, WHY).code == SECOND_PERSON
    assert good(seller.bert.post(approve, WHY))["state"] == "approved"
    assert good(seller.erp.get(f"{AT}/hold"))["may_ship"] is True

    until = WHY | {"until": "2024-04-10"}
    path = f"{AT}/holds/{held['hold_id']}/temporary_release"
    released = good(seller.bert.post(path, until))
    assert released["temporary_release"]["until"] == "2024-04-10"


def a_payment_is_booked_once(seller: Seller) -> None:
    first = seller.erp.post(f"{AT}/payments", PAYMENT, Idempotency_Key="pay-1")
    again = seller.erp.post(f"{AT}/payments", PAYMENT, Idempotency_Key="pay-1")
    other = PAYMENT | {"reference": "Another"}
    refused = seller.erp.post(f"{AT}/payments", other, Idempotency_Key="pay-1")

    assert (first.status, first.body["allocation"]) == (201, "done")
    assert (again.status, again.body) == (first.status, first.body)
    assert again.headers["Idempotent-Replayed"] == "true"
    assert "Idempotent-Replayed" not in first.headers
    assert refused.status == 422
    invoice = good(seller.bert.get(f"{AT}/invoices/http-I1"))
    assert invoice["open"] == {"amount_minor": 80_000, "currency": "USD"}


def a_large_account_is_due(seller: Seller) -> None:
    """Over 1,000 open invoices, one of them past due: its work has a queue of its own."""
    invoices = (invoice(f"L{n}", 1_000, past_due=-60) for n in range(LARGE_ACCOUNT_INVOICES))
    seller.take_in(LARGE, invoice("LATE", 1_000), *invoices, wake_on=date.fromisoformat(CHARGED))


def a_fee_is_charged_and_waived_and_told_to_the_erp(seller: Seller) -> None:
    seller.run_on_schedule(CHARGED)
    [charge] = good(seller.bert.get(f"{AT}/charges"))["data"]
    assert charge["amount"] == {"amount_minor": 1_200, "currency": "USD"}
    waived = good(seller.anna.post(f"{AT}/charges/{charge['charge_id']}/waive", WHY))
    assert waived["waived"] == charge["amount"]

    seller.cloud.invoke("reconcile")

    lines, cursor = [], ""
    while len(page := good(seller.erp.get(f"/v1/ledger_export?cursor={cursor}"))["data"]) > 0:
        lines += page
        cursor = seller.erp.get(f"/v1/ledger_export?cursor={cursor}").body["next_cursor"]
    ours = [line for line in lines if line["account_id"] == CUSTOMERS[0]]
    assert [(line["kind"], line["amount"]["amount_minor"]) for line in ours] == [
        ("charge", 1_200),
        ("waiver", 1_200),
    ]
    assert {line["charge_id"] for line in ours} == {charge["charge_id"]}


def a_letter_is_read_as_it_was_sent_and_its_files_are_fetched(seller: Seller) -> None:
    rows = good(seller.bert.get(f"{AT}/notices"))["data"]
    told = [row for row in rows if row["kind"] == "reminder"]
    assert [row["created_on"] for row in told] == [REMINDED]
    where = f"{AT}/notices/{quote(told[0]['notice_id'], safe='')}"
    letter = good(seller.bert.get(where))
    assert letter["sha256"]

    files = good(seller.bert.get(f"{where}/files"))["data"]

    fetched = {file["name"]: urlopen(file["url"], timeout=10).read() for file in files}
    assert fetched["letter.html"].decode() == letter["html"]
    assert fetched["letter.txt"].decode() == letter["text"]
    assert [len(fetched[file["name"]]) for file in files] == [file["size_bytes"] for file in files]


def what_happened_and_what_comes_next_is_explained(seller: Seller) -> None:
    rows = good(seller.bert.get(f"{AT}/timeline?limit=200"))["data"]
    acts = {(row["kind"], row["actor"]) for row in rows if row["source"] == "action"}
    # "pastdue" itself booked what became of the letters.
    assert {actor for _, actor in acts} == {"erp", "anna", "bert", "pastdue"}
    assert ("charge_waived", "anna") in acts
    kinds = [row["kind"] for row in rows if row["source"] != "action"]
    assert {"invoice", "payment", "stage", "notice", "charge", "waiver"} <= set(kinds)

    account = good(seller.bert.get(f"{AT}/explain"))
    invoice = good(seller.bert.get(f"{AT}/invoices/http-I1/explain"))
    assert account["next_on"] > CHARGED
    assert (invoice["as_of"], invoice["days_past_due"]) == (CHARGED, 38)
    assert {"notice", "charge"} <= {step["kind"] for step in invoice["past"]}


def reports_are_told_as_json_and_as_csv(seller: Seller) -> None:
    path = f"/v1/reports/aging?as_of={CHARGED}&by=account&limit=200"
    rows = good(seller.bert.get(path))["data"]
    table = seller.bert.get(path, Accept="text/csv")
    assert table.headers["Content-Type"].startswith("text/csv")
    assert len(table.text.splitlines()) == len(rows) + 1
    assert CUSTOMERS[0] in table.text

    period = good(seller.bert.get(f"/v1/reports/collections?from={REMINDED}&to={CHARGED}"))
    assert period["data"], "a period between two runs has figures"


def a_policy_and_a_run_need_a_second_person(seller: Seller) -> None:
    etag = seller.admin.get("/v1/policies/standard").headers["ETag"]
    body = {"document": CAREFUL}
    proposed = good(seller.admin.put("/v1/policies/standard", body, If_Match=etag))
    approve = f"/v1/policies/standard/versions/{proposed['version']}/approve"
    assert seller.admin.post(approve, WHY).code == SECOND_PERSON
    assert good(seller.other_admin.post(approve, WHY))["effective_on"] == NEXT
    seller.settle()

    waiting = good(seller.anna.post("/v1/runs", {"as_of": NEXT}))
    assert waiting["state"] == "waiting"
    due = good(seller.bert.get(f"/v1/runs/{NEXT}"))["accounts_due"]
    go = WHY | {"accounts_due": due}
    assert seller.anna.post(f"/v1/runs/{NEXT}/approve", go).code == SECOND_PERSON
    assert good(seller.bert.post(f"/v1/runs/{NEXT}/approve", go))["state"] == "running"
    seller.settle()
    assert good(seller.bert.get(f"/v1/runs/{NEXT}"))["figures"]["left"] == 0


def dunning_rests_and_goes_on(seller: Seller) -> None:
    """An account is decided where it is asked for, one that is large by its worker."""
    seller.take_in(RESTS, invoice("R1", 100_000), wake_on=date.fromisoformat(NEXT))
    for name in (RESTS, LARGE):
        at = f"/v1/accounts/{name}"
        good(seller.anna.post(f"{at}/pause", WHY | {"until_on": "2024-05-12"}))
        good(seller.anna.post(f"{at}/resume", WHY | {"when": "now"}))
    seller.settle()


def sending_is_paused_and_resumed(seller: Seller) -> None:
    assert good(seller.anna.post("/v1/sending/pause", WHY))["sending"] == "paused"
    assert good(seller.anna.post("/v1/sending/resume", WHY))["sending"] == "on"
    # Workers may go by the pause for 15 seconds: what is handed over meanwhile waits in its outbox.
