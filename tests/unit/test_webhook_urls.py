"""Webhooks go to public HTTPS addresses only: no way of writing an address leads inside."""

from __future__ import annotations

import ipaddress

import pytest
from chalicelib.core.errors import Fault
from chalicelib.flows.webhook_url import (
    PUBLIC,
    Place,
    Rules,
    is_public,
    public_addresses,
    url_faults,
)
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.fakes_webhooks import FakeResolver


@pytest.mark.parametrize(
    ("url", "place"),
    [
        ("https://hooks.example.com", Place("hooks.example.com", 443, "/")),
        ("https://HOOKS.example.com:443/a/b?c=d", Place("hooks.example.com", 443, "/a/b?c=d")),
        ("https://hooks.example.com?c=d", Place("hooks.example.com", 443, "/?c=d")),
        ("https://xn--mnchen-3ya.example/x%20y", Place("xn--mnchen-3ya.example", 443, "/x%20y")),
        ("https://a.xn--p1ai/@x:y", Place("a.xn--p1ai", 443, "/@x:y")),
    ],
)
def test_a_public_https_address_is_read(url: str, place: Place) -> None:
    assert PUBLIC.place(url) == place


@pytest.mark.parametrize(
    ("url", "code"),
    [
        ("http://hooks.example.com/", "not_https"),
        ("HTTPS://hooks.example.com/", "not_https"),
        ("ftp://hooks.example.com/", "not_https"),
        ("https:/hooks.example.com/", "not_https"),
        ("https://", "not_https"),
        ("", "not_https"),
        ("https://user@hooks.example.com/", "not_https"),
        ("https://user:pass@hooks.example.com/", "not_https"),
        ("https://hooks.example.com\\@127.0.0.1/", "not_https"),
        ("https://hooks.example.com:443@127.0.0.1/", "not_https"),
        ("https://[::1]/", "not_https"),
        ("https://[::ffff:127.0.0.1]/", "not_https"),
        ("https://hooks.example.com:/", "not_https"),
        ("https://hooks.example.com/a b", "not_https"),
        ("https://hooks.example.com/\r\nHost: inside", "not_https"),
        ("https://hooks.example.com/ü", "not_https"),
        ("https://hooks.example.com/\n", "not_https"),
        (" https://hooks.example.com/", "not_https"),
        ("https://hooks.example.com/#part", "bad_characters"),
        ("https://hooks.example.com/\\x", "bad_characters"),
        ("https://127.0.0.1/", "host_not_allowed"),
        ("https://127.1/", "host_not_allowed"),
        ("https://2130706433/", "host_not_allowed"),
        ("https://0x7f.0.0.1/", "host_not_allowed"),
        ("https://0x7f000001/", "host_not_allowed"),
        ("https://0177.0.0.01/", "host_not_allowed"),
        ("https://169.254.169.254/latest/meta-data", "host_not_allowed"),
        ("https://localhost/", "host_not_allowed"),
        ("https://intranet/", "host_not_allowed"),
        ("https://hooks.example.com./", "host_not_allowed"),
        ("https://.example.com/", "host_not_allowed"),
        ("https://-a.example.com/", "host_not_allowed"),
        ("https://a_b.example.com/", "host_not_allowed"),
        ("https://%31%32%37.0.0.1/", "host_not_allowed"),
        ("https://hooks.example.c0m/", "host_not_allowed"),
        ("https://hooks.example.com:8443/", "port_not_allowed"),
        ("https://hooks.example.com:80/", "port_not_allowed"),
        ("https://hooks.example.com:0/", "port_not_allowed"),
        (f"https://hooks.example.com/{'x' * 500}", "too_long"),
    ],
)
def test_any_other_address_is_refused_with_its_reason(url: str, code: str) -> None:
    found = PUBLIC.place(url)

    assert isinstance(found, Fault)
    assert found.code == code


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "127.9.9.9", "0.0.0.0", "10.0.0.1", "172.16.0.1", "192.168.1.1",
        "169.254.169.254", "169.254.100.1", "100.64.0.1", "192.0.0.8", "192.0.0.170", "192.0.2.1",
        "192.88.99.1", "198.18.0.1", "198.51.100.1", "203.0.113.1", "224.0.0.1", "239.1.2.3",
        "240.0.0.1", "255.255.255.255", "192.31.196.1", "192.52.193.1", "192.175.48.1",
        "::", "::1", "::127.0.0.1", "::ffff:127.0.0.1", "::ffff:8.8.8.8", "64:ff9b::8.8.8.8",
        "64:ff9b::127.0.0.1", "64:ff9b:1::1", "100::1", "2001::1", "2001:db8::1", "2001:10::1",
        "2002:7f00:1::", "2002:808:808::", "3fff::1", "5f00::1", "fc00::1", "fd00:ec2::254",
        "fe80::1", "fe80::1%eth0", "fec0::1", "ff02::1", "ff0e::1", "127.1", "0x7f.1", "",
        "localhost",
    ],
)  # fmt: skip
def test_an_address_that_is_not_one_public_machines_is_not_public(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize(
    "address", ["8.8.8.8", "93.184.215.14", "2001:4860:4860::8888", "2606:2800:21f::1"]
)
def test_a_public_machines_address_is_public(address: str) -> None:
    assert is_public(address)


@given(st.ip_addresses())
@settings(max_examples=60)
def test_what_python_calls_private_is_never_public(
    address: ipaddress.IPv4Address | ipaddress.IPv6Address,
) -> None:
    if not address.is_global or address.is_multicast or address.is_reserved:
        assert not is_public(str(address))


def test_one_address_inside_makes_a_host_suspect() -> None:
    assert public_addresses(["8.8.8.8", "10.0.0.1"]) == "not_public"
    assert public_addresses([]) == "no_address"
    assert public_addresses(["2606:2800:21f::1", "8.8.8.8"]) == ["8.8.8.8", "2606:2800:21f::1"]


@pytest.mark.parametrize(
    ("host", "code"),
    [
        ("inside.example", "not_public"),
        ("nowhere.example", "no_address"),
        ("unanswered.example", "no_address"),
    ],
)
def test_a_name_that_leads_nowhere_public_is_refused_when_it_is_saved(host: str, code: str) -> None:
    resolver = FakeResolver({"inside.example": ["192.168.0.7"], "nowhere.example": []})

    [fault] = url_faults(f"https://{host}/hook", PUBLIC, resolver, "/url")

    assert (fault.where, fault.code) == ("/url", code)


def test_a_trial_receiver_of_the_local_stage_has_its_port_and_no_other() -> None:
    rules = Rules({"receiver.test": 9443})

    assert url_faults("https://receiver.test:9443/", rules, FakeResolver(), "/url") == []
    assert isinstance(rules.place("https://receiver.test:9444/"), Fault)
    assert isinstance(rules.place("https://other.test:9443/"), Fault)
