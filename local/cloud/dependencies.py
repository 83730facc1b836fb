"""The pinned dependencies as the functions get them: vendored by Chalice, trimmed and compiled.

They change rarely and take most of the time, so they are made apart from the app and kept.
"""

from __future__ import annotations

import hashlib
import importlib.metadata
import json
import platform
import shutil
import tempfile
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from local.cloud import archive, chalice_run
from local.cloud.chalice_run import ARCHIVE, CHALICE_STAGE, chalice_package
from local.cloud.errors import PackageError

UNUSED = {"pillow"}  # `archive.trim` takes it out: no image is ever set on a printed letter

# Chalice vendors dependencies for an app that has a function at least.
_BARE_APP = """
from chalice.app import Chalice
app = Chalice(app_name="bare")
@app.lambda_function()
def nothing(event, context): ...
"""


def dependencies_key(requirements: Path, architecture: str) -> str:
    """Return a name for what makes the dependencies, and changes with nothing else.

    That is: which they are, for which processor, who vendors and compiles them, and how they are
    trimmed.
    """
    makers = [platform.python_version(), architecture]
    makers += [f"{name} {importlib.metadata.version(name)}" for name in ("chalice", "pip")]
    digest = hashlib.sha256(repr(makers).encode())
    for file in (requirements, *map(Path, (__file__, archive.__file__, chalice_run.__file__))):
        digest.update(hashlib.sha256(file.read_bytes()).digest())
    return digest.hexdigest()[:20]


def package_dependencies(requirements: Path, architecture: str, target: Path) -> None:
    """Leave in `target` the dependencies that a lock names, for one processor architecture.

    Raises:
        PackageError: Chalice or pip failed, something is missing, or a source does not compile.
    """
    with tempfile.TemporaryDirectory() as scratch:
        bare = Path(scratch) / "bare"
        (bare / ".chalice").mkdir(parents=True)
        (bare / "app.py").write_text(_BARE_APP)
        stage = {"lambda_architecture": architecture}
        config = {"version": "2.0", "app_name": "bare", "stages": {CHALICE_STAGE: stage}}
        (bare / ".chalice" / "config.json").write_text(json.dumps(config))
        shutil.copy(requirements, bare / "requirements.txt")
        out = chalice_package(bare, Path(scratch) / "out", merge=None)
        archive.unpack(out / ARCHIVE, target, leave_out=frozenset({"app.py", "chalice"}))
    check_complete(requirements, target)
    archive.trim(target)
    archive.check_architecture(target, architecture)
    archive.compile_sources(target, keep_sources=False)


def check_complete(requirements: Path, target: Path) -> None:
    """Do nothing if everything that a lock names is there, but for what is trimmed away anyway.

    Chalice only prints what it found no wheel of and could not build, and goes on without it.

    Raises:
        PackageError: something is missing; all of it is named.
    """
    lines = requirements.read_text().splitlines()
    pins = [Requirement(line.rstrip("\\ ")) for line in lines if line[:1].isalnum()]
    wanted = {
        canonicalize_name(pin.name) for pin in pins if pin.marker is None or pin.marker.evaluate()
    }
    there = {canonicalize_name(path.name.partition("-")[0]) for path in target.glob("*.dist-info")}
    missing = wanted - there - UNUSED
    if missing:
        named = ", ".join(sorted(missing))
        raise PackageError(f"no wheel fits the functions, and none could be built, of: {named}")
