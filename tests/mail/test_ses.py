"""SES is asked once, and what happened is told apart by whether a letter can have left."""

import email
import threading
from collections.abc import Iterator
from email.message import EmailMessage
from email.policy import default
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import boto3
import pytest
from botocore.exceptions import (
    ConnectionClosedError,
    ConnectTimeoutError,
    EndpointConnectionError,
    NoCredentialsError,
    ReadTimeoutError,
    SSLError,
)
from botocore.stub import ANY, Stubber
from chalicelib.flows.ports_mail import (
    Accepted,
    InvalidMailError,
    MailAttachment,
    MailLimitError,
    OutgoingMail,
    Refused,
    Unknown,
)
from chalicelib.mail.ses import SesMailer, message_host, mime_bytes, ses_client
from chalicelib.mail.tags import decode_tag
from tests.mail.build_mail import mail

NOTICE = "A1:USD:2026-03-18"
NOTICE_TAG = "QTE6VVNEOjIwMjYtMDMtMTg"


class RaisingClient:
    """An SES client whose every call fails in one way."""

    def __init__(self, error: Exception) -> None:
        self.error = error

    def send_email(self, **_: Any) -> dict[str, Any]:
        raise self.error


def parsed(message: OutgoingMail) -> EmailMessage:
    mime = email.message_from_bytes(mime_bytes(message), policy=default)
    assert isinstance(mime, EmailMessage)
    return mime


def test_an_accepted_letter_has_the_services_message_id() -> None:
    client = boto3.client("sesv2")
    with Stubber(client) as stub:
        stub.add_response(
            "send_email",
            {"MessageId": "0100-1"},
            {
                "FromEmailAddress": "Harbor & Pine <ar@harborpine.example>",
                "Destination": {"ToAddresses": ["ap@brightline.example"]},
                "Content": {"Raw": {"Data": ANY}},
                "EmailTags": [
                    {"Name": "pastdue_notice", "Value": NOTICE_TAG},
                    {"Name": "pastdue_attempt", "Value": "2"},
                ],
                "ConfigurationSetName": "pastdue-notices",
            },
        )

        outcome = SesMailer(client, "pastdue-notices").send(mail(attempt=2))

        stub.assert_no_pending_responses()
    assert outcome == Accepted("0100-1")
    assert decode_tag(NOTICE_TAG) == NOTICE


@pytest.mark.parametrize(
    ("code", "status", "retryable", "is_throttled"),
    [
        ("TooManyRequestsException", 429, True, True),
        ("LimitExceededException", 400, True, True),
        ("SendingPausedException", 400, True, True),
        ("ThrottlingException", 400, True, True),
        ("AccessDeniedException", 403, True, False),
        ("MailFromDomainNotVerifiedException", 400, True, False),
        ("AccountSuspendedException", 400, False, False),
        ("MessageRejected", 400, False, False),
        ("BadRequestException", 400, False, False),
        ("SomethingNewException", 400, False, False),
    ],
)
def test_a_definite_refusal_says_whether_to_try_again(
    code: str, status: int, retryable: bool, is_throttled: bool
) -> None:
    client = boto3.client("sesv2")
    with Stubber(client) as stub:
        stub.add_client_error("send_email", code, http_status_code=status)

        outcome = SesMailer(client).send(mail())

    assert outcome == Refused(code, retryable, is_throttled)


@pytest.mark.parametrize("status", [408, 500, 502, 503, 504])
def test_a_failure_after_the_request_was_written_is_unknown(status: int) -> None:
    client = boto3.client("sesv2")
    with Stubber(client) as stub:
        stub.add_client_error("send_email", "InternalFailure", http_status_code=status)

        outcome = SesMailer(client).send(mail())

    assert outcome == Unknown(f"answer_{status}_InternalFailure")


@pytest.mark.parametrize(
    ("error", "outcome"),
    [
        (ConnectTimeoutError(endpoint_url="x"), Refused("connect_timeout", retryable=True)),
        (EndpointConnectionError(endpoint_url="x"), Refused("cannot_connect", retryable=True)),
        (NoCredentialsError(), Refused("no_credentials", retryable=True)),
        (ReadTimeoutError(endpoint_url="x"), Unknown("read_timeout")),
        (ConnectionClosedError(endpoint_url="x"), Unknown("no_answer_ConnectionClosedError")),
        (SSLError(endpoint_url="x", error="cut"), Unknown("no_answer_SSLError")),
    ],
)
def test_only_an_error_before_the_first_byte_is_a_refusal(
    error: Exception, outcome: Refused | Unknown
) -> None:
    assert SesMailer(RaisingClient(error)).send(mail()) == outcome


def test_an_answer_without_a_message_id_is_unknown() -> None:
    class SilentClient:
        def send_email(self, **_: Any) -> dict[str, Any]:
            return {}

    assert SesMailer(SilentClient()).send(mail()) == Unknown("no_message_id")


class OneServer(ThreadingHTTPServer):
    """Counts requests and answers as told: a status, or a connection cut after reading."""

    def __init__(self, status: int) -> None:
        super().__init__(("127.0.0.1", 0), Answer)
        self.status = status
        self.requests: list[str | None] = []


