"""The post office: stands in for the part of SES that the emulator lacks.

The emulator takes a letter and says no more: it drops headers, attachments and tags, and publishes
no events. This server stands before its SES, passes every request on, keeps each accepted letter
as it was sent, and publishes to the stack's topic what SES would say of it.
Addresses at `simulator.amazonses.com` behave as in AWS: `bounce@`, `complaint@`, others arrive.
"""

from __future__ import annotations

import contextlib
import json
import threading
import urllib.error
import urllib.request
from collections.abc import Iterator
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from queue import Empty, Queue
from typing import Any

from local.cloud.emulator import HOST
from local.cloud.letters import Letter, read_letter

_SEND_PATH = "/v2/email/outbound-emails"
_TIMEOUT_S = 60
# All others are passed on, the host's name included: the sender has signed them.
_OWN_HEADERS = frozenset({"connection", "content-length", "transfer-encoding"})
_SIMULATOR = "@simulator.amazonses.com"


class PostOffice:
    """Keeps the letters sent and publishes their events once `open` has named the topic."""

    def __init__(self, upstream_url: str) -> None:
        self._upstream_url = upstream_url
        self._letters: list[Letter] = []
        self._waiting: Queue[Letter] = Queue()
        self._server = ThreadingHTTPServer((HOST, 0), _handler(self))
        self._server.daemon_threads = True
        self._sns: Any = None
        self._topic_arn = ""
        self._closed = threading.Event()
        self._threads = [
            threading.Thread(target=self._server.serve_forever, daemon=True),
            threading.Thread(target=self._publish_all, daemon=True),
        ]

    @property
    def url(self) -> str:
        """The endpoint that functions are given as SES (`AWS_ENDPOINT_URL_SESV2`)."""
        return f"http://{HOST}:{self._server.server_port}"

    @property
    def letters(self) -> tuple[Letter, ...]:
        """Every letter that was accepted, in order."""
        return tuple(self._letters)

    def pending(self) -> int:
        """Return how many letters have events that are not published yet."""
        return self._waiting.unfinished_tasks if self._topic_arn else 0

    def open(self, sns: Any, topic_arn: str) -> None:
        """Publish events to this topic from now on, those of letters already sent included."""
        self._sns, self._topic_arn = sns, topic_arn
        self._threads[1].start()

    def start(self) -> None:
        """Begin to take letters."""
        self._threads[0].start()

    def close(self) -> None:
        """Take no more letters and publish nothing more."""
        self._closed.set()
        self._server.shutdown()
        self._server.server_close()

    def pass_on(self, request: urllib.request.Request) -> tuple[int, bytes]:
        """Give a request to the emulator and return its answer; keep the letter if it took one."""
        try:
            with urllib.request.urlopen(request, timeout=_TIMEOUT_S) as answer:  # noqa: S310 - http on loopback
                status, content = answer.status, answer.read()
        except urllib.error.HTTPError as refusal:
            return refusal.code, refusal.read()
        if request.selector == _SEND_PATH and isinstance(request.data, bytes):
            message_id = json.loads(content)["MessageId"]
            letter = read_letter(json.loads(request.data), message_id, datetime.now(UTC))
            self._letters.append(letter)
            self._waiting.put(letter)
        return status, content

    def upstream(self, path: str) -> str:
        """Return the emulator's URL for a path."""
        return f"{self._upstream_url}{path}"

    def _publish_all(self) -> None:
        while not self._closed.is_set():
            try:
                letter = self._waiting.get(timeout=0.1)
            except Empty:
                continue
            # SES publishes for letters that name a configuration set, and so does this.
            for event in _events(letter) if letter.configuration_set else ():
                # The emulator may be gone; whoever waits for quiet finds out and says so.
                with contextlib.suppress(Exception):
                    self._sns.publish(TopicArn=self._topic_arn, Message=json.dumps(event))
            self._waiting.task_done()


@contextlib.contextmanager
def run_post_office(upstream_url: str) -> Iterator[PostOffice]:
    """Run a post office before the emulator's SES while the context lasts."""
    office = PostOffice(upstream_url)
    office.start()
    try:
        yield office
    finally:
        office.close()


def _events(letter: Letter) -> Iterator[dict[str, Any]]:
    """Return what SES publishes for a letter, in the shape of its event records."""
    at = letter.sent_at.isoformat(timespec="milliseconds").replace("+00:00", "Z")
    mail = {
        "timestamp": at,
        "source": letter.sender,
        "messageId": letter.message_id,
        "destination": list(letter.recipients),
        "headersTruncated": False,
        "headers": [{"name": name, "value": value} for name, value in letter.headers],
        "tags": {
            "ses:configuration-set": [letter.configuration_set],
            **{name: [value] for name, value in letter.tags.items()},
        },
    }
    yield {"eventType": "Send", "mail": mail, "send": {}}
    bounced = [to for to in letter.recipients if to == f"bounce{_SIMULATOR}"]
    complained = [to for to in letter.recipients if to == f"complaint{_SIMULATOR}"]
    delivered = [to for to in letter.recipients if to not in bounced]
    if delivered:
        yield {
            "eventType": "Delivery",
            "mail": mail,
            "delivery": {"timestamp": at, "recipients": delivered, "smtpResponse": "250 2.0.0 OK"},
        }
    if bounced:
        recipients = [{"emailAddress": to, "action": "failed", "status": "5.1.1"} for to in bounced]
        yield {
            "eventType": "Bounce",
            "mail": mail,
            "bounce": {
                "bounceType": "Permanent",
                "bounceSubType": "General",
                "bouncedRecipients": recipients,
                "timestamp": at,
                "feedbackId": f"bounce-{letter.message_id}",
            },
        }
    if complained:
        yield {
            "eventType": "Complaint",
            "mail": mail,
            "complaint": {
                "complainedRecipients": [{"emailAddress": to} for to in complained],
                "timestamp": at,
                "feedbackId": f"complaint-{letter.message_id}",
                "complaintFeedbackType": "abuse",
            },
        }


def _handler(office: PostOffice) -> type[BaseHTTPRequestHandler]:
    class Counter(BaseHTTPRequestHandler):
        """Passes each request on and gives the answer back."""

        protocol_version = "HTTP/1.1"

        def _pass_on(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            headers = {
                name: value
                for name, value in self.headers.items()
                if name.lower() not in _OWN_HEADERS
            }
            request = urllib.request.Request(  # noqa: S310 - http on loopback
                office.upstream(self.path),
                data=body or None,
                headers=headers,
                method=self.command,
            )
            status, content = office.pass_on(request)
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        do_GET = do_POST = do_PUT = do_DELETE = _pass_on

        def log_message(self, format: str, *args: Any) -> None:
            """Say nothing: the emulator's log has every request."""

    return Counter
