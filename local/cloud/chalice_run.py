"""`chalice package`, run as a child of its own, without anything of the person's AWS settings."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from local.cloud.errors import PackageError

CHALICE_STAGE = "stack"  # one package for every stage: what differs is a parameter of the stack
ARCHIVE = "deployment.zip"
_TIMEOUT_S = 600
_OUTPUT_LINES = 15


def chalice_package(project: Path, out: Path, *, merge: Path | None) -> Path:
    """Let Chalice package a project into the folder `out`, with a template merged in; return it.

    Raises:
        PackageError: Chalice or pip failed; the message has the end of what they said.
    """
    command = [sys.executable, "-c", "import sys; from chalice.cli import main; sys.exit(main())"]
    command += ["--project-dir", str(project), "package", "--stage", CHALICE_STAGE]
    command += ["--merge-template", str(merge)] if merge else []
    environment = {name: value for name, value in os.environ.items() if name[:4] != "AWS_"}
    # Chalice asks for a region; nothing is called.
    environment["AWS_DEFAULT_REGION"] = "af-south-1"
    # What is compiled here is made for this machine's libraries, not for Lambda's: wheels or nothing.
    environment["CC"] = environment["CXX"] = "false"
    done = subprocess.run(
        [*command, str(out)],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=_TIMEOUT_S,
    )
    if done.returncode != 0:
        lines = (done.stdout + done.stderr).strip().splitlines()[-_OUTPUT_LINES:]
        raise PackageError("Chalice could not package the app:\n" + "\n".join(lines))
    return out
