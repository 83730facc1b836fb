"""Ledger files that are put into the bucket: which ones are taken, and as what (R7.6).

Under `uploads/`, in any folder, by the beginning of the file's name:

    invoices*       invoices, credit_notes* credit notes, payments* payments: CSV, or JSON Lines
    facts*.jsonl    facts: disputes, promises, deliveries ...
    open_items*     a statement of all that is open; in a mirror only

with the endings .csv, .jsonl or .txt. A name with `.update.` in it, such as `invoices.update.csv`,
lets its rows update invoices that are there. A file `ledger.toml` in the same folder says how the
files are laid out. Beside each file a result is written, `<file>.result.json`. Everything else
under `uploads/`, results and layouts too, triggers nothing.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime

from chalicelib.flows.counts import Counts
from chalicelib.flows.jobs import Jobs
from chalicelib.flows.ledger_columns import Role
from chalicelib.flows.principal import Principal

PREFIX = "uploads/"
RESULT = ".result.json"
LAYOUT = "ledger.toml"
STATEMENT = "open_items"
UPDATE = ".update."
JOB = "import_upload"
UPLOADER = Principal("upload", frozenset())  # whoever may write into the bucket
_ENDINGS = (".csv", ".jsonl", ".txt")
_ROLES: tuple[tuple[str, Role], ...] = (
    ("invoices", "invoices"),
    ("payments", "payments"),
    ("credit_notes", "credit_notes"),
    (STATEMENT, "invoices"),
)


@dataclass(frozen=True, slots=True)
class Upload:
    """A file that was put into the bucket: its key, what it is the content of, and when."""

    key: str
    etag: str
    size_bytes: int
    at: datetime

    @property
    def import_id(self) -> str:
        """The import's id, made from its meaning, in order of time."""
        return import_id_of(self.at, self.key, self.etag)


def import_id_of(at: datetime, *meaning: str) -> str:
    """Return the id of an import of some content that was given at an instant."""
    digest = hashlib.sha256("\n".join(meaning).encode()).hexdigest()[:12]
    return f"imp_{at:%Y%m%dT%H%M%S%f}_{digest}"


def role_of(key: str) -> Role | None:
    """Return what a file holds by its key; None for one that nothing is to be done with."""
    name = key.rpartition("/")[2]
    if not key.startswith(PREFIX) or name.endswith(RESULT) or not name.endswith(_ENDINGS):
        return None
    if name.startswith("facts"):
        return "facts" if name.endswith(".jsonl") else None
    return next((role for word, role in _ROLES if name.startswith(word)), None)


def is_statement(key: str) -> bool:
    """Whether a file states all that is open."""
    return key.rpartition("/")[2].startswith(STATEMENT)


def is_update(key: str) -> bool:
    """Whether a file's rows may update invoices that are there."""
    return UPDATE in key.rpartition("/")[2]


def layout_beside(key: str) -> str:
    """Return where the layout of a file's folder would be."""
    return f"{key.rpartition('/')[0]}/{LAYOUT}"


def result_beside(key: str) -> str:
    """Return where the result of a file is written."""
    return f"{key}{RESULT}"


@dataclass(frozen=True, slots=True)
class Uploads:
    """Asks for the import of what was put into the bucket."""

    jobs: Jobs

    def take(self, upload: Upload) -> Counts:
        """Ask for a file's import, once for each content of it, however often it is told of.

        Raises:
            UnavailableError: the store or the queue does not answer now.
        """
        if role_of(upload.key) is None:
            return {"uploads_passed_over": 1}
        arguments = {
            "key": upload.key,
            "etag": upload.etag,
            "size_bytes": str(upload.size_bytes),
            "at": upload.at.isoformat(),
        }
        key = f"{upload.key}\n{upload.etag}\n{upload.at.isoformat()}"
        self.jobs.submit(JOB, arguments, UPLOADER, key, upload.at)
        return {"uploads_taken": 1}
