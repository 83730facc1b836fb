"""Every minute: lost hand-overs, ended leases, letters that nobody reported on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import pytest
from chalicelib.core.errors import UnavailableError
from chalicelib.core.facts import Fact
from chalicelib.flows.counts import Counts
from chalicelib.flows.ports import Change, Loaded
from chalicelib.flows.ports_mail import SendOutcome, Unknown
from chalicelib.flows.reconcile import Reconcile
from tests.fakes_mail import FakeMailer
from tests.fakes_store import MemoryAccounts, MemoryQueues
from tests.flows.machine import TODAY, Machine, invoice

NOTICE = "A1:USD:2024-03-18"


def with_notices(*account_ids: str, machine: Machine | None = None) -> Machine:
    machine = machine or Machine()
    for account_id in account_ids:
        machine.take_in(account_id, invoice("I1", 15))
        machine.decide(account_id)
    machine.queues.mail.clear()
    return machine


def after_sending(*outcomes: SendOutcome) -> Machine:
    machine = with_notices("A1", machine=Machine(mailer=FakeMailer(outcomes)))
    machine.deliver.deliver("A1", NOTICE)
    return machine


def test_a_lost_hand_over_is_made_up_for_after_a_minute() -> None:
    machine = with_notices("A1")
    early = machine.reconcile.reconcile(machine.clock.pass_by(seconds=59))

    late = machine.reconcile.reconcile(machine.clock.pass_by(seconds=2))

    assert early == {}
    assert late == {"handed_over": 1}
    assert machine.queues.mail == [("A1", NOTICE)]


def test_what_was_delivered_is_not_handed_over_again() -> None:
    machine = after_sending()

    assert machine.reconcile.reconcile(machine.clock.pass_by(minutes=5)) == {}
    assert machine.queues.mail == []


def test_while_sending_is_paused_nothing_is_handed_over() -> None:
    machine = with_notices("A1")
    machine.registry.pause_sending(paused=True)

    assert machine.reconcile.reconcile(machine.clock.pass_by(minutes=5)) == {}
    assert list(machine.accounts.outbox["A1"]) == [f"notice:{NOTICE}"]


def test_a_letter_without_news_counts_after_72_hours() -> None:
    machine = after_sending()
    early = machine.reconcile.reconcile(machine.clock.pass_by(hours=71, minutes=59))

    late = machine.reconcile.reconcile(machine.clock.pass_by(minutes=1))

    assert (early, late) == ({}, {"counted_without_news": 1})
    account = machine.account("A1")
    assert account.notices == {}
    assert account.invoices["I1"].announcements[0].sent_on == TODAY + timedelta(days=3)


def test_an_unknown_outcome_becomes_a_task_after_a_day_and_is_never_sent_again() -> None:
    machine = after_sending(Unknown("read_timeout"))
    early = machine.reconcile.reconcile(machine.clock.pass_by(hours=23, minutes=59))

    late = machine.reconcile.reconcile(machine.clock.pass_by(minutes=1))

    assert (early, late) == ({}, {"unknown_for_good": 1})
    assert f"A1:review_notice:{NOTICE}" in machine.tasks("A1")
    assert machine.deliver.deliver("A1", NOTICE) == {"mail_nothing_to_do": 1}
    assert len(machine.mailer.tried) == 1
    assert machine.reconcile.reconcile(machine.clock.pass_by(days=9)) == {}


class PartlyDeaf(MemoryQueues):
    def send_mail(self, account_id: str, notice_ids: Sequence[str], delay_s: int = 0) -> None:
        if account_id == "A1":
            raise UnavailableError("the queue does not answer")
        super().send_mail(account_id, notice_ids, delay_s)


def test_one_account_that_fails_stops_no_other_and_is_still_reported() -> None:
    machine = with_notices("A1", "A2", machine=Machine(queues=PartlyDeaf()))

    with pytest.raises(UnavailableError):
        machine.reconcile.reconcile(machine.clock.pass_by(minutes=5))

    assert machine.queues.mail == [("A2", "A2:USD:2024-03-18")]


def test_what_was_done_in_a_minute_in_which_something_failed_is_counted_all_the_same() -> None:
    machine = with_notices("A1", "A2", machine=Machine(queues=PartlyDeaf()))
    told: list[Counts] = []
    reconcile = Reconcile(machine.bookings, machine.registry, machine.queues, told.append)

    with pytest.raises(UnavailableError):
        reconcile.reconcile(machine.clock.pass_by(minutes=5))

    assert told == [{"failed": 1, "handed_over": 1}]


def test_a_large_change_that_was_only_stored_is_written_out() -> None:
    machine = Machine()
    for account_id in ("A1", "A2", "A3"):
        machine.take_in(account_id, invoice("I1", 15))
    for account_id in ("A1", "A3"):
        loaded = machine.accounts.load(account_id)
        after = replace(loaded.account, contacts=(TODAY,))
        machine.accounts.commit(Change(loaded, after, TODAY, finish_later=True))

    counts = machine.reconcile.reconcile(machine.clock.now())

    assert counts == {"finished_later": 2}
    assert list(machine.accounts.unfinished()) == []


class PartlyLost(MemoryAccounts):
    """One account cannot be read."""

    def load(self, account_id: str, facts: Sequence[Fact] = ()) -> Loaded:
        if account_id == "A1" and "A1" in self.stored_only:
            raise UnavailableError("the store does not answer")
        return super().load(account_id, facts)


def test_one_account_that_cannot_be_finished_stops_no_other() -> None:
    machine = Machine(accounts=PartlyLost(shard_count=4))
    for account_id in ("A1", "A2"):
        machine.take_in(account_id, invoice("I1", 15))
        machine.accounts.stored_only.add(account_id)

    with pytest.raises(UnavailableError):
        machine.reconcile.reconcile(machine.clock.now())

    assert list(machine.accounts.unfinished()) == ["A1"]
