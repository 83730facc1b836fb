"""The AWS emulator as a child process: on loopback only, and never longer alive than its parent."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3
from botocore.config import Config

from local.cloud.errors import (
    EmulatorDiedError,
    EmulatorStartError,
    FolderError,
    PortTakenError,
)

HOST = "127.0.0.1"
# A region that an AWS account has to opt into, and credentials that no account accepts.
REGION = "af-south-1"
ACCOUNT_ID = "000000000000"
LOG = "emulator.log"
SCRATCH_VARIABLE = "PASTDUE_SCRATCH"  # where functions are unpacked, else in the emulator's folder
_SECRET = "local"  # noqa: S105 - a placeholder, the emulator takes any
_START_TIMEOUT_S = 30.0
_STOP_TIMEOUT_S = 5.0
_LOG_LINES = 5
_CHILD = Path(__file__).with_name("emulator_child.py")


@dataclass(frozen=True, slots=True)
class Emulator:
    """A running emulator: where it answers, and what it writes."""

    port: int
    log: Path
    process: subprocess.Popen[bytes]

    @property
    def url(self) -> str:
        """The endpoint that every client is given, so that none can reach AWS."""
        return f"http://{HOST}:{self.port}"

    def client(self, service: str, **options: Any) -> Any:
        """Return a boto3 client for a service of this emulator."""
        config = Config(retries={"total_max_attempts": 2}, connect_timeout=5, read_timeout=960)
        return boto3.client(
            service,
            endpoint_url=self.url,
            region_name=REGION,
            aws_access_key_id=ACCOUNT_ID,
            aws_secret_access_key=_SECRET,
            config=config.merge(Config(**options)),
        )

    def environment(self) -> Mapping[str, str]:
        """Return the variables that point any AWS client of another process at this emulator."""
        return aimed_at(self.url)

    def check(self) -> None:
        """Do nothing while the emulator lives.

        Raises:
            EmulatorDiedError: it has ended; what it held is lost.
        """
        code = self.process.poll()
        if code is not None:
            raise EmulatorDiedError(
                f"the local cloud's emulator ended in the middle (exit code {code}) and its data "
                f"is lost; its log is {self.log}{_last_lines(self.log)}"
            )


def aimed_at(url: str) -> Mapping[str, str]:
    """Return the variables that point every AWS client of a process at the emulator of this URL."""
    return {
        "AWS_ENDPOINT_URL": url,
        "AWS_DEFAULT_REGION": REGION,
        "AWS_REGION": REGION,
        "AWS_ACCESS_KEY_ID": ACCOUNT_ID,
        "AWS_SECRET_ACCESS_KEY": _SECRET,
        "AWS_EC2_METADATA_DISABLED": "true",
    }


@contextlib.contextmanager
def run_emulator(
    folder: Path,
    port: int | None = None,
    environment: Mapping[str, str] | None = None,
    decisions: Path | None = None,
) -> Iterator[Emulator]:
    """Run an emulator while the context lasts; its log and scratch files are in `folder`.

    `port` None takes any free one. `environment` is added to what its functions see.
    With `decisions` and `AUTH=true` each decision on a role's call is written to that file, a JSON
    object a line.

    Raises:
        PortTakenError: another program uses the port.
        FolderError: the folder cannot be made or written.
        EmulatorStartError: it did not answer within 30 seconds.
        EmulatorDiedError: it ended while the context lasted.
    """
    port = port or free_port()
    _check_port(port)
    # Each function's process unpacks its code: some thousand files. Tests name a folder in memory.
    scratch = Path(os.environ.get(SCRATCH_VARIABLE) or folder) / f"emulator-{port}"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        scratch.mkdir(parents=True, exist_ok=True)
        log = (folder / LOG).open("wb")
    except OSError as error:
        raise FolderError(f"cannot write to {folder}: {error.strerror}") from error
    with log:
        process = subprocess.Popen(
            [sys.executable, "-P", str(_CHILD), str(decisions or "")],
            env=_environment(port, scratch, environment or {}),
            stdin=subprocess.PIPE,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    emulator = Emulator(port, folder / LOG, process)
    try:
        _wait_until_up(emulator)
        yield emulator
    except EmulatorDiedError:
        raise
    except Exception:
        emulator.check()  # what failed may have failed because the emulator is gone
        raise
    finally:
        _stop(process)
        shutil.rmtree(scratch, ignore_errors=True)


def free_port() -> int:
    """Return a port of this machine that nothing uses now."""
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])


def _check_port(port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except (OSError, OverflowError) as error:
            raise PortTakenError(
                f"port {port} is in use or not allowed; name another with --port, or leave it out"
            ) from error


def _environment(port: int, scratch: Path, extra: Mapping[str, str]) -> dict[str, str]:
    """Return the child's variables: nothing of the person's AWS settings, nothing of Python's."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("AWS_", "PYTHON", "VIRTUAL_ENV"))
    }
    return {
        **kept,
        "BIND_HOST": HOST,
        "GATEWAY_PORT": str(port),
        "MINISTACK_REGION": REGION,
        "MINISTACK_ACCOUNT_ID": ACCOUNT_ID,
        "IOT_MTLS_ENABLED": "0",
        "LOG_LEVEL": "INFO",
        "PYTHONNOUSERSITE": "1",
        "PYTHONUNBUFFERED": "1",
        "TMPDIR": str(scratch.resolve()),
        "AWS_EC2_METADATA_DISABLED": "true",
        # The root user's; with AUTH set every other caller needs its role's permission.
        "AWS_ACCESS_KEY_ID": ACCOUNT_ID,
        "AWS_SECRET_ACCESS_KEY": _SECRET,
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        **extra,
    }


def _wait_until_up(emulator: Emulator) -> None:
    deadline = time.monotonic() + _START_TIMEOUT_S
    while time.monotonic() < deadline:
        if emulator.process.poll() is not None:
            break
        with contextlib.suppress(OSError), _get(f"{emulator.url}/_ministack/health"):
            return
        time.sleep(0.05)
    raise EmulatorStartError(
        f"the local cloud's emulator did not start; its log is {emulator.log}"
        f"{_last_lines(emulator.log)}"
    )


def _get(url: str) -> Any:
    return urllib.request.urlopen(url, timeout=2)  # noqa: S310 - always http on loopback


def _stop(process: subprocess.Popen[bytes]) -> None:
    """End the emulator and its workers, kindly first."""
    process.terminate()
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.wait(_STOP_TIMEOUT_S)
    # Its session is its own, so the group holds nothing but it and the functions it started.
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    if process.stdin:
        process.stdin.close()


def _last_lines(log: Path) -> str:
    lines = log.read_text(errors="replace").splitlines()[-_LOG_LINES:] if log.exists() else []
    return "".join(f"\n  {line}" for line in lines)
