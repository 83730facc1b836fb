"""Fakes of the mail port: one that records, one that answers as told."""

from __future__ import annotations

from collections.abc import Iterable

from chalicelib.flows.ports_mail import Accepted, OutgoingMail, SendOutcome
from chalicelib.flows.ports_quota import SendingQuota


class RecordingMailer:
    """Accepts every letter and keeps it in `sent`."""

    def __init__(self) -> None:
        self.sent: list[OutgoingMail] = []

    def send(self, message: OutgoingMail) -> SendOutcome:
        self.sent.append(message)
        return Accepted(f"message-{len(self.sent)}")


class FakeQuota:
    """Tells the quota it is given; a new one takes effect at once."""

    def __init__(self, told: SendingQuota | None = None) -> None:
        self.told = told or SendingQuota(rate_per_s=14.0, per_day=50_000, is_production=True)

    def quota(self) -> SendingQuota:
        return self.told


class FakeMailer:
    """Answers with the outcomes given, in order; then accepts. Every try is in `tried`."""

    def __init__(self, outcomes: Iterable[SendOutcome] = ()) -> None:
        self._outcomes = list(outcomes)
        self.tried: list[OutgoingMail] = []

    def send(self, message: OutgoingMail) -> SendOutcome:
        self.tried.append(message)
        if self._outcomes:
            return self._outcomes.pop(0)
        return Accepted(f"message-{len(self.tried)}")
