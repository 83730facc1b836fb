"""The files of `infra/` as one template, which `chalice package` merges into what it emits."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from chalice.package import YAMLTemplateSerializer

from local.cloud.errors import PackageError

FOLDER = "infra"


def template_files(project: Path) -> list[Path]:
    """Return the files that make the template, in order of their names."""
    return sorted((project / FOLDER).glob("*.yaml"))


def put_together(files: list[Path]) -> dict[str, Any]:
    """Return one template of several: each section has what any file has in it.

    Nothing may stand in two files, so that it does not matter which is read first. One exception:
    `Globals` are merged to their depth, as every part of the system tells the functions something.

    Raises:
        PackageError: a file is no mapping, or two files have the same thing.
    """
    whole: dict[str, Any] = {}
    for file in files:
        part = YAMLTemplateSerializer().load_template(file.read_text(), file.name)
        if not isinstance(part, dict):
            raise PackageError(f"{file.name} is not a mapping of sections")
        for section, values in part.items():
            _add(whole, section, values, file.name, is_deep=section == "Globals")
    return whole


def _add(into: dict[str, Any], name: str, values: Any, where: str, *, is_deep: bool) -> None:
    if name not in into:
        into[name] = dict(values) if isinstance(values, dict) else values
        return
    there = into[name]
    if not (isinstance(there, dict) and isinstance(values, dict)):
        raise PackageError(f"{name} is in {where} and in another file of {FOLDER}/ as well")
    for key, value in values.items():
        if is_deep:
            _add(there, key, value, where, is_deep=True)
        elif key in there:
            raise PackageError(f"{key} is in {where} and in another file of {FOLDER}/ as well")
        else:
            there[key] = value
