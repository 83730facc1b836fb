"""SES is slow, throttles, resets, answers nonsense or nothing: no second letter, none lost (R11.3)."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from tests.faults.line import FEW_LOOKS, STORIES, Line, broken_laws, notice_of, told_in_timeline
from tests.faults.proxy import Rule
from tests.faults.real import Real
from tests.flows.machine import TODAY

pytestmark = pytest.mark.emulator
SENDING: Rule = {"service": "sesv2", "operation": "SendEmail"}


@dataclass(frozen=True)
class Fault:
    """What happens to one send: what the proxy does, whether the letter was taken, what we know."""

    rule: Rule
    is_taken: bool
    known_as: str
    takes_first: bool = False  # the proxy's own answer stands for one given after that


def error(code: str, status: int | None = None) -> Rule:
    return {"error": {"code": code} | ({"status": status} if status else {})}


FAULTS: dict[str, Fault] = {
    "a slow answer in time": Fault({"latency": 100}, True, "mail_sent"),
    "a slow answer, too late": Fault({"response": {"bandwidth_kbps": 0.05}}, True, "mail_unknown"),
    "no answer at all": Fault({"timeout_ms": 450}, False, "mail_unknown"),
    "the answer lost": Fault({"response": {"abort_frac": 0.0}}, True, "mail_unknown"),
    "half the answer lost": Fault({"response": {"abort_frac": 0.5}}, True, "mail_unknown"),
    "a malformed answer": Fault({"response": {"corrupt_bytes": 16}}, True, "mail_unknown"),
    "half an answer": Fault({"response": {"truncate_frac": 0.5}}, True, "mail_unknown"),
    "reset before it was taken": Fault({"reset": True}, False, "mail_unknown"),
    "reset after half the letter": Fault(
        {"request": {"cut_upload": {"after_frac": 0.5}}}, False, "mail_unknown"
    ),
    "reset after it was taken": Fault({"reset": True}, True, "mail_unknown", takes_first=True),
    "500 before it was taken": Fault(error("InternalFailure", 500), False, "mail_unknown"),
    "500 after it was taken": Fault(
        error("InternalFailure", 500), True, "mail_unknown", takes_first=True
    ),
    "503 after it was taken": Fault(
        error("ServiceUnavailable", 503), True, "mail_unknown", takes_first=True
    ),
    "too many requests": Fault(error("TooManyRequestsException", 429), False, "mail_throttled"),
    "the quota reached": Fault(error("LimitExceededException"), False, "mail_throttled"),
    "sending paused": Fault(error("SendingPausedException"), False, "mail_throttled"),
    "its own set-up": Fault(
        error("MailFromDomainNotVerifiedException"), False, "mail_refused_for_now"
    ),
    "rejected": Fault(error("MessageRejected"), False, "mail_failed"),
}


def lived(real: Real, fault: Fault, story: str) -> tuple[Line, str, str]:
    """One letter's way through a fault and what follows."""
    account_id = real.begin()
    real.proxy.breaks({**SENDING, **fault.rule})
    real.post.takes_first = fault.takes_first
    line = Line(real, real.post, STORIES[story], looks=FEW_LOOKS)
    line.work()
    assert len(real.proxy.fired()) == 1
    assert (len(real.post.taken), line.failures) == (int(fault.is_taken), [])
    assert line.counts[fault.known_as] == 1
    line.live_on(account_id)
    return line, account_id, f"{account_id}:USD:{TODAY}"


def check(line: Line, account_id: str, notice_id: str) -> None:
    assert list(broken_laws(line, account_id, notice_id)) == []
    assert line.counts["mail_unknown"] >= told_in_timeline(line, account_id, "notice_unknown")


@pytest.mark.parametrize("fault", FAULTS)
def test_a_letter_that_is_never_told_of_again_is_not_sent_again(real: Real, fault: str) -> None:
    line, account_id, notice_id = lived(real, FAULTS[fault], "it says nothing")

    check(line, account_id, notice_id)
    account, notice = notice_of(line, account_id, notice_id)
    is_unknown = FAULTS[fault].known_as == "mail_unknown"
    assert line.counts["unknown_for_good"] == is_unknown
    if is_unknown or FAULTS[fault].known_as == "mail_failed":
        assert notice.state == "failed"
        assert f"{account_id}:review_notice:{notice_id}" in account.tasks
    else:
        assert notice.state == "counted"
        assert len(line.post.taken) == 1


@pytest.mark.parametrize(
    "story",
    [
        "it says delivered before it answers",
        "it says delivered after 30 hours",
        "it says bounced",
        "it says delivered, then bounced",
    ],
)
def test_what_the_mail_service_says_of_a_letter_that_nobody_knew_of_settles_it(
    real: Real, story: str
) -> None:
    line, account_id, notice_id = lived(real, FAULTS["the answer lost"], story)

    check(line, account_id, notice_id)


@pytest.mark.slow
@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("story", STORIES)
def test_any_fault_and_any_story_end_well(real: Real, fault: str, story: str) -> None:
    check(*lived(real, FAULTS[fault], story))
