"""Events on their way to receivers: each delivered once, tried again for days, nobody held up."""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import Any

import pytest
from chalicelib.flows.ports_events import BusEvent
from chalicelib.flows.ports_registry import Put
from chalicelib.flows.ports_webhooks import Answer, Delivery, Webhook
from chalicelib.flows.webhook_book import WebhookBook, webhook_key
from chalicelib.flows.webhook_reconcile import WebhookReconcile
from chalicelib.flows.webhook_retries import ATTEMPTS_MAX, LEASE
from chalicelib.flows.webhook_signing import secret_of, signature
from chalicelib.flows.webhook_work import WebhookWork
from chalicelib.messages import MessageError
from chalicelib.messages_webhooks import DeliveryMessage
from tests.fakes_registry import MemoryRecords
from tests.fakes_webhooks import FakeReceiver, MemoryDeliveries, MemoryWebhookQueue
from tests.flows.machine import NOW, FixedClock

KEY = b"k" * 64
OK, BUSY, BROKEN = Answer(204), Answer(503, retry_after="7200"), Answer(500)
SILENT = Answer(0, "timed_out")


def event(number: int, kind: str = "hold.placed") -> BusEvent:
    return BusEvent(f"evt_{number}", kind, NOW, "A1", date(2024, 3, 18), {"hold_id": "h1"})


@dataclass
class Office:
    """Endpoints, a queue and receivers, which the worker and the minute's reconcile work on."""

    receiver: FakeReceiver = field(default_factory=FakeReceiver)
    deliveries: MemoryDeliveries = field(default_factory=MemoryDeliveries)
    queue: MemoryWebhookQueue = field(default_factory=MemoryWebhookQueue)
    records: MemoryRecords = field(default_factory=MemoryRecords)
    clock: FixedClock = field(default_factory=FixedClock)
    elapsed_s: float = 0.0  # and how much more at each look at it
    each_look_s: float = 0.0

    def times(self) -> float:
        self.elapsed_s += self.each_look_s
        return self.elapsed_s

    def __post_init__(self) -> None:
        self.book = WebhookBook(self.records)
        self.work = WebhookWork(
            self.book,
            self.deliveries,
            self.queue,
            self.receiver,
            lambda: KEY,
            self.clock.now,
            "T/1",
        )
        self.reconcile = WebhookReconcile(self.book, self.deliveries, self.queue, self.times)

    def endpoint(self, name: str = "orders", **said: Any) -> Webhook:
        webhook = Webhook(name, f"https://{name}.example.com/hook", NOW, **said)
        self.records.write(Put(webhook_key(name), webhook))
        return webhook

    def tell(self, number: int = 1, kind: str = "hold.placed") -> str:
        """Let the bus tell of an event; nothing is delivered yet."""
        told = event(number, kind)
        self.work.take(json.dumps(told.values()))
        return told.id

    def run(self) -> dict[str, int]:
        """Work off what is in the queue now, and return what was counted."""
        sent, self.queue.sent = self.queue.sent, []
        total: dict[str, int] = {}
        for name, event_id, _ in sent:
            for count, number in self.work.take(DeliveryMessage(name, event_id).to_json()).items():
                total[count] = total.get(count, 0) + number
        return total

    def minutes(self, minutes: int) -> dict[str, int]:
        """Let minutes pass, each with its reconcile and the work that it hands over."""
        total: dict[str, int] = {}
        for _ in range(minutes):
            self.reconcile.hand_over(self.clock.pass_by(minutes=1))
            for count, number in self.run().items():
                total[count] = total.get(count, 0) + number
        return total

    def delivery(self, webhook: Webhook, event_id: str = "evt_1") -> Delivery:
        found = self.deliveries.find(webhook.shelf, event_id)
        assert found is not None
        return found


@pytest.fixture
def office() -> Office:
    return Office()


# ---------- an event becomes deliveries ----------


def test_an_event_is_posted_as_the_bus_told_it_and_signed(office: Office) -> None:
    webhook = office.endpoint()
    office.tell()

    assert office.run() == {"webhook_delivered": 1}
    [posted] = office.receiver.got
    assert posted.url == webhook.url
    assert json.loads(posted.body) == event(1).values()
    at_s = int(NOW.timestamp())
    assert posted.headers == {
        "webhook-id": "evt_1",
        "webhook-timestamp": str(at_s),
        "webhook-signature": signature(secret_of(KEY, webhook, 1), "evt_1", at_s, posted.body),
        "content-type": "application/json",
        "user-agent": "T/1",
    }
    assert office.delivery(webhook).state == "delivered"


