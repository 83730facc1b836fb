"""Files of a command: read whole, and written whole or not at all."""

from __future__ import annotations

import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from chalicelib.core.errors import Fault
from chalicelib.flows.ledger_faults import FILE_BYTES_MAX
from local.cli_errors import FolderInUseError, InputFileError, OutputFolderError

WRITE_BUFFER_BYTES = 1 << 20


def read_file(path: Path) -> bytes:
    """Return a file's bytes.

    Raises:
        InputFileError: it is missing, a folder, not readable, or larger than 200 MB.
    """
    try:
        if path.stat().st_size > FILE_BYTES_MAX:
            raise InputFileError(
                f"{path} is larger than {FILE_BYTES_MAX // 1_000_000} MB; split it"
            )
        return path.read_bytes()
    except OSError as error:
        raise InputFileError(f"{path} cannot be read: {_why(error)}") from error


def read_files(paths: Iterable[Path]) -> dict[Path, bytes]:
    """Return the bytes of files.

    Raises:
        InputFileError: some cannot be read; each is named.
    """
    found: dict[Path, bytes] = {}
    faults: list[Fault] = []
    for path in paths:
        try:
            found[path] = read_file(path)
        except InputFileError as error:
            faults.append(Fault(str(path), error.code, str(error).removeprefix(f"{path} ")))
    if faults:
        raise InputFileError(f"{len(faults)} file(s) cannot be read", faults)
    return found


class Staging:
    """A folder being filled beside the files it will replace; nothing is seen until `publish`."""

    def __init__(self, folder: Path, scratch: Path) -> None:
        self.folder = folder
        self.scratch = scratch
        self._names: list[str] = []

    def write(self, name: str, lines: Iterable[bytes]) -> Path:
        """Write a file under a name relative to the folder; return where it will stand.

        Raises:
            OutputFolderError: it cannot be written (a full disk, for instance).
        """
        path = self.scratch / name
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            with path.open("wb", buffering=WRITE_BUFFER_BYTES) as file:
                file.writelines(lines)
        except OSError as error:
            raise OutputFolderError(f"cannot write to {self.folder}: {_why(error)}") from error
        self.add(name)
        return self.folder / name

    def add(self, name: str) -> None:
        """Let a file that was written under `scratch` by others be published too."""
        self._names.append(name)

    def publish(self) -> None:
        """Put every file in its place, each at once, in the order in which they were written.

        Raises:
            OutputFolderError: one cannot be put in its place.
        """
        try:
            for name in self._names:
                target = self.folder / name
                target.parent.mkdir(parents=True, exist_ok=True)
                (self.scratch / name).replace(target)
        except OSError as error:
            raise OutputFolderError(f"cannot write to {self.folder}: {_why(error)}") from error


@contextmanager
def staging(folder: Path) -> Iterator[Staging]:
    """Give a place to write files for a folder; published files stay, all else is removed.

    A folder that had to be made is removed again when nothing was published.

    Raises:
        OutputFolderError: the folder cannot be made or written.
    """
    made = _missing(folder)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        scratch = Path(tempfile.mkdtemp(prefix=".pastdue-", dir=folder))
    except OSError as error:
        _remove_empty(made)
        raise OutputFolderError(f"cannot write to {folder}: {_why(error)}") from error
    try:
        yield Staging(folder, scratch)
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
        _remove_empty(made)


@contextmanager
def claimed(folder: Path) -> Iterator[None]:
    """Keep a folder for this process while the context lasts; it is made if it is not there.

    The claim ends with the process, however that ends. A folder that had to be made is removed
    again when nothing is in it.

    Raises:
        FolderInUseError: another `pastdue` has it; nothing in it was touched.
        OutputFolderError: the folder cannot be made or written.
    """
    made = _missing(folder)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    except OSError as error:
        _remove_empty(made)
        raise OutputFolderError(f"cannot write to {folder}: {_why(error)}") from error
    try:
        _lock(descriptor, folder)
        with staging(folder):  # which says whether it can be written
            pass
        yield
    finally:
        os.close(descriptor)
        _remove_empty(made)


def _lock(descriptor: int, folder: Path) -> None:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise FolderInUseError(
            f"another pastdue is using {folder}; end it first, or name another folder with --out"
        ) from None
    except OSError as error:
        raise OutputFolderError(f"cannot lock {folder}: {_why(error)}") from error


def _missing(folder: Path) -> list[Path]:
    """Return the folders on the way that are not there yet, deepest first."""
    return [path for path in (folder, *folder.parents) if not os.path.lexists(path)]


def _remove_empty(folders: Iterable[Path]) -> None:
    for path in folders:
        try:
            path.rmdir()
        except OSError:  # it holds something, or was never made
            return


def _why(error: OSError) -> str:
    return (error.strerror or str(error)).lower()
