"""cfn-lint over the template as it is, and over what CloudFormation makes of it: no finding passes."""

from __future__ import annotations

import copy
import hashlib
import importlib.metadata
import json
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import boto3
from samtranslator.parser.parser import Parser
from samtranslator.translator.translator import Translator

from local.cloud.chalice_run import ARCHIVE
from local.deployment.errors import LintError

LINTED = "linted"  # in the build folder: what was found clean, by content
_SAMPLE_REGION = "eu-central-1"
_SAMPLE = {
    "Stage": "dev",
    "SellerZone": "Europe/Berlin",
    "SenderAddress": "receivables@seller.example",
    "SandboxAddress": "trial@seller.example",
}
_TIMEOUT_S = 600
_LINES_MAX = 40


def transformed(
    template: Mapping[str, Any], parameters: Mapping[str, str], region: str
) -> dict[str, Any]:
    """Return the template after AWS's own transform of serverless functions, for these parameters."""
    translator = Translator(None, Parser(), boto_session=boto3.Session(region_name=region))
    made: dict[str, Any] = translator.translate(
        copy.deepcopy(dict(template)), dict(parameters), get_managed_policy_map=dict
    )
    made.pop("Transform", None)
    return made


def check_templates(templates: Sequence[Path], region: str, clean: Path) -> None:
    """Do nothing if cfn-lint finds nothing in any of the templates, not even a warning.

    They are read at once, one process each. What was found clean is remembered in the folder
    `clean`, by content.

    Raises:
        LintError: it found something, or could not run; the message has its words.
    """
    lint = Path(sys.executable).with_name("cfn-lint")
    asked = [(path, clean / _key(path, region)) for path in templates]
    running = [
        (
            known,
            subprocess.Popen(
                [str(lint), "--regions", region, "--", str(path)],
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
            ),
        )
        for path, known in asked
        if not known.exists()
    ]
    findings: list[str] = []
    for known, process in running:
        said, _ = process.communicate(timeout=_TIMEOUT_S)
        if process.returncode or said.strip():
            findings += said.strip().splitlines() or [f"cfn-lint ended with {process.returncode}"]
        else:
            known.parent.mkdir(parents=True, exist_ok=True)
            known.touch()
    if findings:
        more = len(findings) - _LINES_MAX
        lines = findings[:_LINES_MAX] + ([f"... and {more} more lines"] if more > 0 else [])
        raise LintError("cfn-lint found something in the template:\n" + "\n".join(lines))


def check_as_transformed(template: str, clean: Path) -> None:
    """Do nothing if cfn-lint finds nothing in what AWS makes of a packaged template (JSON).

    For the checks of every change: half of what a release is asked, with sample parameters.

    Raises:
        LintError: see `check_templates`.
    """
    text = template.replace(f"./{ARCHIVE}", "s3://sample/archive.zip")
    with tempfile.TemporaryDirectory() as scratch:
        made = Path(scratch) / "transformed.json"
        write_transformed(text, _SAMPLE, _SAMPLE_REGION, made)
        check_templates([made], _SAMPLE_REGION, clean)


def write_transformed(
    template: str, parameters: Mapping[str, str], region: str, target: Path
) -> dict[str, Any]:
    """Write the transformed template (JSON) to a file and return it."""
    made = transformed(json.loads(template), parameters, region)
    target.write_text(json.dumps(made, indent=1, sort_keys=True))
    return made


def _key(template: Path, region: str) -> str:
    parts = f"{importlib.metadata.version('cfn-lint')} {region} ".encode()
    return hashlib.sha256(parts + template.read_bytes()).hexdigest()
