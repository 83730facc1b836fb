"""The whole local cloud: emulator, post office and a deployed stack, up while a context lasts."""

from __future__ import annotations

import contextlib
import json
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from local.cloud import drive
from local.cloud.deploy import Stack, deploy
from local.cloud.drive import DeadLetter
from local.cloud.emulator import ACCOUNT_ID, Emulator, free_port, run_emulator
from local.cloud.letters import Letter
from local.cloud.package import Package
from local.cloud.post import PostOffice, run_post_office

STAGE = "local"
SENDER_ADDRESS = "receivables@seller.example"
SANDBOX_ADDRESS = "success@simulator.amazonses.com"
DEFAULTS: Mapping[str, str] = {
    "Stage": STAGE,
    "SellerZone": "Europe/Berlin",
    "SenderAddress": SENDER_ADDRESS,
    "SandboxAddress": SANDBOX_ADDRESS,
    "Schedules": "BY_HAND",  # on this machine a day, and a minute, comes when it is asked for
    "Size": "small",
    "RetryAfterSeconds": "60",
    "EventArchiveDays": "0",  # the emulator has no archives
    "MailPacing": "none",  # the emulator's quota is no real account's, and it does not hold to it
}


@dataclass(frozen=True, slots=True)
class LocalCloud:
    """A deployed stack on this machine, and what a person needs to drive and look into it."""

    emulator: Emulator
    stack: Stack
    post_office: PostOffice

    def client(self, service: str) -> Any:
        """Return a boto3 client for a service of this cloud."""
        return self.emulator.client(service)

    def invoke(self, function: str, payload: Mapping[str, Any] | None = None) -> Any:
        """Run a function by its name, such as `sweep`, and return its answer.

        Raises:
            FunctionError: the function failed.
        """
        return drive.invoke(self.emulator, self.stack, function, payload or {})

    def wait_until_quiet(
        self, timeout_s: float, undelivered: Callable[[], int] = lambda: 0
    ) -> float:
        """Wait until queues and post office are empty and `undelivered()` says 0; return seconds.

        Raises:
            NotQuietError: work was left when the time was over.
            EmulatorDiedError: the emulator ended meanwhile.
        """
        return drive.wait_until_quiet(
            self.emulator,
            self.stack,
            timeout_s,
            lambda: self.post_office.pending() + undelivered(),
        )

    def dead_letters(self) -> tuple[DeadLetter, ...]:
        """Return what every queue gave up on, without taking it away."""
        return drive.dead_letters(self.emulator, self.stack)

    def letters(self) -> tuple[Letter, ...]:
        """Return every letter that was sent, in order, with headers, tags and attachments."""
        return self.post_office.letters

    def messages(self) -> list[dict[str, Any]]:
        """Return what the emulator itself holds as sent: addresses, subject, text and HTML only."""
        url = f"{self.emulator.url}/_ministack/ses/messages?account={ACCOUNT_ID}"
        with urllib.request.urlopen(url, timeout=10) as answer:  # noqa: S310 - http on loopback
            found: dict[str, list[dict[str, Any]]] = json.load(answer)["messages"]
        return found.get(ACCOUNT_ID, [])

    def get(self, path: str) -> Any:
        """Return the JSON that the deployed API answers to a GET, such as `/v1/health`."""
        with urllib.request.urlopen(f"{self.stack.api_url}{path}", timeout=60) as answer:  # noqa: S310 - http on loopback
            return json.load(answer)


@contextlib.contextmanager
def local_cloud(
    package: Package,
    folder: Path,
    port: int | None = None,
    parameters: Mapping[str, str] | None = None,
    *,
    enforce_permissions: bool = True,
    decisions: Path | None = None,
) -> Iterator[LocalCloud]:
    """Run the packaged app on this machine while the context lasts.

    `folder` gets the emulator's log; `parameters` go over `DEFAULTS`, as the stack's parameters.
    With `enforce_permissions` each function may do what its policy allows and no more, as in AWS;
    each decision on a function's call is then written to `decisions`, a JSON object a line.

    Raises:
        PortTakenError, FolderError, EmulatorStartError, DeployError: it did not come up.
        EmulatorDiedError: the emulator ended while the context lasted.
    """
    port = port or free_port()
    with (
        run_post_office(f"http://127.0.0.1:{port}") as post_office,
        run_emulator(
            folder,
            port,
            {
                "AWS_ENDPOINT_URL_SESV2": post_office.url,
                "AUTH": "true" if enforce_permissions else "false",
            },
            decisions,
        ) as emulator,
    ):
        stack = deploy(emulator, package, {**DEFAULTS, **(parameters or {})})
        emulator.client("sesv2").create_email_identity(
            EmailIdentity=(parameters or {}).get("SenderAddress", SENDER_ADDRESS)
        )
        post_office.open(emulator.client("sns"), stack.mail_events_topic_arn)
        yield LocalCloud(emulator, stack, post_office)
