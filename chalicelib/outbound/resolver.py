"""Asks the system where a host is, and waits no longer than it is told."""

from __future__ import annotations

import socket
from collections.abc import Sequence
from threading import Thread

from chalicelib.core.errors import UnavailableError

WAIT_S = 5


class SystemResolver:
    """`Resolver` of this machine. `wait_s`: how long an answer may take."""

    def __init__(self, wait_s: float = WAIT_S) -> None:
        self._wait_s = wait_s

    def addresses(self, host: str) -> Sequence[str]:
        """Return the IP addresses of a host, each once; none when there is no such host.

        Raises:
            UnavailableError: it cannot be found out now.
        """
        found: list[Sequence[str] | OSError] = []
        # The system's call has no time limit of its own: a thread that hangs is left behind.
        asking = Thread(target=lambda: found.append(_ask(host)), daemon=True)
        asking.start()
        asking.join(self._wait_s)
        if not found:
            raise UnavailableError(f"where the host is was not answered in {self._wait_s:g} s")
        answer = found[0]
        if isinstance(answer, OSError):
            if isinstance(answer, socket.gaierror) and answer.errno == socket.EAI_NONAME:
                return ()
            raise UnavailableError("where the host is cannot be found out now") from answer
        return answer


def _ask(host: str) -> Sequence[str] | OSError:
    try:
        found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        return error if isinstance(error, OSError) else OSError(str(error))
    return tuple(dict.fromkeys(str(one[4][0]) for one in found))
