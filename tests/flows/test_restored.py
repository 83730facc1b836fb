"""After a restore from backup: what a customer has already is never sent again."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from chalicelib.core.account import WentTo
from chalicelib.flows.reconcile import UNKNOWN_FOR_GOOD_AFTER
from chalicelib.flows.restored import LetterFence, RestoredPoint, fence_key, put_fences, put_point
from tests.flows.machine import NOTICE, Machine, with_notice

TO = WentTo(1, "c1", "d" * 64)


def restored(*fences: LetterFence) -> Machine:
    """A stage that was restored to before its notice left, which it is about to send again."""
    machine = with_notice()
    put_fences(machine.records, fences)
    return machine


def test_a_letter_that_left_before_the_restore_is_booked_and_not_sent() -> None:
    machine = restored(LetterFence(NOTICE, 1, "message-before", (TO,)))

    counts = machine.deliver.deliver("A1", NOTICE)

    notice = machine.notice(NOTICE)
    assert counts == {"mail_sent_before_restore": 1}
    assert machine.mailer.tried == []
    assert (notice.state, notice.message_id, notice.went_to) == ("sent", "message-before", (TO,))
    assert machine.accounts.outbox["A1"] == {}


def test_the_kept_letter_stays_as_it_was_sent() -> None:
    machine = restored(LetterFence(NOTICE, 1, "message-before"))

    machine.deliver.deliver("A1", NOTICE)

    assert machine.archive.files == {}


def test_a_letter_of_which_nobody_knows_is_left_to_a_person_after_a_day() -> None:
    machine = restored(LetterFence(NOTICE, 1))

    counts = machine.deliver.deliver("A1", NOTICE)
    machine.clock.at += UNKNOWN_FOR_GOOD_AFTER
    machine.reconcile.reconcile(machine.clock.now())

    assert counts == {"mail_sent_before_restore": 1, "mail_unknown": 1}
    assert machine.mailer.tried == []
    assert f"A1:review_notice:{NOTICE}" in machine.tasks("A1")


def test_the_same_message_again_finds_nothing_to_do() -> None:
    machine = restored(LetterFence(NOTICE, 1, "message-before"))
    machine.deliver.deliver("A1", NOTICE)

    assert machine.deliver.deliver("A1", NOTICE) == {"mail_nothing_to_do": 1}


@pytest.mark.parametrize("other", ["A1:USD:2024-03-19", "A2:USD:2024-03-18"])
def test_another_letter_is_sent(other: str) -> None:
    machine = restored(LetterFence(other, 1, "message-before"))

    assert machine.deliver.deliver("A1", NOTICE) == {"mail_sent": 1}


def test_an_attempt_that_the_ledger_knows_keeps_nothing_back() -> None:
    machine = restored(LetterFence(NOTICE, 0))

    assert machine.deliver.deliver("A1", NOTICE) == {"mail_sent": 1}


def test_many_fences_are_kept() -> None:
    fences = [LetterFence(f"A{number}:USD:2024-03-18", 1) for number in range(60)]
    machine = restored(*fences)

    found = [machine.records.read(fence_key(fence.notice_id), LetterFence) for fence in fences]

    assert all(found)


def test_a_letter_that_may_have_bounced_never_counts_as_sent_by_itself() -> None:
    machine = restored(LetterFence(NOTICE, 1, "message-before", (TO,), is_doubtful=True))

    counts = machine.deliver.deliver("A1", NOTICE)
    state, message_id = machine.notice(NOTICE).state, machine.notice(NOTICE).message_id
    machine.clock.at += UNKNOWN_FOR_GOOD_AFTER
    machine.reconcile.reconcile(machine.clock.now())

    assert counts == {"mail_sent_before_restore": 1, "mail_unknown": 1}
    assert (state, message_id, machine.mailer.tried) == ("unknown", "message-before", [])
    assert f"A1:review_notice:{NOTICE}" in machine.tasks("A1")


POINT = RestoredPoint(
    datetime(2024, 3, 17, 4, tzinfo=UTC), "backup", "anna", datetime(2024, 3, 18, 5, tzinfo=UTC),
    lost_days=(date(2024, 3, 15), date(2024, 3, 18)),
)  # fmt: skip


@pytest.mark.parametrize(
    ("run_on", "run_through", "is_closed", "starts"),
    [
        (date(2024, 3, 18), None, False, False),
        (date(2024, 3, 17), None, False, False),
        (date(2024, 3, 15), None, False, True),
        (date(2024, 3, 18), date(2024, 3, 15), False, True),
        (date(2024, 3, 19), date(2024, 3, 15), False, False),
        (date(2024, 3, 19), date(2024, 3, 18), False, True),
        (date(2024, 3, 19), None, True, True),
    ],
)
def test_no_day_is_run_before_each_earlier_lost_day_was(
    run_on: date, run_through: date | None, *, is_closed: bool, starts: bool
) -> None:
    machine = with_notice()
    machine.registry.beat(date(2024, 3, 31))
    closed = machine.clock.now() if is_closed else None
    put_point(machine.records, replace(POINT, run_through=run_through, closed_at=closed))

    counts = machine.sweep.start(run_on)

    assert counts.get("run_started", 0) == starts
    assert counts.get("run_refused_restored_days_open", 0) == (not starts)
