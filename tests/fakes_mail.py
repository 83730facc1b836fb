"""Fakes of the mail port: one that records, one that answers as told."""

from __future__ import annotations

from collections.abc import Iterable

from chalicelib.flows.ports_mail import Accepted, OutgoingMail, SendOutcome


class RecordingMailer:
    """Accepts every letter and keeps it in `sent`."""

    def __init__(self) -> None:
        self.sent: list[OutgoingMail] = []

    def send(self, message: OutgoingMail) -> SendOutcome:
        self.sent.append(message)
        return Accepted(f"message-{len(self.sent)}")


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
