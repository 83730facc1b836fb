"""The job that exports an account, and how it is asked for and looked at (R13.3)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from urllib.parse import quote

from chalicelib.core.account import Account
from chalicelib.core.errors import NotFoundError
from chalicelib.core.policy import Policy
from chalicelib.flows.desk import (
    Caller,
    Desk,
    ReplayKey,
    Reply,
    Ruling,
    answered_before,
    event_of,
)
from chalicelib.flows.evidence import MEDIA_TYPE, Exported, export_account
from chalicelib.flows.evidence_gather import Sources
from chalicelib.flows.evidence_readme import Asked
from chalicelib.flows.jobs import DONE, Job, Jobs, Step, Task, job_of
from chalicelib.flows.ports import Accounts, Archive, Clock
from chalicelib.flows.ports_notices import FileLinks
from chalicelib.flows.principal import ADMIN, Principal
from chalicelib.flows.registry_desk import RegistryDesk, Rule

EVIDENCE_KIND = "evidence"
EXPORTED = "evidence_exported"  # the kind of the timeline's line
KEPT_DAYS = 30  # then the bucket forgets the archive (infra/store.yaml)
LINK_VALID = timedelta(minutes=15)


def evidence_key(job_id: str) -> str:
    """Return where a job's archive is kept."""
    return f"evidence/{job_id}.zip"


def archive_name(account_id: str, on: date) -> str:
    """Return the name under which an archive is downloaded."""
    return f"evidence-{quote(account_id, safe='~')}-{on.isoformat()}.zip"


@dataclass(frozen=True, slots=True)
class EvidenceRequests:
    """Asks for archives, and tells where they are."""

    accounts: Accounts
    jobs: Jobs
    desk: RegistryDesk
    links: FileLinks

    def ask(self, account_id: str, caller: Caller, why: Mapping[str, str]) -> Reply:
        """Ask for an account's archive: 202 with the place to look.

        `why` has `reason_code`, `note` and `recipient`.

        Raises:
            NotFoundError: there is no such account.
        """
        if not self.accounts.heads([account_id]):
            raise NotFoundError(f"there is no account {account_id[:64]!r}")
        key = caller.replay_key.id if caller.replay_key is not None else caller.request_id
        said = {"account_id": account_id, **why}
        job = job_of(EVIDENCE_KIND, said, caller.principal, key, caller.at)
        at = f"/v1/accounts/{quote(account_id, safe='~')}/evidence/{job.id}"
        body = {"evidence_id": job.id, "account_id": account_id, "state": job.state}
        reply = self.desk.act(caller, lambda: Rule(self.jobs.puts(job), Reply(202, body, at)))
        if not reply.is_replayed:
            self.jobs.send(job.id)
        return reply

    def get(self, account_id: str, evidence_id: str, now: datetime) -> dict[str, Any]:
        """Return where an export stands; done, with a link to the archive for 15 minutes.

        Raises:
            NotFoundError: there is no such export of this account.
        """
        job: Job = self.jobs.get(evidence_id)
        if job.kind != EVIDENCE_KIND or job.arguments["account_id"] != account_id:
            raise NotFoundError(f"there is no export {evidence_id[:64]!r} of this account")
        said = job.arguments
        fault = {"code": job.fault_code, "detail": job.fault} if job.fault_code else None
        values: dict[str, Any] = {
            "evidence_id": job.id,
            "account_id": account_id,
            "state": job.state,
            "asked_by": job.asked_by,
            "asked_at": job.asked_at,
            "reason_code": said["reason_code"],
            "note": said["note"],
            "recipient": said["recipient"],
            "fault": fault,
            "result": None,
            "archive": None,
        }
        if job.state == DONE:
            values |= {"result": self.jobs.result(job), "archive": self._archive(job, now)}
        return values

    def _archive(self, job: Job, now: datetime) -> dict[str, Any] | None:
        """Return the link to an archive, None when it is not kept any more."""
        ended_at = job.ended_at or job.asked_at
        kept_until = ended_at + timedelta(days=KEPT_DAYS)
        if now >= kept_until:
            return None
        name = archive_name(job.arguments["account_id"], ended_at.date())
        valid_s = int(LINK_VALID.total_seconds())
        url = self.links.link(
            evidence_key(job.id), name=name, media_type=MEDIA_TYPE, valid_s=valid_s
        )
        expires_at = min(now + LINK_VALID, kept_until)
        return {"name": name, "url": url, "expires_at": expires_at, "kept_until": kept_until}


@dataclass(frozen=True, slots=True)
class EvidenceDesk:
    """Exports accounts, and writes who had it into their timelines."""

    sources: Sources
    desk: Desk

    def export(
        self, account_id: str, caller: Caller, asked: Asked, keep: Callable[[bytes], object]
    ) -> Mapping[str, Any]:
        """Export an account, hand the archive to `keep`, then log it; return what the archive has.

        Under the caller's idempotency key it is done once: what came after it was kept is not done
        again, and asked again, what was answered then is returned.

        Raises:
            NotFoundError: there is no such account.
            EvidenceTooLargeError: the account has more than an archive may hold.
            StaleVersionError: others kept changing the account.
            UnavailableError: store or archive do not answer now.
        """
        given = answered_before(self.sources.accounts, caller)
        if given is not None:
            return given.body
        exported = export_account(self.sources, account_id, asked)
        keep(exported.content)
        body = _values(account_id, exported)

        def act(_account: Account, _policy: Policy, today: date) -> Ruling:
            event = event_of(
                caller,
                today,
                EXPORTED,
                reason_code=asked.reason_code,
                note=asked.note,
                recipient=asked.recipient,
                sha256=exported.sha256,
                account_version=str(exported.account_version),
            )
            return Ruling((), lambda _: Reply(200, body), (event,))

        return self.desk.book(account_id, caller, act).body


@dataclass(frozen=True, slots=True)
class ExportEvidence:
    """Does the job: exports an account and keeps the archive where its link leads."""

    evidence: EvidenceDesk
    archive: Archive
    clock: Clock
    zone: str
    stage: str

    def __call__(self, task: Task) -> Step:
        """Export the job's account, in one step; any number of times, it is logged once."""
        job, said = task.job, task.job.arguments
        now = self.clock.now()
        caller = Caller(_asker(job), now, replay_key=ReplayKey(f"evidence/{job.id}", job.id))
        asked = Asked(
            at=now,
            by=job.asked_by,
            reason_code=said["reason_code"],
            note=said["note"],
            zone=self.zone,
            recipient=said["recipient"],
            stage=self.stage,
        )

        def keep(content: bytes) -> None:
            self.archive.put(evidence_key(job.id), content, MEDIA_TYPE)

        body = self.evidence.export(said["account_id"], caller, asked, keep)
        return Step("", {"files": body["files"]}, body)


def _asker(job: Job) -> Principal:
    return Principal(job.asked_by, frozenset({ADMIN}), job.person)


def _values(account_id: str, exported: Exported) -> dict[str, Any]:
    return {
        "account_id": account_id,
        "account_version": exported.account_version,
        "sha256": exported.sha256,
        "size_bytes": len(exported.content),
        "files": exported.files,
        "counts": dict(exported.counts),
        "checks": {what: dict(counts) for what, counts in exported.checks.items()},
        "out_of_balance": list(exported.out_of_balance),
        "is_sound": exported.is_sound,
    }
