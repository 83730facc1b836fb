"""Sends letters through SES v2, once per call (R11.3).

SES has no idempotency token, so a repeated request is a second letter. The SDK's own retries are
therefore off, and what happened is told apart by whether the request can have been acted upon.
"""

from __future__ import annotations

from email.message import EmailMessage
from email.policy import SMTP
from types import MappingProxyType
from typing import Any, Protocol

import boto3
from botocore.config import Config
from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    ConnectTimeoutError,
    CredentialRetrievalError,
    EndpointConnectionError,
    NoCredentialsError,
    ParamValidationError,
    PartialCredentialsError,
    ProxyConnectionError,
    ReadTimeoutError,
)

from chalicelib.flows.ports_mail import (
    Accepted,
    MailAttachment,
    OutgoingMail,
    Refused,
    SendOutcome,
    Unknown,
)
from chalicelib.mail.tags import ATTEMPT_TAG, NOTICE_TAG, SANDBOX_TAG, encode_tag

CONNECT_TIMEOUT_S = 3
READ_TIMEOUT_S = 20

# The same letter may go later: our own set-up is at fault.
_RETRYABLE_CODES = frozenset(
    {
        "AccessDenied", "AccessDeniedException", "UnrecognizedClientException",
        "InvalidClientTokenId", "ExpiredToken", "ExpiredTokenException",
        "InvalidSignatureException",
        "NotFoundException", "MailFromDomainNotVerifiedException",
    }
)  # fmt: skip
# The account sends too fast, has no quota left, or is stopped: no letter would be taken.
_THROTTLED_CODES = frozenset(
    {
        "TooManyRequestsException", "LimitExceededException", "SendingPausedException",
        "Throttling", "ThrottlingException", "ThrottledException", "RequestThrottled",
    }
)  # fmt: skip
# Raised before a byte of the request was written.
_NOT_WRITTEN: MappingProxyType[type[BotoCoreError], tuple[str, bool]] = MappingProxyType(
    {
        ConnectTimeoutError: ("connect_timeout", True),
        EndpointConnectionError: ("cannot_connect", True),
        ProxyConnectionError: ("cannot_connect", True),
        NoCredentialsError: ("no_credentials", True),
        PartialCredentialsError: ("no_credentials", True),
        CredentialRetrievalError: ("no_credentials", True),
        ParamValidationError: ("not_a_valid_request", False),
    }
)
_SERVER_FAULT = 500
_REQUEST_TIMEOUT = 408
_TOO_MANY_REQUESTS = 429


class SesClient(Protocol):
    """What is used of the SES v2 client."""

    def send_email(self, **request: Any) -> dict[str, Any]:
        """Send one e-mail."""
        ...


def ses_client(
    region: str | None = None,
    endpoint_url: str | None = None,
    read_timeout_s: float = READ_TIMEOUT_S,
) -> SesClient:
    """Return an SES v2 client that sends every request at most once.

    It waits 3 s to connect and 20 s for an answer, and uses each connection once: one that the
    network dropped while the function slept would make an unsent letter look like a sent one.
    """
    client: Any = boto3.client(
        "sesv2",
        region_name=region,
        endpoint_url=endpoint_url,
        config=Config(
            connect_timeout=CONNECT_TIMEOUT_S,
            read_timeout=read_timeout_s,
            retries={"total_max_attempts": 1},
        ),
    )
    client.meta.events.register("before-send.sesv2.SendEmail", _close_after_use)
    typed: SesClient = client
    return typed