class Answer(BaseHTTPRequestHandler):
    server: OneServer
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        self.server.requests.append(self.headers["Connection"])
        if not self.server.status:
            self.connection.close()
            self.close_connection = True
            return
        body = b'{"MessageId": "0100-1"}' if self.server.status == 200 else b"{}"
        self.send_response(self.server.status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:
        pass


@pytest.fixture
def server(request: pytest.FixtureRequest) -> Iterator[OneServer]:
    with OneServer(request.param) as running:
        thread = threading.Thread(target=running.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield running
        running.shutdown()
        thread.join()


@pytest.mark.parametrize(
    ("server", "outcome"),
    [
        (200, Accepted("0100-1")),
        (0, Unknown("no_answer_ConnectionClosedError")),
        (503, Unknown("answer_503_503")),
        (429, Refused("429", retryable=True, is_throttled=True)),
    ],
    indirect=["server"],
)
def test_the_client_sends_a_request_exactly_once(
    server: OneServer, outcome: Accepted | Refused | Unknown
) -> None:
    client = ses_client("eu-central-1", f"http://127.0.0.1:{server.server_port}")

    result = SesMailer(client).send(mail())

    assert result == outcome
    assert server.requests == ["close"]


def test_a_port_where_nothing_listens_is_a_refusal_to_try_again() -> None:
    with OneServer(200) as gone:
        port = gone.server_port

    outcome = SesMailer(ses_client("eu-central-1", f"http://127.0.0.1:{port}")).send(mail())

    assert outcome == Refused("cannot_connect", retryable=True)


def test_the_letter_is_text_and_html_with_attachments() -> None:
    attachment = MailAttachment(
        filename="list.csv", media_type="text/csv", content=b"a,b\r\n1,2\r\n"
    )

    mime = parsed(mail(attachments=(attachment,), text="Zürich\n", html="<p>Zürich</p>\n"))

    text, html = mime.get_body(("plain",)), mime.get_body(("html",))
    assert text is not None
    assert html is not None
    assert text.get_content() == "Zürich\r\n"
    assert html.get_content() == "<p>Zürich</p>\r\n"
    (attached,) = mime.iter_attachments()
    assert attached.get_filename() == "list.csv"
    assert attached.get_payload(decode=True) == b"a,b\r\n1,2\r\n"


def test_replies_go_to_the_collector_and_letters_of_a_case_form_a_thread() -> None:
    earlier = ("<one@email.example>", "<two@email.example>")

    mime = parsed(mail(references=earlier))

    assert mime["Reply-To"] == "maria.lopez@harborpine.example"
    assert mime["References"] == "<one@email.example> <two@email.example>"
    assert mime["In-Reply-To"] == "<two@email.example>"
    assert parsed(mail(reply_to=()))["Reply-To"] is None
    assert mime["Auto-Submitted"] == "auto-generated"
    assert decode_tag(mime["X-Pastdue-Notice"]) == NOTICE


def test_a_copy_is_asked_for_and_shown() -> None:
    copied = mail(cc=("owner@harborpine.example",))
    client = boto3.client("sesv2")
    with Stubber(client) as stub:
        destination = {
            "ToAddresses": ["ap@brightline.example"], "CcAddresses": ["owner@harborpine.example"]
        }  # fmt: skip
        asked = {"Destination": destination, "FromEmailAddress": ANY, "Content": ANY,
                 "EmailTags": ANY}  # fmt: skip
        stub.add_response("send_email", {"MessageId": "0100-1"}, asked)

        assert SesMailer(client).send(copied) == Accepted("0100-1")

    assert parsed(copied)["Cc"] == "owner@harborpine.example"
    assert copied.recipients == 2


@pytest.mark.parametrize(
    ("region", "host"),
    [
        ("us-east-1", "email.amazonses.com"),
        ("eu-central-1", "eu-central-1.amazonses.com"),
        ("us-west-2", "us-west-2.amazonses.com"),
    ],
)
def test_message_ids_are_written_as_ses_writes_them(region: str, host: str) -> None:
    assert message_host(region) == host


@pytest.mark.parametrize(
    ("changes", "where"),
    [
        ({"to": ()}, "to"),
        ({"to": ("ap@brightline.example\r\nBcc: x@example.com",)}, "to"),
        ({"to": ("Ann <ann@brightline.example>",)}, "to"),
        ({"to": ("ann@brightline..example",)}, "to"),
        ({"to": ("nobody",)}, "to"),
        ({"cc": ("Ann <ann@brightline.example>",)}, "cc"),
        ({"reply_to": ("two@a.example,three@a.example",)}, "reply_to"),
        ({"subject": "Reminder\r\nBcc: x@example.com"}, "subject"),
        ({"subject": ""}, "subject"),
        ({"subject": "S" * 201}, "subject"),
        ({"sender": "nobody"}, "sender"),
        ({"references": ("no-brackets@example.com",)}, "references"),
        ({"extra_headers": (("Bcc", "x@example.com"),)}, "extra_headers"),
        ({"notice_id": ""}, "notice_id"),
        ({"attempt": 0}, "attempt"),
    ],
)
def test_a_letter_unfit_for_its_headers_is_refused(changes: dict[str, Any], where: str) -> None:
    with pytest.raises(InvalidMailError) as refused:
        mail(**changes)

    assert [fault.where for fault in refused.value.faults] == [where]


@pytest.mark.parametrize(
    "changes",
    [
        {"to": tuple(f"a{index}@brightline.example" for index in range(51))},
        {"cc": tuple(f"a{index}@brightline.example" for index in range(50))},
        {"references": tuple(f"<{index}@email.example>" for index in range(21))},
        {
            "attachments": (
                MailAttachment(filename="a.bin", media_type="text/csv", content=b"x" * 5_000_001),
            )
        },
    ],
    ids=["recipients", "copies", "references", "attachments"],
)
def test_a_letter_over_a_limit_is_refused_with_the_limit(changes: dict[str, Any]) -> None:
    with pytest.raises(MailLimitError, match="a letter may have"):
        mail(**changes)
