"""Posts to public HTTPS addresses, to the very address that was checked, once.

http.client and not a library that pools, follows, retries or reads proxies from the environment:
here the connection itself is the point. It goes to an address that was judged a moment before, so
that a name which points elsewhere the next time it is asked for (DNS rebinding) reaches nothing.
"""

from __future__ import annotations

import contextlib
import json
import socket
import ssl
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from http.client import HTTPException, HTTPSConnection
from threading import Timer
from time import monotonic

from chalicelib.core.errors import Fault, UnavailableError
from chalicelib.flows.ports_webhooks import Answer, Resolver
from chalicelib.flows.webhook_url import Place, Rules, public_addresses

TOTAL_S, CONNECT_S = 15.0, 3.0
ADDRESSES_MAX = 3  # of a host that are tried, one after the other
# Of an answer's body so much is waited for, so that the receiver may finish; none of it is kept.
READ_BYTES_MAX, READ_S = 1_024, 1.0
RETRY_AFTER_MAX = 64


@dataclass(frozen=True, slots=True)
class Trial:
    """A receiver on this machine that the local stage tries out: its port, and what it trusts."""

    port: int
    context: ssl.SSLContext


def tls_context(certificates: str | None = None) -> ssl.SSLContext:
    """Return what a certificate is checked with, TLS 1.2 or later: the public ones, or those given.

    `certificates` are PEM.
    """
    context = ssl.create_default_context(cadata=certificates)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return context


def read_trials(text: str) -> dict[str, Trial]:
    """Return the receivers that a setting names: JSON `[{"host": ..., "port": ..., "ca": PEM}]`."""
    if not text:
        return {}
    return {one["host"]: Trial(one["port"], tls_context(one["ca"])) for one in json.loads(text)}


class HttpsSender:
    """`Sender` over TLS. `trials`: receivers by host that are on loopback, for the local stage."""

    def __init__(
        self,
        resolver: Resolver,
        trials: Mapping[str, Trial] | None = None,
        context: Callable[[], ssl.SSLContext] = tls_context,
        total_s: float = TOTAL_S,
    ) -> None:
        self._resolver = resolver
        self._trials = trials or {}
        self._rules = Rules({host: trial.port for host, trial in self._trials.items()})
        self._context = context
        self._total_s = total_s

    def post(self, url: str, headers: Mapping[str, str], body: bytes) -> Answer:
        """Post a body, and return what came back; whatever goes wrong is a code of the answer."""
        place = self._rules.place(url)
        if isinstance(place, Fault):
            return Answer(0, place.code)
        ends_at = monotonic() + self._total_s
        trial = self._trials.get(place.host)
        if trial is not None:
            return _post(place, ("127.0.0.1",), trial.context, headers, body, ends_at)
        try:
            found = public_addresses(self._resolver.addresses(place.host))
        except UnavailableError:
            found = "no_address"
        if isinstance(found, str):
            return Answer(0, found)
        return _post(place, found, self._context(), headers, body, ends_at)


def _post(
    place: Place,
    addresses: Sequence[str],
    context: ssl.SSLContext,
    headers: Mapping[str, str],
    body: bytes,
    ends_at: float,
) -> Answer:
    connection = Pinned(place, addresses, context, ends_at)
    # A receiver that drips its answer would keep every single wait short: this ends them all.
    watch = Timer(max(ends_at - monotonic(), 0.01), connection.cut)
    watch.daemon = True
    watch.start()
    try:
        connection.request("POST", place.target, body, dict(headers))
        raw = connection.sock  # which the answer takes over
        answer = connection.getresponse()
        if connection.is_cut:
            return Answer(0, "timed_out")  # what came until then only looks like an answer
        with contextlib.suppress(OSError, HTTPException):  # its status is all that counts
            raw.settimeout(READ_S)
            answer.read1(READ_BYTES_MAX)
        answer.close()
        retry_after = (answer.getheader("retry-after") or "")[:RETRY_AFTER_MAX]
        return Answer(answer.status, retry_after=retry_after)
    except ssl.SSLCertVerificationError:
        return Answer(0, "bad_certificate")
    except TimeoutError:
        return Answer(0, "timed_out")
    except (OSError, HTTPException, ValueError):
        return Answer(0, "timed_out" if connection.is_cut else connection.broken)
    finally:
        watch.cancel()
        connection.close()


class Pinned(HTTPSConnection):
    """A connection to one of some addresses, whose certificate must be the host's own."""

    def __init__(
        self, place: Place, addresses: Sequence[str], context: ssl.SSLContext, ends_at: float
    ) -> None:
        super().__init__(place.host, place.port, context=context)
        self._place = place
        self._addresses = addresses
        self._tls = context
        self._ends_at = ends_at
        self.is_cut = False
        self.broken = "not_connected"

    def connect(self) -> None:
        """Connect to the first address that answers, and shake hands under the host's name."""
        raw = self._reach()
        raw.settimeout(self._left_s())
        self.broken = "no_tls"
        # The handshake comes after `sock` is set, so that `cut` can end it too.
        self.sock = self._tls.wrap_socket(
            raw, server_hostname=self._place.host, do_handshake_on_connect=False
        )
        self.sock.do_handshake()
        self.broken = "no_answer"

    def _reach(self) -> socket.socket:
        error: OSError = TimeoutError()
        for address in self._addresses[:ADDRESSES_MAX]:
            try:
                wait_s = min(CONNECT_S, self._left_s())
                return socket.create_connection((address, self._place.port), wait_s)
            except OSError as failed:
                error = failed
        raise error

    def _left_s(self) -> float:
        return max(self._ends_at - monotonic(), 0.01)

    def cut(self) -> None:
        """End whatever is waited for."""
        self.is_cut = True
        if self.sock is not None:
            with contextlib.suppress(OSError):  # it may be closed already
                # Below TLS, whose own state is the other thread's.
                socket.socket.shutdown(self.sock, socket.SHUT_RDWR)
