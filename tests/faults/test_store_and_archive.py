"""The table or the archive fails between claim and record: no second letter, none lost (R11.3)."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from tests.faults.line import FEW_LOOKS, STORIES, Line, broken_laws, told_in_timeline
from tests.faults.proxy import Rule
from tests.faults.real import Real
from tests.flows.machine import TODAY

pytestmark = pytest.mark.emulator
LOST: Rule = {"response": {"abort_frac": 0.0}}
RESET: Rule = {"reset": True}
THROTTLED: Rule = {"error": {"code": "ProvisionedThroughputExceededException"}}
BROKEN: Rule = {"error": {"code": "InternalServerError", "status": 500}}
CONFLICT: Rule = {
    "error": {
        "code": "TransactionCanceledException",
        "fields": {"CancellationReasons": [{"Code": "TransactionConflict", "Message": "x"}]},
    }
}
FOR_LONG = 6  # calls: more than the client's own tries
NO_ANSWER: Rule = {"service": "sesv2", "operation": "SendEmail", **LOST}


@dataclass(frozen=True)
class Call:
    """The n-th call (from 0) of an operation while a letter is delivered."""

    operation: str
    number: int = 0
    service: str = "dynamodb"

    def rules(self, fault: Rule, times: int) -> list[Rule]:
        named = {"service": self.service, "operation": self.operation}
        before = [{**named, "times": self.number}] if self.number else []
        return [*before, {**named, **fault, "times": times}]


CLAIM, RECORD = Call("TransactWriteItems"), Call("TransactWriteItems", 1)
READ, READ_AGAIN, FORGET = Call("Query"), Call("Query", 5), Call("DeleteItem")
KEEP, KEEP_RECORD = Call("PutObject", 1, "s3"), Call("PutObject", 5, "s3")
COMPLETE = Call("PutObject", 6, "s3")
SLOW_DOWN: Rule = {"error": {"code": "SlowDown", "status": 503}}
INTERNAL: Rule = {"error": {"code": "InternalError", "status": 500}}
# What fails, how, for how many calls.
FAULTS: dict[str, tuple[Call, Rule, int]] = {
    "the claim's answer is lost": (CLAIM, LOST, 1),
    "every answer to the claim is lost": (CLAIM, LOST, FOR_LONG),
    "the claim meets another transaction": (CLAIM, CONFLICT, 1),
    "the claim meets others each time": (CLAIM, CONFLICT, FOR_LONG),
    "the claim is throttled": (CLAIM, THROTTLED, FOR_LONG),
    "the claim is reset": (CLAIM, RESET, 1),
    "the read is throttled": (READ, THROTTLED, FOR_LONG),
    "the record's answer is lost": (RECORD, LOST, 1),
    "every answer to the record is lost": (RECORD, LOST, FOR_LONG),
    "the record meets others each time": (RECORD, CONFLICT, FOR_LONG),
    "the record is throttled": (RECORD, THROTTLED, FOR_LONG),
    "the record is reset each time": (RECORD, RESET, FOR_LONG),
    "the record fails": (RECORD, BROKEN, FOR_LONG),
    "the read before the record fails": (READ_AGAIN, BROKEN, FOR_LONG),
    "the outbox row cannot be ended": (FORGET, THROTTLED, FOR_LONG),
    "the archive is slow to take a file": (KEEP, SLOW_DOWN, 1),
    "the archive fails": (KEEP, INTERNAL, 1),
    "the archive is reset": (KEEP_RECORD, RESET, 1),
    "the archive's answer is lost": (KEEP_RECORD, LOST, 1),
    "the archive fails after the send": (COMPLETE, INTERNAL, 1),
}


def lived(real: Real, fault: str, *more: Rule, story: str = "it says nothing") -> tuple[Line, str]:
    """One letter's way through a fault and what follows."""
    account_id = real.begin()
    call, rule, times = FAULTS[fault]
    real.proxy.breaks(*call.rules(rule, times), *more)
    line = Line(real, real.post, STORIES[story], looks=FEW_LOOKS)
    line.work()
    assert len(real.proxy.fired()) > call.number, "the fault was never met"
    real.proxy.forget()
    line.live_on(account_id)
    assert list(broken_laws(line, account_id, f"{account_id}:USD:{TODAY}")) == []
    return line, account_id


@pytest.mark.parametrize("fault", FAULTS)
def test_a_letter_that_is_taken_is_taken_once_whatever_fails_around_it(
    real: Real, fault: str
) -> None:
    line, account_id = lived(real, fault)

    assert len(line.post.taken) <= 1
    assert line.counts["mail_unknown"] == told_in_timeline(line, account_id, "notice_unknown")


AFTER_THE_SEND = (
    "every answer to the record is lost", "the record is throttled", "the outbox row cannot be ended"
)  # fmt: skip


@pytest.mark.parametrize("fault", AFTER_THE_SEND)
def test_a_send_that_nobody_knows_of_is_counted_though_recording_it_fails(
    real: Real, fault: str
) -> None:
    line, account_id = lived(real, fault, NO_ANSWER)

    assert len(line.post.taken) == 1
    assert (line.counts["mail_unknown"], line.counts["unknown_for_good"]) == (1, 1)
    assert told_in_timeline(line, account_id, "notice_unknown") == 1


@pytest.mark.parametrize("story", ["it says delivered before it answers", "it says bounced"])
def test_what_the_mail_service_says_meanwhile_is_enough(real: Real, story: str) -> None:
    lived(real, "the record is throttled", story=story)
