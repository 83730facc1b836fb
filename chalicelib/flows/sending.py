"""The kill switch as people turn it, and who turned it when and why (R13.1)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from chalicelib.flows.desk import Caller, Reply
from chalicelib.flows.ports import Registry
from chalicelib.flows.ports_registry import Records
from chalicelib.flows.registry_desk import RegistryDesk, Rule, act_of, act_values, acts_in

LOG = "sending"


@dataclass(frozen=True, slots=True)
class Sending:
    """Turns the kill switch and tells its history."""

    registry: Registry
    records: Records
    desk: RegistryDesk

    def get(self) -> dict[str, Any]:
        """Return whether sending is on, as of 15 seconds ago at most, and the log. Two reads."""
        return {"sending": _word(self.registry), "log": acts_in(self.records, LOG)}

    def turn(self, caller: Caller, *, paused: bool, why: tuple[str, str]) -> Reply:
        """Pause or resume sending; here at once, in every worker within 15 seconds.

        What is paused already stays so, and the log has who said it again. `why`: reason code and
        note.
        """

        def rule() -> Rule:
            # The switch first: if the log cannot be written, asking again writes it.
            self.registry.pause_sending(paused=paused)
            kind = "sending_paused" if paused else "sending_resumed"
            logged = act_of(caller, LOG, kind, reason_code=why[0], note=why[1])
            before = acts_in(self.records, LOG)[:49]
            body = {"sending": _word(self.registry), "log": [act_values(logged.act), *before]}
            return Rule((), Reply(200, body), (logged,))

        return self.desk.act(caller, rule)


def _word(registry: Registry) -> str:
    return "paused" if registry.sending_paused() else "on"
