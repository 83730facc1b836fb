"""What operators did to a stage, kept with the stage: who, when, what, with its figures."""

from __future__ import annotations

from typing import Any

from chalicelib.flows.desk import Reply
from chalicelib.flows.registry_desk import RegistryDesk, Rule, act_of, acts_in
from local.ops.opened import OpenedStage

LOG = "operations"


def log_act(stage: OpenedStage, kind: str, subject: str = "", **said: str) -> None:
    """Add a line to the stage's log of operations, under the operator's name, now.

    `said` may hold `reason_code` and `note`; all else are its figures. Ids and counts only.
    """
    caller = stage.caller()
    act = act_of(caller, LOG, kind, subject, **said)
    RegistryDesk(stage.ports.records).act(caller, lambda: Rule((), Reply(200, {}), (act,)))


def acts_of(stage: OpenedStage, most: int) -> list[dict[str, Any]]:
    """Return the newest lines of the stage's log of operations, newest first."""
    return acts_in(stage.ports.records, LOG, most)
