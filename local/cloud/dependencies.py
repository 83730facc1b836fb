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

from local.cloud import archive
from local.cloud.chalice_run import ARCHIVE, CHALICE_STAGE, chalice_package

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
    for file in (requirements, Path(__file__), Path(archive.__file__)):
        digest.update(hashlib.sha256(file.read_bytes()).digest())
    return digest.hexdigest()[:20]


def package_dependencies(requirements: Path, architecture: str, target: Path) -> None:
    """Leave in `target` the dependencies that a lock names, for one processor architecture.

    Raises:
        PackageError: Chalice or pip failed, or a source does not compile.
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
    archive.trim(target)
    archive.check_architecture(target, architecture)
    archive.compile_sources(target, keep_sources=False)
