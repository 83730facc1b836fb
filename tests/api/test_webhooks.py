"""Webhooks over the API: endpoints put in, secrets shown once, deliveries seen and repeated."""

from __future__ import annotations

import json
from datetime import date, timedelta
from typing import Any

import pytest
from chalicelib import wiring_webhooks
from chalicelib.flows.ports_events import BusEvent
from chalicelib.flows.ports_webhooks import Answer
from chalicelib.flows.webhook_book import WebhookBook
from chalicelib.flows.webhook_signing import secret_of
from chalicelib.messages_webhooks import DeliveryMessage
from tests.api.client import Api
from tests.flows.machine import NOW, Machine
from tests.workers.deployment import FakePorts

ORDERS = "/v1/webhooks/orders"
BODY = {
    "url": "https://hooks.crm.example/pastdue",
    "event_types": ["hold.released", "hold.placed"],
    "description": "Order desk",
}


@pytest.fixture
def api() -> Api:
    found = Api(Machine())
    assert found.put(ORDERS, BODY).status == 201
    return found


def tell(api: Api, number: int = 1) -> None:
    """Let the bus tell the worker of an event that happened now."""
    at = api.machine.clock.now()
    event = BusEvent(f"evt_{number}", "hold.placed", at, "A1", date(2024, 3, 18), {})
    wiring_webhooks.work(FakePorts(api.machine), json.dumps(event.values()))


def deliver(api: Api) -> None:
    """Let the worker do what is in its queue now."""
    queue = api.machine.webhook_queue
    sent, queue.sent = queue.sent, []
    for webhook_id, event_id, _ in sent:
        message = DeliveryMessage(webhook_id, event_id)
        wiring_webhooks.work(FakePorts(api.machine), message.to_json())


def deliveries(api: Api, query: str = "") -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = api.get(f"{ORDERS}/deliveries{query}").body["data"]
    return found


# ---------- endpoints ----------


def test_a_new_webhook_is_answered_with_its_secret_and_read_without() -> None:
    api = Api(Machine())

    made = api.put(ORDERS, BODY)
    read = api.get(ORDERS)

    webhook = WebhookBook(api.machine.records).get("orders").value
    assert made.body["secret"] == secret_of(FakePorts(api.machine).webhook_key, webhook, 1)
    (act,) = read.body["log"]
    assert (act["kind"], act["actor"]) == ("webhook_put", "anna")
    assert "secret" not in read.body
    assert read.body | {"log": []} == {
        "webhook_id": "orders", "url": BODY["url"], "event_types": ["hold.placed", "hold.released"],
        "description": "Order desk", "enabled": True, "disabled_because": None,
        "created_at": "2024-03-18T05:00:00Z", "old_secret_until": None, "failures": 0,
        "failing_since": None, "rests_until": None, "log": [],
    }  # fmt: skip


def test_no_secret_is_kept_anywhere(api: Api) -> None:
    rotated = api.post(f"{ORDERS}/rotate_secret", {})

    assert rotated.body["secret"].startswith("whsec_")
    assert "whsec_" not in repr(api.machine.records.kept)


def test_a_change_of_a_webhook_says_which_state_was_read_and_shows_no_secret(api: Api) -> None:
    etag = api.get(ORDERS).headers["ETag"]

    assert api.put(ORDERS, {**BODY, "enabled": False}).status == 428
    changed = api.put(ORDERS, {**BODY, "enabled": False}, If_Match=etag)
    assert (changed.status, changed.body["enabled"], changed.body["secret"]) == (200, False, None)
    assert api.put(ORDERS, BODY, If_Match=etag).status == 412
    assert api.put(ORDERS, {**BODY, "enabled": False}).status == 200, "the same again"


def test_the_answer_to_the_same_call_again_has_no_secret() -> None:
    api = Api(Machine())
    first = api.put(ORDERS, BODY, Idempotency_Key="once")
    again = api.put(ORDERS, BODY, Idempotency_Key="once")

    assert first.body["secret"]
    assert (again.status, again.body["secret"]) == (201, None)
    assert again.headers["Idempotent-Replayed"] == "true"