class SesMailer:
    """The `Mailer` port over SES v2; the `configuration_set` makes SES report what follows."""

    def __init__(self, client: SesClient, configuration_set: str = "") -> None:
        self._client = client
        self._configuration_set = configuration_set

    def send(self, message: OutgoingMail) -> SendOutcome:
        """Try once to send the letter and return what is known of it; never raises for a send."""
        destination = {"ToAddresses": list(message.to)}
        if message.cc:
            destination["CcAddresses"] = list(message.cc)
        request: dict[str, Any] = {
            "FromEmailAddress": message.sender,
            "Destination": destination,
            "Content": {"Raw": {"Data": mime_bytes(message)}},
            "EmailTags": _tags(message),
        }
        if self._configuration_set:
            request["ConfigurationSetName"] = self._configuration_set
        try:
            answer = self._client.send_email(**request)
        except ClientError as error:
            return _answered(error)
        except BotoCoreError as error:
            return _unanswered(error)
        except ValueError as error:  # the answer is no text: the SDK lets that through
            return Unknown(f"unreadable_answer_{type(error).__name__}")
        message_id = answer.get("MessageId")
        return Accepted(message_id) if message_id else Unknown("no_message_id")


def mime_bytes(message: OutgoingMail) -> bytes:
    """Return the letter as MIME: text and HTML alternatives, then the attachments.

    SES replaces Message-ID and Date and leaves References alone, so threads hang on the latter.
    """
    mime = EmailMessage(policy=SMTP)
    mime["From"] = message.sender
    mime["To"] = ", ".join(message.to)
    if message.cc:
        mime["Cc"] = ", ".join(message.cc)
    mime["Subject"] = message.subject
    if message.reply_to:
        mime["Reply-To"] = ", ".join(message.reply_to)
    if message.references:
        mime["References"] = " ".join(message.references)
        mime["In-Reply-To"] = message.references[-1]
    mime["Auto-Submitted"] = "auto-generated"
    mime["X-Pastdue-Notice"] = encode_tag(message.notice_id)
    for name, value in message.extra_headers:
        mime[name] = value
    mime.set_content(message.text)
    mime.add_alternative(message.html, subtype="html")
    for attachment in message.attachments:
        _attach(mime, attachment)
    return mime.as_bytes()


def message_host(region: str | None = None) -> str:
    """Return the host of the Message-ID that SES gives to what leaves a region (None: this one).

    `<id@region.amazonses.com>`, and `<id@email.amazonses.com>` in the oldest one.
    """
    region = region or boto3.session.Session().region_name or ""
    return "email.amazonses.com" if region in ("", "us-east-1") else f"{region}.amazonses.com"


def _tags(message: OutgoingMail) -> list[dict[str, str]]:
    tags = {NOTICE_TAG: encode_tag(message.notice_id), ATTEMPT_TAG: str(message.attempt)}
    if message.is_sandbox:
        tags[SANDBOX_TAG] = "yes"
    return [{"Name": name, "Value": value} for name, value in tags.items()]


def _attach(mime: EmailMessage, attachment: MailAttachment) -> None:
    maintype, _, subtype = attachment.media_type.partition("/")
    mime.add_attachment(
        attachment.content, maintype=maintype, subtype=subtype, filename=attachment.filename
    )


def _answered(error: ClientError) -> SendOutcome:
    code = str(error.response.get("Error", {}).get("Code", "")) or "no_code"
    status = int(error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0))
    # The service took the whole request and then failed: it may have sent the letter first.
    if status >= _SERVER_FAULT or status in (0, _REQUEST_TIMEOUT):
        return Unknown(f"answer_{status}_{code}")
    if status == _TOO_MANY_REQUESTS or code in _THROTTLED_CODES:
        return Refused(code, retryable=True, is_throttled=True)
    return Refused(code, retryable=code in _RETRYABLE_CODES)


def _unanswered(error: BotoCoreError) -> SendOutcome:
    for kind, (code, retryable) in _NOT_WRITTEN.items():
        if isinstance(error, kind):
            return Refused(code, retryable)
    if isinstance(error, ReadTimeoutError):
        return Unknown("read_timeout")
    return Unknown(f"no_answer_{type(error).__name__}")


def _close_after_use(request: Any, **_: Any) -> None:
    request.headers["Connection"] = "close"
