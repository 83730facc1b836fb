"""Simulations of a policy as people ask for them; the job does them (R13.2)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from chalicelib.core.errors import NotFoundError, RefusedError
from chalicelib.core.policy_load import policy_version
from chalicelib.flows.desk import Caller, Reply
from chalicelib.flows.jobs import Jobs, job_of
from chalicelib.flows.policy_checks import checked_policy
from chalicelib.flows.policy_table import (
    PolicyText,
    read_document,
    read_table,
    text_key,
)
from chalicelib.flows.ports_registry import Put, Records
from chalicelib.flows.registry_desk import RegistryDesk, Rule
from chalicelib.flows.simulate_job import SIMULATE_KIND, last_day


@dataclass(frozen=True, slots=True)
class Wanted:
    """What to simulate: a version, or a document that nobody has proposed; neither: what is next."""

    policy_id: str
    version: str = ""
    document: str = ""
    days: int = 31
    scope: str = "policy"


@dataclass(frozen=True, slots=True)
class SimulateRequests:
    """Asks for simulations."""

    records: Records
    desk: RegistryDesk
    jobs: Jobs

    def ask(self, caller: Caller, wanted: Wanted, today: date) -> Reply:
        """Ask for a simulation from today, beside what is in force: 202 with the job to look at.

        Raises:
            NotFoundError: there is no such version.
            InvalidInputError: the document does not hold together; every fault at once.
            RefusedError: neither is given, and no version is proposed or scheduled.
        """
        key = caller.replay_key.id if caller.replay_key is not None else caller.request_id

        def rule() -> Rule:
            version, puts = self._version(wanted, today)
            arguments = {
                "policy_id": wanted.policy_id,
                "version": version,
                "from": today.isoformat(),
                "through": last_day(today, wanted.days).isoformat(),
                "scope": wanted.scope,
            }
            job = job_of(SIMULATE_KIND, arguments, caller.principal, key, caller.at)
            body = {
                "job_id": job.id,
                "policy_id": wanted.policy_id,
                "version": version,
                "from_on": arguments["from"],
                "through_on": arguments["through"],
                "scope": wanted.scope,
            }
            asked = self.jobs.puts(job)
            return Rule((*puts, *asked), Reply(202, body, f"/v1/jobs/{job.id}"))

        reply = self.desk.act(caller, rule)
        if not reply.is_replayed:
            self.jobs.send(str(reply.body["job_id"]))
        return reply

    def _version(self, wanted: Wanted, today: date) -> tuple[str, Sequence[Put]]:
        if wanted.document:
            checked_policy(wanted.policy_id, wanted.document, None, today)
            version = policy_version(wanted.document.encode())
            text = PolicyText(wanted.document)
            return version, (Put(text_key(wanted.policy_id, version), text),)
        version = wanted.version or self._next(wanted.policy_id, today)
        read_document(self.records, wanted.policy_id, version)
        return version, ()

    def _next(self, policy_id: str, today: date) -> str:
        card = read_table(self.records).value.policies.get(policy_id)
        if card is None:
            raise NotFoundError(f"there is no policy {policy_id[:64]!r}")
        if card.proposed:
            return card.proposed[-1]
        for entry in card.scheduled:
            if entry.effective_on > today:
                return entry.version
        raise RefusedError(
            f"no version of {policy_id} is proposed or scheduled: name a version or give a document"
        )