@pytest.mark.parametrize(
    ("url", "code"),
    [
        ("http://hooks.crm.example/", "not_https"),
        ("https://127.0.0.1:9001/", "host_not_allowed"),
        ("https://hooks.crm.example:8443/", "port_not_allowed"),
        ("https://inside.example/", "not_public"),
        ("https://unanswered.example/", "no_address"),
    ],
)
def test_an_address_that_is_not_public_https_is_refused(api: Api, url: str, code: str) -> None:
    api.machine.resolver.hosts["inside.example"] = ["8.8.8.8", "169.254.169.254"]

    answer = api.put("/v1/webhooks/crm", {"url": url})

    assert (answer.status, answer.pointers) == (422, ["/url"])
    assert answer.body["errors"][0]["code"] == code


def test_every_fault_of_a_webhook_is_told_at_once(api: Api) -> None:
    wrong = {"url": "http://x", "event_types": ["hold.placed", "hold.dropped"]}

    answer = api.put("/v1/webhooks/CRM", wrong)

    assert answer.status == 422
    assert answer.pointers == ["webhook_id", "/event_types/1", "/url"]


@pytest.mark.parametrize(
    "wrong",
    [
        {"event_types": []},
        {"event_types": ["Hold"]},
        {"event_types": ["hold.placed"] * 201},
        {"url": "https://hooks.crm.example/" + "x" * 500},
        {"enabled": "yes"},
        {"secret": "whsec_x"},
    ],
)
def test_what_no_webhook_can_be_is_malformed(api: Api, wrong: dict[str, Any]) -> None:
    assert api.put("/v1/webhooks/crm", BODY | wrong).status in (400, 422)


def test_a_webhook_whose_host_is_gone_can_still_be_disabled(api: Api) -> None:
    api.machine.resolver.hosts["hooks.crm.example"] = []
    etag = api.get(ORDERS).headers["ETag"]

    assert api.put(ORDERS, {**BODY, "enabled": False}, If_Match=etag).status == 200
    etag = api.get(ORDERS).headers["ETag"]
    assert api.put(ORDERS, BODY, If_Match=etag).status == 422


def test_webhooks_are_listed_by_id_without_secrets(api: Api) -> None:
    api.put("/v1/webhooks/crm", {"url": BODY["url"]})

    first = api.get("/v1/webhooks?limit=1").body
    second = api.get(f"/v1/webhooks?limit=1&cursor={first['next_cursor']}").body

    assert [one["webhook_id"] for part in (first, second) for one in part["data"]] == [
        "crm",
        "orders",
    ]
    assert second["next_cursor"] is None
    assert "whsec_" not in json.dumps([first, second])


def test_a_stage_has_twenty_webhooks_at_most(api: Api) -> None:
    for number in range(19):
        assert api.put(f"/v1/webhooks/w{number}", {"url": BODY["url"]}).status == 201

    refused = api.put("/v1/webhooks/w19", {"url": BODY["url"]})

    assert (refused.status, refused.code) == (422, "limit_reached")


def test_only_administrators_change_webhooks_and_everyone_may_look(api: Api) -> None:
    bert = api.as_("viewer", "bert")
    writes = [
        bert.put(ORDERS, BODY),
        bert.delete(ORDERS),
        bert.post(f"{ORDERS}/rotate_secret", {}),
        bert.post(f"{ORDERS}/test"),
        bert.post(f"{ORDERS}/recover", {"since": "2024-03-17T00:00:00Z"}),
        bert.post(f"{ORDERS}/deliveries/evt_1/redeliver"),
    ]

    assert {answer.status for answer in writes} == {403}
    assert bert.get(ORDERS).status == bert.get(f"{ORDERS}/deliveries").status == 200
    assert api.as_("approver", "carl").delete(ORDERS).status == 403


