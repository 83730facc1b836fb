"""Packages the app with Chalice, once for each state of the sources."""

from __future__ import annotations

import hashlib
import importlib.metadata
import json
import platform
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from local.cloud import archive, dependencies, templates
from local.cloud.chalice_run import ARCHIVE, CHALICE_STAGE, chalice_package
from local.cloud.errors import FolderError, WrongPythonError

__all__ = ["ARCHIVE", "CHALICE_STAGE", "TEMPLATE", "Package", "check_python", "package"]

PROJECT = Path(__file__).resolve().parents[2]
# Chalice writes the interpreter that packages into the template as the functions' runtime.
AWS_PYTHON = (3, 13)
LOCAL_PYTHONS = ((3, 11), (3, 12), (3, 13))
# What the local cloud and the tests run on most machines is then, byte for byte, what AWS runs.
AWS_ARCHITECTURE = "x86_64"
_ARM = frozenset({"aarch64", "arm64"})
TEMPLATE = "template.json"
_SOURCES = ("app.py", "chalicelib", ".chalice/config.json", ".chalice/policies")
_EMITTED = "sam.json"
_KEPT = 3  # packages of earlier states, so that switching back is quick
_IN_USE_S = 3600  # one that was made so lately may be what another process reads


@dataclass(frozen=True, slots=True)
class Package:
    """A packaged app: the template that CloudFormation takes and the archive that Lambda loads.

    `is_new` says whether it was made now or found from an earlier time.
    """

    template: Path
    archive: Path
    is_new: bool


def package(project: Path = PROJECT, *, for_aws: bool = False) -> Package:
    """Return the packaged app, made now if these sources were not packaged before.

    Raises:
        PackageError: Chalice or pip failed.
        WrongPythonError: this interpreter is not one that may package.
        FolderError: the project's `build` folder cannot be written.
    """
    check_python(sys.version_info[:2], for_aws=for_aws)
    architecture = AWS_ARCHITECTURE if for_aws else local_architecture(platform.machine())
    requirements = project / "requirements.txt"
    vendored_key = dependencies.dependencies_key(requirements, architecture)
    folder = project / "build" / "package" / _app_key(project, vendored_key)
    is_new = not folder.exists()
    if is_new:
        vendored = project / "build" / "dependencies" / vendored_key
        if not vendored.exists():
            _make(
                vendored,
                lambda target: dependencies.package_dependencies(
                    requirements, architecture, target
                ),
            )
        _make(folder, lambda target: _package_app(project, vendored, architecture, target))
    return Package(folder / TEMPLATE, folder / ARCHIVE, is_new)


def check_python(version: tuple[int, int], *, for_aws: bool) -> None:
    """Refuse an interpreter whose version the functions could not run under.

    Raises:
        WrongPythonError: not 3.13 for AWS, or not 3.11 to 3.13 for the local cloud.
    """
    allowed = (AWS_PYTHON,) if for_aws else LOCAL_PYTHONS
    if version not in allowed:
        wanted = ", ".join(f"{major}.{minor}" for major, minor in allowed)
        where = "AWS" if for_aws else "the local cloud"
        how = ": make package PYTHON=python3.13 STAGE=..." if for_aws else ""
        raise WrongPythonError(
            f"this is Python {version[0]}.{version[1]}; packaging for {where} needs {wanted}, "
            f"because the functions run under the version that packages them{how}"
        )


def local_architecture(machine: str) -> str:
    """Return Lambda's name for the processor that functions run on in the local cloud: its own."""
    return "arm64" if machine.lower() in _ARM else AWS_ARCHITECTURE


def _package_app(project: Path, vendored: Path, architecture: str, target: Path) -> None:
    """Leave in `target` the template and the archive of app and dependencies."""
    with tempfile.TemporaryDirectory() as scratch:
        # A copy, so that what lies about in a working tree never reaches the package.
        clean = Path(scratch) / "app"
        for path in _source_files(project):
            copy = clean / path.relative_to(project)
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(path, copy)
        (clean / "requirements.txt").write_text("")
        _set_architecture(clean / ".chalice" / "config.json", architecture)
        merge = Path(scratch) / "merge.json"
        merge.write_text(json.dumps(templates.put_together(templates.template_files(project))))
        out = chalice_package(clean, Path(scratch) / "out", merge=merge)
        app = Path(scratch) / "unpacked"
        archive.unpack(out / ARCHIVE, app)
        archive.compile_sources(app)
        template = json.loads((out / _EMITTED).read_text())
        (target / TEMPLATE).write_text(json.dumps(template, indent=1, sort_keys=True))
        archive.write_archive((app, vendored), target / ARCHIVE)


def _set_architecture(config: Path, architecture: str) -> None:
    values = json.loads(config.read_text())
    values["stages"][CHALICE_STAGE]["lambda_architecture"] = architecture
    config.write_text(json.dumps(values))


def _source_files(project: Path) -> Iterator[Path]:
    for name in _SOURCES:
        path = project / name
        found = [path] if path.is_file() else sorted(path.rglob("*"))
        yield from (file for file in found if file.is_file() and file.suffix != ".pyc")


def _app_key(project: Path, vendored_key: str) -> str:
    """Return a name for everything that a package is made from, its makers included."""
    parts = [vendored_key, platform.python_version(), importlib.metadata.version("chalice")]
    digest = hashlib.sha256(repr(parts).encode())
    for file in [*_source_files(project), *templates.template_files(project)]:
        content = hashlib.sha256(file.read_bytes()).hexdigest()
        digest.update(f"{file.relative_to(project)} {content}\n".encode())
    for maker in (__file__, archive.__file__, templates.__file__):
        digest.update(hashlib.sha256(Path(maker).read_bytes()).digest())
    return digest.hexdigest()[:20]


def _make(folder: Path, fill: Callable[[Path], None]) -> None:
    """Let `fill` make a folder whole or not at all, also when two processes make it at once."""
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=folder.parent, prefix=".") as scratch:
            target = Path(scratch) / folder.name
            target.mkdir()
            fill(target)
            if not folder.exists():
                target.rename(folder)
    except PermissionError as error:
        raise FolderError(f"cannot write {error.filename}: {error.strerror}") from error
    _forget_earlier(folder.parent)


def _forget_earlier(builds: Path) -> None:
    """Remove what was made long ago, and what a process that was killed left behind."""
    idle_since = time.time() - _IN_USE_S
    made = {path: path.stat().st_mtime for path in builds.iterdir()}
    whole = sorted((path for path in made if path.name[0] != "."), key=made.__getitem__)
    left = [path for path in made if path.name[0] == "."]
    for path in (*whole[:-_KEPT], *left):
        if made[path] < idle_since:
            shutil.rmtree(path, ignore_errors=True)
