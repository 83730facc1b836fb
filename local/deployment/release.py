"""A release: what is deployed to a stage, as files in `build/<stage>`, measured and linted."""

from __future__ import annotations

import hashlib
import importlib.metadata
import json
import platform
import shutil
import subprocess
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from local.cloud.package import ARCHIVE, AWS_ARCHITECTURE, TEMPLATE, Package
from local.deployment.errors import TooLargeError
from local.deployment.lint import LINTED, check_templates, write_transformed
from local.deployment.stage_file import StageFile

MANIFEST = "manifest.json"
TRANSFORMED = "transformed.json"
_MAKERS = ("aws-sam-translator", "boto3", "cfn-lint", "chalice")
_REVISION = ("git", "rev-parse", "HEAD")
_CHANGED = ("git", "status", "--porcelain")


@dataclass(frozen=True, slots=True)
class Size:
    """A figure of a release and the most that AWS takes of it."""

    what: str
    found: int
    most: int
    unit: str = "bytes"


@dataclass(frozen=True, slots=True)
class Release:
    """What is deployed: template and archive, and what is known of how they were made."""

    template: Path
    archive: Path
    archive_key: str
    template_key: str
    manifest: dict[str, Any]
    sizes: tuple[Size, ...]


def make_release(project: Path, stage: StageFile, package: Package) -> Release:
    """Write `build/<stage>`: template, archive, manifest; return them, measured and linted.

    The same sources make the same bytes, wherever and whenever.

    Raises:
        TooLargeError: AWS would not take it.
        LintError: cfn-lint found something, be it a warning.
    """
    folder = project / "build" / stage.stage
    folder.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(package.archive, folder / ARCHIVE)
    archive_key = f"archives/{_sha256(package.archive)}.zip"
    where = f"s3://{stage.artifacts_bucket}/{archive_key}"
    text = package.template.read_text().replace(f"./{ARCHIVE}", where)
    (folder / TEMPLATE).write_text(text)
    made = write_transformed(text, stage.parameters, stage.region, folder / TRANSFORMED)
    sizes = sizes_of(folder / ARCHIVE, folder / TEMPLATE, folder / TRANSFORMED, made)
    check_sizes(sizes)
    files = [folder / TEMPLATE, folder / TRANSFORMED]
    check_templates(files, stage.region, project / "build" / LINTED)
    manifest = _manifest(project, stage, folder)
    (folder / MANIFEST).write_text(json.dumps(manifest, indent=1, sort_keys=True) + "\n")
    template_key = f"templates/{manifest['template']['sha256']}.json"
    return Release(folder / TEMPLATE, folder / ARCHIVE, archive_key, template_key, manifest, sizes)


def sizes_of(
    archive: Path, template: Path, transformed_file: Path, transformed: dict[str, Any]
) -> tuple[Size, ...]:
    """Return how large a release is, beside what Lambda and CloudFormation take at most."""
    with zipfile.ZipFile(archive) as content:
        unpacked = sum(entry.file_size for entry in content.infolist())
    megabytes = 1024 * 1024
    return (
        Size("archive", archive.stat().st_size, 50 * megabytes),
        Size("archive, unpacked", unpacked, 250 * megabytes),
        Size("template", template.stat().st_size, megabytes),
        Size("template, transformed", transformed_file.stat().st_size, megabytes),
        Size("resources of the stack", len(transformed["Resources"]), 500, ""),
        Size("parameters of the stack", len(transformed["Parameters"]), 200, ""),
        Size("outputs of the stack", len(transformed["Outputs"]), 200, ""),
    )


def check_sizes(sizes: tuple[Size, ...]) -> None:
    """Do nothing if AWS takes all of it.

    Raises:
        TooLargeError: it does not; all that is too large is named.
    """
    over = [f"{one.what}: {one.found:,}, at most {one.most:,} {one.unit}" for one in sizes
            if one.found > one.most]  # fmt: skip
    if over:
        raise TooLargeError("AWS does not take this package:\n  " + "\n  ".join(over))


def _manifest(project: Path, stage: StageFile, folder: Path) -> dict[str, Any]:
    """Return what is known of a release; nothing of when or where it was made."""
    revision = _asked(project, *_REVISION)
    return {
        "stage": stage.stage,
        "account_id": stage.account_id,
        "region": stage.region,
        "archive": _file(folder / ARCHIVE),
        "template": _file(folder / TEMPLATE),
        "architecture": AWS_ARCHITECTURE,
        "revision": revision or "unknown",
        # The bytes are those of the revision only if nothing was changed since.
        "has_uncommitted_changes": bool(_asked(project, *_CHANGED)),
        "versions": {"python": platform.python_version(), **dict(_versions())},
    }


def _file(path: Path) -> dict[str, Any]:
    return {"file": path.name, "sha256": _sha256(path), "size_bytes": path.stat().st_size}


def _versions() -> Iterator[tuple[str, str]]:
    for name in ("pastdue", *_MAKERS):
        yield name, importlib.metadata.version(name)


def _asked(project: Path, *command: str) -> str:
    """Return what git says of the project, "" where there is no git or no repository."""
    try:
        done = subprocess.run(
            command, cwd=project, capture_output=True, text=True, check=False, timeout=30
        )
    except OSError:
        return ""
    return done.stdout.strip() if done.returncode == 0 else ""


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