def test_a_webhook_that_is_removed_is_gone_and_its_name_gets_another_secret(api: Api) -> None:
    webhook = WebhookBook(api.machine.records).get("orders").value
    old = secret_of(FakePorts(api.machine).webhook_key, webhook, 1)
    tell(api)

    assert api.delete(ORDERS).body == {"webhook_id": "orders", "removed": True}
    assert api.get(ORDERS).status == api.delete(ORDERS).status == 404
    api.machine.clock.pass_by(seconds=1)
    assert api.put(ORDERS, BODY).body["secret"] != old
    deliver(api)
    assert api.machine.receiver.got == []


# ---------- deliveries ----------


def test_a_test_sends_a_ping_whatever_types_are_wanted(api: Api) -> None:
    asked = api.post(f"{ORDERS}/test")
    deliver(api)

    assert (asked.status, asked.body["state"], asked.body["event_type"]) == (202, "pending", "ping")
    [posted] = api.machine.receiver.got
    assert json.loads(posted.body) == {
        "id": asked.body["event_id"], "type": "ping", "timestamp": "2024-03-18T05:00:00Z",
        "data": {"webhook_id": "orders"},
    }  # fmt: skip
    assert [(one["state"], one["last_status"]) for one in deliveries(api)] == [("delivered", 204)]


def test_each_test_is_a_ping_of_its_own_and_the_same_call_is_one(api: Api) -> None:
    api.post(f"{ORDERS}/test", Idempotency_Key="a")
    api.post(f"{ORDERS}/test", Idempotency_Key="a")
    api.post(f"{ORDERS}/test", Idempotency_Key="b")

    assert len(deliveries(api)) == 2


def test_what_the_queue_does_not_take_now_is_handed_over_later(api: Api) -> None:
    api.machine.webhook_queue.is_down = True
    assert api.post(f"{ORDERS}/test").status == 202
    api.machine.webhook_queue.is_down = False

    wiring_webhooks.reconcile(FakePorts(api.machine), NOW + timedelta(minutes=5))

    assert len(api.machine.webhook_queue.sent) == 1


def test_a_delivery_says_why_it_failed_and_when_it_is_tried_again(api: Api) -> None:
    api.machine.receiver.answers = [Answer(500)]
    tell(api)
    deliver(api)

    [one] = deliveries(api)
    assert (one["state"], one["attempts"]) == ("pending", 1)
    assert (one["last_status"], one["last_code"]) == (500, "server_error")
    assert one["next_attempt_at"].startswith("2024-03-18T05:00:05")


def test_deliveries_are_listed_newest_first_page_by_page_and_by_state(api: Api) -> None:
    for number in range(5):
        tell(api, number)
        api.machine.receiver.answers = [Answer(410 if number == 3 else 204)]
        deliver(api)
        api.machine.clock.pass_by(seconds=1)

    listed: list[str] = []
    cursor: str | None = ""
    while cursor is not None:
        part = api.get(f"{ORDERS}/deliveries?limit=2&cursor={cursor}").body
        listed += [one["event_id"] for one in part["data"]]
        cursor = part["next_cursor"]
    assert listed == ["evt_3", "evt_2", "evt_1", "evt_0"]  # at 3 it said that it is gone
    assert [one["event_id"] for one in deliveries(api, "?state=failed")] == ["evt_3"]
    first = api.get(f"{ORDERS}/deliveries?state=delivered&limit=1").body
    rest = api.get(f"{ORDERS}/deliveries?state=delivered&limit=9&cursor={first['next_cursor']}")
    found = [one["event_id"] for one in (*first["data"], *rest.body["data"])]
    assert (found, rest.body["next_cursor"]) == (["evt_2", "evt_1", "evt_0"], None)


