"""The registry's desk: the one way in which the API changes what is of the whole deployment.

As `desk` does for an account: what is changed, the log of who did it and why, and the answer that
is given again for the same idempotency key are written in one transaction.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC
from typing import Any

from chalicelib.core.errors import KeyReusedError, PastdueError, StaleVersionError
from chalicelib.flows.desk import Caller, Reply
from chalicelib.flows.ports import REPLAYED_FOR, Replay
from chalicelib.flows.ports_registry import NEW, Act, Put, Record, RecordKey, Records, Removal

TRIES = 6  # while others change the same
SHOWN = 50  # acts in an answer, the newest


@dataclass(frozen=True, slots=True)
class LoggedAct:
    """An act and the log that it goes into, such as `sending` or `policy/standard`."""

    log: str
    act: Act


@dataclass(frozen=True, slots=True)
class Rule:
    """What a request comes to: records to write, the answer, and what the log says of it."""

    puts: Sequence[Put | Removal]
    reply: Reply
    acts: Sequence[LoggedAct] = ()


@dataclass(frozen=True, slots=True)
class RegistryDesk:
    """Writes what people say of the whole deployment."""

    records: Records

    def act(self, caller: Caller, rule: Callable[[], Rule]) -> Reply:
        """Let a rule change records, once, and return its reply; given again for the same key.

        The rule reads what it needs, may be asked again when others were first, and refuses by
        raising.

        Raises:
            KeyReusedError: the idempotency key was used for another request.
            StaleVersionError: others kept changing the same.
            UnavailableError: the store does not answer now.
        """
        for tries_left in reversed(range(TRIES)):
            before = self._replay(caller)
            given = _given(caller, before)
            if given is not None:
                return given
            try:
                found = rule()
                self._write(caller, found, before)
            except PastdueError as error:
                # Of two at once one commits; the other, late or refused by what the first one
                # did, gives that one's answer.
                given = _given(caller, self._replay(caller))
                if given is not None:
                    return given
                if not isinstance(error, StaleVersionError) or not tries_left:
                    raise
            else:
                return found.reply
        raise AssertionError("the last try returns or raises")

    def given(self, caller: Caller) -> Reply | None:
        """Return the answer that was given for the caller's idempotency key, None if there is none.

        For what cannot be done twice and is done before `act`, such as making a secret.

        Raises:
            KeyReusedError: it was given to a request with another body.
            UnavailableError: the store does not answer now.
        """
        return _given(caller, self._replay(caller))

    def _replay(self, caller: Caller) -> Record[Replay] | None:
        if caller.replay_key is None:
            return None
        return self.records.read(replay_key(caller.replay_key.id), Replay)

    def _write(self, caller: Caller, found: Rule, before: Record[Replay] | None) -> None:
        puts = list(found.puts)
        puts += [_log_line(logged, number) for number, logged in enumerate(found.acts)]
        key = caller.replay_key
        if key is not None:
            body = json.dumps(found.reply.body, ensure_ascii=False)
            expires_at = caller.at + REPLAYED_FOR
            status, location = found.reply.status, found.reply.location
            replay = Replay(key.id, key.digest, status, body, location, expires_at)
            was = NEW if before is None else before.revision
            puts.append(Put(replay_key(key.id), replay, was, expires_at))
        if puts:
            self.records.write(*puts)


def replay_key(replay_id: str) -> RecordKey:
    """Return where an answer is kept; the same place as an account's answers have."""
    return RecordKey(f"I#{replay_id}", "HEAD")


def act_of(caller: Caller, log: str, kind: str, subject: str = "", **said: str) -> LoggedAct:
    """Return the log's line of what the caller does now.

    `said` may hold `reason_code` and `note`; all else are its figures.
    """
    reason_code, note = said.pop("reason_code", ""), said.pop("note", "")
    who = caller.principal
    return LoggedAct(
        log, Act(caller.at, kind, who.id, who.person, subject, reason_code, note, said)
    )


def acts_in(records: Records, log: str, most: int = SHOWN) -> list[dict[str, Any]]:
    """Return the newest acts of a log as plain values, newest first."""
    return [
        act_values(row.value)
        for row in records.list(f"LOG#{log}", Act, most=most, newest_first=True)
    ]


def act_values(act: Act) -> dict[str, Any]:
    """Return an act as plain values."""
    return {
        "at": act.at.isoformat(),
        "kind": act.kind,
        "actor": act.actor,
        "subject": act.subject,
        "reason_code": act.reason_code,
        "note": act.note,
        "figures": dict(act.figures),
    }


def _log_line(logged: LoggedAct, number: int) -> Put:
    act = logged.act
    at = act.at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    meaning = f"{act.kind} {act.actor} {act.subject} {number}"
    name = f"{at}#{hashlib.sha256(meaning.encode()).hexdigest()[:8]}"
    return Put(RecordKey(f"LOG#{logged.log}", name), act)


def _given(caller: Caller, kept: Record[Replay] | None) -> Reply | None:
    """Return the answer that was given for the caller's key; None when there is none any more."""
    key = caller.replay_key
    if key is None or kept is None or kept.value.expires_at <= caller.at:
        return None
    replay = kept.value
    if replay.digest != key.digest:
        raise KeyReusedError("this Idempotency-Key was used for a request with another body")
    return Reply(replay.status, json.loads(replay.body), replay.location, is_replayed=True)
