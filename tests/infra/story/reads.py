"""Everything that can be read is read: each GET of the deployed API's own document."""

from __future__ import annotations

import json
import re
from datetime import date
from typing import Any
from urllib.request import urlopen

from chalicelib.core.facts import TaskOpened

from tests.infra.http_api import Person
from tests.infra.story.customer import CHARGED, CUSTOMERS, NEXT, REMINDED
from tests.infra.story.seller import WHY, Seller, good
from tests.unit.accounts import invoice

# What the parameters of paths and queries are filled with; a new one is to be added here.
NAMES = {
    "account_id": CUSTOMERS[0],
    "invoice_id": "http-I1",
    "charge_id": "http-I1:fee:flat",
    "payment_id": "http-pay-1",
    "notice_id": f"{CUSTOMERS[0]}:USD:{REMINDED}",
    "agency_id": "default",
    "policy_id": "standard",
    "person_id": "dana",
    "run_id": CHARGED,
    "language": "en",
    "text": "reminder",
    "as_of": CHARGED,
    "from": REMINDED,
    "to": NEXT,
    "date": CHARGED,
    "principal_minor": "100000",
    "currency": "USD",
    "webhook_id": "desk",
}
UNKNOWN = "nobody-1"


def tell(seller: Seller) -> None:
    """Put in a person and a text of the seller's own, then read every noun."""
    reader = seller.person("robin", "viewer", "admin", "approver", "collector")
    dana = {"name": "Dana Reyes", "email": "dana.reyes@seller.example"}
    good(reader.put("/v1/people/dana", dana, If_None_Match="*"))
    words = {"blocks": {"opening": "{{ phrases.greeting }}"}}
    good(reader.put("/v1/policies/standard/letter_texts/en/reminder", words))
    a_class_gets_another_policy(seller)
    calls_in_two_currencies_are_ranked_by_the_rates(seller, reader)
    refused = {}
    for path in paths(seller):
        answer = reader.get(path)
        if answer.status not in (200, 404):
            refused[path] = f"{answer.status} {answer.text[:300]}"
    assert refused == {}, refused
    before = f"/v1/accounts/{CUSTOMERS[0]}/timeline?limit=1"
    cursor = reader.get(before).body["next_cursor"]
    good(reader.get(f"{before}&cursor={cursor}"))


def a_class_gets_another_policy(seller: Seller) -> None:
    """Every account of the class is woken, by a job that begins when all workers know of it."""
    etag = seller.admin.get("/v1/policy_assignments").headers["ETag"]
    body = {"default": "standard", "classes": {"small": "standard"}}
    good(seller.admin.put("/v1/policy_assignments", body | WHY, If_Match=etag))


def calls_in_two_currencies_are_ranked_by_the_rates(seller: Seller, reader: Person) -> None:
    day = date.fromisoformat(NEXT)
    for currency in ("USD", "EUR"):
        name = f"story-{currency.lower()}"
        call = TaskOpened(day, f"{name}:call", "call", day, "Because.", "dana")
        seller.take_in(name, invoice(f"{name}-1", 100_000, currency=currency), call)
    rows = good(reader.get("/v1/tasks?assignee=dana"))["data"]
    assert {row["account_id"] for row in rows} == {"story-usd", "story-eur"}


def paths(seller: Seller) -> list[str]:
    """Every path that the document of finance's API lets one GET, with its parameters filled."""
    with urlopen(f"{seller.cloud.stack.api_url}/openapi.json", timeout=60) as answer:
        document: dict[str, Any] = json.load(answer)
    found = []
    for path, methods in document["paths"].items():
        if "get" in methods and path.startswith("/v1/"):
            asked = [one for one in methods["get"].get("parameters", ()) if one.get("required")]
            query = [one["name"] for one in asked if one["in"] == "query"]
            given = "&".join(f"{name}={NAMES.get(name, UNKNOWN)}" for name in query)
            filled = re.sub(r"{(\w+)}", lambda name: NAMES.get(name[1], UNKNOWN), path)
            found.append(f"{filled}?{given}" if given else filled)
    return found
