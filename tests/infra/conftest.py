"""The packaged app, made once for every test here, and its template."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from local.cloud import archive
from local.cloud.machine import LocalCloud, local_cloud
from local.cloud.package import Package, package

Template = dict[str, Any]


@pytest.fixture(scope="session")
def packaged() -> Package:
    """The app as it is deployed; packaged in seconds, or found from an earlier time."""
    return package()


@pytest.fixture(scope="session")
def template(packaged: Package) -> Template:
    """The template that CloudFormation gets, as values."""
    loaded: Template = json.loads(packaged.template.read_text())
    return loaded


@pytest.fixture(scope="session")
def unpacked(packaged: Package, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The archive as Lambda unpacks it."""
    folder = tmp_path_factory.mktemp("unpacked")
    archive.unpack(packaged.archive, folder)
    return folder


@pytest.fixture(scope="session")
def cloud(packaged: Package, tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalCloud]:
    """The app deployed into an emulator."""
    with local_cloud(packaged, tmp_path_factory.mktemp("cloud")) as running:
        yield running
