"""The job that exports an account: once, kept, and told in the account's timeline."""

from __future__ import annotations

from chalicelib import wiring
from chalicelib.flows.evidence_job import EVIDENCE_KIND, EXPORTED, evidence_key
from chalicelib.flows.jobs import Job
from tests.flows.evidence_bench import with_a_letter
from tests.flows.job_bench import ANNA, jobs_of
from tests.flows.machine import NOW, Machine
from tests.workers.deployment import FakeDeployment

SAID = {"account_id": "A1", "reason_code": "lawsuit", "note": "The claim.", "recipient": ""}


def asked(machine: Machine, **said: str) -> Job:
    return jobs_of(machine).submit(EVIDENCE_KIND, SAID | said, ANNA, "key", NOW)


def work(machine: Machine, job: Job) -> dict[str, int]:
    deployment = FakeDeployment(machine)
    with wiring.using(deployment):
        return dict(deployment.job(job.id, 0))


def logged(machine: Machine) -> list[dict[str, str]]:
    log = machine.accounts.kept["A1"].log
    events = [event for lines in log for event in lines.events if event.kind == EXPORTED]
    return [{"actor": one.actor, "reason": one.reason_code, **one.figures} for one in events]


def test_the_archive_is_kept_and_the_timeline_has_who_had_it_and_its_digest() -> None:
    machine = with_a_letter()
    job = asked(machine)

    assert work(machine, job) == {"jobs_done": 1}

    result = jobs_of(machine).result(jobs_of(machine).get(job.id))
    assert result is not None
    content, media_type = machine.archive.files[evidence_key(job.id)]
    assert (result["size_bytes"], media_type) == (len(content), "application/zip")
    assert result["is_sound"]
    [told] = logged(machine)
    assert told["actor"] == "anna"
    assert told["reason"] == "lawsuit"
    assert (told["sha256"], told["account_version"]) == (
        result["sha256"],
        str(result["account_version"]),
    )


def test_a_step_that_is_done_twice_exports_and_tells_once() -> None:
    machine = with_a_letter()
    job = asked(machine)
    work(machine, job)
    kept = machine.archive.files[evidence_key(job.id)]
    [key] = [key for key in machine.records.kept if key.book == f"J#{job.id}"]
    machine.records.kept[key] = (job, 1)  # as if its end had never been written

    work(machine, job)

    assert machine.archive.files[evidence_key(job.id)] == kept
    assert len(logged(machine)) == 1


def test_a_job_for_an_account_that_is_not_there_fails() -> None:
    machine = with_a_letter()
    job = asked(machine, account_id="A9")

    assert work(machine, job) == {"jobs_failed": 1, "jobs_failed_not_found": 1}
