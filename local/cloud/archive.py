"""The archive that Lambda loads: trimmed, byte-compiled, and the same bytes for the same sources.

Bytecode is a third of a cold start, and each cold worker of the emulator unpacks the whole archive.
"""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path

from local.cloud.errors import PackageError

# What AWS allows unpacked is 250 MB; growing past this wants a look at what came in.
UNPACKED_BYTES_MAX = 66_000_000
# The AWS services whose clients are built; the rest of botocore's models stay out.
AWS_SERVICES = frozenset(
    {"dynamodb", "events", "kms", "s3", "secretsmanager", "sesv2", "sns", "sqs", "sts"}
)
# Languages whose amounts and dates can be written; `root` and `en` are Babel's own fallbacks.
_LANGUAGES = "root bg cs da de el en es et fi fr ga hr hu it lt lv mt nb nl nn no pl pt ro sk sl sv"
LANGUAGES = frozenset(_LANGUAGES.split())
_UNREACHABLE = (
    ("holidays", "locale"),  # days are asked for, not their names
    ("cffi",), ("pycparser",),  # cryptography comes built; these would only build it
    ("PIL",), ("pillow.libs",),  # no image is ever set on a printed letter
    ("boto3", "examples"), ("boto3", "data"),
)  # fmt: skip
# Fonts are read and cut down, never designed.
_FONT_DESIGN = frozenset({"cu2qu", "merge", "mtiLib", "qu2cu", "ufoLib", "voltLib"})
NEVER_PACKAGED = frozenset({"local", "tests", "bench", "infra", "docs", "scripts", "requirements"})
_MACHINES = {"x86_64": 62, "arm64": 183}  # as ELF numbers them
_EPOCH = (1980, 1, 1, 0, 0, 0)  # the first date that a zip can hold
_COMPILE_TIMEOUT_S = 300


def unpack(archive: Path, folder: Path, *, leave_out: frozenset[str] = frozenset()) -> None:
    """Unpack an archive into a folder, without the top-level names in `leave_out`."""
    with zipfile.ZipFile(archive) as source:
        for name in source.namelist():
            if name.split("/")[0] not in leave_out:
                source.extract(name, folder)


def trim(folder: Path) -> None:
    """Remove from unpacked dependencies what the functions cannot reach."""
    for path in sorted(folder.rglob("*"), reverse=True):
        if path.is_dir():
            if not any(path.iterdir()):
                path.rmdir()
        elif not _is_reachable(path.relative_to(folder).parts):
            path.unlink()


def check_architecture(folder: Path, architecture: str) -> None:
    """Do nothing if every compiled module under a folder is for this processor architecture.

    Raises:
        PackageError: one is for another: the functions would fail at their first import.
    """
    for path in sorted(folder.rglob("*.so*")):
        if path.is_file() and _machine(path) != _MACHINES[architecture]:
            name = path.relative_to(folder)
            raise PackageError(f"{name} is not for {architecture}, which the functions run on")


def compile_sources(folder: Path, *, keep_sources: bool = True) -> None:
    """Compile every module under a folder, so that a cold start need not.

    Without their sources modules are loaded as well, and there is half as much to unpack.

    Raises:
        PackageError: a source does not compile.
    """
    # A child with fixed hashing: sets of constants are otherwise written in a different order.
    command = [sys.executable, "-m", "compileall", "-q", "-f", "--invalidation-mode"]
    command += ["unchecked-hash", "-s", str(folder), "-p", "/var/task"]
    command += [] if keep_sources else ["-b"]
    done = subprocess.run(
        [*command, str(folder)],
        env={**os.environ, "PYTHONHASHSEED": "0"},
        capture_output=True,
        text=True,
        check=False,
        timeout=_COMPILE_TIMEOUT_S,
    )
    if done.returncode != 0:
        raise PackageError(f"a source does not compile:\n{done.stdout}{done.stderr}")
    if not keep_sources:
        for source in folder.rglob("*.py"):
            source.unlink()


def write_archive(folders: tuple[Path, ...], archive: Path) -> None:
    """Write the folders' files as one archive with fixed order and times; earlier folders win.

    Raises:
        PackageError: something that must stay on this machine is in it, or it is too large.
    """
    members: dict[str, Path] = {}
    for folder in folders:
        for path in _files(folder):
            members.setdefault(path.relative_to(folder).as_posix(), path)
    strays = sorted({name.split("/")[0] for name in members} & NEVER_PACKAGED)
    if strays:
        raise PackageError(f"{', '.join(strays)} must not be in the package")
    size_bytes = sum(path.stat().st_size for path in members.values())
    if size_bytes > UNPACKED_BYTES_MAX:
        raise PackageError(f"{size_bytes:,} bytes unpacked, allowed are {UNPACKED_BYTES_MAX:,}")
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as target:
        for name in sorted(members):
            entry = zipfile.ZipInfo(name, _EPOCH)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = 0o644 << 16
            target.writestr(entry, members[name].read_bytes())


def _machine(module: Path) -> int:
    """Return the processor's number that the head of a compiled module (ELF) names."""
    with module.open("rb") as file:
        return int.from_bytes(file.read(20)[18:20], "little")


def _files(folder: Path) -> Iterator[Path]:
    return (path for path in folder.rglob("*") if path.is_file())


def _is_reachable(parts: tuple[str, ...]) -> bool:
    if "__pycache__" in parts or parts[-1].endswith(".pyi"):
        return False
    if parts[:2] == ("botocore", "data"):
        return parts[2] in AWS_SERVICES or parts[2] == parts[-1]  # a service's, or a file for all
    if parts[:2] == ("babel", "locale-data"):
        return parts[2].removesuffix(".dat").split("_")[0] in LANGUAGES
    if parts[0] == "fontTools":  # each compiled module lies beside the same in Python
        return parts[1] not in _FONT_DESIGN and not parts[-1].endswith((".so", ".c"))
    return not any(parts[: len(one)] == one for one in _UNREACHABLE)
