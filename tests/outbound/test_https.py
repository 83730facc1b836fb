"""The way to receivers, over real TLS: to the address that was checked, under the host's own name."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from chalicelib.flows.ports_webhooks import Answer
from chalicelib.outbound.https import HttpsSender, Trial, tls_context
from chalicelib.outbound.resolver import SystemResolver
from tests.fakes_webhooks import FakeResolver
from tests.outbound.receivers import Receiver, receiving

HOST = "receiver.test"


@pytest.fixture
def receiver(tmp_path: Path) -> Iterator[Receiver]:
    with receiving(HOST, tmp_path) as running:
        yield running


def sender_to(receiver: Receiver, host: str = HOST, total_s: float = 5) -> HttpsSender:
    """A sender that may reach this machine under a host's name, trusting the receiver's certificate."""
    trials = {host: Trial(receiver.port, tls_context(receiver.certificate))}
    return HttpsSender(FakeResolver(), trials, total_s=total_s)


def post(sender: HttpsSender, receiver: Receiver, host: str = HOST) -> Answer:
    return sender.post(f"https://{host}:{receiver.port}/hook?a=b", {"webhook-id": "evt_1"}, b"{}")


def test_a_body_arrives_as_it_was_given_under_the_hosts_name(receiver: Receiver) -> None:
    assert post(sender_to(receiver), receiver) == Answer(204)

    [(path, headers, body)] = receiver.got
    assert (path, body) == ("/hook?a=b", b"{}")
    assert (headers["host"], headers["webhook-id"]) == (f"{HOST}:{receiver.port}", "evt_1")


def test_a_certificate_of_another_host_is_refused_and_nothing_is_sent(receiver: Receiver) -> None:
    answer = post(sender_to(receiver, "other.test"), receiver, "other.test")

    assert (answer, receiver.got) == (Answer(0, "bad_certificate"), [])


def test_a_certificate_that_nobody_trusts_is_refused(receiver: Receiver) -> None:
    sender = HttpsSender(FakeResolver(), {HOST: Trial(receiver.port, tls_context())})

    assert (post(sender, receiver), receiver.got) == (Answer(0, "bad_certificate"), [])


def test_a_redirect_is_an_answer_and_never_followed(receiver: Receiver) -> None:
    receiver.status, receiver.headers = 307, {"location": f"https://{HOST}:{receiver.port}/other"}

    assert post(sender_to(receiver), receiver) == Answer(307)
    assert len(receiver.got) == 1


def test_what_a_receiver_asks_to_wait_is_handed_on(receiver: Receiver) -> None:
    receiver.status, receiver.headers = 429, {"retry-after": "30"}

    assert post(sender_to(receiver), receiver) == Answer(429, retry_after="30")


def test_a_receiver_that_drips_its_answer_is_left_in_time(receiver: Receiver) -> None:
    receiver.drips = True
    before = time.monotonic()

    assert post(sender_to(receiver, total_s=0.5), receiver) == Answer(0, "timed_out")
    assert time.monotonic() - before < 3


def test_a_receiver_that_never_shakes_hands_is_left_in_time() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        sender = HttpsSender(FakeResolver(), {HOST: Trial(port, tls_context())}, total_s=0.3)

        assert sender.post(f"https://{HOST}:{port}/", {}, b"{}") == Answer(0, "timed_out")


def test_what_is_not_tls_is_no_receiver(receiver: Receiver) -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    sender = HttpsSender(FakeResolver(), {HOST: Trial(port, tls_context())}, total_s=2)

    assert sender.post(f"https://{HOST}:{port}/", {}, b"{}") == Answer(0, "not_connected")


@pytest.mark.parametrize(
    ("addresses", "code"),
    [
        (["127.0.0.1"], "not_public"),
        (["8.8.8.8", "127.0.0.1"], "not_public"),
        (["::ffff:127.0.0.1"], "not_public"),
        (["169.254.169.254"], "not_public"),
        ([], "no_address"),
    ],
)
def test_a_name_that_leads_inside_by_now_is_not_connected_to(
    addresses: list[str], code: str
) -> None:
    """DNS rebinding: it was public when it was saved, and is asked for again at each attempt."""
    sender = HttpsSender(FakeResolver({"hooks.example.com": addresses}))

    assert sender.post("https://hooks.example.com/", {}, b"{}") == Answer(0, code)


def test_a_name_is_asked_for_once_and_the_answer_is_what_is_connected_to(
    receiver: Receiver,
) -> None:
    resolver = FakeResolver({"hooks.example.com": ["127.0.0.1"]})
    HttpsSender(resolver).post("https://hooks.example.com/", {}, b"{}")

    assert resolver.asked == ["hooks.example.com"]


def test_an_address_that_is_no_public_https_is_not_asked_for() -> None:
    resolver = FakeResolver()

    answer = HttpsSender(resolver).post("https://127.0.0.1:9001/2018-06-01/runtime", {}, b"")

    assert (answer, resolver.asked) == (Answer(0, "host_not_allowed"), [])


def test_the_systems_own_names_are_found() -> None:
    assert set(SystemResolver().addresses("localhost")) <= {"127.0.0.1", "::1"}
