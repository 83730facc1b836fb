"""Outside production no customer is written to (R13.4).

Two facts must agree before a letter may leave for a customer: the stage says that it is production,
and AWS itself says that this is the production account. Anything else goes to the sandbox address.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Protocol

from chalicelib.core.addresses import is_address
from chalicelib.core.errors import Fault
from chalicelib.flows.ports_mail import (
    SUBJECT_CHARACTERS_MAX,
    InvalidMailError,
    Mailer,
    OutgoingMail,
    SendOutcome,
)

ORIGINAL_TO_HEADER = "X-Pastdue-Original-To"
ORIGINAL_CC_HEADER = "X-Pastdue-Original-Cc"


@dataclass(frozen=True, slots=True, kw_only=True)
class MailStage:
    """What decides where letters go.

    `account_id` is the AWS account as AWS itself reports it (`verified_account_id`), None when it
    could not be asked; a configured value does not belong here.
    """

    stage: str
    account_id: str | None
    production_stage: str
    production_account_id: str
    sandbox_address: str

    @property
    def is_production(self) -> bool:
        """Whether both the stage and the verified account are production's (R13.4)."""
        return (
            bool(self.stage and self.production_account_id)
            and self.stage == self.production_stage
            and self.account_id == self.production_account_id
        )


class SandboxMailer:
    """Sends every letter to the one sandbox address; who it was for is in headers only.

    The subject is marked with the stage, so that nobody takes a trial for the real thing.

    Raises:
        InvalidMailError: the sandbox address is not one.
    """

    def __init__(self, mailer: Mailer, *, sandbox_address: str, stage: str) -> None:
        if not is_address(sandbox_address):
            fault = Fault("sandbox_address", "not_an_address", "must be one plain e-mail address")
            raise InvalidMailError("no letter can leave outside production", (fault,))
        self._mailer = mailer
        self._sandbox_address = sandbox_address
        self._mark = f"[Sandbox {stage or 'unknown stage'}] "

    def send(self, message: OutgoingMail) -> SendOutcome:
        """Send the letter to the sandbox address and return what is known of it; no copy leaves."""
        originals = [(ORIGINAL_TO_HEADER, ", ".join(message.to))]
        if message.cc:
            originals.append((ORIGINAL_CC_HEADER, ", ".join(message.cc)))
        return self._mailer.send(
            replace(
                message,
                to=(self._sandbox_address,),
                cc=(),
                subject=(self._mark + message.subject)[:SUBJECT_CHARACTERS_MAX],
                extra_headers=(*message.extra_headers, *originals),
                is_sandbox=True,
            )
        )


def select_mailer(mailer: Mailer, mail_stage: MailStage) -> Mailer:
    """Return the mailer itself in production, else one that writes to the sandbox only (R13.4).

    Raises:
        InvalidMailError: outside production there is no usable sandbox address.
    """
    if mail_stage.is_production:
        return mailer
    return SandboxMailer(mailer, sandbox_address=mail_stage.sandbox_address, stage=mail_stage.stage)


class StsClient(Protocol):
    """What is used of the STS client."""

    def get_caller_identity(self) -> dict[str, Any]:
        """Ask AWS who is calling."""
        ...


def verified_account_id(client: StsClient) -> str:
    """Return the id of the AWS account that these credentials truly belong to."""
    return str(client.get_caller_identity()["Account"])
