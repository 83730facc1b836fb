"""`pastdue serve` and `pastdue import`: a stage that is left running, and what it answers."""

import contextlib
import json
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.cli.command_line import PROGRAM, invoices, pastdue

pytestmark = [pytest.mark.emulator, pytest.mark.slow]
UP_WITHIN_S = 200
NEW = "NEW1,N1,2026-01-02,2026-02-01,USD,100.00"


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, dict[str, Any]]]:
    """A served stage after two days of the sample: its folder and its address."""
    folder = tmp_path_factory.mktemp("served")
    state = folder / ".pastdue/local.json"
    command = [sys.executable, "-c", PROGRAM, "serve"]
    with (folder / "words").open("w") as words:
        process = subprocess.Popen(
            [*command, "--as-of", "2026-03-02", "--days", "2"],
            cwd=folder,
            stdout=words,
            stderr=words,
        )
        deadline = time.monotonic() + UP_WITHIN_S
        while not state.exists() and process.poll() is None and time.monotonic() < deadline:
            time.sleep(0.2)
        assert state.exists(), (folder / "words").read_text()
        yield folder, json.loads(state.read_text())
        process.send_signal(signal.SIGINT)
        assert process.wait(60) == 0
    assert not state.exists()


def get(url: str, token: str = "") -> bytes:
    """Return what a URL of this machine answers."""
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    request = urllib.request.Request(url, headers=headers)
    with urllib.request.urlopen(request, timeout=60) as answer:
        content: bytes = answer.read()
    return content


@pytest.fixture
def token(served: tuple[Path, dict[str, Any]]) -> str:
    """A token, as a person in the stage's folder gets one."""
    with contextlib.chdir(served[0]):
        return pastdue("token", "issue").out.strip()


def test_the_api_asks_for_a_token(served: tuple[Path, dict[str, Any]]) -> None:
    with pytest.raises(urllib.error.HTTPError, match="401"):
        get(f"{served[1]['api_url']}/v1/accounts/C1042/hold")


def test_a_key_of_the_stage_opens_the_api_until_it_is_revoked(
    served: tuple[Path, dict[str, Any]],
) -> None:
    url = f"{served[1]['api_url']}/v1/accounts/C1042/hold"
    with contextlib.chdir(served[0]):
        made, unused = (
            pastdue(
                *("token", "key", "create", "--role", "service", "--owner", "anna", "--json")
            ).document
            for _ in range(2)
        )
        pastdue("token", "key", "revoke", unused["id"], "--by", "bert")
        listed = pastdue("token", "key", "list", "--json").document["keys"]

    assert json.loads(get(url, made["token"]))["may_ship"] is False
    with pytest.raises(urllib.error.HTTPError, match="401"):
        get(url, unused["token"])
    assert {key["id"]: key["status"] for key in listed} == {
        made["id"]: "active",
        unused["id"]: "revoked",
    }
    assert "secret_sha256" not in listed[0]


def test_the_api_is_healthy_and_says_who_may_be_shipped_to(
    served: tuple[Path, dict[str, Any]], token: str
) -> None:
    api = served[1]["api_url"]

    assert json.loads(get(f"{api}/v1/health"))["status"] == "ok"
    held = json.loads(get(f"{api}/v1/accounts/C1042/hold", token))
    assert (held["may_ship"], held["holds"][0]["reason"]) == (False, "past_due_total")


def test_the_api_reports_the_aging(served: tuple[Path, dict[str, Any]], token: str) -> None:
    aging = json.loads(get(f"{served[1]['api_url']}/v1/reports/aging", token))

    assert aging["as_of"] == "2026-03-03"


def test_the_pages_show_letters_aging_and_holds(served: tuple[Path, dict[str, Any]]) -> None:
    pages = served[1]["outbox_url"]

    assert b"Summit Contracting" in get(pages)
    assert b"Northgate Hardware" in get(f"{pages}letters")
    assert b"INV-4101" in get(f"{pages}letters/C1007_USD_2026-03-03.html")
    with pytest.raises(urllib.error.HTTPError, match="404"):
        get(f"{pages}nothing")


def test_a_ledger_is_imported_once(served: tuple[Path, dict[str, Any]], tmp_path: Path) -> None:
    file = invoices(tmp_path, NEW)
    with contextlib.chdir(served[0]):
        trial, first, again = (
            pastdue("import", file, "--as-of", "2026-03-04", "--json", *more).document
            for more in (("--dry-run",), (), ())
        )

    assert trial["taken"] == first["taken"] == {"InvoiceIssued": 1}
    assert (again["taken"], again["known"]) == ({}, 1)


def test_a_second_command_on_the_same_folder_leaves_the_stage_alone(
    served: tuple[Path, dict[str, Any]],
) -> None:
    with contextlib.chdir(served[0]):
        done = pastdue("run")

    assert done.code == 2
    assert "another pastdue is using pastdue-out" in done.err
    assert json.loads(get(f"{served[1]['api_url']}/v1/health"))["status"] == "ok"


def test_an_import_is_of_the_day_that_the_stage_stands_at(
    served: tuple[Path, dict[str, Any]], tmp_path: Path
) -> None:
    with contextlib.chdir(served[0]):
        done = pastdue("import", invoices(tmp_path, NEW), "--dry-run", "--json")

    assert done.document["as_of"] == "2026-03-03"
    assert "as of 2026-03-03 (the last day that the stage ran)" in done.err
