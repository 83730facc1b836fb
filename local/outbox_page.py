"""The page that lists what was "sent" on this machine, and the letters as files to open.

Pure but for `write_notices`: plain values in, HTML out. A letter is shown in a frame that may run
nothing and load nothing, since account names and references come from ledgers.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path

from jinja2 import Environment, PackageLoader, StrictUndefined, Template

from chalicelib.core.errors import InvalidInputError
from chalicelib.core.money import format_amount
from chalicelib.core.statements import STATEMENT

_KIND_NAMES = {
    "reminder": "Reminder",
    "late_fee": "Late fee notice",
    "final_demand": "Final demand",
    "plan_agreed": "Payment plan",
    "plan_missed": "Missed instalment",
    "plan_broken": "Payment plan ended",
    "plan_completed": "Payment plan completed",
    "plan_cancelled": "Payment plan cancelled",
    STATEMENT: "Statement",
}
_STEM_CHARACTERS_MAX = 80


class OutputFolderError(InvalidInputError):
    """A folder cannot be written to."""

    code = "output_folder"


@dataclass(frozen=True, slots=True, kw_only=True)
class OutboxAttachment:
    """A file that went with a letter."""

    filename: str
    content: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class OutboxEntry:
    """One notice and what became of it.

    `amount_minor` is what it asks for, of a statement what is past due; `invoice_count` how many
    invoices it lists, 0 where the letter itself says so; `state` a word such as "sent". `links` are
    shown as they are: where the page finds the letter's HTML and text, for instance
    `notices/A1_USD_2026-03-18.html`.
    """

    notice_id: str
    account_id: str
    account_name: str
    kind: str
    stage: str
    created_on: date
    currency: str
    digits: int
    amount_minor: int
    invoice_count: int
    to: tuple[str, ...]
    subject: str
    state: str
    text: str
    html: str
    attachments: tuple[OutboxAttachment, ...] = ()

    @property
    def kind_name(self) -> str:
        """The notice's kind in words."""
        return _KIND_NAMES.get(self.kind, self.kind.replace("_", " ").capitalize())

    @property
    def amount(self) -> str:
        """What the notice asks for, in major units."""
        return format_amount(self.amount_minor, self.digits)

    @property
    def stem(self) -> str:
        """The name of the letter's files without their endings: safe, and no two the same."""
        return file_stem(self.notice_id)


def render_outbox(entries: Sequence[OutboxEntry], *, folder: str = "") -> str:
    """Return the page over all notices, newest first, as one HTML document.

    `folder` stands before the names of the letters' files in links ("" when they lie beside it).
    """
    ordered = sorted(entries, key=lambda entry: entry.notice_id)
    ordered.sort(key=lambda entry: entry.created_on, reverse=True)
    totals: dict[tuple[str, int], int] = {}
    for entry in entries:
        if entry.kind == STATEMENT:
            continue  # what it tells of is asked for by notices
        key = (entry.currency, entry.digits)
        totals[key] = totals.get(key, 0) + entry.amount_minor
    return _template().render(
        entries=ordered,
        prefix=f"{folder.rstrip('/')}/" if folder else "",
        kinds=[
            (kind, name, sum(entry.kind == kind for entry in entries))
            for kind, name in _KIND_NAMES.items()
        ],
        account_count=len({entry.account_id for entry in entries}),
        totals=[
            (currency, format_amount(minor, digits))
            for (currency, digits), minor in sorted(totals.items())
        ],
    )


def write_notices(folder: Path, entries: Sequence[OutboxEntry]) -> tuple[Path, ...]:
    """Write index.html and, for every notice, its .html, its .txt and its attachments.

    Returns the paths written, index.html first. The same entries write the same bytes again.

    Raises:
        OutputFolderError: the folder cannot be made or written to.
    """
    files: dict[Path, bytes] = {folder / "index.html": render_outbox(entries).encode()}
    for entry in entries:
        files[folder / f"{entry.stem}.html"] = entry.html.encode()
        files[folder / f"{entry.stem}.txt"] = entry.text.encode()
        for attachment in entry.attachments:
            name = attachment_name(entry, attachment)
            files[folder / name] = attachment.content
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for path, content in files.items():
            path.write_bytes(content)
    except OSError as error:
        message = f"cannot write notices to {folder}: {error.strerror or error}"
        raise OutputFolderError(message) from error
    return tuple(files)


def attachment_name(entry: OutboxEntry, attachment: OutboxAttachment) -> str:
    """Return the file name under which a notice's attachment is written beside it."""
    # A dot stands in no stem, so an attachment never takes the name of another notice's file.
    return f"{entry.stem}.{_safe(attachment.filename)}"


def file_stem(notice_id: str) -> str:
    """Return a file name for an id that may hold any character, different for different ids.

    A readable id stays readable: A1:USD:2026-03-18 becomes A1_USD_2026-03-18. One that had to be
    changed in other ways, or shortened, gets a piece of its hash, so that no two ids meet.
    """
    plain = notice_id.replace(":", "_")
    safe = _safe(plain).replace(".", "-")
    # Not case alone tells files apart on every system, and "_" may have been there before.
    if safe == plain and "_" not in notice_id and notice_id == notice_id.upper():
        return safe
    return f"{safe}-{hashlib.sha256(notice_id.encode()).hexdigest()[:8]}"


def _safe(name: str) -> str:
    return re.sub(r"[^A-Za-z0-9_.-]", "-", name)[-_STEM_CHARACTERS_MAX:]


@cache
def _template() -> Template:
    environment = Environment(
        loader=PackageLoader("local"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals["attachment_name"] = attachment_name
    return environment.get_template("outbox.html")
