"""A webhook from end to end: API, bus, rule, queue, worker, and a receiver over TLS on this machine."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from local.cloud.machine import LocalCloud
from local.token_signer import Signer

from tests.infra.http_api import Person
from tests.outbound.receivers import Receiver, receiving

pytestmark = pytest.mark.emulator
AT, HOOK = "/v1/accounts/HOOK1", "/v1/webhooks/hooked"


@pytest.fixture
def receiver(cloud: LocalCloud, tmp_path: Path) -> Iterator[Receiver]:
    """A receiver that the local stage is told of, as its parameter `WebhookTestReceivers` tells."""
    with receiving("receiver.test", tmp_path) as running:
        trial = {"host": running.host, "port": running.port, "ca": running.certificate}
        functions = cloud.client("lambda")
        for name in ("api_handler", "webhooks"):
            function = cloud.stack.functions[name]
            there = functions.get_function_configuration(FunctionName=function)["Environment"]
            values = there["Variables"] | {"WEBHOOK_TEST_RECEIVERS": json.dumps([trial])}
            functions.update_function_configuration(
                FunctionName=function, Environment={"Variables": values}
            )
        yield running


def test_a_hold_is_told_once_and_signed_to_a_receiver(
    cloud: LocalCloud, signer: Signer, receiver: Receiver
) -> None:
    admin = Person(cloud, signer, "kim", ("admin", "service", "collector", "approver"))
    url = f"https://{receiver.host}:{receiver.port}/hook"
    made = admin.put(HOOK, {"url": url, "event_types": ["hold.placed"]})
    assert made.status == 201, made.text
    account = admin.put(AT, {"name": "Hooked"})
    assert account.status == 201, account.text
    held = admin.post(
        f"{AT}/holds", {"kind": "on_hold", "reason_code": "fraud_check", "note": "Odd."}
    )
    assert held.status == 201, held.text
    cloud.wait_until_quiet(timeout_s=60)

    [(path, headers, body)] = receiver.got
    event = json.loads(body)
    assert (path, event["type"], event["account_id"]) == ("/hook", "hold.placed", "HOOK1")
    key = base64.b64decode(made.body["secret"].removeprefix("whsec_"))
    signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    right = base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
    assert headers["webhook-signature"] == f"v1,{right}"
    assert headers["webhook-id"] == event["id"]
    [told] = admin.get(f"{HOOK}/deliveries").body["data"]
    assert (told["event_id"], told["state"], told["last_status"]) == (event["id"], "delivered", 204)
    assert cloud.dead_letters() == ()
