"""One story of a customer, told only over HTTP, by several people and the seller's systems."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import quote
from urllib.request import urlopen

import pytest
from chalicelib.flows.evidence_verify import verify
from chalicelib.flows.policies import shipped_document
from local.cloud.machine import LocalCloud
from local.token_signer import Signer

from tests.infra.http_api import Answer, Person

pytestmark = pytest.mark.emulator
FIRST, REMINDED, CHARGED, NEXT = "2024-03-20", "2024-04-04", "2024-04-11", "2024-04-12"
CUSTOMERS = [f"http-{number}" for number in range(1, 9)]
AT = f"/v1/accounts/{CUSTOMERS[0]}"
SECOND_PERSON = "second_person_needed"
WHY = {"reason_code": "goodwill", "note": "Agreed by phone."}
PAYMENT = {
    "payment_id": "http-pay-1",
    "received_on": REMINDED,
    "amount": {"amount_minor": 20_000, "currency": "USD"},
    "invoice_ids": ["http-I1"],
}
CAREFUL = (
    shipped_document("standard")
    .decode()
    .replace('max_run_growth   = "3.0"', 'max_run_growth   = "1.0"')
    .replace("max_first_run    = 1000", "max_first_run    = 1")
)


@dataclass
class Seller:
    """Who acts for the seller."""

    cloud: LocalCloud
    erp: Person
    anna: Person
    bert: Person
    admin: Person
    other_admin: Person

    def run(self, day: str) -> None:
        """Start the day's run over HTTP, wait for its end, and keep its figures.

        What other tests left due on the shared stage may make it wait for an approval (R13.1).
        """
        if good(self.anna.post("/v1/runs", {"as_of": day}))["state"] == "waiting":
            go = WHY | {"accounts_due": good(self.bert.get(f"/v1/runs/{day}"))["accounts_due"]}
            assert good(self.bert.post(f"/v1/runs/{day}/approve", go))["state"] == "running"
        self.cloud.wait_until_quiet(timeout_s=120)
        self.cloud.invoke("report", {"run_on": day})


@pytest.fixture
def seller(own_cloud: LocalCloud, signer: Signer) -> Seller:
    def person(name: str, *roles: str) -> Person:
        return Person(own_cloud, signer, name, roles)

    return Seller(
        own_cloud,
        erp=person("erp", "service"),
        anna=person("anna", "approver"),
        bert=person("bert", "approver", "viewer"),
        admin=person("carla", "admin"),
        other_admin=person("dora", "admin"),
    )


def good(answer: Answer) -> Any:
    assert answer.status < 300, answer.text
    return answer.body


def test_a_customers_story_over_http(seller: Seller) -> None:
    the_erp_tells_of_accounts_and_invoices(seller)
    an_order_is_let_through_by_a_second_person(seller)
    a_payment_is_booked_once(seller)
    a_fee_is_charged_and_waived_and_told_to_the_erp(seller)
    a_letter_is_read_as_it_was_sent_and_its_files_are_fetched(seller)
    all_about_the_account_is_exported_as_evidence(seller)
    what_happened_and_what_comes_next_is_explained(seller)
    reports_are_told_as_json_and_as_csv(seller)
    a_policy_and_a_run_need_a_second_person(seller)
    assert seller.cloud.dead_letters() == ()


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


def a_fee_is_charged_and_waived_and_told_to_the_erp(seller: Seller) -> None:
    seller.run(CHARGED)
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


def all_about_the_account_is_exported_as_evidence(seller: Seller) -> None:
    asked = seller.anna.post(f"{AT}/evidence", WHY | {"recipient": "Lindholm & Partners"})
    seller.cloud.wait_until_quiet(timeout_s=120)

    done = good(seller.bert.get(f"{AT}/evidence/{good(asked)['evidence_id']}"))

    found = verify(urlopen(done["archive"]["url"], timeout=10).read())
    assert (found.faults, found.account_id) == ((), CUSTOMERS[0])
    assert (found.sha256, done["result"]["is_sound"]) == (done["result"]["sha256"], True)
    assert done["result"]["checks"]["letters"]["same"] >= 1


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
    seller.cloud.wait_until_quiet(timeout_s=60)

    waiting = good(seller.anna.post("/v1/runs", {"as_of": NEXT}))
    assert waiting["state"] == "waiting"
    due = good(seller.bert.get(f"/v1/runs/{NEXT}"))["accounts_due"]
    go = WHY | {"accounts_due": due}
    assert seller.anna.post(f"/v1/runs/{NEXT}/approve", go).code == SECOND_PERSON
    assert good(seller.bert.post(f"/v1/runs/{NEXT}/approve", go))["state"] == "running"
    seller.cloud.wait_until_quiet(timeout_s=60)
    assert good(seller.bert.get(f"/v1/runs/{NEXT}"))["figures"]["left"] == 0
