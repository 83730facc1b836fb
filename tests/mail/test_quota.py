"""The account's quota: asked of SES seldom, and known from before when SES does not answer."""

from __future__ import annotations

from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError, ConnectTimeoutError
from botocore.stub import Stubber
from chalicelib.flows.ports_quota import NO_LIMIT, UNKNOWN_QUOTA, SendingQuota
from chalicelib.mail.quota import ASK_AGAIN_S, CACHED_S, SesQuota

ANSWER: dict[str, Any] = {
    "SendQuota": {"Max24HourSend": 50_000.0, "MaxSendRate": 14.0, "SentLast24Hours": 120.0},
    "ProductionAccessEnabled": True,
    "SendingEnabled": True,
}
KNOWN = SendingQuota(rate_per_s=14.0, per_day=50_000, sent_24h=120, is_production=True)
THROTTLED = ClientError({"Error": {"Code": "TooManyRequestsException"}}, "GetAccount")


class Ses:
    """Answers as told, the last answer again and again."""

    def __init__(self, *answers: dict[str, Any] | Exception) -> None:
        self.answers = list(answers)
        self.asked = 0
        self.unanswered = 0
        self.now = 0.0

    def get_account(self) -> dict[str, Any]:
        self.asked += 1
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, Exception):
            raise answer
        return answer

    def tell(self) -> None:
        self.unanswered += 1

    def quota(self) -> SesQuota:
        return SesQuota(lambda: self, lambda: self.now, self.tell)


def test_the_quota_is_what_ses_says() -> None:
    assert Ses(ANSWER).quota().quota() == KNOWN


def test_ses_is_asked_every_five_minutes_and_not_for_each_letter() -> None:
    ses = Ses(ANSWER)
    quota = ses.quota()
    first = quota.quota()
    ses.now = CACHED_S - 1
    assert quota.quota() is first
    assert ses.asked == 1

    ses.now = CACHED_S

    assert quota.quota() == KNOWN
    assert ses.asked == 2


@pytest.mark.parametrize("error", [THROTTLED, ConnectTimeoutError(endpoint_url="https://ses")])
def test_when_ses_does_not_answer_the_last_known_quota_holds(error: Exception) -> None:
    ses = Ses(ANSWER, error, ANSWER)
    quota = ses.quota()
    quota.quota()
    ses.now = CACHED_S

    assert quota.quota() == KNOWN
    assert ses.unanswered == 1
    ses.now += ASK_AGAIN_S
    quota.quota()
    assert (ses.asked, ses.unanswered) == (3, 1)


def test_when_ses_never_answered_a_new_accounts_rate_holds() -> None:
    ses = Ses(THROTTLED)

    told = ses.quota().quota()

    assert told is UNKNOWN_QUOTA
    assert (told.rate_per_s, told.per_day, told.is_known) == (1.0, NO_LIMIT, False)


@pytest.mark.parametrize(
    ("quota", "per_day", "rate_per_s"),
    [
        ({"Max24HourSend": -1.0, "MaxSendRate": 14.0}, NO_LIMIT, 14.0),
        ({"Max24HourSend": 200.0, "MaxSendRate": 0.0}, 200, 1.0),
        ({}, NO_LIMIT, 1.0),
    ],
)
def test_odd_answers_are_read_with_care(
    quota: dict[str, float], per_day: int, rate_per_s: float
) -> None:
    told = Ses(ANSWER | {"SendQuota": quota}).quota().quota()

    assert (told.per_day, told.rate_per_s) == (per_day, rate_per_s)


def test_an_account_in_the_sandbox_or_stopped_is_told_as_such() -> None:
    said = ANSWER | {"ProductionAccessEnabled": False, "SendingEnabled": False}

    told = Ses(said).quota().quota()

    assert (told.is_production, told.is_enabled) == (False, False)


def test_the_answer_is_in_the_words_of_the_real_client() -> None:
    client = boto3.client(
        "sesv2", region_name="eu-central-1", aws_access_key_id="x", aws_secret_access_key="x"
    )
    with Stubber(client) as stub:
        stub.add_response("get_account", ANSWER, {})

        told = SesQuota(lambda: client, lambda: 0.0, lambda: None).quota()

    assert told == KNOWN
