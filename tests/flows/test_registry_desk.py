"""The registry's desk writes once, and gives the same answer to the same key again."""

from __future__ import annotations

import pytest
from chalicelib.core.errors import ConflictError, KeyReusedError
from chalicelib.flows.desk import Caller, ReplayKey, Reply
from chalicelib.flows.principal import ADMIN, Principal
from chalicelib.flows.registry_desk import RegistryDesk, Rule
from tests.fakes_registry import MemoryRecords
from tests.flows.machine import NOW

ANNA = Principal("anna", frozenset({ADMIN}))


def caller(digest: str = "body") -> Caller:
    return Caller(ANNA, NOW, replay_key=ReplayKey("k1", digest))


def approved() -> Rule:
    return Rule((), Reply(200, {"state": "approved"}))


def test_who_is_refused_by_what_its_own_twin_did_gives_the_twins_answer() -> None:
    desk = RegistryDesk(MemoryRecords())

    def late() -> Rule:
        desk.act(caller(), approved)  # the twin, after both had looked for an answer
        raise ConflictError("it does not wait any more")

    reply = desk.act(caller(), late)

    assert (reply.body, reply.is_replayed) == ({"state": "approved"}, True)


def test_what_is_refused_is_not_remembered() -> None:
    desk = RegistryDesk(MemoryRecords())

    def refused() -> Rule:
        raise ConflictError("it does not wait yet")

    with pytest.raises(ConflictError):
        desk.act(caller(), refused)

    assert not desk.act(caller(), approved).is_replayed


def test_the_same_key_with_another_body_is_refused() -> None:
    desk = RegistryDesk(MemoryRecords())
    desk.act(caller(), approved)

    with pytest.raises(KeyReusedError):
        desk.act(caller("other"), approved)
