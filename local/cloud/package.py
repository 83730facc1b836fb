"""Packages the app with Chalice, once for each state of the sources.

Dependencies and sources are packaged apart: the first change rarely and take most of the time.
"""

from __future__ import annotations

import hashlib
import importlib.metadata
import json
import os
import platform
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from local.cloud import archive, templates
from local.cloud.errors import FolderError, PackageError

PROJECT = Path(__file__).resolve().parents[2]
# Chalice writes the interpreter that packages into the template as the functions' runtime.
AWS_PYTHON = (3, 13)
LOCAL_PYTHONS = ((3, 11), (3, 12), (3, 13))
CHALICE_STAGE = "stack"  # one package for every stage: what differs is a parameter of the stack
TEMPLATE = "template.json"
ARCHIVE = "deployment.zip"
_SOURCES = ("app.py", "chalicelib", ".chalice/config.json", ".chalice/policies")
_EMITTED = "sam.json"
# Chalice vendors dependencies for an app that has a function at least.
_BARE_APP = """
from chalice.app import Chalice
app = Chalice(app_name="bare")
@app.lambda_function()
def nothing(event, context): ...
"""
_BARE_CONFIG = '{"version": "2.0", "app_name": "bare", "stages": {"stack": {}}}'
_PACKAGE_TIMEOUT_S = 600
_OUTPUT_LINES = 15
_KEPT = 3  # packages of earlier states, so that switching back is quick


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
        PackageError: Chalice or pip failed, or this interpreter is not one that may package.
        FolderError: the project's `build` folder cannot be written.
    """
    check_python(sys.version_info[:2], for_aws=for_aws)
    builds = project / "build"
    dependencies_key = _key([project / "requirements.txt"], project)
    sources = [*_source_files(project), *templates.template_files(project)]
    app_key = _key([*sources, project / "requirements.txt"], project)
    folder = builds / "package" / app_key
    is_new = not folder.exists()
    if is_new:
        dependencies = builds / "dependencies" / dependencies_key
        if not dependencies.exists():
            _make(dependencies, lambda target: _package_dependencies(project, target))
        _make(folder, lambda target: _package_app(project, dependencies, target))
    return Package(folder / TEMPLATE, folder / ARCHIVE, is_new)


def check_python(version: tuple[int, int], *, for_aws: bool) -> None:
    """Refuse an interpreter whose version the functions could not run under.

    Raises:
        PackageError: not 3.13 for AWS, or not 3.11 to 3.13 for the local cloud.
    """
    allowed = (AWS_PYTHON,) if for_aws else LOCAL_PYTHONS
    if version not in allowed:
        wanted = ", ".join(f"{major}.{minor}" for major, minor in allowed)
        where = "AWS" if for_aws else "the local cloud"
        raise PackageError(
            f"this is Python {version[0]}.{version[1]}; packaging for {where} needs {wanted}, "
            "because the functions run under the version that packages them"
        )


def _package_dependencies(project: Path, target: Path) -> None:
    """Leave in `target` the pinned dependencies as Chalice vendors them, trimmed and compiled."""
    with tempfile.TemporaryDirectory() as scratch:
        bare = Path(scratch) / "bare"
        (bare / ".chalice").mkdir(parents=True)
        (bare / "app.py").write_text(_BARE_APP)
        (bare / ".chalice" / "config.json").write_text(_BARE_CONFIG)
        shutil.copy(project / "requirements.txt", bare)
        out = _chalice_package(bare, Path(scratch) / "out", merge=None)
        archive.unpack(out / ARCHIVE, target, leave_out=frozenset({"app.py", "chalice"}))
    archive.trim(target)
    archive.compile_sources(target, keep_sources=False)


def _package_app(project: Path, dependencies: Path, target: Path) -> None:
    """Leave in `target` the template and the archive of app and dependencies."""
    with tempfile.TemporaryDirectory() as scratch:
        # A copy, so that what lies about in a working tree never reaches the package.
        clean = Path(scratch) / "app"
        for path in _source_files(project):
            copy = clean / path.relative_to(project)
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(path, copy)
        (clean / "requirements.txt").write_text("")
        merge = Path(scratch) / "merge.json"
        merge.write_text(json.dumps(templates.put_together(templates.template_files(project))))
        out = _chalice_package(clean, Path(scratch) / "out", merge=merge)
        app = Path(scratch) / "unpacked"
        archive.unpack(out / ARCHIVE, app)
        archive.compile_sources(app)
        template = json.loads((out / _EMITTED).read_text())
        (target / TEMPLATE).write_text(json.dumps(template, indent=1, sort_keys=True))
        archive.write_archive((app, dependencies), target / ARCHIVE)


def _chalice_package(project: Path, out: Path, *, merge: Path | None) -> Path:
    command = [sys.executable, "-c", "import sys; from chalice.cli import main; sys.exit(main())"]
    command += ["--project-dir", str(project), "package", "--stage", CHALICE_STAGE]
    command += ["--merge-template", str(merge)] if merge else []
    environment = {name: value for name, value in os.environ.items() if name[:4] != "AWS_"}
    # Chalice asks for a region; nothing is called.
    environment["AWS_DEFAULT_REGION"] = "af-south-1"
    done = subprocess.run(
        [*command, str(out)],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=_PACKAGE_TIMEOUT_S,
    )
    if done.returncode != 0:
        lines = (done.stdout + done.stderr).strip().splitlines()[-_OUTPUT_LINES:]
        raise PackageError("Chalice could not package the app:\n" + "\n".join(lines))
    return out


def _source_files(project: Path) -> Iterator[Path]:
    for name in _SOURCES:
        path = project / name
        found = [path] if path.is_file() else sorted(path.rglob("*"))
        yield from (file for file in found if file.is_file() and file.suffix != ".pyc")


def _key(files: list[Path], project: Path) -> str:
    """Return a name for everything that a package is made from, its makers included."""
    parts = [platform.python_version(), importlib.metadata.version("chalice")]
    digest = hashlib.sha256(repr(parts).encode())
    for file in [*files, Path(__file__), Path(archive.__file__), Path(templates.__file__)]:
        name = file.relative_to(project) if file.is_relative_to(project) else file.name
        content = hashlib.sha256(file.read_bytes()).hexdigest()
        digest.update(f"{name} {content}\n".encode())
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
    earlier = sorted(
        (path for path in folder.parent.iterdir() if path.name[0] != "."),
        key=lambda path: path.stat().st_mtime,
    )
    for path in earlier[:-_KEPT]:
        shutil.rmtree(path, ignore_errors=True)