def test_an_event_is_delivered_again_under_its_id_whatever_became_of_it(api: Api) -> None:
    tell(api)
    deliver(api)
    api.machine.clock.pass_by(days=9)

    again = api.post(f"{ORDERS}/deliveries/evt_1/redeliver")
    deliver(api)

    assert (again.status, again.body["state"], again.body["attempts"]) == (202, "pending", 0)
    first, second = api.machine.receiver.got
    assert first.body == second.body
    assert first.headers["webhook-id"] == second.headers["webhook-id"]
    assert first.headers["webhook-signature"] != second.headers["webhook-signature"]


def test_what_was_never_delivered_to_a_webhook_is_not_found(api: Api) -> None:
    assert api.post(f"{ORDERS}/deliveries/evt_9/redeliver").status == 404
    assert api.get("/v1/webhooks/crm/deliveries").status == 404
    assert api.post("/v1/webhooks/crm/test").status == 404


def test_nothing_is_sent_to_a_disabled_webhook_until_it_is_enabled(api: Api) -> None:
    api.machine.receiver.answers = [Answer(410)]
    tell(api)
    deliver(api)

    since = {"since": "2024-03-18T00:00:00Z"}
    refused = [
        api.post(f"{ORDERS}/test"),
        api.post(f"{ORDERS}/deliveries/evt_1/redeliver"),
        api.post(f"{ORDERS}/recover", since),
    ]
    assert {(one.status, one.code) for one in refused} == {(409, "wrong_state")}
    assert api.get(ORDERS).body["disabled_because"] == "gone"

    enabled = api.put(ORDERS, BODY, If_Match=api.get(ORDERS).headers["ETag"])
    assert (enabled.status, enabled.body["disabled_because"]) == (200, None)
    recovered = api.post(f"{ORDERS}/recover", since)
    assert (recovered.status, recovered.body) == (202, {"recovered": 1, "next_since": None})
    wiring_webhooks.reconcile(FakePorts(api.machine), NOW)
    deliver(api)
    assert [one["state"] for one in deliveries(api)] == ["delivered"]


def test_what_failed_is_recovered_part_by_part(api: Api) -> None:
    api.machine.receiver.always = Answer(410)
    for number in range(230):
        tell(api, number)
        api.machine.clock.pass_by(seconds=1)
    book = WebhookBook(api.machine.records)
    for number in range(230):  # each is the one that hears of the end
        etag = api.get(ORDERS).headers["ETag"]
        if not book.get("orders").value.is_enabled:
            api.put(ORDERS, BODY, If_Match=etag)
        message = DeliveryMessage("orders", f"evt_{number}")
        wiring_webhooks.work(FakePorts(api.machine), message.to_json())
    api.put(ORDERS, BODY, If_Match=api.get(ORDERS).headers["ETag"])

    first = api.post(f"{ORDERS}/recover", {"since": "2024-03-18T05:00:10Z"}).body
    second = api.post(f"{ORDERS}/recover", {"since": first["next_since"]}).body

    assert (first["recovered"], first["next_since"]) == (200, "2024-03-18T05:03:30Z")
    assert (second["recovered"], second["next_since"]) == (20, None)
    assert len(deliveries(api, "?state=failed&limit=200")) == 10


@pytest.mark.parametrize("since", ["2024-02-16T00:00:00Z", "2024-03-19T00:00:00Z"])
def test_what_is_not_kept_any_more_is_not_recovered(api: Api, since: str) -> None:
    answer = api.post(f"{ORDERS}/recover", {"since": since})

    assert (answer.status, answer.pointers) == (422, ["/since"])


def test_what_was_done_to_a_webhook_is_in_its_log(api: Api) -> None:
    api.post(f"{ORDERS}/test")
    api.machine.clock.pass_by(seconds=1)
    api.post(f"{ORDERS}/rotate_secret", {})

    assert {act["kind"] for act in api.get(ORDERS).body["log"]} == {
        "webhook_put",
        "webhook_tested",
        "webhook_secret_rotated",
    }
