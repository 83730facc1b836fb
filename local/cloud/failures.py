"""Workers that keep failing, read from the emulator's log while it is written.

A queue hands a message out again and again, minutes apart, before it gives up on it: who waits for
quiet would wait through all of that in silence.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from pathlib import Path

from local.cloud.errors import WorkerFailingError

TRIES = 2  # the first failure may be two workers at one account; the second is none
_BATCH_FAILED = re.compile(rb"ESM: Lambda (\S+) failed processing SQS batch")


class FailureWatch:
    """Looks at what was logged since it was made; `check` says what keeps failing."""

    def __init__(self, log: Path) -> None:
        self._log = log
        self._offset = log.stat().st_size if log.exists() else 0
        self._rest = b""
        self._broken: Counter[str] = Counter()

    def check(self) -> None:
        """Do nothing while no worker failed twice with a message, or twice as a whole.

        Raises:
            WorkerFailingError: one did; the message names it, why, and the log.
        """
        for line in self._new_lines():
            said = self._of_message(line) or self._of_function(line)
            if said:
                raise WorkerFailingError(f"{said}; the run cannot end. See {self._log}")

    def _new_lines(self) -> list[bytes]:
        """Return the lines that were ended since the last look."""
        with self._log.open("rb") as file:
            file.seek(self._offset)
            new = file.read()
        self._offset += len(new)
        *lines, self._rest = (self._rest + new).split(b"\n")
        return lines

    @staticmethod
    def _of_message(line: bytes) -> str:
        """Return what a worker's own log line says of a message that failed again, "" if nothing."""
        if not line.startswith(b'{"level":"ERROR"'):
            return ""
        try:
            record = json.loads(line)
        except ValueError:
            return ""
        tries = str(record.get("tries", ""))
        if not tries.isdecimal() or int(tries) < TRIES:
            return ""
        return f"a message was tried {tries} times: {record['message']} ({record.get('code')})"

    def _of_function(self, line: bytes) -> str:
        """Return which function failed with whole batches, "" if none did so often enough."""
        found = _BATCH_FAILED.search(line)
        if found is None:
            return ""
        name = found[1].decode()
        self._broken[name] += 1
        times = self._broken[name]
        return f"the function {name} failed {times} times" if times >= TRIES else ""
