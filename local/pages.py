"""The pages of a local stage: letters that were "sent", aging, and credit holds; read on each call."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import unquote, urlsplit

from jinja2 import Environment, PackageLoader, StrictUndefined, Template

from chalicelib.core.account import Account
from chalicelib.core.aging import bucket_names, past_due_by_currency
from chalicelib.core.errors import PastdueError
from chalicelib.core.holds import credit_status
from chalicelib.core.policy import Policy
from local.cloud.emulator import HOST
from local.cloud.errors import PortTakenError
from local.outbox import outbox_entries
from local.outbox_page import OutboxEntry, attachment_name, file_stem, render_outbox
from local.run_report import aging_of, notices_of
from local.stage import Stage
from local.tables import money
from local.task_lists import task_lists

HTML, TEXT, BINARY = (
    "text/html; charset=utf-8",
    "text/plain; charset=utf-8",
    "application/octet-stream",
)
# A letter comes from a ledger's texts: it may run nothing and load nothing.
HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; img-src data:; "
    "frame-src 'self'; form-action 'none'; base-uri 'none'",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-store",
}
Page = tuple[int, str, bytes]  # status, media type, content


@dataclass(frozen=True, slots=True)
class Pages:
    """What the pages show, read from the stage on each call. `today` is the day of the aging."""

    stage: Stage
    policy: Policy
    today: date

    def page(self, path: str) -> Page:
        """Return the page under a path; 404 when there is none."""
        if path == "/":
            return 200, HTML, self._overview().encode()
        if path == "/letters":
            return 200, HTML, render_outbox(self._entries(), folder="letters").encode()
        if path.startswith("/letters/"):
            return self._letter(unquote(path.removeprefix("/letters/")))
        return 404, TEXT, b"There is no such page.\n"

    def _entries(self) -> list[OutboxEntry]:
        notices = notices_of(self.stage.effects(date.min, date.max))
        accounts = {account.id: account for account in self.stage.every_account()}
        return outbox_entries(self.stage.archive, accounts, notices)

    def _letter(self, name: str) -> Page:
        notices = notices_of(self.stage.effects(date.min, date.max))
        named = [notice for notice in notices if name.startswith(file_stem(notice.id))]
        accounts = {
            notice.account_id: self.stage.accounts.load(notice.account_id).account
            for notice in named
        }
        for entry in outbox_entries(self.stage.archive, accounts, named):
            if name == f"{entry.stem}.html":
                return 200, HTML, entry.html.encode()
            if name == f"{entry.stem}.txt":
                return 200, TEXT, entry.text.encode()
            for attachment in entry.attachments:
                if name == attachment_name(entry, attachment):
                    return 200, BINARY, attachment.content
        return 404, TEXT, b"There is no such letter.\n"

    def _overview(self) -> str:
        accounts = list(self.stage.every_account())
        aging = [
            (
                currency,
                [money(amount, currency) for amount in row.buckets],
                money(row.charges_minor, currency),
                money(row.unapplied_minor, currency),
            )
            for currency, row in aging_of(accounts, self.policy, self.today).items()
        ]
        return _template().render(
            today=self.today,
            api_url=self.stage.address.api_url,
            buckets=bucket_names(self.policy.aging),
            aging=aging,
            accounts=[_account_row(account, self.today) for account in accounts],
            tasks=task_lists(accounts, self.policy, self.today),
        )


def _account_row(account: Account, today: date) -> dict[str, Any]:
    totals = past_due_by_currency(account, today)
    past_due = [i.days_past_due(today) for i in account.invoices.values() if i.is_past_due(today)]
    return {
        "id": account.id,
        "name": account.details.name,
        "status": credit_status(account),
        "holds": [hold.evidence or hold.reason for hold in account.holds.values()],
        "past_due": [f"{currency} {money(total, currency)}" for currency, total in totals.items()],
        "oldest": max(past_due, default=0),
    }


@contextmanager
def page_server(port: int | None) -> Iterator[ThreadingHTTPServer]:
    """Hold a port of loopback (None: any free one) while the context lasts; nothing answers yet.

    Raises:
        PortTakenError: another program uses the port.
    """
    server = ThreadingHTTPServer((HOST, port or 0), _handler(_not_yet), bind_and_activate=False)
    try:
        try:
            server.server_bind()
            server.server_activate()
        except OSError as error:
            raise PortTakenError(
                f"port {port} is in use or not allowed; name another with --page-port, or leave "
                "it out"
            ) from error
        yield server
    finally:
        server.server_close()


def _not_yet(path: str) -> Page:
    return 503, TEXT, b"Not yet.\n"


@contextmanager
def run_pages(
    server: ThreadingHTTPServer, stage: Stage, policy: Policy, today: date
) -> Iterator[str]:
    """Serve the pages on the port that is held while the context lasts; give their URL."""
    server.RequestHandlerClass = _handler(Pages(stage, policy, today).page)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://{HOST}:{server.server_port}/"
    finally:
        server.shutdown()


def _handler(page: Callable[[str], Page]) -> type[BaseHTTPRequestHandler]:
    class Answer(BaseHTTPRequestHandler):
        """Answers a GET with a page."""

        def do_GET(self) -> None:
            """Answer; a stage that does not is a 503 with its message."""
            host = (self.headers.get("Host") or "").partition(":")[0]
            if host not in (HOST, "localhost"):  # a web page elsewhere that points its name here
                status, kind, content = 403, TEXT, b"Only by its own name.\n"
            else:
                try:
                    status, kind, content = page(urlsplit(self.path).path)
                except PastdueError as error:
                    status, kind, content = 503, TEXT, f"{error}\n".encode()
            self.send_response(status)
            for name, value in {"Content-Type": kind, **HEADERS}.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, format: str, *args: Any) -> None:
            """Say nothing."""

    return Answer


@cache
def _template() -> Template:
    environment = Environment(
        loader=PackageLoader("local"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template("stage.html")