def test_each_endpoint_gets_the_types_it_wants_and_a_disabled_one_nothing(office: Office) -> None:
    office.endpoint("all")
    office.endpoint("holds", event_types=("hold.placed", "hold.released"))
    office.endpoint("charges", event_types=("charge.posted",))
    office.endpoint("off", is_enabled=False)

    office.tell()

    assert [name for name, _, _ in office.queue.sent] == ["all", "holds"]


def test_an_event_that_is_told_twice_is_delivered_once(office: Office) -> None:
    office.endpoint()
    office.tell()
    office.tell()  # before it was delivered: handed over again
    office.run()
    office.tell()  # and after
    office.run()

    assert len(office.receiver.got) == 1


def test_a_delivery_that_is_handed_over_twice_at_once_is_attempted_once(office: Office) -> None:
    webhook = office.endpoint()
    office.tell()
    before = office.delivery(webhook)
    office.run()
    office.deliveries.kept[webhook.shelf, "evt_1"] = replace(
        before, attempts=1, next_at=NOW + LEASE, revision=2
    )  # another worker is at it

    assert office.work.take(DeliveryMessage("orders", "evt_1").to_json()) == {
        "webhook_too_early": 1
    }
    assert len(office.receiver.got) == 1


def test_what_a_worker_that_died_left_behind_is_tried_again_after_its_lease(office: Office) -> None:
    webhook = office.endpoint()
    office.tell()
    left = replace(office.delivery(webhook), attempts=1, next_at=NOW + LEASE)
    office.deliveries.keep(webhook.shelf, left)
    office.queue.sent.clear()

    assert office.minutes(1) == {}
    assert office.minutes(1) == {"webhook_delivered": 1}


def test_an_event_whose_message_was_lost_is_handed_over_within_minutes(office: Office) -> None:
    office.endpoint()
    office.tell()
    office.queue.sent.clear()

    assert office.minutes(5) == {"webhook_delivered": 1}


@pytest.mark.parametrize(
    "body",
    [
        "", "[]", "{}", '{"webhook_id": "x"}', '{"id": "evt.1", "type": "a.b", "timestamp": "x"}',
        '{"id": "evt_1", "type": "a.b", "timestamp": "yesterday"}',
        '{"id": "evt_1", "type": "a.b", "timestamp": "2024-03-18T05:00:00"}',
        '{"id": "evt.1", "type": "a.b", "timestamp": "2024-03-18T05:00:00Z"}',
    ],
)  # fmt: skip
def test_what_is_neither_event_nor_delivery_is_put_aside(office: Office, body: str) -> None:
    with pytest.raises(MessageError):
        office.work.take(body)


# ---------- what fails is tried again ----------


def test_a_failed_delivery_comes_again_in_seconds_then_minutes_then_hours(office: Office) -> None:
    webhook = office.endpoint()
    office.receiver.always = BROKEN
    office.tell()
    waits = []
    for _ in range(3):
        office.run()
        left = office.delivery(webhook)
        assert left.next_at is not None
        waits.append((left.next_at - office.clock.now()).total_seconds())
        office.clock.at = left.next_at
        office.reconcile.hand_over(office.clock.now())

    assert all(1 <= wait / base <= 1.1 for wait, base in zip(waits, (5, 300, 1800), strict=True))
    left = office.delivery(webhook)
    assert (left.last_status, left.last_code, left.attempts) == (500, "server_error", 3)


def test_the_first_retry_does_not_wait_for_the_minute(office: Office) -> None:
    office.endpoint()
    office.receiver.always = BROKEN
    office.tell()
    office.run()

    [(_, _, delay_s)] = office.queue.sent
    assert 5 <= delay_s <= 7


def test_each_attempt_has_its_own_time_and_the_same_id_and_body(office: Office) -> None:
    office.endpoint()
    office.receiver.answers = [BROKEN]
    office.tell()
    office.run()
    office.clock.pass_by(seconds=7)
    office.run()

    first, second = office.receiver.got
    assert first.body == second.body
    assert first.headers["webhook-id"] == second.headers["webhook-id"]
    assert first.headers["webhook-timestamp"] != second.headers["webhook-timestamp"]
    assert first.headers["webhook-signature"] != second.headers["webhook-signature"]


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        (Answer(301), "redirect"),
        (Answer(304), "redirect"),
        (Answer(404), "client_error"),
        (Answer(500), "server_error"),
        (Answer(103), "strange_status"),
        (Answer(799), "strange_status"),
        (SILENT, "timed_out"),
        (Answer(0, "not_public"), "not_public"),
    ],
)
def test_anything_but_2xx_is_a_failure_with_its_reason(
    office: Office, answer: Answer, code: str
) -> None:
    webhook = office.endpoint()
    office.receiver.always = answer
    office.tell()
    office.run()

    assert (office.delivery(webhook).state, office.delivery(webhook).last_code) == ("pending", code)


