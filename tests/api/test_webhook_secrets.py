"""The secrets of webhooks: shown once, rotated without a gap, and never in a URL that all may read."""

from __future__ import annotations

from chalicelib.flows.webhook_book import WebhookBook
from chalicelib.flows.webhook_signing import secret_of, signature
from tests.api.client import Api
from tests.api.test_webhooks import BODY, ORDERS, api, deliver, tell
from tests.flows.machine import Machine
from tests.workers.deployment import FakePorts

__all__ = ["api"]  # the fixture


def test_a_rotated_secret_is_shown_once_and_signs_beside_the_old_one_for_a_day(api: Api) -> None:
    rotated = api.post(f"{ORDERS}/rotate_secret", {})
    again = api.post(f"{ORDERS}/rotate_secret", {}, Idempotency_Key="call-2")

    assert rotated.body["old_secret_until"] == "2024-03-19T05:00:00Z"
    assert rotated.body["secret"]
    assert again.body["secret"] is None
    assert again.headers["Idempotent-Replayed"] == "true"
    tell(api)
    deliver(api)
    [posted] = api.machine.receiver.got
    assert len(posted.headers["webhook-signature"].split(" ")) == 2


def signatures(api: Api) -> list[str]:
    """The signatures that the receiver gets now."""
    tell(api, number=len(api.machine.receiver.got) + 1)
    deliver(api)
    return str(api.machine.receiver.got[-1].headers["webhook-signature"]).split(" ")


def holds(api: Api, secret: str) -> bool:
    """Whether a receiver who has only this secret takes what is sent now."""
    sent = signatures(api)
    posted = api.machine.receiver.got[-1]
    at_s = int(posted.headers["webhook-timestamp"])
    return signature(secret, posted.headers["webhook-id"], at_s, posted.body) in sent


def test_whoever_lost_the_new_secret_rotates_once_more_and_the_receiver_goes_on(api: Api) -> None:
    webhook = WebhookBook(api.machine.records).get("orders").value
    known = secret_of(FakePorts(api.machine).webhook_key, webhook, 1)
    api.post(f"{ORDERS}/rotate_secret", {})  # its answer is lost

    api.machine.clock.pass_by(hours=1)
    again = api.post(f"{ORDERS}/rotate_secret", {}, Idempotency_Key="once-more")

    assert again.body["old_secret_until"] == "2024-03-19T06:00:00Z"
    assert holds(api, known)
    assert holds(api, again.body["secret"])
    api.machine.clock.pass_by(hours=24)
    assert not holds(api, known)
    assert holds(api, again.body["secret"])


def test_after_an_overlap_that_ended_a_rotation_keeps_the_one_before(api: Api) -> None:
    second = api.post(f"{ORDERS}/rotate_secret", {})
    api.machine.clock.pass_by(hours=25)
    api.post(f"{ORDERS}/rotate_secret", {}, Idempotency_Key="a-day-later")

    assert holds(api, second.body["secret"])
    assert len(signatures(api)) == 2


def test_without_an_overlap_every_older_secret_ends(api: Api) -> None:
    api.post(f"{ORDERS}/rotate_secret", {})
    last = api.post(f"{ORDERS}/rotate_secret", {"overlap_hours": 0}, Idempotency_Key="leaked")

    assert holds(api, last.body["secret"])
    assert len(signatures(api)) == 1


def test_who_only_reads_is_shown_the_receivers_host_and_no_token() -> None:
    api = Api(Machine())
    url = "https://hooks.crm.example/in/T0K3N?key=s3cret"
    api.put(ORDERS, BODY | {"url": url})

    bert = api.as_("viewer", "bert")

    assert api.get(ORDERS).body["url"] == url
    assert api.get("/v1/webhooks").body["data"][0]["url"] == url
    assert bert.get(ORDERS).body["url"] == "https://hooks.crm.example"
    assert bert.get("/v1/webhooks").body["data"][0]["url"] == "https://hooks.crm.example"


def test_a_leaked_secret_can_end_at_once(api: Api) -> None:
    api.post(f"{ORDERS}/rotate_secret", {"overlap_hours": 0})
    tell(api)
    deliver(api)

    [posted] = api.machine.receiver.got
    assert " " not in posted.headers["webhook-signature"]


def test_a_rotation_needs_a_key_of_its_own(api: Api) -> None:
    assert api.post(f"{ORDERS}/rotate_secret", {}, Idempotency_Key="").status == 400
