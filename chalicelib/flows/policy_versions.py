"""Policies as people publish them: proposed by one person, approved by another (R2.1, R2.2)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from chalicelib.core.calendar import ONE_DAY
from chalicelib.core.errors import (
    ConflictError,
    LimitError,
    NotFoundError,
    SecondPersonError,
)
from chalicelib.core.policy_load import policy_version
from chalicelib.flows.desk import Caller, Reply, check_match
from chalicelib.flows.jobs import Jobs, job_of
from chalicelib.flows.policy_checks import checked_policy
from chalicelib.flows.policy_reads import PolicyReads
from chalicelib.flows.policy_table import (
    TABLE_KEY,
    PolicyCard,
    PolicyTable,
    PolicyText,
    read_document,
    read_table,
    text_key,
)
from chalicelib.flows.policy_version_values import (
    APPROVED,
    DECLINED,
    PROPOSED,
    PolicyVersion,
    log_of,
    version_key,
    version_values,
)
from chalicelib.flows.ports_registry import NEW, Put, Record, Records
from chalicelib.flows.registry_desk import RegistryDesk, Rule, act_of
from chalicelib.flows.wake_job import WAKE_DELAY_S, WAKE_KIND

PROPOSALS_MAX = 20  # of one policy that wait
COMING_MAX = 20  # of one policy that are approved for days to come


@dataclass(frozen=True, slots=True)
class PolicyVersions:
    """Proposes, approves and declines versions of policies; keeps every one."""

    records: Records
    desk: RegistryDesk
    jobs: Jobs

    def propose(
        self,
        caller: Caller,
        policy_id: str,
        text: str,
        effective_on: date | None,
        today: date,
    ) -> Reply:
        """Propose a document as the next version of a policy; a second person approves it.

        It is checked whole. It takes effect on the next processing day at the earliest, by its own
        calendar, which is the default. Proposing again what waits already changes its day at most.

        Raises:
            InvalidInputError: the document does not hold together, names another id, or the day
                cannot be; every fault at once.
            PreconditionFailedError, PreconditionRequiredError: as api.md says of `If-Match`.
            ConflictError: this very document is in force or scheduled, or another person's
                proposal.
            LimitError: 20 versions wait, or there are 100 policies.
        """
        policy = checked_policy(policy_id, text, effective_on, today)
        version = policy_version(text.encode())
        on = effective_on or policy.calendar.processing_day_from(today + ONE_DAY)

        def rule() -> Rule:
            table = read_table(self.records)
            card = table.value.policies.get(policy_id)
            seen = None if card is None else PolicyReads(self.records).get(policy_id, today)
            check_match(caller, seen)
            card = card or PolicyCard()
            _refuse_doubles(card, version, today)
            there = self.records.read(version_key(policy_id, version), PolicyVersion)
            waits = there is not None and there.value.state == PROPOSED
            if waits:
                assert there is not None
                _refuse_another(caller, there.value)
            elif len(card.proposed) >= PROPOSALS_MAX:
                raise LimitError(f"{PROPOSALS_MAX} versions of {policy_id} wait for an approval")
            who = caller.principal
            made = PolicyVersion(policy_id, version, PROPOSED, on, who.id, who.person, caller.at)
            after = table.value.with_card(policy_id, card.with_proposed(version))
            location = f"/v1/policies/{policy_id}/versions/{version}"
            return Rule(
                (
                    Put(TABLE_KEY, after, table.revision),
                    Put(text_key(policy_id, version), PolicyText(text)),
                    Put(version_key(policy_id, version), made, there.revision if there else NEW),
                ),
                Reply(200 if waits else 201, version_values(made, card, today), location),
                (act_of(caller, log_of(policy_id), "proposed", version, effective_on=str(on)),),
            )

        return self.desk.act(caller, rule)

    def approve(
        self, caller: Caller, policy_id: str, version: str, why: tuple[str, str], today: date
    ) -> Reply:
        """Approve a proposed version: it takes effect on its day, and its accounts are woken.

        `why`: reason code and note. A day that is too near by now is moved to the next processing
        day.

        Raises:
            NotFoundError: there is no such version.
            SecondPersonError: the caller proposed it, themselves or through a key of theirs.
            ConflictError: it does not wait.
            PreconditionFailedError: it is not as the caller read it.
            InvalidInputError: its document does not hold together any more.
            LimitError: 20 versions are scheduled already.
        """

        def rule() -> Rule:
            table, record = self._waiting(caller, policy_id, version, today)
            if record.value.proposed_person == caller.principal.person:
                said = "a version is approved by another person than proposed it"
                raise SecondPersonError(said)
            document = read_document(self.records, policy_id, version).decode()
            calendar = checked_policy(policy_id, document, None, today).calendar
            earliest = calendar.processing_day_from(today + ONE_DAY)
            made = _decided(record.value, APPROVED, caller, why)
            made = replace(made, effective_on=max(made.effective_on, earliest))
            card = table.value.policies[policy_id]
            if sum(1 for entry in card.scheduled if entry.effective_on > today) >= COMING_MAX:
                raise LimitError(f"{COMING_MAX} versions of {policy_id} are scheduled already")
            card = card.with_scheduled(version, made.effective_on)
            values = version_values(made, card, today)
            on = str(made.effective_on)
            # The revision names the approval: that of a version approved twice is another job.
            key = f"{policy_id}@{version}:{on}:{record.revision + 1}"
            job = job_of(WAKE_KIND, {"on": on}, caller.principal, key, caller.at)
            values["job_id"] = job.id
            found = self._rule(caller, table, record, made, card, values)
            return replace(found, puts=(*found.puts, *self.jobs.puts(job, WAKE_DELAY_S)))

        reply = self.desk.act(caller, rule)
        if not reply.is_replayed:
            self.jobs.send(str(reply.body["job_id"]), WAKE_DELAY_S)
        return reply

    def decline(
        self, caller: Caller, policy_id: str, version: str, why: tuple[str, str], today: date
    ) -> Reply:
        """Decline a proposed version; whoever proposed it may take it back so.

        Raises:
            NotFoundError: there is no such version.
            ConflictError: it does not wait.
            PreconditionFailedError: it is not as the caller read it.
        """

        def rule() -> Rule:
            table, record = self._waiting(caller, policy_id, version, today)
            made = _decided(record.value, DECLINED, caller, why)
            card = table.value.policies[policy_id].without_proposed(version)
            values = version_values(made, card, today)
            return self._rule(caller, table, record, made, card, values)

        return self.desk.act(caller, rule)

    def _rule(
        self,
        caller: Caller,
        table: Record[PolicyTable],
        record: Record[PolicyVersion],
        made: PolicyVersion,
        card: PolicyCard,
        values: dict[str, Any],
    ) -> Rule:
        said = {"reason_code": made.reason_code, "note": made.note}
        return Rule(
            (
                Put(TABLE_KEY, table.value.with_card(made.policy_id, card), table.revision),
                Put(record.key, made, record.revision),
            ),
            Reply(200, values),
            (act_of(caller, log_of(made.policy_id), made.state, made.version, **said),),
        )

    def _waiting(
        self, caller: Caller, policy_id: str, version: str, today: date
    ) -> tuple[Record[PolicyTable], Record[PolicyVersion]]:
        table = read_table(self.records)
        record = self.records.read(version_key(policy_id, version), PolicyVersion)
        if record is None:
            raise NotFoundError(f"the policy {policy_id!r} has no proposed version {version!r}")
        if caller.if_match:
            check_match(caller, PolicyReads(self.records).get_version(policy_id, version, today))
        if record.value.state != PROPOSED:
            raise ConflictError(f"version {version} does not wait: it is {record.value.state}")
        return table, record


def _refuse_doubles(card: PolicyCard, version: str, today: date) -> None:
    coming = [entry.version for entry in card.scheduled if entry.effective_on > today]
    if version in coming:
        raise ConflictError(f"this document is scheduled already, as version {version}")
    if card.in_force(today) == version and not coming:
        raise ConflictError(f"this document is in force already, as version {version}")


def _refuse_another(caller: Caller, there: PolicyVersion) -> None:
    if there.proposed_person != caller.principal.person:
        raise ConflictError(
            f"version {there.version} was proposed by {there.proposed_by}: approve or decline it"
        )


def _decided(
    record: PolicyVersion, state: str, caller: Caller, why: tuple[str, str]
) -> PolicyVersion:
    return replace(
        record,
        state=state,
        decided_by=caller.principal.id,
        decided_at=caller.at,
        reason_code=why[0],
        note=why[1],
    )