def test_a_receiver_that_asks_for_time_gets_it(office: Office) -> None:
    webhook = office.endpoint()
    office.receiver.answers = [BUSY]
    office.tell()
    office.run()

    assert office.delivery(webhook).next_at == NOW + timedelta(hours=2)
    health = office.book.health(webhook).value
    assert health.rests_until == NOW + timedelta(minutes=30)  # others wait for so long at most


def test_after_ten_attempts_a_delivery_is_given_up_and_kept(office: Office) -> None:
    webhook = office.endpoint()
    office.receiver.always = SILENT
    office.tell()
    office.run()
    counts: dict[str, int] = {}
    while (left := office.delivery(webhook)).next_at is not None:
        rests = office.book.health(webhook).value.rests_until
        office.clock.at = max(left.next_at, rests or left.next_at)
        office.reconcile.hand_over(office.clock.now())
        counts = office.run()

    assert counts == {"webhook_attempt_failed": 1, "webhook_given_up": 1}
    assert (left.state, left.attempts) == ("failed", ATTEMPTS_MAX)
    assert timedelta(days=3) < office.clock.now() - NOW < timedelta(days=4)


def test_a_receiver_that_says_it_is_gone_gets_nothing_more(office: Office) -> None:
    webhook = office.endpoint()
    office.receiver.answers = [Answer(410)]
    office.tell(1)
    office.tell(2)

    assert office.run() == {
        "webhook_given_up": 1, "webhook_endpoint_disabled": 1, "webhook_not_wanted": 1,
    }  # fmt: skip
    there = office.book.get("orders").value
    assert (there.is_enabled, there.disabled_because) == (False, "gone")
    assert (office.delivery(webhook).state, office.delivery(webhook).last_code) == (
        "failed",
        "gone",
    )


def test_an_endpoint_that_failed_for_five_days_is_disabled(office: Office) -> None:
    office.endpoint()
    office.receiver.always = SILENT
    disabled_after = None
    for hour in range(24 * 6):
        office.tell(hour)
        counts = office.run()
        office.clock.pass_by(hours=1)
        if "webhook_endpoint_disabled" in counts:
            disabled_after = hour
            break

    assert disabled_after == 24 * 5
    assert office.book.get("orders").value.disabled_because == "failing"


# ---------- a receiver that hangs holds up nobody ----------


def test_an_endpoint_that_keeps_failing_rests_and_what_waits_is_not_touched(office: Office) -> None:
    orders, crm = office.endpoint("orders"), office.endpoint("crm")
    for number in range(30):
        office.tell(number)
    office.queue.sent = [one for one in office.queue.sent if one[0] == "orders"] + [
        one for one in office.queue.sent if one[0] == "crm"
    ]
    office.receiver.by_url = {orders.url: SILENT}

    counts = office.run()

    urls = [posted.url for posted in office.receiver.got]
    assert (urls.count(orders.url), urls.count(crm.url)) == (5, 30)
    assert counts["webhook_resting"] == 25


def test_after_a_rest_one_attempt_is_made_and_a_success_lets_everything_through(
    office: Office,
) -> None:
    webhook = office.endpoint()
    office.receiver.answers = [SILENT] * 5
    for number in range(20):
        office.tell(number)
    office.run()
    assert len(office.receiver.got) == 5
    office.receiver.got.clear()

    office.clock.pass_by(minutes=6)
    office.reconcile.hand_over(office.clock.now())
    assert len(office.queue.sent) >= 1
    handed = [one for one in office.queue.sent if one[2] == 0]
    assert len(handed) == 1
    office.queue.sent = handed
    assert office.run() == {"webhook_delivered": 1}

    assert office.minutes(2)["webhook_delivered"] == 19
    assert office.book.health(webhook).value.failures == 0


def test_while_one_attempt_tries_an_endpoint_out_no_other_is_made(office: Office) -> None:
    webhook = office.endpoint()
    office.receiver.answers = [SILENT] * 5
    for number in range(7):
        office.tell(number)
    office.run()
    office.clock.pass_by(minutes=2)
    health = office.book.health(webhook)

    assert office.book.claim_trial(health, office.clock.now() + LEASE)
    assert not office.book.claim_trial(health, office.clock.now() + LEASE)
    message = DeliveryMessage("orders", "evt_6").to_json()
    assert office.work.take(message) == {"webhook_resting": 1}


def test_another_endpoint_of_the_same_id_gets_nothing_of_what_waited(office: Office) -> None:
    office.endpoint()
    office.tell()
    later = Webhook("orders", "https://new.example.com/", NOW + timedelta(minutes=1))
    office.records.write(Put(webhook_key("orders"), later))

    assert office.run() == {"webhook_done_before": 1}
    assert office.receiver.got == []
