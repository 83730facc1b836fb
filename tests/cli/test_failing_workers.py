"""Workers that keep failing end a run with words, instead of a wait in silence."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from local.cloud.errors import WorkerFailingError
from local.cloud.failures import FailureWatch
from local.cloud.machine import local_cloud
from local.cloud.package import package
from local.cloud_machine import open_machine

UNREADABLE = '{"account_id": "A1"}'  # a letter's message names its notice too
WHOLE = (
    "2026-03-02 INFO WARNING [lambda] ESM: Lambda pastdue-local-work failed processing SQS batch"
)


def failed(tries: int) -> str:
    """A worker's line of the log."""
    return json.dumps(
        {"level": "ERROR", "message": "work failed", "tries": str(tries), "code": "unavailable"},
        separators=(",", ":"),
    )


def watched(folder: Path, before: str, *lines: str) -> FailureWatch:
    """A watch on a log that had text before and then got lines."""
    log = folder / "emulator.log"
    log.write_text(before)
    watch = FailureWatch(log)
    with log.open("a") as file:
        file.writelines(f"{line}\n" for line in lines)
    return watch


def test_a_failure_that_is_tried_again_is_no_end(tmp_path: Path) -> None:
    watched(tmp_path, "", failed(1), failed(1), WHOLE, "work done").check()


def test_failures_of_another_time_are_no_end(tmp_path: Path) -> None:
    watched(tmp_path, f"{failed(3)}\n{WHOLE}\n{WHOLE}\n", "work done").check()


def test_a_message_that_fails_again_is_named_with_its_reason(tmp_path: Path) -> None:
    with pytest.raises(WorkerFailingError, match=r"2 times: work failed \(unavailable\)"):
        watched(tmp_path, "", failed(1), failed(2)).check()


def test_a_function_that_fails_as_a_whole_again_is_named(tmp_path: Path) -> None:
    with pytest.raises(WorkerFailingError, match="pastdue-local-work failed 2 times"):
        watched(tmp_path, "", WHOLE, WHOLE).check()


def test_a_line_that_is_half_written_is_read_when_it_ends(tmp_path: Path) -> None:
    watch = watched(tmp_path, "")
    log = tmp_path / "emulator.log"
    log.write_text(failed(2)[:40])
    watch.check()
    log.write_text(f"{failed(2)}\n")

    with pytest.raises(WorkerFailingError):
        watch.check()


@pytest.mark.emulator
@pytest.mark.slow
def test_a_run_ends_when_a_worker_keeps_failing(tmp_path: Path) -> None:
    with local_cloud(package(), tmp_path, parameters={"RetryAfterSeconds": "1"}) as cloud:
        machine = open_machine(cloud)
        cloud.client("sqs").send_message(
            QueueUrl=cloud.stack.queue_urls["mail"], MessageBody=UNREADABLE
        )

        with pytest.raises(WorkerFailingError, match="mail failed"):
            machine.settle()


@pytest.mark.emulator
@pytest.mark.slow
def test_a_run_ends_when_a_queue_has_given_up_on_a_message(tmp_path: Path) -> None:
    with local_cloud(package(), tmp_path) as cloud:
        machine = open_machine(cloud)
        cloud.client("sqs").send_message(
            QueueUrl=cloud.stack.dead_letter_urls["work"], MessageBody=UNREADABLE
        )

        with pytest.raises(WorkerFailingError, match="1 message"):
            machine.settle()
