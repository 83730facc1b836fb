"""The kill switch as people turn it, and who turned it when and why (R13.1)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from chalicelib.flows.desk import Caller, Reply
from chalicelib.flows.ports import Accounts, Registry
from chalicelib.flows.ports_quota import NO_LIMIT, Quota, SendingQuota
from chalicelib.flows.ports_registry import Records
from chalicelib.flows.registry_desk import RegistryDesk, Rule, act_of, act_values, acts_in

LOG = "sending"
WAITING_MAX = 1_000  # letters that are counted


@dataclass(frozen=True, slots=True)
class Sending:
    """Turns the kill switch and tells its history."""

    registry: Registry
    records: Records
    desk: RegistryDesk
    accounts: Accounts
    quota: Quota

    def get(self) -> dict[str, Any]:
        """Return whether sending is on, as of 15 seconds ago at most, the log, and what waits.

        Two reads, and one of the index for each shard. The quota is as of 5 minutes ago at most,
        None when the mail service did not tell it.
        """
        waiting = self.accounts.count_outbox(WAITING_MAX + 1)
        told = self.quota.quota()
        return {
            "sending": _word(self.registry),
            "log": acts_in(self.records, LOG),
            "letters_waiting": min(waiting, WAITING_MAX),
            "is_complete": waiting <= WAITING_MAX,
            "quota": _values(told) if told.is_known else None,
        }

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


def _values(quota: SendingQuota) -> dict[str, Any]:
    return {
        "recipients_per_second": quota.rate_per_s,
        "recipients_per_day": None if quota.per_day == NO_LIMIT else quota.per_day,
        "sent_last_24_hours": quota.sent_24h,
        "is_enabled": quota.is_enabled,
        "is_production": quota.is_production,
    }


def _word(registry: Registry) -> str:
    return "paused" if registry.sending_paused() else "on"
