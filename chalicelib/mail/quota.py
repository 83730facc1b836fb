"""Asks SES what the account may send (GetAccount), seldom: it answers once a second for all."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from chalicelib.flows.ports_quota import NO_LIMIT, UNKNOWN_QUOTA, SendingQuota

CACHED_S = 300.0
ASK_AGAIN_S = 60.0  # after no answer
TIMEOUT_S = 3


class AccountClient(Protocol):
    """What is used of the SES v2 client."""

    def get_account(self) -> dict[str, Any]:
        """Return the account's quota and state."""
        ...


def account_client() -> AccountClient:
    """Return an SES v2 client that asks once and does not wait long: sending waits for it."""
    config = Config(
        connect_timeout=TIMEOUT_S, read_timeout=TIMEOUT_S, retries={"total_max_attempts": 1}
    )
    client: AccountClient = boto3.client("sesv2", config=config)
    return client


class SesQuota:
    """`Quota` over SES v2, asked every 5 minutes. `unanswered` is called when SES did not say."""

    def __init__(
        self,
        client: Callable[[], AccountClient],
        monotonic: Callable[[], float],
        unanswered: Callable[[], None],
    ) -> None:
        self._make_client = client
        self._client: AccountClient | None = None
        self._monotonic = monotonic
        self._unanswered = unanswered
        self._known = UNKNOWN_QUOTA
        self._ask_at = float("-inf")

    def quota(self) -> SendingQuota:
        """Return the quota as of 5 minutes ago at most; the last known when SES does not answer."""
        now = self._monotonic()
        if now >= self._ask_at:
            try:
                self._known = self._asked()
                self._ask_at = now + CACHED_S
            except (BotoCoreError, ClientError):
                self._ask_at = now + ASK_AGAIN_S
                self._unanswered()
        return self._known

    def _asked(self) -> SendingQuota:
        if self._client is None:
            self._client = self._make_client()
        answer = self._client.get_account()
        told = answer.get("SendQuota", {})
        per_day = int(told.get("Max24HourSend", NO_LIMIT))
        return SendingQuota(
            # An account that may not send at all would be divided by.
            rate_per_s=max(float(told.get("MaxSendRate", 0)), UNKNOWN_QUOTA.rate_per_s),
            per_day=per_day if per_day >= 0 else NO_LIMIT,
            sent_24h=int(told.get("SentLast24Hours", 0)),
            is_production=bool(answer.get("ProductionAccessEnabled")),
            is_enabled=bool(answer.get("SendingEnabled", True)),
        )
