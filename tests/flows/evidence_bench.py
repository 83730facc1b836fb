"""Archives of evidence over a machine of the tests: made, opened, read."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from zipfile import ZipFile

from chalicelib.core.account import ContactPerson
from chalicelib.core.facts_details import ContactSaved
from chalicelib.flows.evidence import Exported, export_account
from chalicelib.flows.evidence_gather import Sources
from chalicelib.flows.evidence_readme import Asked
from chalicelib.flows.mail_events import LetterNews
from tests.fakes_notices import MemoryPastNotices
from tests.flows.machine import NOTICE, NOW, TODAY, Machine, invoice

ASKED = Asked(
    at=datetime(2024, 3, 20, 9, tzinfo=UTC), by="anna", reason_code="lawsuit", note="The claim.",
    zone="Europe/Berlin", recipient="Lindholm & Partners", stage="test",
)  # fmt: skip


@dataclass(frozen=True)
class Opened:
    """An archive, unpacked."""

    exported: Exported
    files: Mapping[str, bytes]

    def rows(self, name: str) -> list[dict[str, str]]:
        return list(csv.DictReader(io.StringIO(self.files[name].decode("utf-8-sig"))))

    def json(self, name: str) -> Any:
        return json.loads(self.files[name])

    def text(self, name: str) -> str:
        return self.files[name].decode()


def sources(machine: Machine) -> Sources:
    return Sources(
        machine.accounts, MemoryPastNotices(machine.accounts), machine.archive, machine.registry,
        machine.policies, machine.agencies,
    )  # fmt: skip


def exported(machine: Machine, account_id: str = "A1") -> Opened:
    """Export an account and unpack its archive."""
    return opened(export_account(sources(machine), account_id, ASKED))


def opened(made: Exported) -> Opened:
    with ZipFile(io.BytesIO(made.content)) as archive:
        return Opened(made, {name: archive.read(name) for name in archive.namelist()})


def repacked(files: Mapping[str, bytes]) -> bytes:
    """Return an archive of other files."""
    out = io.BytesIO()
    with ZipFile(out, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return out.getvalue()


def with_a_letter() -> Machine:
    """An account whose reminder went to Jo Park and was delivered; its name is like a formula."""
    machine = Machine()
    machine.take_in("A1", invoice("I1", 15), name="=1+1 Trading")
    jo = ContactPerson("jo", "Jo Park", "jo@customer.example", roles=frozenset({"accounts"}))
    machine.take_in("A1", ContactSaved(TODAY, jo))
    machine.decide("A1")
    machine.deliver.deliver("A1", NOTICE)
    delivered = LetterNews(
        notice_id=NOTICE, attempt=1, kind="delivery", at=NOW, message_id="message-1",
        recipients=("jo@customer.example",),
    )  # fmt: skip
    machine.mail_events.book(delivered)
    return machine


def folders(archive: Opened) -> Iterator[str]:
    """Yield the folders of an archive's letters, in order."""
    yield from (row["folder"] for row in archive.rows("letters.csv"))
