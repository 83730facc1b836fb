"""An archive of evidence is checked by itself, and says whatever was changed in it."""

from __future__ import annotations

import hashlib
from collections.abc import Callable

import pytest
from chalicelib.flows.evidence_verify import NotEvidenceError, verify
from tests.flows.evidence_bench import exported, repacked, with_a_letter

Files = dict[str, bytes]
LETTER = "letters/0001_2024-03-18_reminder/attempt-1/letter.txt"


def signed_again(files: Files) -> Files:
    """Return the files with new digests: whoever changes a file can change the list as well."""
    lines = [
        f"{hashlib.sha256(files[name]).hexdigest()}  {name}\n"
        for name in sorted(files)
        if name != "SHA256SUMS"
    ]
    return files | {"SHA256SUMS": "".join(lines).encode()}


def put(name: str, old: bytes, new: bytes) -> Callable[[Files], Files]:
    def change(files: Files) -> Files:
        assert old in files[name]
        return files | {name: files[name].replace(old, new)}

    return change


def without(name: str) -> Callable[[Files], Files]:
    return lambda files: {path: content for path, content in files.items() if path != name}


def test_an_archive_as_it_was_exported_holds() -> None:
    archive = exported(with_a_letter())

    found = verify(archive.exported.content)

    assert found.faults == ()
    assert (found.sha256, found.account_id) == (archive.exported.sha256, "A1")
    assert (found.files, found.letters) == (archive.exported.files, 1)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (put("README.txt", b"anna", b"bert"), "README.txt: its digest differs"),
        (without("invoices.json"), "invoices.json: is missing"),
        (lambda files: files | {"more.txt": b""}, "more.txt: is not in SHA256SUMS"),
    ],
)
def test_what_was_changed_is_named(change: Callable[[Files], Files], said: str) -> None:
    files = dict(exported(with_a_letter()).files)

    [fault] = verify(repacked(change(files))).faults

    assert said in fault


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (put("ledger.csv", b"1000.00,1000.00,1000.00", b"1000.00,900.00,900.00"), "was booked"),
        (put("ledger.csv", b"1000.00,1000.00,1000.00", b"1000.00,900.00,1000.00"), "add up"),
        (put("invoices.csv", b"1000.00", b"900.00"), "ledger: USD 1000.00 was booked and 900.00"),
        (put("ledger.csv", b"balance", b"total"), "ledger: cannot be added up"),
        (put(LETTER, b"1,000.00", b"9,000.00"), "its digest differs from the one that was written"),
        (without(LETTER), "cannot be checked"),
    ],
)
def test_a_forger_who_writes_new_digests_is_found_out(
    change: Callable[[Files], Files], said: str
) -> None:
    files = dict(exported(with_a_letter()).files)

    faults = verify(repacked(signed_again(change(files)))).faults

    assert [fault for fault in faults if said in fault]
    assert not [fault for fault in faults if "SHA256SUMS" in fault]


def test_a_letter_that_names_somebody_who_was_erased_is_no_fault() -> None:
    files = dict(exported(with_a_letter()).files)
    record = LETTER.replace("letter.txt", "record.json")
    files[LETTER] = files[LETTER].replace(b"Jo Park", b"[contact jo]")
    files[record] = files[record].replace(b'"is_as_sent": true', b'"is_as_sent": false')

    assert verify(repacked(signed_again(files))).faults == ()


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"no zip", "cannot be unpacked"),
        (repacked({"a.txt": b"a"}), "it is no evidence archive"),
        (
            repacked({"manifest.json": b'{"format": 2}', "SHA256SUMS": b"", "ledger.csv": b""}),
            "it is of format 2",
        ),
        (
            repacked({"manifest.json": b"{", "SHA256SUMS": b"", "ledger.csv": b""}),
            "cannot be read",
        ),
    ],
)
def test_what_is_no_archive_of_evidence_is_refused(content: bytes, said: str) -> None:
    with pytest.raises(NotEvidenceError, match=said):
        verify(content)
