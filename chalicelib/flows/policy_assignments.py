"""Which policy the accounts of a class have, and those of none (R2.1)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from chalicelib.core.errors import Fault, InvalidInputError
from chalicelib.flows.desk import Caller, Reply, check_match
from chalicelib.flows.jobs import Jobs, job_of
from chalicelib.flows.policy_table import TABLE_KEY, PolicyTable, read_table
from chalicelib.flows.ports_registry import Put, Records
from chalicelib.flows.registry_desk import RegistryDesk, Rule, act_of, acts_in
from chalicelib.flows.wake_job import WAKE_DELAY_S, WAKE_KIND

LOG = "policy_assignments"


@dataclass(frozen=True, slots=True)
class PolicyAssignments:
    """Tells and changes which policy an account has that names none of its own."""

    records: Records
    desk: RegistryDesk
    jobs: Jobs

    def get(self) -> dict[str, Any]:
        """Return the assignments with their log. Two reads."""
        table = read_table(self.records).value
        return _values(table) | {"log": acts_in(self.records, LOG)}

    def put(
        self,
        caller: Caller,
        default: str,
        classes: Mapping[str, str],
        why: tuple[str, str],
        today: date,
    ) -> Reply:
        """Assign policies, as a whole and at once; the accounts concerned are woken.

        `classes`: a policy's id by account class. `why`: reason code and note.

        Raises:
            InvalidInputError: a policy is not in force; every fault at once.
            PreconditionFailedError, PreconditionRequiredError: as api.md says of `If-Match`.
        """

        def rule() -> Rule:
            record = read_table(self.records)
            check_match(caller, self.get())
            faults = tuple(_faults(record.value, default, classes, today))
            if faults:
                raise InvalidInputError("the policies cannot be assigned so", faults)
            after = replace(record.value, default=default, classes=dict(classes))
            # The revision names the change: the job of one that is repeated is the same job.
            key = f"{LOG}:{record.revision + 1}"
            on = {"on": today.isoformat()}
            job = job_of(WAKE_KIND, on, caller.principal, key, caller.at)
            values = _values(after) | {
                "job_id": job.id,
                "woken_on": today.isoformat(),
                "change": key,
            }
            by_class = ", ".join(f"{name}={classes[name]}" for name in sorted(classes))
            said = {"reason_code": why[0], "note": why[1], "default": default, "classes": by_class}
            return Rule(
                (Put(TABLE_KEY, after, record.revision), *self.jobs.puts(job, WAKE_DELAY_S)),
                Reply(200, values),
                (act_of(caller, LOG, "assigned", **said),),
            )

        reply = self.desk.act(caller, rule)
        if not reply.is_replayed:
            self.jobs.send(str(reply.body["job_id"]), WAKE_DELAY_S)
        return reply


def _values(table: PolicyTable) -> dict[str, Any]:
    return {"default": table.default, "classes": dict(sorted(table.classes.items()))}


def _faults(
    table: PolicyTable, default: str, classes: Mapping[str, str], today: date
) -> Iterator[Fault]:
    named = {"/default": default, **{f"/classes/{name}": p for name, p in classes.items()}}
    for pointer, policy_id in named.items():
        card = table.policies.get(policy_id)
        if card is None or card.in_force(today) is None:
            detail = f"no version of a policy {policy_id[:64]!r} is in force"
            yield Fault(pointer, "policy_not_in_force", detail)
