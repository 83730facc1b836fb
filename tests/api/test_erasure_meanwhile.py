"""Erasures beside each other, and beside what is written meanwhile or comes again."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from chalicelib import wiring
from chalicelib.core.account import digest_of
from chalicelib.core.erased_words import words_of
from chalicelib.flows.erasure_letters import LetterErasure
from chalicelib.flows.jobs import Jobs, Step, Task
from chalicelib.flows.kept_letters import KeptLetters
from chalicelib.flows.ports_mail import OutgoingMail, SendOutcome
from chalicelib.wiring_erasure import erasure_job
from tests.api.client import Api
from tests.api.test_erasure import (
    EMAIL,
    NAME,
    WHERE,
    WHY,
    erase,
    traces,
    with_contact,
    work,
    written_to,
)
from tests.flows.machine import NOTICE, NOW, Machine
from tests.workers.deployment import FakeDeployment, FakePorts


def orders(machine: Machine) -> list[str]:
    """Whose orders are still kept, with what they look for."""
    return [key.name for key in machine.records.kept if key.book.startswith("F#")]


def did_live_only(api: Api) -> None:
    """The job has taken the contact out of live state, and every other step is still to come."""
    [order] = api.machine.job_queue.sent
    with wiring.using(FakeDeployment(api.machine)):
        ports = FakePorts(api.machine)
        record = Jobs(ports.records, api.machine.job_queue, ports.archive).open(order[0])
        erasure_job(ports)(Task(record.value, {}, lambda: True))


@pytest.mark.parametrize("is_first_begun", [True, False])
def test_a_second_order_takes_nothing_from_the_first(is_first_begun: bool) -> None:
    api = written_to()
    assert api.post(f"{WHERE}/erase", WHY, Idempotency_Key="one").status == 202
    if is_first_begun:
        did_live_only(api)
    assert api.post(f"{WHERE}/erase", WHY, Idempotency_Key="two").status == 202

    work(api)

    assert traces(api.machine) == []
    assert orders(api.machine) == []


def test_a_second_order_that_is_done_first_erases_all_and_leaves_the_firsts_order_to_it() -> None:
    api = written_to()
    api.post(f"{WHERE}/erase", WHY, Idempotency_Key="one")
    did_live_only(api)
    [first] = [api.machine.job_queue.sent.pop()]
    api.post(f"{WHERE}/erase", WHY, Idempotency_Key="two")
    work(api)
    assert orders(api.machine) == [f"con_1#{first[0]}"]

    api.machine.job_queue.sent.append(first)
    work(api)

    assert traces(api.machine) == []
    assert orders(api.machine) == []


def test_an_order_after_a_job_that_failed_still_knows_who_it_was() -> None:
    api = written_to()
    api.post(f"{WHERE}/erase", WHY, Idempotency_Key="one")
    did_live_only(api)
    [failed] = [api.machine.job_queue.sent.pop()]
    ports = FakePorts(api.machine)
    jobs = Jobs(ports.records, api.machine.job_queue, ports.archive)
    jobs.fail(jobs.begin(jobs.open(failed[0])), "unavailable", "it did not answer", NOW)

    erase(api)

    assert traces(api.machine) == []
    assert orders(api.machine) == []


def test_a_payment_whose_reference_named_the_person_is_still_recorded_once() -> None:
    api = with_contact()
    where = "/v1/accounts/A1/payments"
    paid = {
        "payment_id": "P1",
        "received_on": "2024-03-15",
        "amount": {"amount_minor": 40_000, "currency": "USD"},
        "reference": f"{NAME} I1",
    }
    assert api.post(where, paid).status == 201
    erase(api)
    assert api.get(f"{where}/P1").body["reference"] == "[erased] I1"

    again = api.post(where, paid)

    assert (again.status, again.body["reference"]) == (200, "[erased] I1")
    other = api.post(where, paid | {"received_on": "2024-03-14"})
    assert (other.status, other.code) == (409, "conflict")
    assert api.machine.account("A1").totals["USD"]["payment"] == 40_000


def test_what_was_written_into_history_meanwhile_as_it_was_read_before_goes_too() -> None:
    api = written_to()
    assert api.post(f"{WHERE}/erase", WHY).status == 202
    [(job_id, _)] = api.machine.job_queue.sent
    ports = FakePorts(api.machine)
    job = Jobs(ports.records, api.machine.job_queue, ports.archive).open(job_id).value
    kept = api.machine.accounts.kept["A1"]
    read_before = kept.account.past_notices
    erasure = erasure_job(ports)
    step = Step("", {}, {})
    for done in range(3):  # live, history, letters
        step = erasure(Task(replace(job, cursor=step.cursor, step=done), step.kept, lambda: True))
    assert digest_of(EMAIL) not in repr(kept)
    kept.account = replace(kept.account, past_notices=read_before)

    erasure(Task(replace(job, cursor=step.cursor), step.kept, lambda: False))

    assert traces(api.machine) == []


class ErasedMeanwhile:
    """A mail service that answers so late that the letter's record has been rewritten by then."""

    def __init__(self, machine: Machine) -> None:
        self._machine, self._mailer = machine, machine.mailer

    def send(self, mail: OutgoingMail) -> SendOutcome:
        answer = self._mailer.send(mail)
        letters = LetterErasure(self._machine.archive, "con_1", words_of(()), ())
        assert letters.of(NOTICE) == 2  # the attempt's record, and the last one's
        return answer


def test_a_letter_that_ends_after_the_erasure_brings_nothing_back_into_its_record() -> None:
    machine = with_contact().machine
    machine.decide("A1")
    late: Any = ErasedMeanwhile(machine)

    replace(machine.deliver, mailer=late).deliver("A1", NOTICE)

    letters = KeptLetters(machine.archive)
    for attempt in (0, 1):
        record = letters.record(NOTICE, attempt)
        assert record is not None
        assert [one["digest"] for one in record["to"]] == ["erased:con_1:1"]
        assert (record["message_id"] != "", "as_sent" in record) == (True, False)
