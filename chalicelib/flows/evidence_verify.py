"""Checks an evidence archive by itself: its digests, its ledger, its letters. Nothing else is asked."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any, BinaryIO
from zipfile import BadZipFile, ZipFile

from chalicelib.core.errors import InvalidInputError
from chalicelib.flows.evidence_files import (
    ARCHIVE_BYTES_MAX,
    CONTENT_BYTES_MAX,
    FILES_MAX,
    SUMS,
)
from chalicelib.flows.evidence_letters import PRINTED, RECORD, SUBJECT
from chalicelib.flows.kept_letters import HTML, TEXT
from chalicelib.flows.letter_digest import letter_digest

FORMAT = 1
FAULTS_MAX = 200


class NotEvidenceError(InvalidInputError):
    """A file is no evidence archive that this version can check."""

    code = "not_evidence"


@dataclass(frozen=True, slots=True)
class Verified:
    """What a check found. `sha256` is of the whole file, `faults` what does not hold: none is right."""

    sha256: str
    files: int
    letters: int
    account_id: str
    faults: tuple[str, ...]


def verify(content: bytes) -> Verified:
    """Check an archive against itself, offline.

    Every digest of SHA256SUMS; that ledger.csv adds up, line by line, to what balance.csv and the
    invoices, charges and payments say is open (R7.5); and each letter's digest from its own files.

    Raises:
        NotEvidenceError: it is no such archive, or not of a format that is known.
    """
    if len(content) > ARCHIVE_BYTES_MAX:
        raise NotEvidenceError(f"an archive has at most {ARCHIVE_BYTES_MAX:,} bytes")
    try:
        with ZipFile(io.BytesIO(content)) as archive:
            files = _read(archive)
    except (BadZipFile, zlib.error, EOFError, NotImplementedError) as error:
        raise NotEvidenceError(f"it cannot be unpacked: {error}") from error
    manifest = _manifest(files)
    faults = [*_digests(files), *_ledger(files), *_letters(files)]
    letters = sum(path.endswith(f"/{RECORD}") for path in files)
    return Verified(
        hashlib.sha256(content).hexdigest(),
        len(files),
        letters,
        str(manifest.get("account_id", "")),
        tuple(faults[:FAULTS_MAX]),
    )


def verify_file(file: BinaryIO) -> Verified:
    """Check an archive that is open for reading."""
    return verify(file.read(ARCHIVE_BYTES_MAX + 1))


def _read(archive: ZipFile) -> Mapping[str, bytes]:
    entries = archive.infolist()
    if len(entries) > FILES_MAX or sum(one.file_size for one in entries) > CONTENT_BYTES_MAX:
        raise NotEvidenceError("it holds more than an evidence archive may")
    files = {one.filename: archive.read(one) for one in entries}
    if len(files) != len(entries):
        raise NotEvidenceError("it holds two files of one name")
    return files


def _manifest(files: Mapping[str, bytes]) -> Mapping[str, Any]:
    missing = [name for name in ("manifest.json", SUMS, "ledger.csv") if name not in files]
    if missing:
        raise NotEvidenceError(f"it has no {', '.join(missing)}: it is no evidence archive")
    try:
        found: dict[str, Any] = json.loads(files["manifest.json"])
    except ValueError as error:
        raise NotEvidenceError(f"its manifest.json cannot be read: {error}") from error
    if found.get("format") != FORMAT:
        raise NotEvidenceError(f"it is of format {found.get('format')}; this checks {FORMAT}")
    return found


def _digests(files: Mapping[str, bytes]) -> Iterator[str]:
    said: dict[str, str] = {}
    for line in files[SUMS].decode("utf-8", "replace").splitlines():
        digest, _, path = line.partition("  ")
        said[path] = digest
    for path in sorted(said.keys() - files.keys()):
        yield f"{path}: is missing"
    for path in sorted(files.keys() - said.keys() - {SUMS}):
        yield f"{path}: is not in {SUMS}"
    for path in sorted(said.keys() & files.keys()):
        if hashlib.sha256(files[path]).hexdigest() != said[path]:
            yield f"{path}: its digest differs from that in {SUMS}"


def _ledger(files: Mapping[str, bytes]) -> Iterator[str]:
    try:
        yield from _adds_up(files)
    except (KeyError, InvalidOperation, UnicodeDecodeError, csv.Error) as error:
        yield f"ledger: cannot be added up ({type(error).__name__}: {error})"


def _adds_up(files: Mapping[str, bytes]) -> Iterator[str]:
    balances: dict[str, Decimal] = {}
    for row in _rows(files, "ledger.csv"):
        currency = row["currency"]
        balances[currency] = balances.get(currency, Decimal(0)) + Decimal(row["effect"])
        if balances[currency] != Decimal(row["balance"]):
            yield f"ledger.csv: line {row['number']} does not add up to its balance in {currency}"
            balances[currency] = Decimal(row["balance"])
    is_open: dict[str, Decimal] = {}
    for name, column, sign in (
        ("invoices.csv", "open", 1),
        ("charges.csv", "open", 1),
        ("payments.csv", "unapplied", -1),
    ):
        for row in _rows(files, name):
            now = is_open.get(row["currency"], Decimal(0))
            is_open[row["currency"]] = now + sign * Decimal(row[column])
    for currency in sorted({*balances, *is_open}):
        booked, there = balances.get(currency, Decimal(0)), is_open.get(currency, Decimal(0))
        if booked != there:
            yield f"ledger: {currency} {booked} was booked and {there} is open (R7.5)"
    for row in _rows(files, "balance.csv"):
        if row["holds"] != "yes" or Decimal(row["ledger_balance"]) != balances.get(
            row["currency"], Decimal(0)
        ):
            yield f"balance.csv: what it says of {row['currency']} does not hold"


def _letters(files: Mapping[str, bytes]) -> Iterator[str]:
    for path in sorted(files):
        folder, _, name = path.rpartition("/")
        if name == RECORD and folder.startswith("letters/"):
            why = _letter(files, folder)
            if why:
                yield f"{folder}: {why}"


def _letter(files: Mapping[str, bytes], folder: str) -> str:
    """Return what is wrong with a copy of a letter, "" if nothing is."""
    try:
        record = json.loads(files[f"{folder}/{RECORD}"])
        digest, is_as_sent = record.get("sha256"), record.get("is_as_sent", True)
        if not digest or not is_as_sent:
            return ""  # it was cancelled, or a person whom it named was erased since
        # The line that ends the file is no part of the subject.
        subject = files[f"{folder}/{SUBJECT}"].decode().removesuffix("\n")
        attached = [
            (one["name"], one["media_type"], files[f"{folder}/{one['path']}"])
            for one in record["exported_files"]
            if one["name"] not in (TEXT, HTML, PRINTED)
        ]
        words = files[f"{folder}/{TEXT}"], files[f"{folder}/{HTML}"]
        same = letter_digest(subject, *words, attached) == digest
    except (KeyError, ValueError, TypeError) as error:
        return f"cannot be checked ({type(error).__name__}: {error})"
    return "" if same else "its digest differs from the one that was written down when it left"


def _rows(files: Mapping[str, bytes], name: str) -> Iterator[dict[str, str]]:
    return csv.DictReader(io.StringIO(files[name].decode("utf-8-sig"), newline=""))
