"""Where webhooks may go: to public HTTPS addresses, and nowhere near the functions themselves.

A URL is read by one strict pattern, so that nobody after us can read it otherwise.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from chalicelib.core.errors import Fault, UnavailableError
from chalicelib.flows.ports_webhooks import URL_CHARACTERS_MAX, Resolver

PORT = 443
_LABEL = r"(?!-)[a-z0-9-]{1,63}(?<!-)"
_HOST = re.compile(rf"(?=.{{1,253}}$)(?:{_LABEL}\.)+(?:xn--[a-z0-9-]{{1,59}}|[a-z]{{2,63}})")
_URL = re.compile(
    r"https://(?P<host>[^/?#:@\\]{1,253})(?::(?P<port>[0-9]{1,5}))?(?P<target>[/?][!-~]*)?", re.A
)
_NOT_IN_A_TARGET = re.compile(r'[#\\"<>^`{|}]')

# What is assigned for the whole Internet to reach, without what tunnels to somewhere else.
_V6_PUBLIC = ipaddress.IPv6Network("2000::/3")
_V6_NOT = tuple(
    map(
        ipaddress.IPv6Network,
        (
            "2001::/23",  # protocols: Teredo, benchmarking, ORCHID
            "2001:db8::/32",  # documentation
            "2002::/16",  # 6to4
            "3fff::/20",  # documentation
        ),
    )
)
_V4_NOT = tuple(
    map(
        ipaddress.IPv4Network,
        (
            "192.0.0.0/24",  # protocols: DS-Lite, NAT64 discovery
            "192.31.196.0/24",  # AS112
            "192.52.193.0/24",  # AMT
            "192.88.99.0/24",  # 6to4 relays
            "192.175.48.0/24",  # AS112
        ),
    )
)


@dataclass(frozen=True, slots=True)
class Place:
    """Where a URL points. `target`: path and query, as they are sent."""

    host: str
    port: int
    target: str


@dataclass(frozen=True, slots=True)
class Rules:
    """Which places are let through. `trials`: hosts with a port that the local stage tries out."""

    trials: Mapping[str, int]

    def place(self, url: str) -> Place | Fault:
        """Return where a URL points, or why no webhook goes there."""
        place = place_of(url)
        if isinstance(place, Fault):
            return place
        if place.port not in (PORT, self.trials.get(place.host)):
            return _fault("port_not_allowed", f"must use port {PORT}, the one of HTTPS")
        return place


PUBLIC = Rules({})


def place_of(url: str) -> Place | Fault:
    """Return where a URL points, or what is wrong with it; its port is not judged."""
    if len(url) > URL_CHARACTERS_MAX:
        return _fault("too_long", f"must have {URL_CHARACTERS_MAX} characters at most")
    found = _URL.fullmatch(url)
    if found is None:
        return _fault("not_https", "must be a URL such as https://hooks.example.com/pastdue")
    host, target = found["host"].lower(), found["target"] or "/"
    if not _HOST.fullmatch(host):
        detail = "must name its host by a full name such as hooks.example.com, not by an address"
        return _fault("host_not_allowed", detail)
    if _NOT_IN_A_TARGET.search(target):
        return _fault(
            "bad_characters", "must have no fragment, and other characters percent-encoded"
        )
    return Place(host, int(found["port"] or PORT), target if target[0] == "/" else f"/{target}")


def is_public(address: str) -> bool:
    """Return whether an IP address is one of the public Internet's, of one machine.

    Nothing private, local to a link or a machine, reserved, for many at once, or that hides
    another address (IPv4 in IPv6, NAT64, 6to4, Teredo).
    """
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return False
    if isinstance(found, ipaddress.IPv6Address):
        hidden = any(found in network for network in _V6_NOT)
        return found.is_global and found in _V6_PUBLIC and not hidden
    special = found.is_multicast or found.is_reserved or any(found in net for net in _V4_NOT)
    return found.is_global and not special


def public_addresses(found: Sequence[str]) -> Sequence[str] | str:
    """Return a host's addresses, IPv4 first, or the code of why none of them is used.

    One that is not public makes all of them suspect.
    """
    if not found:
        return "no_address"
    if not all(map(is_public, found)):
        return "not_public"
    return sorted(found, key=lambda address: ":" in address)


def url_faults(url: str, rules: Rules, resolver: Resolver, pointer: str) -> list[Fault]:
    """Return what is wrong with the URL of an endpoint that is to be saved; asks for its addresses.

    Each attempt asks again: what a name points to may change.
    """
    place = rules.place(url)
    if isinstance(place, Fault):
        return [Fault(pointer, place.code, place.detail)]
    if place.host in rules.trials:
        return []
    try:
        found = public_addresses(resolver.addresses(place.host))
    except UnavailableError:
        found = "no_address"
    if isinstance(found, str):
        detail = {
            "no_address": "must name a host that can be found; this one has no address now",
            "not_public": "must name a host of the public Internet; this one is inside a network",
        }[found]
        return [Fault(pointer, found, detail)]
    return []


def _fault(code: str, detail: str) -> Fault:
    return Fault("", code, detail)
